"""One rule for what is text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.decoding import text_of


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        ("naïve\r\n".encode(), "naïve\r\n"),
        (b"\xef\xbb\xbfx", "x"),
        ("\ufeffhé".encode("utf-16-le"), "hé"),
        ("\ufeffhé".encode("utf-16-be"), "hé"),
        (b"caf\xe9", "café"),
        (b"\x93quoted\x94", "“quoted”"),
        (b"\x81 caf\xe9", "\x81 café"),
    ],
)
def test_text(raw: bytes, text: str) -> None:
    assert text_of(raw) == text


@pytest.mark.parametrize(
    "raw", [b"\0", b"text\0more", b"\x89PNG\r\n\x1a\n\x00", b"\xff\xfe\x00\xd8", b"\xff\x01\x02\x03\x04"]
)
def test_binary(raw: bytes) -> None:
    assert text_of(raw) is None


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0\ufeff")))
def test_utf8_is_itself(text: str) -> None:
    assert text_of(text.encode()) == text
