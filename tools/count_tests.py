#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the one closing line of a test run, "N passed, N failed[, N skipped]", from ctest's JUnit file.

Exit code 1 where a test failed, where none ran, or where the file is missing or broken.
"""
import sys
import xml.etree.ElementTree as ElementTree


def outcome(case):
    """"passed", "failed" or "skipped". ctest writes a test that it could not start as skipped: that is a failure."""
    if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
        return "failed"
    skipped = case.find("skipped")
    if skipped is not None or case.get("status") in ("notrun", "disabled"):
        reason = skipped.get("message", "") if skipped is not None else ""
        wanted = "SKIP_" in reason or case.get("status") == "disabled"
        return "skipped" if wanted else "failed"
    return "passed"


def main(path):
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        print(f"The tests left no result that can be read ({error})")
        print("0 passed, 1 failed")
        return 1
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for case in cases:
        counts[outcome(case)] += 1
    if not cases:
        print("No test ran")
        counts["failed"] = 1
    failed = [case.get("name") for case in cases if outcome(case) == "failed"]
    if failed:
        print("Failed: " + ", ".join(failed))
    line = f"{counts['passed']} passed, {counts['failed']} failed"
    print(line + (f", {counts['skipped']} skipped" if counts["skipped"] else ""))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
