"""Where every edit dialect ends."""

from __future__ import annotations

import ast
from enum import StrEnum

from routecli.domain.task import RepoPath
from routecli.nouns import dataclass


class Match(StrEnum):
    """How the place of an edit was found, from certain to nearest."""

    EXACT = "exact"
    BLANKS = "blanks"
    INDENTATION = "indentation"
    TYPOGRAPHIC = "typographic"
    NEAREST = "nearest"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Placement:
    """One edit of a reply and how it found its place. `score` is the similarity, 1.0 unless NEAREST; `line` counts
    from 1 in the file as it was, 0 where the whole file is meant."""

    path: RepoPath
    dialect: str
    match: Match
    score: float = 1.0
    line: int = 0


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One file's change as bytes. `before` None creates, `after` None deletes. Modes are git's: `100644`, `100755`;
    `mode` is the file's after the change, `mode_before` is set where the change sets another one."""

    path: RepoPath
    before: bytes | None
    after: bytes | None
    mode: str = "100644"
    mode_before: str = ""


@dataclass(frozen=True, slots=True)
class Patch:
    """All files of one answer, each at most once, sorted by path. `already_there` counts edits that the files already
    had; with no `edits` and some already there, the answer is "nothing to change"."""

    edits: tuple[FileEdit, ...]
    placements: tuple[Placement, ...] = ()
    already_there: int = 0

    @property
    def paths(self) -> tuple[RepoPath, ...]:
        """The files that this patch changes."""
        return tuple(e.path for e in self.edits)


def same_change(one: Patch, other: Patch) -> bool:
    """Whether both leave the same files behind, but for comments and layout of Python and blanks at the ends of lines
    elsewhere."""
    if one.paths != other.paths:
        return False
    return all(_bare(a) == _bare(b) for a, b in zip(one.edits, other.edits, strict=True))


def _bare(edit: FileEdit) -> str | tuple[bytes, ...] | None:
    if edit.after is None:
        return None
    if edit.path.endswith(".py"):
        try:
            return ast.dump(ast.parse(edit.after))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return tuple(line.rstrip() for line in edit.after.splitlines())
    return tuple(line.rstrip() for line in edit.after.splitlines())
