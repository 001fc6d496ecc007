"""Bytes of a file as text: one rule for what is counted, shown to a model and matched against its reply."""

from __future__ import annotations

import codecs

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_PRINTED_CONTROLS = b"\t\n\r\f\v\x1b"
_CONTROLS = bytes(b for b in range(32) if b not in _PRINTED_CONTROLS)


def text_of(raw: bytes) -> str | None:
    """`raw` as text without its byte order mark: UTF-8, UTF-16 with a mark, else Windows-1252 or Latin-1.

    None is binary: a NUL outside UTF-16, or more than one control character in twenty. Line ends stay as they are.
    """
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return _decoded(raw[len(bom) :], encoding)
    if b"\0" in raw:
        return None
    text = _decoded(raw, "utf-8")
    if text is not None:
        return text
    if (len(raw) - len(raw.translate(None, _CONTROLS))) * 20 > len(raw):
        return None
    # Windows-1252 has letters and quotes where Latin-1 has C1 controls; without those bytes the two agree.
    return _decoded(raw, "cp1252") or raw.decode("latin-1")


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None
