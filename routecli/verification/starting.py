"""Why a runner never began, told from what it said: the cause in one line, and the file that it lies in."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from pathlib import Path

from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line

_PREFIX = re.compile(r"^(?:INTERNALERROR>|E(?= )|ERROR:|error:)\s*")
_CAUSE = re.compile(r"^(?:[\w.]*(?:Error|Exception|Exit|Fault)\b.*|.*\berror: .*)$")
_FILE = re.compile(r"""(?P<path>[^\s'"()\[\],:]+\.\w+)(?:["']?, line |:)?(?P<line>\d+)?""")


def why_not_started(text: str, repo_root: Path, cwd: str, paths: Collection[RepoPath], found_by: str) -> str:
    """The cause that `text`, a runner's output in `cwd`, ends with, behind the last of the repository's `paths` that it
    names; `found_by` says where the runner comes from, for an output that names none. Untrusted text, on one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [_PREFIX.sub("", line).strip() for line in lines]
    cause = next((line for line in reversed(said) if _CAUSE.match(line)), "") or _last(said, lines)
    cause = cause.replace(f"{repo_root}/", "")
    where = _named(text, repo_root, cwd, paths)
    if not where:
        return one_line(f"{cause} ({found_by})")
    return one_line(cause if where.partition(":")[0] in cause else f"{where}: {cause}")


def _last(said: list[str], lines: list[str]) -> str:
    """The last line that calls itself an error; else the last one."""
    errors = [one for one, line in zip(said, lines, strict=True) if _PREFIX.match(line)]
    return (errors or said or ["no output"])[-1]


def _named(text: str, repo_root: Path, cwd: str, paths: Collection[RepoPath]) -> str:
    """`path:line`, or `path` where no line is said, of the last file of the repository that `text` names."""
    found = ""
    for match in _FILE.finditer(text):
        path = match["path"].removeprefix(f"{repo_root}/")
        path = path if path != match["path"] else posixpath.normpath(posixpath.join(cwd, path))
        if path in paths:
            found = f"{path}:{match['line']}" if match["line"] else path
    return found
