"""What a change is, in one line: read off its files and, for Python, off the functions that differ. Tier 0: no model,
no cost, the same words for the same change."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Sequence

from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass
from routecli.verification.touched import functions

_MOST_NAMES = 3
_MOST_LISTED = 20
_VERBS = {"A": "Add", "D": "Remove", "M": "Change", "T": "Change", "R": "Rename"}


@dataclass(frozen=True, slots=True)
class Moved:
    """One file of a change: `what` is A, D, M, T or R as git says it; `old` the path before (the same, but for R)."""

    what: str
    path: RepoPath
    old: RepoPath


def message_of(moved: Sequence[Moved], before: Callable[[RepoPath], bytes | None],
               after: Callable[[RepoPath], bytes | None]) -> str:  # fmt: skip
    """A subject, and below it the files where there are several; empty for no change. `before` and `after` give the
    bytes of a path on either side."""
    if not moved:
        return ""
    if len(moved) == 1:
        return _one(moved[0], before, after)
    verbs = {_VERBS[one.what] for one in moved}
    verb = verbs.pop() if len(verbs) == 1 else "Change"
    folder = posixpath.commonpath([posixpath.dirname(one.path) for one in moved])
    where = f" in {one_line(folder, limit=40)}" if folder else ""
    lines = [f"- {_VERBS[one.what].lower()} {_named(one)}" for one in moved[:_MOST_LISTED]]
    if len(moved) > _MOST_LISTED:
        lines.append(f"- and {len(moved) - _MOST_LISTED} more")
    return "\n".join([f"{verb} {len(moved)} files{where}", "", *lines])


def _one(one: Moved, before: Callable[[RepoPath], bytes | None], after: Callable[[RepoPath], bytes | None]) -> str:
    if one.what == "M" and one.path.endswith(".py"):
        was, now = functions(before(one.path) or b""), functions(after(one.path) or b"")
        old = {name: ast.dump(node) for name, node in was}
        new = [name for name, _ in now if name not in old]
        changed = [name for name, node in now if name in old and old[name] != ast.dump(node)]
        gone = [name for name in old if name not in {name for name, _ in now}]
        for verb, names, preposition in (("Change", changed, "in"), ("Add", new, "to"), ("Remove", gone, "from")):
            if 0 < len(names) <= _MOST_NAMES:
                return f"{verb} {' and '.join(map(one_line, names))} {preposition} {one_line(one.path, limit=60)}"
    return f"{_VERBS[one.what]} {_named(one)}"


def _named(one: Moved) -> str:
    if one.what == "R":
        return f"{one_line(one.old, limit=60)} to {one_line(one.path, limit=60)}"
    return one_line(one.path, limit=80)
