"""Whole files: the path on a line of its own, then the complete text in a fence."""

from __future__ import annotations

import re

from routecli.edits.intents import Broken, Intent, Lines, Taken, Write
from routecli.edits.paths import bare_name, is_product
from routecli.edits.refusals import RefusalKind
from routecli.edits.replies import (
    FENCE,
    MARKER,
    TAG_FENCE,
    Fence,
    Reply,
    bare_name_above,
    dedented,
    fence_at,
    info_name,
)

NAME = "whole_file"

INSTRUCTIONS = """\
Answer with whole files only. For each file that you change or create: its path alone on a line, then its complete new
text in a fence:

src/greet.py
```python
def greet(name):
    return f"Hello, {name}!"
```

- Write every line of the file from first to last, unchanged lines too.
- Never shorten: no "...", no "rest of the code", no "unchanged".
- If the text itself holds ``` lines, use a longer fence (````).
- Leave out files that stay as they are."""

_SHELLS = frozenset({"bash", "sh", "shell", "console", "terminal", "zsh", "powershell", "cmd", "output"})
_FENCED = (".md", ".markdown", ".mdx", ".rst")
_CODE = re.compile(r"\.(?:py|pyi|js|jsx|ts|tsx|go|rs|rb|java|kt|c|h|cc|cpp|hpp|cs|php|swift|json|ya?ml|toml|html|css)$")


def at(reply: Reply, number: int) -> Taken | None:
    """The file whose fence opens on this line; None where no file is named for it."""
    fence = fence_at(reply, number)
    if fence is None:
        return None
    path, sure, drop = _named(reply, number, fence)
    if not path:
        if is_product(reply.line(number - 1)) and FENCE.match(reply.line(number)):
            reply.current = ""
        return None
    if fence.info.split(" ")[0].casefold() in _SHELLS and _CODE.search(path):
        return None
    body = tuple(dedented(reply.lines[i], fence.indent) for i in range(fence.start + drop, fence.stop))
    if drop and not any(line.strip() for line in body):
        return None  # the fence only names the file of the next one
    return Taken([_file(reply, path, number, fence, body, sure)], fence.after)


def _file(reply: Reply, path: str, number: int, fence: Fence, body: Lines, sure: bool) -> Intent:
    if not fence.closed:
        what = "the reply ends inside this file: it may be cut off"
        return Broken(path, NAME, number + 1, RefusalKind.TRUNCATED, what)
    marked_before, fenced_before = reply.special_lines(path)
    marked = next((line for line in body if MARKER.match(line)), None)
    if marked is not None and not marked_before:
        what = "a marker of an edit block stands inside the file"
        return Broken(path, NAME, number + 1, RefusalKind.MALFORMED, what, (marked,))
    fenced_before = fenced_before or path.casefold().endswith(_FENCED)
    if not fence.clean or (fenced_before and not _paired(reply, fence.after)):
        what = "fences inside the file make its end uncertain: a longer fence around it is needed"
        return Broken(path, NAME, number + 1, RefusalKind.MALFORMED, what)
    return Write(path, NAME, number + 1, body, may_replace=True, sure=sure)


def _paired(reply: Reply, at: int) -> bool:
    """Whether every fence behind a file that may hold fences has a language or a file's name: a bare one may be the
    file's own, and the file would end too early."""
    while at < len(reply.lines):
        fence = fence_at(reply, at)
        if fence is None:
            at += 1
            continue
        named = bare_name_above(reply, at) or reply.names.named_in(_above(reply, at))
        if not fence.info and not named and not TAG_FENCE.match(reply.line(at)):
            return False
        at = fence.after
    return True


def _named(reply: Reply, number: int, fence: Fence) -> tuple[str, bool, int]:
    """`(path, named beyond doubt, lines of the fence that only name it)`."""
    if name := info_name(fence.info, reply.names):
        return name, True, 0
    above = _above(reply, number)
    if name := bare_name(above, reply.names):
        return name, True, 0
    first = reply.line(fence.start)
    if fence.stop > fence.start and (name := _first_line(reply, first)):
        return name, True, 1
    mentioned = reply.names.named_in(above)
    if len(mentioned) == 1 and above.rstrip().endswith(":"):
        return mentioned[0], False, 0
    return "", False, 0


def _above(reply: Reply, number: int) -> str:
    return reply.line(number - 1) if reply.line(number - 1).strip() else reply.line(number - 2)


def _first_line(reply: Reply, first: str) -> str:
    """A first line that is a path, alone or as a comment. A comment that the file itself begins with is text."""
    name = bare_name(first, reply.names)
    if not name or not ("/" in name or name in reply.names.known):
        return ""
    raw = reply.names.files.read(reply.names.spelled(name)) if name in reply.names.known else None
    if raw is not None and raw.decode("utf-8", "replace").lstrip("\ufeff").split("\n", 1)[0].strip() == first.strip():
        return ""
    return name
