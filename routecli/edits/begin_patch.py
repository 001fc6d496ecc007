"""`*** Begin Patch`: files added, updated, moved and deleted, with context instead of line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from routecli.edits.intents import Broken, Hunk, Intent, Lines, Move, Remove, Replace, Taken, Write
from routecli.edits.paths import bare_name
from routecli.edits.refusals import RefusalKind
from routecli.edits.replies import FENCE, Reply, dedented

NAME = "begin_patch"

INSTRUCTIONS = """\
Answer with one patch only, in this form:

*** Begin Patch
*** Update File: src/greet.py
@@ class Greeter
 def greet(self, name):
-    return "Hello " + name
+    return f"Hello, {name}!"
*** Add File: src/empty.py
+PLACE = "here"
*** Delete File: src/old.py
*** End Patch

- Every line of a change begins with a blank (stays), `-` (goes) or `+` (comes), then the line to the letter.
- Give three lines of context before and after; they must stand once in the file.
- If they do not, put `@@` and the line of the class or function above them.
- `*** Move to: new/path.py` may follow an Update line. Paths are relative."""

_BEGIN = re.compile(r"^(?P<indent>[ \t]*)\*{3} ?Begin Patch[ \t]*$")
_END = re.compile(r"^[ \t]*\*{3} ?End Patch[ \t]*$")
_FILE = re.compile(r"^(?P<indent>(?! \*)[ \t]*)\*{3} ?(?P<verb>Add|Update|Delete) File: ?(?P<path>.*?)[ \t]*$")
_MOVE = re.compile(r"^[ \t]*\*{3} ?Move to: ?(?P<path>.*?)[ \t]*$")
_EOF = re.compile(r"^[ \t]*\*{3} ?End of File[ \t]*$")
_ENVIRONMENT = re.compile(r"^[ \t]*\*{3} ?Environment ID:.*$")
_NUMBERS = re.compile(r"^-?\d+(?:,\d+)? \+?\d+(?:,\d+)?(?: @@)?")


def begins(line: str) -> bool:
    """Whether a patch begins on this line."""
    return bool(_BEGIN.match(line) or _FILE.match(line))


def at(reply: Reply, number: int) -> Taken | None:
    """The patch that begins on this line, with or without its first marker."""
    line = reply.line(number)
    if not line.lstrip().startswith("***"):
        return None
    begin = _BEGIN.match(line)
    if begin is None and not _FILE.match(line):
        if _END.match(line):
            return Taken([Broken("", NAME, number + 1, RefusalKind.MALFORMED, "an End Patch without a beginning")],
                         number + 1)  # fmt: skip
        return None
    indent = len((begin or _FILE.match(line))["indent"])  # type: ignore[index]
    first = number + 1 if begin else number
    stop, closed = _extent(reply, first, indent)
    if not closed and begin:
        what = "the patch has no `*** End Patch`: it may be cut off"
        return Taken([Broken("", NAME, number + 1, RefusalKind.TRUNCATED, what)], stop)
    intents = list(_sections(reply, first, stop, indent))
    if not intents:
        intents = [Broken("", NAME, number + 1, RefusalKind.MALFORMED, "the patch is empty")]
    return Taken(intents, stop + 1 if closed and _END.match(reply.line(stop)) else stop)


def _extent(reply: Reply, first: int, indent: int) -> tuple[int, bool]:
    for i in range(first, len(reply.lines)):
        line = dedented(reply.line(i), indent)
        if _END.match(line) and not line.startswith(" "):
            return i, True
        if line[:1] in {"`", "~"} and FENCE.match(line):
            return i, False
        if _BEGIN.match(reply.line(i)):
            return i, False
    return len(reply.lines), False


def _sections(reply: Reply, first: int, stop: int, indent: int) -> Iterator[Intent]:
    at = first
    while at < stop:
        line = reply.line(at)
        opened = _FILE.match(dedented(line, indent))
        if not opened:
            if line.strip() and not _ENVIRONMENT.match(line):
                what = "a line that belongs to no file of the patch"
                yield Broken("", NAME, at + 1, RefusalKind.MALFORMED, what, (line,))
                return
            at += 1
            continue
        upto = next((i for i in range(at + 1, stop) if _FILE.match(dedented(reply.line(i), indent))), stop)
        body = [(i, dedented(reply.lines[i], indent)) for i in range(at + 1, upto)]
        yield from _section(reply, opened["verb"], opened["path"], at + 1, body)
        at = upto


def _section(reply: Reply, verb: str, path: str, number: int, body: list[tuple[int, str]]) -> Iterator[Intent]:
    name = bare_name(path, reply.names) or path
    while body and body[-1][1] in {"", "\r"}:
        body = body[:-1]
    if verb == "Add":
        yield _added(name, number, body)
    elif verb == "Delete":
        if any(line.strip() for _, line in body):
            yield Broken(name, NAME, number, RefusalKind.MALFORMED, "lines follow a Delete File")
        else:
            yield Remove(name, NAME, number)
    else:
        yield from _updated(name, number, body)


def _added(path: str, number: int, body: list[tuple[int, str]]) -> Intent:
    bad = next(((i, line) for i, line in body if not line.startswith("+") and line.strip()), None)
    if bad is not None:
        what = "a line of an added file does not begin with `+`"
        return Broken(path, NAME, bad[0] + 1, RefusalKind.MALFORMED, what, (bad[1],))
    return Write(path, NAME, number, tuple(line[1:] for _, line in body), may_replace=False)


def _updated(path: str, number: int, body: list[tuple[int, str]]) -> Iterator[Intent]:
    moved = _MOVE.match(body[0][1].rstrip("\r")) if body else None
    if moved:
        body = body[1:]
    hunks = list(_hunks(body))
    if not hunks and not moved:
        yield Broken(path, NAME, number, RefusalKind.MALFORMED, "the update of this file holds no change")
    for first, hunk in hunks:
        if isinstance(hunk, str):
            yield Broken(path, NAME, first + 1, RefusalKind.MALFORMED, hunk)
        else:
            yield Replace(path, NAME, first + 1, (hunk,))
    if moved:
        yield Move(path, NAME, number, moved["path"])


def _hunks(body: list[tuple[int, str]]) -> Iterator[tuple[int, Hunk | str]]:
    anchors: list[str] = []
    lines: list[str] = []
    start, at_end = (body[0][0] if body else 0), False
    for number, line in [*body, (-1, "@@")]:
        text = line.rstrip("\r")
        if _EOF.match(text):
            at_end = True
        elif text.lstrip().startswith("@@") and not text.startswith((" @", "+", "-")):
            if lines:
                yield start, _hunk(lines, tuple(anchors), at_end)
                anchors = []
            elif number == -1 and anchors:
                yield start, "a `@@` line without a change below it"
            lines, at_end, start = [], False, number
            if anchor := _anchor(text):
                anchors.append(anchor)
        elif not line or line[0] in " +-\r":
            lines.append(line if line.rstrip("\r") else " " + line)
        else:
            yield number, f"a line begins with none of blank, `+`, `-`, `@@`: {line[:60]}"
            return


def _anchor(text: str) -> str:
    anchor = text.lstrip().removeprefix("@@").strip().removesuffix("@@").strip()
    return "" if anchor == "..." else _NUMBERS.sub("", anchor).strip()


def _hunk(lines: list[str], anchors: Lines, at_end: bool) -> Hunk | str:
    search = tuple(line[1:] for line in lines if line[0] in " -")
    replace = tuple(line[1:] for line in lines if line[0] in " +")
    if not any(line[0] in "+-" for line in lines):
        return "a part of the patch changes nothing"
    before = [line[0] for line in lines if line[0] in " -"]
    quoted = frozenset(i for i, mark in enumerate(before) if mark == " ")
    return Hunk(search, replace, None, anchors, at_end, quoted=quoted)
