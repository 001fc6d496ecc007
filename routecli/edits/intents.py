"""What a dialect says, before it meets the files: every reader gives these, one room turns them into a Patch."""

from __future__ import annotations

from collections.abc import Sequence

from routecli.edits.refusals import RefusalKind
from routecli.nouns import dataclass

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hunk:
    """Some lines and what they become.

    `line` is the place that the reply states (from 1 in the file as it was), None where it states none. `anchors` are
    lines that stand before the place, outermost first. `keeps_ends`: the lines carry the file's own `\\r`.
    `final_newline` is set where the reply says whether the last line is ended. `quoted` are the positions of the
    searched lines that stay, in dialects that mark each line: such a line may have lost its mark.
    """

    search: Lines
    replace: Lines
    line: int | None = None
    anchors: Lines = ()
    at_end: bool = False
    keeps_ends: bool = False
    final_newline: bool | None = None
    quoted: frozenset[int] = frozenset()
    drops_bom: bool = False


@dataclass(frozen=True, slots=True)
class Replace:
    """Lines of one file change. `readings` are the ways to understand one block (markers inside its own text); all
    but one must fail to fit. `every` asks for all places, `named` is False where the reply names no file."""

    path: str
    dialect: str
    reply_line: int
    readings: tuple[Hunk, ...]
    every: bool = False
    named: bool = True
    within_lines: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """The whole of a file. `may_replace` is False where the dialect only creates. `sure` is False where the file was
    only named in a sentence: then the text must look like all of that file."""

    path: str
    dialect: str
    reply_line: int
    lines: Lines
    may_replace: bool
    final_newline: bool | None = None
    mode: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Remove:
    """A file goes. `lines` are what the reply says it holds, None where it says nothing."""

    path: str
    dialect: str
    reply_line: int
    lines: Lines | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A file gets another path; changes of it come before this."""

    path: str
    dialect: str
    reply_line: int
    to: str


@dataclass(frozen=True, slots=True)
class SetMode:
    """A file becomes executable or stops being so. Only git's `100644` and `100755` are ever set; `old` is what the
    reply says that it was. With `told` the reply only mentions the mode that the file has."""

    path: str
    dialect: str
    reply_line: int
    mode: str
    old: str = ""
    told: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """An edit that cannot be understood; the whole reply is refused for it."""

    path: str
    dialect: str
    reply_line: int
    kind: RefusalKind
    what: str
    block: Lines = ()


Intent = Replace | Write | Remove | Move | SetMode | Broken


@dataclass(frozen=True, slots=True)
class Taken:
    """What a reader made of the reply from one line on; `upto` is the first line that it did not use."""

    intents: Sequence[Intent]
    upto: int
