"""Unified diffs: git's, `diff -u`'s, and what models make of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import field, replace

from routecli.edits.diff_names import git_paths, plain_path
from routecli.edits.intents import Broken, Hunk, Intent, Lines, Move, Remove, Replace, SetMode, Taken, Write
from routecli.edits.paths import bare_name
from routecli.edits.refusals import RefusalKind
from routecli.edits.replies import FENCE, Reply, closes, dedented, name_above
from routecli.nouns import dataclass

NAME = "unified_diff"

INSTRUCTIONS = """\
Answer with one unified diff in a fence:

```diff
--- a/src/greet.py
+++ b/src/greet.py
@@ ... @@
 class Greeter:
     def greet(self, name):
-        return "Hello " + name
+        return f"Hello, {name}!"
```

- No line numbers are needed: write `@@ ... @@` before each part.
- Every line begins with a blank (stays), `-` (goes) or `+` (comes), then the line to the letter with its indentation.
- Give three lines of context before and after; together with the `-` lines they must stand once in the file.
- New file: `--- /dev/null`. Deleted file: `+++ /dev/null`."""

_GIT = re.compile(r"^(?P<indent>[ \t]*)diff --git (?P<rest>.+?)[ \t]*$")
_OLD = re.compile(r"^(?P<indent>[ \t]*)--- (?P<path>\S.*?)[ \t]*$")
_NEW = re.compile(r"^[ \t]*\+\+\+ (?P<path>\S.*?)[ \t]*$")
_HUNK = re.compile(r"^[ \t]*@@(?P<rest>.*)$")
_NUMBERS = re.compile(r"^ ?-(?P<a>\d+)(?:,(?P<b>\d+))? \+(?P<c>\d+)(?:,(?P<d>\d+))? ?@@")
_EXTENDED = re.compile(
    r"^[ \t]*(?P<key>index|old mode|new mode|new file mode|deleted file mode|similarity index|dissimilarity index|"
    r"rename from|rename to|copy from|copy to|Binary files|GIT binary patch)\b ?(?P<value>.*?)[ \t]*$"
)
_BARE_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})(?:diff|patch|udiff)[ \t]*$")
_NULL = "/dev/null"


@dataclass(slots=True)
class _File:
    """One file's part of a diff."""

    number: int
    old: str = ""
    new: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    hunks: list[_Part] = field(default_factory=list)


@dataclass(slots=True)
class _Part:
    """One hunk: its header's numbers, its lines, and whether the lines are as many as the header says."""

    number: int
    start: int | None = None
    new_start: int | None = None
    counted: bool = False
    lines: list[str] = field(default_factory=list)
    bare: bool = False


def begins(line: str) -> bool:
    """Whether a diff may begin on this line."""
    return bool(_GIT.match(line) or _OLD.match(line) or _HUNK.match(line))


def at(reply: Reply, number: int) -> Taken | None:
    """All files of the diff that begins on this line."""
    line = reply.line(number)
    if _BARE_FENCE.match(line):
        return _headless(reply, number)
    if not line.lstrip().startswith(("diff --git ", "--- ", "@@")):
        return None
    opened = _GIT.match(line) or (_OLD.match(line) if _headed(reply, number) else None)
    if opened:
        part, upto = _file(reply, number, len(opened["indent"]))
        return Taken([*_meaning(part, reply), *_left_over(reply, upto, part)], upto)
    hunk = _HUNK.match(line)
    if hunk and _in_diff(reply, number):
        path = name_above(reply, number) or reply.current
        part = _File(number, path, path)
        upto = _hunks(reply, number, len(line) - len(line.lstrip()), part)
        return Taken([*_meaning(part, reply), *_left_over(reply, upto, part)], upto)
    return None


def _left_over(reply: Reply, upto: int, part: _File) -> Iterator[Intent]:
    """Marked lines in the same fence that no hunk took: the diff was not understood to its end."""
    for at in range(upto, len(reply.lines) if reply.mark else upto):
        line = reply.line(at)
        if closes(line, reply.mark) or begins(line):
            return
        if re.match(r"^[+-](?!\s*$|- |-$)", line):
            what = "a line of the diff belongs to no hunk"
            yield Broken(part.new or part.old, NAME, at + 1, RefusalKind.MALFORMED, what, (line,))
            return


def _headless(reply: Reply, number: int) -> Taken | None:
    """A diff fence that begins with marked lines, below the name of its file."""
    first = reply.line(number + 1)
    path = name_above(reply, number, reach=1)
    if not path or not re.match(r"[ \t]*[-+]", first) or first.lstrip().startswith(("--- ", "+++ ")):
        return None
    part = _File(number + 1, path, path)
    upto = _hunks(reply, number + 1, len(reply.line(number)) - len(reply.line(number).lstrip()), part)
    return Taken(list(_meaning(part, reply)), upto)


def _headed(reply: Reply, number: int) -> bool:
    return bool(_NEW.match(reply.line(number + 1)))


def _in_diff(reply: Reply, number: int) -> bool:
    """A bare `@@` counts only where changed lines follow: it may be prose or a decorator otherwise."""
    follow = [reply.line(number + k).lstrip(" \t") for k in range(1, 12)]
    return any(line.startswith(("+", "-")) for line in follow if not FENCE.match(line))


def _file(reply: Reply, number: int, indent: int) -> tuple[_File, int]:
    part = _File(number)
    at = number
    git = _GIT.match(reply.line(at))
    if git:
        part.old, part.new = git_paths(git["rest"])
        at += 1
        while extended := _EXTENDED.match(reply.line(at)):
            part.keys[extended["key"]] = extended["value"]
            at += 1
            if extended["key"] == "GIT binary patch":
                at = _over_binary(reply, at)
    old, new = _OLD.match(reply.line(at)), _NEW.match(reply.line(at + 1))
    if old and new:
        part.old, part.new = plain_path(old["path"]), plain_path(new["path"])
        at += 2
        at = _hunks(reply, at, indent, part)
    return part, at


def _over_binary(reply: Reply, at: int) -> int:
    while at < len(reply.lines) and not _GIT.match(reply.line(at)) and not FENCE.match(reply.line(at)):
        at += 1
    return at


def _hunks(reply: Reply, at: int, indent: int, part: _File) -> int:
    while at < len(reply.lines):
        line = dedented(reply.line(at), indent)
        if not line.strip() and _HUNK.match(dedented(reply.line(at + 1), indent)):
            at += 1
            continue
        header = _HUNK.match(line)
        if header is None and part.hunks:
            break
        if header is None and not line[:1] in set("+- "):  # noqa: E713  (a set of characters, not a substring)
            break
        if header is None and _over(reply, at, indent):
            break
        hunk = _Part(at)
        if header is not None:
            at += 1
        at = _lines(reply, at, indent, hunk, header["rest"] if header else "")
        if hunk.lines or _NULL not in {part.old, part.new}:
            part.hunks.append(hunk)
    return at


def _lines(reply: Reply, at: int, indent: int, hunk: _Part, header: str) -> int:
    numbers = _NUMBERS.match(header)
    if numbers:
        hunk.start, hunk.new_start = int(numbers["a"]), int(numbers["c"])
        counted = _counted(reply, at, indent, int(numbers["b"] or 1), int(numbers["d"] or 1))
        if counted is not None:
            hunk.counted = True
            hunk.lines = [dedented(reply.lines[i], indent) for i in range(at, counted)]
            return counted
    first = at
    while at < len(reply.lines) and not _over(reply, at, indent):
        hunk.lines.append(dedented(reply.lines[at], indent))
        at += 1
    while at > first and hunk.lines[-1] in {"", "\r"}:
        hunk.lines.pop()
        at -= 1
    return at


def _counted(reply: Reply, at: int, indent: int, old: int, new: int) -> int | None:
    """The line behind a hunk whose lines are as many as its header says; None where they are not."""
    while old > 0 or new > 0:
        if at >= len(reply.lines):
            return None
        mark = dedented(reply.lines[at], indent)[:1]
        if mark in {" ", "", "\r"}:
            old, new = old - 1, new - 1
        elif mark == "-":
            old -= 1
        elif mark == "+":
            new -= 1
        elif mark != "\\":
            return None
        at += 1
    if old or new or _swallows_header(reply, at, indent):
        return None
    while dedented(reply.line(at), indent).startswith("\\ "):
        at += 1
    return at if _over(reply, at, indent) or not reply.line(at).strip() else None


def _swallows_header(reply: Reply, at: int, indent: int) -> bool:
    """Whether wrong counts took the next file's two header lines for changed lines."""
    old, new, hunk = (dedented(reply.line(at + k), indent) for k in (-2, -1, 0))
    a, b = _OLD.match(old), _NEW.match(new)
    if not a or not b or not _HUNK.match(hunk):
        return False
    left, right = plain_path(a["path"]), plain_path(b["path"])
    same = left.removeprefix("a/") == right.removeprefix("b/")
    return same or (_NULL in {left, right} and (left + right).count("/") > 2)


def _over(reply: Reply, at: int, indent: int) -> bool:
    """Whether a hunk is over at this line."""
    line = dedented(reply.line(at), indent)
    if at >= len(reply.lines) or _GIT.match(line) or (_HUNK.match(line) and not line.startswith(" ")):
        return True
    if line.startswith("--- ") and _NEW.match(dedented(reply.line(at + 1), indent)):
        return bool(_HUNK.match(dedented(reply.line(at + 2), indent))) or at + 2 >= len(reply.lines)
    if line[:1] in {"`", "~"} and closes(line, reply.mark or "```"):
        return True
    if line.startswith(("*** End Patch", "-- ")) and not _HUNK.match(line):
        return line.startswith("*** ") or bool(re.match(r"^-- $|^-- ?\d+\.\d+", line))
    return bool(line.strip()) and line[:1] not in {"+", "-", " ", "\\", "\t"} and not _misquoted(reply, at, indent)


def _misquoted(reply: Reply, at: int, indent: int) -> bool:
    """A context line that lost its leading blank: hunk lines must follow it before any blank line."""
    for k in range(1, 40):
        line = dedented(reply.line(at + k), indent)
        if at + k >= len(reply.lines) or not line.strip() or FENCE.match(line) or _HUNK.match(line):
            return False
        if line[0] in "+-" and not re.match(r"- \S|\+\+\+ |--- ", line):
            return True
        if line[0] not in " \t" and not re.match(r"^[\w@})\]#/\"'<{(\[*&$.;]", line):
            return False
    return False


def _meaning(part: _File, reply: Reply) -> Iterator[Intent]:
    old, new = _side(part.old, reply, "a/"), _side(part.new, reply, "b/")
    number, keys = part.number + 1, part.keys
    path = new if new != _NULL else old
    reply.current = path
    mode = keys.get("new mode") or keys.get("new file mode") or ""
    if (mode and mode not in {"100644", "100755"}) or keys.get("deleted file mode", "100644")[:2] != "10":
        yield Broken(path, NAME, number, RefusalKind.LINK, f"mode {mode or keys['deleted file mode']} is no file's")
        return
    if "Binary files" in keys or "GIT binary patch" in keys:
        yield Broken(path, NAME, number, RefusalKind.NOT_TEXT, "the diff is binary")
        return
    if "copy to" in keys:
        yield Broken(path, NAME, number, RefusalKind.MALFORMED, "copies are not read: write the new file instead")
        return
    if not path or path == _NULL:
        yield Broken("", NAME, number, RefusalKind.NO_PATH, "the diff names no file")
        return
    yield from _changes(part, reply, old, new, mode)


def _side(path: str, reply: Reply, prefix: str) -> str:
    if path in {_NULL, ""}:
        return path
    literal = reply.names.spelled(path, prefixed=path.startswith(prefix))
    if literal in reply.names.known:
        return literal
    name = bare_name(path, reply.names) or path
    return reply.names.spelled(name, prefixed=name.startswith(prefix))


def _changes(part: _File, reply: Reply, old: str, new: str, mode: str) -> Iterator[Intent]:
    number, keys = part.number + 1, part.keys
    path = new if new != _NULL else old
    hunks = [_hunk(h) for h in part.hunks]
    broken = next((h for h in part.hunks if not any(line[:1] in {"+", "-"} for line in h.lines)), None)
    if broken is not None:
        what = "a hunk changes nothing"
        yield Broken(path, NAME, broken.number + 1, RefusalKind.MALFORMED, what, tuple(broken.lines[:12]))
        return
    fresh = old == _NULL or "new file mode" in keys
    if fresh and not any(h.search for h in hunks):
        lines = tuple(line for h in hunks for line in h.replace)
        final = next((h.final_newline for h in hunks if h.final_newline is not None), None)
        yield Write(path, NAME, number, lines, may_replace=False, final_newline=final, mode=mode)
        return
    if new == _NULL or "deleted file mode" in keys:
        gone = tuple(line for h in hunks for line in h.search)
        whole = hunks and not any(h.replace for h in hunks)
        if hunks and not whole:
            yield Broken(path, NAME, number, RefusalKind.CONTRADICTION, "a deleted file gets new lines")
        else:
            yield Remove(path, NAME, number, gone if whole else None)
        return
    source = old if old and old != _NULL else path
    for h, where in zip(_trusted(part.hunks, hunks), part.hunks, strict=True):
        yield Replace(source, NAME, where.number + 1, (h,))
    if mode:
        yield SetMode(source, NAME, number, mode, keys.get("old mode", ""))
    elif keys.get("index", "").endswith(" 100755"):
        yield SetMode(source, NAME, number, "100755", told=True)
    if source != path:
        if "rename to" in keys or reply.names.exists(source):
            yield Move(source, NAME, number, path)
    elif not hunks and not mode:
        yield Broken(path, NAME, number, RefusalKind.MALFORMED, "the diff of this file holds no change")


def _trusted(parts: Sequence[_Part], hunks: Sequence[Hunk]) -> list[Hunk]:
    """The hunks, with their line numbers only if all counts and offsets of the file agree with one another."""
    shift = 0
    for part, hunk in zip(parts, hunks, strict=True):
        if not part.counted or part.start is None or part.new_start is None:
            return [_without_line(h) for h in hunks]
        start = part.start + (not hunk.search)
        new_start = part.new_start + (not hunk.replace)
        if start + shift != new_start:
            return [_without_line(h) for h in hunks]
        shift += len(hunk.replace) - len(hunk.search)
    return list(hunks)


def _without_line(hunk: Hunk) -> Hunk:
    return replace(hunk, line=None)


def _hunk(part: _Part) -> Hunk:
    search: list[str] = []
    new: list[str] = []
    quoted: set[int] = set()
    ended = {"-": True, "+": True}
    last = " "
    marked = False
    for line in part.lines:
        mark, text = line[:1], line[1:]
        if mark == "\\":
            marked = True
            for side in "-+":
                if last in {" ", side}:
                    ended[side] = False
            continue
        if mark not in {"+", "-", " "}:
            mark, text = " ", line if line.strip() else line[1:]
        if mark == " ":
            quoted.add(len(search))
        if mark != "+":
            search.append(text)
        if mark != "-":
            new.append(text)
        last = mark
    start = None if part.start is None else part.start + (not search)
    return Hunk(
        tuple(search),
        tuple(new),
        start,
        at_end=marked and not ended["-"],
        keeps_ends=True,
        final_newline=ended["+"] if marked else None,
        quoted=frozenset(quoted),
    )


__all__ = ["INSTRUCTIONS", "NAME", "Lines", "at", "begins"]
