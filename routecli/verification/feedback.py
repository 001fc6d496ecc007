"""What the next attempt is told: data, capped, cleaned and redacted (security.md row 16)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from routecli.domain.task import RepoPath
from routecli.domain.untrusted import fenced, redact, tail, visible
from routecli.verification.failure import condensed, source_of_assertion
from routecli.verification.report import TestRecord

MAX_BYTES = 8_000
_FIRST_BYTES = 3_500
_OTHER_BYTES = 1_200
_OTHERS = 3
_NOTE_BYTES = 200
_NAMED = 20


def failures_text(
    headline: str,
    failures: Mapping[str, TestRecord],
    secrets: Collection[str],
    *,
    also: Iterable[str] = (),
    read: Callable[[RepoPath], bytes | None] = lambda _: None,
) -> str:
    """`headline`, the failing ids, the first failures' own words, and the source of the first assertion where they do
    not show it (`read` gives a test's file); at most MAX_BYTES."""
    parts = [headline, named(failures)]
    for place, (name, record) in enumerate(failures.items()):
        if place > _OTHERS:
            break
        if record.detail:
            limit = _FIRST_BYTES if place == 0 else _OTHER_BYTES
            parts.append(f"{name}:\n{quoted(condensed(record.detail, limit - _NOTE_BYTES), secrets, limit)}")
        source = source_of_assertion(record, read) if place == 0 else ""
        if source:
            parts.append(f"{record.file}:\n{quoted(source, secrets, _OTHER_BYTES)}")
    return capped("\n\n".join(p for p in (*parts, *also) if p), secrets)


def named(names: Collection[str]) -> str:
    """The first names, one a line, and how many more there are."""
    lines = [f"- {name}" for name in list(names)[:_NAMED]]
    if len(names) > _NAMED:
        lines.append(f"- and {len(names) - _NAMED} more")
    return "\n".join(lines)


def quoted(text: str, secrets: Collection[str], limit_bytes: int = _FIRST_BYTES) -> str:
    """`text` inside a fence that it cannot close."""
    clean = tail(visible(redact(text, secrets)).strip("\n"), limit_bytes=limit_bytes)
    opening, closing = fenced(clean)
    return f"{opening}text\n{clean}\n{closing}"


def capped(text: str, secrets: Collection[str]) -> str:
    """The whole within MAX_BYTES, cleaned once more; what is cut is the end."""
    clean = visible(redact(text, secrets))
    raw = clean.encode("utf-8", "replace")
    if len(raw) <= MAX_BYTES:
        return clean
    note = "\n[… cut]"
    return raw[: MAX_BYTES - len(note.encode())].decode("utf-8", "ignore") + note
