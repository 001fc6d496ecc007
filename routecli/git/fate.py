"""What became of a delivered patch, read off the work tree and its branches: still there, taken back, or rewritten.

Only contents are compared, hunk by hunk, so that it does not matter who committed what. What cannot be told is UNKNOWN:
on another branch, in a renamed file, or where the history was rewritten, nothing is inferred.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from routecli.domain.task import RepoPath
from routecli.git.command import git
from routecli.git.reading import read_regular
from routecli.nouns import dataclass

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_MOST_REFS = 40
_TIMEOUT_S = 10.0
REWRITTEN_BELOW = 0.5
"""Of the lines that were added, the share that has to be left."""


class Fate(StrEnum):
    """STANDS: most of it is there. REVERTED: what was there before is back. REWRITTEN: most of its lines are gone."""

    STANDS = "stands"
    REVERTED = "reverted"
    REWRITTEN = "rewritten"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk of a unified diff: its lines before and after with their context, and those that it added."""

    path: RepoPath
    before: tuple[str, ...]
    after: tuple[str, ...]
    added: tuple[str, ...]


Look = Callable[[RepoPath], bytes | None]
"""The content of a file; None where there is none."""


def fate(root: Path, diff: str, base: str | None, commit: str | None) -> Fate:
    """What became of the patch `diff` (as it was saved) of a run that began at `base` and made `commit` (None: the user
    committed, or nobody). Reads files, and asks git only where something is gone. Raises UsageFault: no git."""
    hunks = tuple(hunks_of(diff))
    if not hunks:
        return Fate.UNKNOWN
    found = judged(hunks, lambda path: read_regular(root, path))
    if found is Fate.STANDS:
        return found
    if not base or not all(_is_below_head(root, one) for one in (base, commit) if one):
        return Fate.UNKNOWN
    if _moved(root, hunks) or _elsewhere(root, hunks, base):
        return Fate.UNKNOWN
    return found


def judged(hunks: Sequence[Hunk], look: Look) -> Fate:
    """By the contents alone."""
    kept = gone = back = 0
    contents: dict[RepoPath, list[str]] = {}
    for hunk in hunks:
        if hunk.path not in contents:
            contents[hunk.path] = (look(hunk.path) or b"").decode("utf-8", "surrogateescape").split("\n")
        lines = contents[hunk.path]
        weight = len(hunk.added) or 1
        whole = _within(hunk.after, lines)
        is_back = not whole and _within(hunk.before, lines)
        there = weight if whole else 0 if is_back else _left(hunk, lines)
        kept, gone = kept + there, gone + weight - there
        back += weight if is_back else 0
    if kept >= REWRITTEN_BELOW * (kept + gone):
        return Fate.STANDS
    return Fate.REVERTED if back >= REWRITTEN_BELOW * gone else Fate.REWRITTEN


def _left(hunk: Hunk, lines: Sequence[str]) -> int:
    """How many of the added lines are somewhere in the file."""
    if not hunk.added:
        return 1
    there = Counter(lines)
    return sum(min(count, there[line]) for line, count in Counter(hunk.added).items())


def _within(block: Sequence[str], lines: Sequence[str]) -> bool:
    """Whether `block` stands in `lines`, one line after the other. Nothing at all stands only in an empty file."""
    size = len(block)
    if not size:
        return not any(lines)
    starts = (at for at in range(len(lines) - size + 1) if lines[at] == block[0])
    return any(list(lines[at : at + size]) == list(block) for at in starts)


def hunks_of(diff: str) -> Iterator[Hunk]:
    """The hunks of text files, with their names; a deleted file's lines are those before. Names that git quotes are
    left out."""
    lines = iter(diff.split("\n"))
    old = path = ""
    for line in lines:
        if line.startswith("--- "):
            old = _name(line[4:])
        elif line.startswith("+++ "):
            path = _name(line[4:]) or old
        elif path and (found := _HUNK.match(line)):
            yield _hunk(path, lines, *(1 if size is None else int(size) for size in found.groups()))


def _name(text: str) -> str:
    name = text.rstrip("\t")
    return name[2:] if name.startswith(("a/", "b/")) else ""


def _hunk(path: RepoPath, lines: Iterator[str], before: int, after: int) -> Hunk:
    old: list[str] = []
    new: list[str] = []
    added: list[str] = []
    while len(old) < before or len(new) < after:
        line = next(lines, None)
        if line is None:
            break
        sign, text = line[:1], line[1:]
        if sign in (" ", "", "-"):
            old.append(text)
        if sign in (" ", "", "+"):
            new.append(text)
        if sign == "+" and text.strip():
            added.append(text)
    return Hunk(path, tuple(old), tuple(new), tuple(added))


def _is_below_head(root: Path, commit: str) -> bool:
    return git(root, "merge-base", "--is-ancestor", commit, "HEAD", timeout_s=_TIMEOUT_S).exit_code == 0


def _moved(root: Path, hunks: Sequence[Hunk]) -> bool:
    """Whether the longest line of a file that is gone stands in another one."""
    for hunk in hunks:
        if read_regular(root, hunk.path) is None and hunk.added:
            longest = max(hunk.added, key=len)
            if git(root, "grep", "-q", "-F", "-e", longest, timeout_s=_TIMEOUT_S).exit_code == 0:
                return True
    return False


def _elsewhere(root: Path, hunks: Sequence[Hunk], base: str) -> bool:
    """Whether the patch stands on another branch, or lies in the stash."""
    listed = git(root, "for-each-ref", f"--contains={base}", f"--count={_MOST_REFS}", "--format=%(objectname)",
                 "refs/heads", "refs/stash", timeout_s=_TIMEOUT_S)  # fmt: skip
    head = git(root, "rev-parse", "HEAD", timeout_s=_TIMEOUT_S).stdout.split()
    tips = dict.fromkeys(tip for tip in listed.stdout.split() if [tip] != head)
    return any(judged(hunks, _looking_at(root, tip.decode())) is Fate.STANDS for tip in tips)


def _looking_at(root: Path, commit: str) -> Look:
    def look(path: RepoPath) -> bytes | None:
        found = git(root, "cat-file", "blob", f"{commit}:{path}", timeout_s=_TIMEOUT_S)
        return found.stdout if found.exit_code == 0 else None

    return look


__all__ = ["Fate", "Hunk", "fate", "hunks_of", "judged"]
