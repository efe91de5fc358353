# SPDX-License-Identifier: GPL-3.0-or-later
"""clang-tidy on the sources that a change touches, in parallel, never twice on the same text.

A source is checked again only when it, a header of ours that it includes (at any depth), its compile command,
.clang-tidy or the clang-tidy version changed: the hash of these names an empty file in build/.lint-cache.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import time

import sources

BUILD = sources.ROOT / "build"
CACHE = BUILD / ".lint-cache"
INCLUDE = re.compile(r'^\s*#\s*include\s*"(colonnade/[^"]+)"', re.MULTILINE)
# What GCC knows and clang does not.
NOT_FOR_CLANG = re.compile(
    r"^(-fno-trapping-math|-fcx-limited-range|-Wno-restrict|-Wno-maybe-uninitialized)$")
TORCH = re.compile(r"^\s*#\s*include\s*<(torch|ATen|c10)/", re.MULTILINE)
GEMMI = re.compile(r"^\s*#\s*include\s*<gemmi/", re.MULTILINE)
VECTOR_SHIM = sources.ROOT / "tools/tidy_vector.h"


def program():
    for name in ("clang-tidy-14", "clang-tidy"):
        if shutil.which(name):
            return name
    raise SystemExit("lint: clang-tidy is missing; install clang-tidy-14")


def changed_files():
    """Files that differ from the base, or None for all. The base is where this branch left origin/main; on main itself
    (or without a remote) the commit before."""
    head = sources.git_lines("rev-parse", "--verify", "--quiet", "HEAD")
    if not head:
        return None
    base = sources.git_lines("merge-base", "HEAD", "origin/main")
    if not base or base == head:
        base = sources.git_lines("rev-parse", "--verify", "--quiet", "HEAD~1")
    if not base:
        return None
    listed = sources.git_lines("diff", "--name-only", base[0]) or []
    listed += sources.git_lines("ls-files", "--others", "--exclude-standard") or []
    return None if {".clang-tidy", "tools/tidy.py"} & set(listed) else set(listed)


class Tree:
    """Our sources and what they include, from the lines themselves."""

    def __init__(self):
        self.includes = {}

    def direct(self, path):
        if path not in self.includes:
            names = INCLUDE.findall(sources.text_of(path))
            self.includes[path] = [f"src/{name}" for name in names if (sources.ROOT / "src" / name).is_file()]
        return self.includes[path]

    def reach(self, path):
        """The path and every header of ours below it."""
        seen, todo = set(), [path]
        while todo:
            at = todo.pop()
            if at not in seen:
                seen.add(at)
                todo += self.direct(at)
        return sorted(seen)

    def uses(self, library, path):
        return any(library.search(sources.text_of(used)) for used in self.reach(path))

    def to_check(self, changed, compiled):
        """The changed sources; for a changed header the source that it belongs to, or else one that includes it."""
        chosen = {path for path in changed if path in compiled}
        for header in (path for path in changed if path.endswith(".h")):
            stem = header[:-2]
            users = [path for path in (stem + ".cc", stem + "_test.cc") if path in compiled]
            users = users or [path for path in sorted(compiled) if header in self.direct(path)]
            chosen.update(users[:1])
        return sorted(chosen)


def compile_commands():
    """{relative path: (folder, arguments for clang)}."""
    path = BUILD / "compile_commands.json"
    if not path.exists():
        raise SystemExit("lint: build/compile_commands.json is missing; run ./dev lint, which configures first")
    commands = {}
    for entry in json.loads(path.read_text()):
        source = pathlib.Path(entry["file"])
        if not source.is_relative_to(sources.ROOT / "src") and not source.is_relative_to(sources.ROOT / "tests"):
            continue
        words = shlex.split(entry["command"])
        while words and not re.search(r"(g\+\+|c\+\+)[-\d.]*$", words[0]):
            words.pop(0)  # ccache
        arguments = [word for word in words if not NOT_FOR_CLANG.match(word)]
        commands[str(source.relative_to(sources.ROOT))] = (entry["directory"], arguments)
    return commands


def write_commands(commands):
    folder = CACHE / "commands"
    folder.mkdir(parents=True, exist_ok=True)
    entries = [{"directory": where, "arguments": words, "file": str(sources.ROOT / path)}
               for path, (where, words) in commands.items()]
    (folder / "compile_commands.json").write_text(json.dumps(entries))
    return folder


def options_for(path, tree):
    """What clang-tidy is told for this source. GoogleTest's macros keep the analyzer busy for a minute and it finds
    nothing in them; tensors are passed by value on purpose, and looking for that takes a third of the time there."""
    without, extra = [], []
    if path.endswith(("_test.cc", "_bench.cc")):
        without.append("-clang-analyzer-*")
    if tree.uses(TORCH, path):
        without.append("-performance-unnecessary-value-param")
    if tree.uses(TORCH, path) or tree.uses(GEMMI, path):
        extra = ["--extra-arg=-include", f"--extra-arg={VECTOR_SHIM}"]
    return [f"--checks={','.join(without)}", *extra] if without else extra


def digest(path, tree, command, options, version):
    hashed = hashlib.sha256(repr((version, command, options)).encode())
    for used in [".clang-tidy", "tools/tidy_vector.h", *tree.reach(path)]:
        hashed.update(used.encode() + sources.text_of(used).encode())
    return hashed.hexdigest()


def tidy_one(path, folder, options, key):
    """(path, seconds, complaint or ''); leaves a mark in the cache where there is nothing to complain of."""
    begin = time.monotonic()
    done = subprocess.run([program(), "-quiet", "-p", str(folder), *options, str(sources.ROOT / path)],
                          capture_output=True, text=True)
    complaint = "" if done.returncode == 0 else (done.stdout.strip() or done.stderr.strip())
    if not complaint:
        (CACHE / key).touch()
    return path, time.monotonic() - begin, complaint.replace(f"{sources.ROOT}/", "")


def check(everything=False):
    """The complaints, after a line that says how much was checked."""
    commands = compile_commands()
    tree = Tree()
    changed = None if everything else changed_files()
    chosen = sorted(commands) if changed is None else tree.to_check(changed, commands)
    folder = write_commands(commands)
    version = subprocess.run([program(), "--version"], capture_output=True, text=True).stdout
    options = {path: options_for(path, tree) for path in chosen}
    keys = {path: digest(path, tree, commands[path], options[path], version) for path in chosen}
    waiting = [path for path in chosen if not (CACHE / keys[path]).exists()]
    # The longest first, so that none of them is left alone at the end.
    waiting.sort(key=lambda path: (not tree.uses(TORCH, path), -(sources.ROOT / path).stat().st_size))
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = list(pool.map(lambda path: tidy_one(path, folder, options[path], keys[path]), waiting))
    print(f"clang-tidy: {len(waiting)} sources checked in {time.monotonic() - begin:.0f} s, "
          f"{len(chosen) - len(waiting)} unchanged since they passed, {len(commands) - len(chosen)} not in this change")
    slow = max(results, key=lambda result: result[1], default=None)
    if slow and slow[1] > 60:
        print(f"clang-tidy: the slowest was {slow[0]} ({slow[1]:.0f} s)")
    return [complaint for _, _, complaint in results if complaint]
