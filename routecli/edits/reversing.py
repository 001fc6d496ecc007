"""A unified diff taken back: what it added goes, what it removed returns. A text to a text; applying it is `read`'s."""

from __future__ import annotations

import re

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_SIGNS = str.maketrans("+-", "-+")
_PAIRS = (
    ("new file mode ", "deleted file mode "),
    ("rename from ", "rename to "),
    ("copy from ", "copy to "),
    ("old mode ", "new mode "),
)


def reversed_diff(text: str) -> str:
    """`text` with every unified diff in it turned round; everything else stays as it is.

    Other dialects do not hold what was there before a change of a whole file, so they are left alone: a reversed
    reply in one of them is refused by the reader, or does what it says.
    """
    lines = text.splitlines(keepends=True)
    turned: list[str] = []
    at = 0
    while at < len(lines):
        hunk = _HUNK.match(lines[at])
        if hunk is not None:
            turned.append(_header(lines[at], hunk))
            at = _hunk(lines, at + 1, hunk, turned)
        elif lines[at].startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ "):
            turned += ["--- " + _bare(lines[at + 1], "b/", "a/"), "+++ " + _bare(lines[at], "a/", "b/")]
            at += 2
        else:
            turned.append(_extended(lines[at]))
            at += 1
    return "".join(turned)


def _header(line: str, hunk: re.Match[str]) -> str:
    old, old_count, new, new_count = hunk.groups()
    before = new if new_count is None else f"{new},{new_count}"
    after = old if old_count is None else f"{old},{old_count}"
    return f"@@ -{before} +{after} @@{line[hunk.end() :]}"


def _hunk(lines: list[str], at: int, hunk: re.Match[str], turned: list[str]) -> int:
    """Turns the lines of one hunk, by its counts; returns where it ends."""
    old_left = int(hunk.group(2) or 1)
    new_left = int(hunk.group(4) or 1)
    while at < len(lines) and (old_left > 0 or new_left > 0 or lines[at].startswith("\\")):
        line = lines[at]
        sign = line[:1]
        if sign == "\\":
            turned.append(line)
        else:
            old_left -= sign != "+"
            new_left -= sign != "-"
            turned.append(sign.translate(_SIGNS) + line[1:])
        at += 1
    return at


def _bare(line: str, prefix: str, other: str) -> str:
    name = line[4:]
    return other + name[len(prefix) :] if name.startswith(prefix) else name


def _extended(line: str) -> str:
    for one, two in _PAIRS:
        if line.startswith(one):
            return two + line[len(one) :]
        if line.startswith(two):
            return one + line[len(two) :]
    return line
