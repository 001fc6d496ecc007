"""Whether a text that claims to be a whole file is one: shortened files are the costliest wrong write there is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from routecli.edits.refusals import RefusalKind

_COMMENT = r"(?:#|//|/\*+|--|<!--|;+|%|\"\"\"|'''|\{/\*|\{\#|\*|REM)"
_REST = re.compile(
    r"(?i)^\s*" + _COMMENT + r"\s*(?:\.{3}|…|\[|\(|<)?\s*"
    r"(?:the\s+)?(?:(?:rest|remainder|remaining|other|existing|previous|unchanged|same)\b.*\b"
    r"(?:code|file|unchanged|same|before|above|here|remains?|methods?|functions?|imports?|class|content|lines?|"
    r"implementation|tests?|logic|stays?|omitted|kept|untouched)\b.*"
    r"|(?:code|file|content|everything|all)\b.*\b(?:unchanged|omitted|remains?|same(?: as (?:before|above))?)\b.*"
    r"|(?:unchanged|omitted|snip(?:ped)?|truncated)\b[\w\s]{0,30}|keep (?:the )?(?:rest|existing|remaining|other)\b.*)"
    r"\s*(?:\.{3}|…|\]|\)|>)?\s*(?:\*/|-->|\"\"\"|'''|\*/\}|\#\})?\s*$"
)
_DOTS = re.compile(r"^\s*" + _COMMENT + r"\s*(?:\.{3}|…)[^\n]{0,80}?(?:\.{3}|…)?\s*(?:\*/|-->|\*/\})?\s*$")
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
        dotted = bool(_DOTS.match(text)) and bool(old)
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
