"""SEARCH/REPLACE blocks: the path on a line of its own, then what stands there and what shall stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from routecli.edits.intents import Broken, Hunk, Replace, Taken
from routecli.edits.paths import bare_name
from routecli.edits.refusals import RefusalKind
from routecli.edits.replies import FENCE, Reply, closes, dedented, name_above

NAME = "search_replace"

INSTRUCTIONS = """\
Answer with SEARCH/REPLACE blocks only. For each change: the file's path alone on a line, then a fenced block:

src/greet.py
```python
<<<<<<< SEARCH
def greet(name):
    return "Hello " + name
=======
def greet(name):
    return f"Hello, {name}!"
>>>>>>> REPLACE
```

- SEARCH is copied from the file to the letter: whole lines, same indentation, no line numbers, no "...".
- Take just enough lines that SEARCH stands once in the file; use several small blocks rather than a large one.
- REPLACE is what comes there; leave it empty to delete the lines.
- A new file: leave SEARCH empty.
- Blocks never overlap; every block is matched against the file as shown."""

_HEAD = re.compile(
    r"^(?P<indent>[ \t]*)(?P<mark><{3,12}|-{5,12})[ \t]*(?:SEARCH|ORIGINAL)\b[>:]?[ \t]*(?P<rest>\S.*)?$"
)
_DIVIDER = re.compile(r"^(?P<indent>[ \t]*)={5,9}[ \t]*$")
_TAIL = re.compile(r"^(?P<indent>[ \t]*)(?:>{3,12}|\+{5,12})[ \t]*(?:REPLACE|UPDATED)\b[<:]?[ \t]*$")
_BARE_TAIL = re.compile(r"^[ \t]*>{5,9}[ \t]*$")
_BALANCED_LINES = 2_000  # a block that holds markers itself is looked through so far
_HINT = re.compile(r"^[ \t]*:(?P<which>start_line|end_line):[ \t]*(?P<line>\d+)[ \t]*$")
_RULE = re.compile(r"^[ \t]*-{5,9}[ \t]*$")
_ESCAPED = re.compile(r"^([ \t]*)\\(?=<{5,9} |={5,9}$|>{5,9} )")


def at(reply: Reply, number: int) -> Taken | None:
    """The block whose first marker stands on this line; a last marker alone is a broken block."""
    line = reply.line(number)
    if not line.lstrip().startswith(("<", "-", ">", "+")):
        return None
    head = _HEAD.match(line)
    if head:
        return _block(reply, number, len(head["indent"]), head["rest"] or "")
    if _TAIL.match(line):
        broken = Broken("", NAME, number + 1, RefusalKind.MALFORMED, "a REPLACE marker without a block before it")
        return Taken([broken], number + 1)
    return None


def begins(line: str) -> bool:
    """Whether a block begins on this line."""
    return bool(_HEAD.match(line))


def _block(reply: Reply, number: int, indent: int, rest: str) -> Taken:
    path = bare_name(rest, reply.names) or name_above(reply, number)
    named = bool(path)
    path = path or reply.current
    reply.current = path
    body = number + 1
    line, body = _hints(reply, body)
    ended = _end(reply, body, path)
    shown = tuple(reply.line(i) for i in range(number, min(number + 12, len(reply.lines))))
    if ended is None:
        cut_off = _cut_off(reply, body)
        kind = RefusalKind.TRUNCATED if cut_off else RefusalKind.MALFORMED
        what = "the reply ends inside this block" if cut_off else "the block has no `=======` or no last marker"
        return Taken([Broken(path, NAME, number + 1, kind, what, shown)], _next_head(reply, body))
    stop, upto = ended
    readings = tuple(_readings(reply, body, stop, indent, line))
    if not readings:
        broken = Broken(path, NAME, number + 1, RefusalKind.MALFORMED, "the block has no `=======` line", shown)
        return Taken([broken], upto)
    if not path:
        what = "the block names no file"
        return Taken([Replace("", NAME, number + 1, readings, named=False)] if readings else [
            Broken("", NAME, number + 1, RefusalKind.NO_PATH, what, shown)], upto)  # fmt: skip
    return Taken([Replace(path, NAME, number + 1, readings, named=named)], upto)


def _hints(reply: Reply, body: int) -> tuple[int | None, int]:
    line = None
    hinted = False
    while hint := _HINT.match(reply.line(body)):
        hinted = True
        if hint["which"] == "start_line":
            line = int(hint["line"])
        body += 1
    if hinted and _RULE.match(reply.line(body)):
        body += 1
    return line, body


def _end(reply: Reply, body: int, path: str) -> tuple[int, int] | None:
    """`(last content line + 1, first line behind)`: at the last marker; without one, where the fence closes."""
    limit = _next_head(reply, body)
    tails = [i for i in range(body, limit) if _TAIL.match(reply.line(i))]
    if limit < len(reply.lines) and (not tails or reply.special_lines(path)[0]):
        whole = _balanced_tail(reply, body, path)
        if whole is not None:
            return whole, whole + 1
    if tails:
        return tails[0], tails[0] + 1
    bare = [i for i in range(body, limit) if _BARE_TAIL.match(reply.line(i))]
    if len(bare) == 1:
        return bare[0], bare[0] + 1
    return _fence_end(reply, body, limit)


def _fence_end(reply: Reply, body: int, limit: int) -> tuple[int, int] | None:
    """Without a last marker the fence's end is the block's end, if the fence opened just above the block and nothing
    in the block looks like one. A second `=======` just before it stands for the missing marker."""
    opened = next((m for k in (2, 3, 4) if (m := FENCE.match(reply.line(body - k)))), None)
    if not opened:
        return None
    fences = [i for i in range(body, limit) if closes(reply.line(i), opened["mark"])]
    if len(fences) != 1:
        return None
    close = fences[0]
    dividers = [i for i in range(body, close) if _DIVIDER.match(reply.line(i))]
    if not dividers:
        return None
    return (close - 1, close) if len(dividers) > 1 and dividers[-1] == close - 1 else (close, close)


def _balanced_tail(reply: Reply, body: int, path: str) -> int | None:
    """For a file that holds markers itself: the last marker at which the markers inside are balanced."""
    if not reply.special_lines(path)[0]:
        return None
    depth = 0
    for i in range(body, min(body + _BALANCED_LINES, len(reply.lines))):
        if _HEAD.match(reply.line(i)):
            depth += 1
        elif _TAIL.match(reply.line(i)):
            if depth == 0:
                return i
            depth -= 1
    return None


def _readings(reply: Reply, body: int, stop: int, indent: int, line: int | None) -> Iterator[Hunk]:
    dividers = [i for i in range(body, stop) if (m := _DIVIDER.match(reply.line(i))) and len(m["indent"]) == indent]
    if not dividers:
        dividers = [i for i in range(body, stop) if _DIVIDER.match(reply.line(i))]
    for divider in dividers:
        search, replace = (_content(reply, a, b, indent) for a, b in ((body, divider), (divider + 1, stop)))
        yield Hunk(search, replace, line)


def _content(reply: Reply, start: int, stop: int, indent: int) -> tuple[str, ...]:
    lines = [reply.lines[i] for i in range(start, stop)]
    if indent and all(not line.strip() or line[:indent].strip() == "" for line in lines):
        lines = [dedented(line, indent) for line in lines]
    return tuple(_ESCAPED.sub(r"\1", line) for line in lines)


def _next_head(reply: Reply, body: int) -> int:
    return next((i for i in range(body, len(reply.lines)) if _HEAD.match(reply.line(i))), len(reply.lines))


def _cut_off(reply: Reply, body: int) -> bool:
    return _next_head(reply, body) == len(reply.lines)
