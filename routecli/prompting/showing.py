"""Files and foreign text as a model sees them: fenced so that they cannot end their fence, hidden characters named.

A file is shown as it is, since the model's edits must match it; only its line ends are told apart by nobody, so
`\\r\\n` is shown as `\\n`. The exception are characters that a person reviewing the file could not see but a model
reads: bidi controls, tag characters, zero-width spaces (security.md row 24). They are written out, such as `\\u202e`,
and the prompt says so. An edit of such a line then does not match and is refused: that is the price, and it is the
safe side. Joiners inside emoji and scripts that need them, form feeds and tabs stay.
"""

from __future__ import annotations

import re

from routecli.domain.decoding import text_of
from routecli.domain.untrusted import fenced, redact, tail, visible

FOREIGN_LIMIT_BYTES = 8_192
"""Of one earlier attempt's patch, and of its failure (security.md row 16)."""

_HIDDEN = re.compile(
    "[\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e0fff]"
    "|(?<![^\x00-\x7f\u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f\u200c\u200d])"
)


def _written_out(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def hidden_characters(text: str) -> int:
    """How many characters of `text` no reviewer would see."""
    return len(_HIDDEN.findall(text))


def shown_text(text: str) -> str:
    """`text` with hidden characters written out and `\\n` line ends."""
    return _HIDDEN.sub(_written_out, text.replace("\r\n", "\n"))


def shown_file(path: str, raw: bytes) -> tuple[str, str, str]:
    """A file as `(head, text, foot)`, to be joined: path, fence, the whole text without line numbers, fence.

    The text is apart so that its count, remembered by content, is found again.
    Raises ValueError for binary: whoever surveyed it does not send it here.
    """
    decoded = text_of(raw)
    if decoded is None:
        raise ValueError(f"{path} is binary")
    text = shown_text(decoded)
    note = ""
    if hidden_characters(decoded):
        note = "(hidden characters are written out below as \\u escapes; leave lines that hold them as they are)\n"
    opening, closing = fenced(text)
    end = "" if text.endswith("\n") or not text else "\n"
    return f"{_one_line_path(path)}\n{note}{opening}\n", text, f"{end}{closing}\n\n"


def numbered_file(path: str, raw: bytes) -> tuple[str, str, str]:
    """As `shown_file`, each line with its number before it: for who names lines and changes none."""
    head, text, foot = shown_file(path, raw)
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return head, "".join(f"{number:>5} {line}\n" for number, line in enumerate(lines, 1)), foot.removeprefix("\n")


def _one_line_path(path: str) -> str:
    # Blanks are kept, unlike in a line for people: the model must be able to say this path.
    return visible(path).replace("\n", "\\n")


def foreign(text: str, secrets: tuple[str, ...]) -> str:
    """Text of a model or a test run for another model: cleaned, without `secrets`, its end kept, fenced."""
    clean = tail(redact(visible(text), secrets), limit_bytes=FOREIGN_LIMIT_BYTES).strip("\n")
    opening, closing = fenced(clean)
    return f"{opening}\n{clean}\n{closing}\n"


def foreign_start(text: str, secrets: tuple[str, ...], *, limit_bytes: int = FOREIGN_LIMIT_BYTES) -> str:
    """Like `foreign`, but the start is kept: of a patch, the first files say most."""
    clean = redact(visible(text), secrets)
    raw = clean.encode("utf-8", "replace")
    if len(raw) > limit_bytes:
        head = raw[:limit_bytes].decode("utf-8", "ignore").rpartition("\n")[0]
        clean = f"{head}\n[… {len(raw) - limit_bytes} bytes cut]"
    opening, closing = fenced(clean)
    return f"{opening}diff\n{clean.rstrip()}\n{closing}\n"
