"""Whether a text that claims to be a whole file is one: shortened files are the costliest wrong write there is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from routecli.edits.refusals import RefusalKind

_OPEN = r"^\s*(?:#|//|/\*+|--|<!--|;+|%|\"\"\"|'''|\{/\*|\{\#|REM)\s*[\[(<]?\s*"
_CLOSE = r"\s*[\])>]?\s*[.:]?\s*(?:\*/|-->|\"\"\"|'''|\*/\}|\#\})?\s*$"
_DOTS = r"(?:\.{3,}|…)"
_THING = (
    r"(?:code|file|contents?|class|class(?:es)?|functions?|methods?|imports?|implementations?|tests?|lines?|logic|body|"
    r"definitions?|module|script|document|rules?|styles?|config(?:uration)?|fields?|properties|routes?|sections?)"
)
_WHICH = r"(?:rest|remainder|remaining|other|existing|previous|original|unchanged|same|all|everything)"
_STAYS = (
    r"(?:unchanged|(?:the\s+)?same|as[ -]is|as before|as above|omitted|untouched|not shown|no changes?|for brevity|"
    r"here)"
)
_REST = re.compile(
    "(?i)"
    + _OPEN
    + r"(?:"
    + rf"{_DOTS}\s*(?:$|.{{0,20}}\b(?:{_WHICH}|{_THING}|omitted|unchanged|keep)\b.{{0,60}})"
    + rf"|.{{0,40}}\b{_WHICH}\b.{{0,60}}{_DOTS}"
    + rf"|(?:keep|leave|see)?\s*(?:the\s+)?(?:rest|remainder) of (?:the |this |your |our )?(?:\w+ ){{0,2}}{_THING}"
    + rf"(?:\s+(?:remains?|stays?|is|are|goes|continues)?\s*{_STAYS})?"
    + rf"|(?:the\s+)?(?:{_WHICH}\s+)?(?:of (?:the )?)?(?:\w+\s+)?{_THING}?\s*"
    + rf"(?:remains?|stays?|is|are|left|goes)?\s*{_STAYS}"
    + r"(?:\s+(?:for brevity|as before|above|below|here))?"
    + r")"
    + _CLOSE
)
_DOT_COMMENT = re.compile(_OPEN + _DOTS + _CLOSE)
_BARE_DOTS = re.compile(r"^(?:\.{3}|…)\s*$|^\s*[\[(<]\s*(?:\.{3}|…|rest of|unchanged)[^\n]{0,60}[\])>]\s*$")

_PROSE = (".md", ".rst", ".txt", ".adoc")


def shortened(
    old: Sequence[str], new: Sequence[str], path: str, *, sure: bool = True
) -> tuple[RefusalKind, str, str] | None:
    """Why `new` is not the whole of the file that holds `old`: `(kind, why, the line that shows it)`; None if it
    can be."""
    had = {line.strip() for line in old}
    for line in new:
        text = line.rstrip("\r")
        if text.strip() in had or not text.strip():
            continue
        bare = bool(_BARE_DOTS.match(text)) and bool(old) and not path.endswith((*_PROSE, ".pyi"))
        dotted = bool(_DOT_COMMENT.match(text)) and bool(old)
        if _REST.match(text) or bare or dotted:
            return RefusalKind.ELIDED, "a line stands for text that was left out: the whole file is needed", text
    if old and _fragment(old, new, sure):
        return RefusalKind.FRAGMENT, "the text is a part of the file, not the whole of it", ""
    return None


def _fragment(old: Sequence[str], new: Sequence[str], sure: bool) -> bool:
    """Whether `new` begins in the middle of the file and is much shorter, or, where the reply named the file in a
    sentence only, keeps too little of it."""
    have = [line.strip() for line in old if line.strip()]
    got = [line.strip() for line in new if line.strip()]
    if not have or not got:
        return False
    kept = len(set(have) & set(got))
    if not sure and len(have) > 5 and kept < 0.6 * len(set(have)):
        return True
    if len(have) < 10 or len(got) >= 0.6 * len(have):
        return False
    first_new = next(line for line in new if line.strip())
    first_old = next(line for line in old if line.strip())
    if first_new[:1] in " \t" and first_old[:1] not in " \t":
        return True
    return got[0] != have[0] and got[0] in have[1:]
