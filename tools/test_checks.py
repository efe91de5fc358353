#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks find what they are there for: each rule is broken once in a small repository made for it."""
import pathlib
import subprocess
import tempfile
import unittest

import check_includes
import check_sources

TABLE = """| room | holds | may include | libtorch |
|---|---|---|---|
| core | basics | - | no |
| image | images | core | no |
| learn | networks | core, image | yes |
| apps | programs | all | no |
"""
LICENCE = "// SPDX-License-Identifier: GPL-3.0-or-later\n"
GOOD = {
    "docs/design/rooms.md": TABLE,
    "src/colonnade/core/error.h": LICENCE,
    "src/colonnade/core/version.h.in": LICENCE,
    "src/colonnade/image/image.h": LICENCE + '#include "colonnade/core/error.h"\n#include "colonnade/core/version.h"\n',
    "src/colonnade/image/CMakeLists.txt": "colonnade_room(image ROOMS core PRIVATE_LIBRARIES PNG::PNG)\n",
    "src/colonnade/learn/network.cc": LICENCE + '#include <torch/torch.h>\n#include "colonnade/image/image.h"\n',
    "src/colonnade/apps/main.cc": LICENCE + '#include "colonnade/learn/model.h"\n',
    "src/colonnade/learn/model.h": LICENCE,
    "tools/run.sh": "#!/bin/bash\n# SPDX-License-Identifier: GPL-3.0-or-later\ntrue\n",
}


class Repository(unittest.TestCase):
    def findings(self, module, changes):
        """What a check finds in the good repository with some files changed."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            subprocess.run(["git", "init", "-q", folder], check=True)
            for path, text in {**GOOD, **changes}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            return module.check(root)

    def one(self, module, path, text, expected):
        found = self.findings(module, {path: text})
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(path + ":"), found[0])
        self.assertIn(expected, found[0])


class Includes(Repository):
    def one_line(self, path, line, expected):
        self.one(check_includes, path, LICENCE + line + "\n", expected)

    def test_the_good_repository_passes(self):
        self.assertEqual(self.findings(check_includes, {}), [])

    def test_forbidden_room(self):
        self.one_line("src/colonnade/core/a.cc", '#include "colonnade/image/image.h"', ":2: core may not include image")
        self.one_line("src/colonnade/image/deep/a.cc", '#  include "colonnade/learn/model.h"', "image may not include learn")

    def test_relative_include(self):
        self.one_line("src/colonnade/image/a.cc", '#include "image.h"', 'relative include "image.h"')
        self.one_line("src/colonnade/image/a.cc", '#include "../core/error.h"', "relative include")

    def test_libtorch_where_it_must_not_be(self):
        self.one_line("src/colonnade/image/a.cc", "#include <torch/torch.h>", "image may not use libtorch")
        self.one_line("src/colonnade/apps/a.cc", "#include <c10/core/Device.h>", "apps may not use libtorch")

    def test_room_inside_a_room(self):
        table = TABLE + "| learn_quick | networks without libtorch | core | no |\n"
        inner = "src/colonnade/learn/quick/a.cc"
        for line, expected in [("#include <torch/torch.h>", "learn_quick may not use libtorch"),
                               ('#include "colonnade/image/image.h"', "learn_quick may not include image")]:
            found = self.findings(check_includes, {"docs/design/rooms.md": table, inner: LICENCE + line + "\n"})
            self.assertEqual(len(found), 1, found)
            self.assertIn(expected, found[0])

    def test_header_that_does_not_exist(self):
        self.one_line("src/colonnade/image/a.cc", '#include "colonnade/core/eror.h"', "does not exist")

    def test_folder_that_is_no_room(self):
        self.one(check_includes, "src/colonnade/util/a.h", LICENCE, "no room of the table")

    def test_link_that_the_table_does_not_allow(self):
        self.one(check_includes, "src/colonnade/image/CMakeLists.txt",
                 "colonnade_room(image ROOMS core learn\n  LIBRARIES x)\n", "image may not link learn")

    def test_table_that_names_an_unknown_room_is_refused(self):
        with self.assertRaises(SystemExit):
            self.findings(check_includes, {"docs/design/rooms.md": TABLE + "| report | x | util | no |\n"})
        with self.assertRaises(SystemExit):
            self.findings(check_includes, {"docs/design/rooms.md": "no table\n"})


class Sources(Repository):
    def test_the_good_repository_passes(self):
        self.assertEqual(self.findings(check_sources, {}), [])

    def test_length(self):
        self.one(check_sources, "src/colonnade/image/a.cc", LICENCE + "int a;\n" * 800, "801 lines")
        table = LICENCE + "// A table of data: factors.\n" + "1,\n" * 900
        self.assertEqual(self.findings(check_sources, {"src/colonnade/image/a.cc": table}), [])

    def test_licence(self):
        self.one(check_sources, "src/colonnade/image/a.cc", "int a;\n", "no licence line")

    def test_words(self):
        for word in check_sources.WORDS:
            self.one(check_sources, "docs/a.md", f"one\nsee {word}x\n" if "/" in word else f"one\n{word}\n", word)
        self.assertEqual(self.findings(check_sources, {"docs/a.md": "https://example.org/wo" + "rk/a\n"}), [])

    def test_scripts(self):
        self.one(check_sources, "tools/run.sh", GOOD["tools/run.sh"] + "if true\n", "not bash")
        self.one(check_sources, "tools/a.py", "# " + check_sources.LICENCE + "\ndef a(:\n", "not Python")


if __name__ == "__main__":
    unittest.main()
