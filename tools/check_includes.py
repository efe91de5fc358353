#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the code to the table of docs/design/rooms.md: who includes whom, which room links whom, who sees libtorch."""
import pathlib
import re
import sys

import sources

TABLE = "docs/design/rooms.md"
ROOMS = "src/colonnade"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
TORCH = re.compile(r"^(torch|ATen|c10|caffe2)/")


def read_table(text):
    """{room: (set of rooms it may include, whether it may use libtorch)} from the table in Markdown."""
    rows = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and re.fullmatch(r"[a-z_]+", cells[0]) and cells[0] != "room":
            rows[cells[0]] = (cells[2], cells[3])
    table = {}
    for room, (may, torch) in rows.items():
        allowed = set(rows) if may == "all" else {name.strip() for name in may.split(",")} - {"-"}
        unknown = allowed - set(rows)
        if unknown or torch not in ("yes", "no"):
            raise SystemExit(f"{TABLE}: row {room}: unknown room {', '.join(sorted(unknown))} or libtorch not yes or no")
        table[room] = (allowed | {room}, torch == "yes")
    if not table:
        raise SystemExit(f"{TABLE}: no table of rooms found")
    return table


def room_of(path, table):
    """The room of a path under src/colonnade, or None. A folder <room>/<part> is the room <room>_<part> where the table
    has a row of that name."""
    parts = pathlib.PurePosixPath(path).parts
    if not path.startswith(ROOMS + "/") or len(parts) <= 3:
        return None
    inner = "_".join(parts[2:4])
    return inner if len(parts) > 4 and inner in table else parts[2]


def check_include(path, number, style, target, table, root):
    """The findings of one include line."""
    room = room_of(path, table)
    if style == '"' and not target.startswith("colonnade/"):
        return [sources.finding(path, number, f'relative include "{target}"', 'write "colonnade/<room>/file.h"')]
    if target.startswith("colonnade/"):
        other = room_of("src/" + target, table)
        if style == "<":
            return [sources.finding(path, number, f"<{target}>", "our own headers go in quotes")]
        if room in table and other not in table[room][0]:
            return [sources.finding(path, number, f"{room} may not include {other}",
                                    f"move the code to a room that may, or change the table in {TABLE} and say why")]
        source = root / "src" / target
        if not source.exists() and not source.with_name(source.name + ".in").exists():
            return [sources.finding(path, number, f'"{target}" does not exist', "correct the path")]
    elif room in table and not table[room][1] and TORCH.match(target):
        return [sources.finding(path, number, f"{room} may not use libtorch",
                                f"only the rooms with 'yes' in {TABLE} may")]
    return []


def check_links(path, text, table):
    """The ROOMS of a room's CMakeLists.txt must be in the table too."""
    room = room_of(path, table)
    call = re.search(r"colonnade_room\((.*?)\)", re.sub(r"#.*", "", text), re.DOTALL)
    linked = re.search(r"\bROOMS\s+((?:[a-z_]+\s*)+)", call.group(1)) if call else None
    extra = set(linked.group(1).split()) - table[room][0] if linked and room in table else set()
    return [sources.finding(path, 1, f"{room} may not link {other}", f"change ROOMS, or the table in {TABLE}")
            for other in sorted(extra)]


def check(root=sources.ROOT):
    table = read_table(sources.text_of(TABLE, root))
    found = []
    for path in sources.files(".cc", ".h", ".in", "CMakeLists.txt", root=root):
        if not path.startswith(ROOMS + "/"):
            continue
        if room_of(path, table) not in table:
            found.append(sources.finding(path, 1, "its folder is no room of the table", f"add a row to {TABLE}"))
        if path.endswith("CMakeLists.txt"):
            found += check_links(path, sources.text_of(path, root), table)
            continue
        for number, line in enumerate(sources.text_of(path, root).splitlines(), 1):
            include = INCLUDE.match(line)
            if include:
                found += check_include(path, number, *include.groups(), table, root)
    return found


if __name__ == "__main__":
    findings = check()
    print("\n".join(findings) if findings else "Includes: as the table says")
    sys.exit(1 if findings else 0)
