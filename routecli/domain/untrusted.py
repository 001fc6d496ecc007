"""Text from models, repositories and test runs is data: made visible before a person sees it, and cut and cleaned
before a model does (security.md rows 11, 16, 24, 59).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"  # zero width, bidi, separators
    "\ud800-\udfff"  # bytes that were no UTF-8
    "\U000e0000-\U000e0fff"  # tag characters
    "]"
)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str) -> str:
    """`text` with every control, bidi, zero-width and tag character written out as an escape; `\\n` and `\\t` stay.

    The one function between the outside and a screen. A carriage return that ends a line vanishes with it.
    """
    return _HIDDEN.sub(_escape, text.replace("\r\n", "\n"))


def one_line(text: str, *, limit: int = 200) -> str:
    """`visible(text)` on one line of at most `limit` characters."""
    flat = " ".join(visible(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


_RULE = re.compile(r"([-=_.*#~+])\1{2,}")
_WORD = re.compile(r"[^\W\d_]{2}")
_SAID = re.compile(r"\s*(FAILED |ERROR[ :]|FAIL: |error[ :\[]|E   )")


def headline(text: str, *, limit: int = 120) -> str:
    """`text` on one line, as what a task is called. Where it begins with a ruled line or with none that has a word, it
    is a program's output, and is called by the first failure that it names, else by its first words."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or (_WORD.search(lines[0]) and not _RULE.match(lines[0].strip())):
        return one_line(text, limit=limit)
    said = next((line for line in lines if _SAID.match(line)), None)
    bare = (_RULE.sub("", line).strip() for line in lines)
    worded = next((line for line in bare if _WORD.search(line)), text)
    return one_line(said or worded, limit=limit)


def said_by(fault: Exception) -> str:
    """What an exception says, on one line; of the system's own no number and no path, which the caller names."""
    return one_line(str(getattr(fault, "strerror", None) or fault))


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` without any of `secrets` (6 characters and more: shorter ones would blank out ordinary words), as they are
    and as JSON writes them: a quote or a backslash in a key is two characters there."""
    forms = {form for s in secrets if len(s) >= 6 for form in (s, json.dumps(s)[1:-1])}
    for secret in sorted(forms, key=len, reverse=True):
        text = text.replace(secret, "[redacted]")
    return text


def tail(text: str, *, limit_bytes: int) -> str:
    """The last whole lines of `text` within `limit_bytes`, with a note of what was cut."""
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) <= limit_bytes:
        return text
    cut = raw[-limit_bytes:].decode("utf-8", "ignore")
    _, _, rest = cut.partition("\n")
    return f"[… {len(raw) - limit_bytes} bytes cut]\n{rest or cut}"


def fenced(text: str, *, tick: str = "`") -> tuple[str, str]:
    """`(open, close)` fences that `text` cannot close: one longer than its longest run of `tick`, at least three."""
    longest = max((len(m.group()) for m in re.finditer(re.escape(tick) + "+", text)), default=0)
    fence = tick * max(3, longest + 1)
    return fence, fence
