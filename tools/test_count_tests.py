#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closing line counts what ctest's result file says, and is never green by accident."""
import contextlib
import io
import pathlib
import tempfile
import unittest

import count_tests


class ClosingLine(unittest.TestCase):
    def count(self, *cases):
        """(exit code, last line) for a result file of these test cases."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "tests.xml"
            path.write_text("<testsuite>" + "".join(cases) + "</testsuite>")
            return self.count_file(path)

    def count_file(self, path):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            status = count_tests.main(path)
        return status, printed.getvalue().splitlines()[-1]

    def test_all_passed(self):
        self.assertEqual(self.count('<testcase name="a" status="run"/>'), (0, "1 passed, 0 failed"))

    def test_failure(self):
        cases = ['<testcase name="a" status="run"/>', '<testcase name="b" status="fail"><failure message=""/></testcase>']
        self.assertEqual(self.count(*cases), (1, "1 passed, 1 failed"))

    def test_skipped(self):
        for reason in ("SKIP_REGULAR_EXPRESSION_MATCHED", "SKIP_RETURN_CODE=77"):
            case = f'<testcase name="a" status="notrun"><skipped message="{reason}"/></testcase>'
            self.assertEqual(self.count(case), (0, "0 passed, 0 failed, 1 skipped"))
        self.assertEqual(self.count('<testcase name="a" status="disabled"/>'), (0, "0 passed, 0 failed, 1 skipped"))

    def test_program_that_is_not_there_is_a_failure(self):
        case = '<testcase name="a" status="notrun"><skipped message="Unable to find executable"/></testcase>'
        self.assertEqual(self.count(case), (1, "0 passed, 1 failed"))

    def test_no_tests_or_no_file_is_a_failure(self):
        self.assertEqual(self.count(), (1, "0 passed, 1 failed"))
        self.assertEqual(self.count_file("/nonexistent/tests.xml"), (1, "0 passed, 1 failed"))


if __name__ == "__main__":
    unittest.main()
