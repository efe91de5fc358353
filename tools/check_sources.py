#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small rules for every file: length, licence line, words that must not be in the project, scripts that parse."""
import ast
import re
import subprocess
import sys

import sources

LONGEST = 800
CODE = (".cc", ".h", ".py", ".sh", ".js", ".css", ".html")
SCRIPTS = ("dev", ".ci/run")
# A table of data may be as long as its data; it says so in its first lines.
DATA_MARK = "table of data"
# Written in pieces, so that this file passes its own check.
WORDS = {
    "TO" + "DO": "do it, or leave it out",
    "FIX" + "ME": "do it, or leave it out",
    "/wo" + "rk/": "a path of one machine; make it an option or a CMake variable",
    "/ro" + "ot/": "a path of one machine; make it an option or a CMake variable",
    "/ho" + "me/": "a path of one machine; make it an option or a CMake variable",
}
WORD = re.compile("|".join(r"(?<![\w.])" + re.escape(word) for word in WORDS))
LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
BINARY = (".png", ".h5", ".tif", ".tiff", ".npy", ".mrc", ".pdf", ".ser", ".dm3", ".dm4", ".emd", ".woff2", ".gz")


def is_shell(path):
    return path.endswith(".sh") or path in SCRIPTS


def check_length(path, lines):
    if len(lines) > LONGEST and not any(DATA_MARK in line.lower() for line in lines[:10]):
        return [sources.finding(path, len(lines), f"{len(lines)} lines, at most {LONGEST}",
                                f'split it by nouns (a table of data says "{DATA_MARK}" in its first lines)')]
    return []


def check_licence(path, lines):
    if any(LICENCE in line for line in lines[:3]):
        return []
    return [sources.finding(path, 1, "no licence line", f"begin with a comment '{LICENCE}'")]


def check_words(path, lines):
    found = []
    for number, line in enumerate(lines, 1):
        for word in WORD.findall(line):
            found.append(sources.finding(path, number, f"'{word}'", WORDS[word]))
    return found


def check_script(path, text, root):
    if path.endswith(".py"):
        try:
            ast.parse(text, path)
        except SyntaxError as error:
            return [sources.finding(path, error.lineno or 1, f"not Python: {error.msg}", "correct it")]
    elif is_shell(path):
        done = subprocess.run(["bash", "-n", str(root / path)], capture_output=True, text=True)
        if done.returncode:
            return [sources.finding(path, 1, f"not bash: {done.stderr.strip()}", "correct it")]
    return []


def check(root=sources.ROOT):
    found = []
    for path in sources.files(root=root):
        if path.endswith(BINARY) or path == "LICENSE":
            continue
        text = sources.text_of(path, root)
        lines = text.splitlines()
        found += check_words(path, lines)
        if path.endswith(CODE) or is_shell(path):
            found += check_length(path, lines) + check_licence(path, lines) + check_script(path, text, root)
    return found


if __name__ == "__main__":
    findings = check()
    print("\n".join(findings) if findings else "Sizes, licence lines, words, scripts: as they should be")
    sys.exit(1 if findings else 0)
