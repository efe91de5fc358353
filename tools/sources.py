# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks share: the repository's files, and how a finding is told."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def git_lines(*arguments, root=ROOT):
    """Output lines of a git command, or None where git refuses."""
    done = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(root), *arguments], capture_output=True, text=True)
    return done.stdout.splitlines() if done.returncode == 0 else None


def files(*suffixes, root=ROOT):
    """Files that git tracks or would track (not the ignored ones), as sorted relative paths; all without suffixes."""
    listed = git_lines("ls-files", "--cached", "--others", "--exclude-standard", root=root)
    if listed is None:
        raise SystemExit(f"lint: {root} is no git repository; the checks look at what git tracks")
    return sorted(path for path in set(listed)
                  if (not suffixes or path.endswith(suffixes)) and (root / path).is_file())


def text_of(path, root=ROOT):
    return (root / path).read_text(encoding="utf-8", errors="replace")


def finding(path, line, what, remedy):
    return f"{path}:{line}: {what}; {remedy}"
