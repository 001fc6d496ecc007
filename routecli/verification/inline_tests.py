"""Tests that stand in the very file that they test, as Rust's do: what a patch may not change unseen (row 7)."""

from __future__ import annotations

import re
from dataclasses import replace

from routecli.domain.patch import FileEdit
from routecli.nouns import dataclass

_SKIPPED = re.compile(
    r"//[^\n]*"
    r'|\bb?r(?P<hashes>#*)".*?"(?P=hashes)'
    r'|b?"(?:[^"\\]|\\.)*"'
    r"|b?'(?:[^'\\\n]|\\(?:u\{[^}\n]*\}|x..|.))'",
    re.S,
)
"""Where a brace means nothing: comments, texts, characters. A lifetime (`'a`) has no second quote."""
_HEAD = re.compile(r"^[ \t]*#\[(?:cfg\(test\)|(?:\w+::)*test(?:\([^\]\n]*\))?)\]", re.M)


@dataclass(frozen=True, slots=True)
class _Span:
    """A test's place in a text, from its attribute to the brace that ends it."""

    start: int
    end: int


def with_former_tests(edit: FileEdit) -> FileEdit | None:
    """`edit` with the tests of its file as they were before it; None where it changes none of them. An edit of nothing
    else comes back with `after` as `before`."""
    if edit.before is None or edit.after is None or not edit.path.endswith(".rs"):
        return None
    try:
        before, after = edit.before.decode(), edit.after.decode()
    except UnicodeDecodeError:
        return None
    old, new = ([text[s.start : s.end] for s in _spans(text)] for text in (before, after))
    if not old or old == new:
        return None if old == new else replace(edit, after=_without(after).encode())
    return replace(edit, after=_merged(before, after, old).encode())


def _merged(before: str, after: str, old: list[str]) -> str:
    spans = _spans(after)
    if len(spans) != len(old):
        bare = _without(after)
        return before if bare.strip() == _without(before).strip() else "\n\n".join([bare.rstrip(), *old]) + "\n"
    for span, text in reversed(list(zip(spans, old, strict=True))):
        after = after[: span.start] + text + after[span.end :]
    return after


def _without(text: str) -> str:
    for span in reversed(_spans(text)):
        text = text[: span.start].rstrip(" \t\n") + "\n" + text[span.end :].lstrip("\n")
    return text


def _spans(text: str) -> list[_Span]:
    blank = _blanked(text)
    found: list[_Span] = []
    at = 0
    while (head := _HEAD.search(blank, at)) is not None:
        end = _end_of_item(blank, head.end())
        found.append(_Span(head.start(), end))
        at = end
    return found


def _end_of_item(blank: str, at: int) -> int:
    """Behind the item whose attribute ends at `at`: its last brace, or a semicolon before any brace."""
    depth = 0
    for place in range(at, len(blank)):
        sign = blank[place]
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth <= 0:
                return place + 1
        elif sign == ";" and depth == 0:
            return place + 1
    return len(blank)


def _blanked(text: str) -> str:
    """`text` with spaces for all in which a brace means nothing; every place stays where it is."""
    text = _block_comments(text)
    return _SKIPPED.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def _block_comments(text: str) -> str:
    """Comments between `/*` and `*/`, which may stand within one another. One inside a text is rare, and then costs a
    needless second look, no more."""
    depth, begin, out = 0, 0, text
    for mark in re.finditer(r"/\*|\*/", text):
        if mark[0] == "/*":
            begin = begin if depth else mark.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                out = out[:begin] + re.sub(r"[^\n]", " ", out[begin : mark.end()]) + out[mark.end() :]
    return out
