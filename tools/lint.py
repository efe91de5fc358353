#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of ./dev lint, each with its findings as "file:line: what; what to do". All run, then the verdict.

lint.py [--all] [--format]: --all has clang-tidy look at every source; --format formats in place and checks nothing.
"""
import argparse
import shutil
import subprocess
import sys

import check_includes
import check_sources
import sources
import tidy


def clang_format(*arguments):
    """Runs clang-format (the version that the project is formatted with, where it is here) over all C++ files."""
    program = "clang-format-14" if shutil.which("clang-format-14") else "clang-format"
    if not shutil.which(program):
        raise SystemExit("lint: clang-format is missing; install clang-format-14")
    paths = sources.files(".cc", ".h")
    if not paths:
        return []
    done = subprocess.run([program, "--style=file", *arguments, *paths], cwd=sources.ROOT, capture_output=True,
                          text=True)
    if done.returncode == 0:
        return []
    places = [line.split(" error: ")[0].split(" warning: ")[0] for line in done.stderr.splitlines() if ": error: " in line]
    return sorted({place.split(":")[0] + ": not formatted; run ./dev format" for place in places}) or [done.stderr]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--format", action="store_true")
    options = parser.parse_args()
    if options.format:
        return 1 if clang_format("-i") else 0
    checks = [("format", lambda: clang_format("--dry-run", "-Werror")),
              ("includes", check_includes.check),
              ("sources", check_sources.check),
              ("clang-tidy", lambda: tidy.check(options.all))]
    failed = []
    for name, check in checks:
        findings = check()
        print(f"{name}: " + ("ok" if not findings else f"{len(findings)} to put right"), flush=True)
        if findings:
            print("\n".join(findings), flush=True)
            failed.append(name)
    print("lint: " + (f"failed ({', '.join(failed)})" if failed else "ok"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
