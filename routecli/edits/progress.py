"""Which file a reply in the making is at: looked up often, so it looks at the end only."""

from __future__ import annotations

import re

_TAIL_CHARS = 20_000
_MARKS = re.compile(
    r"(?m)^(?:[ \t>]*)(?:\*{3} (?:Add|Update|Delete) File: (?P<a>.+?)[ \t]*$"
    r"|\+\+\+ (?:b/)?(?P<b>[^\t\n]+)$"
    r"|[#*`\s\d.)-]*(?P<c>[\w./\\@+-]*[\w-]\.\w{1,10})[`*:]*[ \t]*\n+[ \t]*(?:```|~~~|<<<<<)"
    r"|(?:```|~~~)[^\n]*\n(?P<d>[\w./\\@+-]*[\w-]\.\w{1,10})[ \t]*\n[ \t]*<<<<<)"
)


def currently_editing(text_so_far: str) -> str:
    """The path of the last edit that has begun, as the reply spells it; empty where none can be told. Untrusted."""
    tail = text_so_far[-_TAIL_CHARS:]
    last = ""
    for found in _MARKS.finditer(tail):
        path = next(p for p in found.groups() if p)
        if path != "/dev/null":
            last = path.strip()
    return last
