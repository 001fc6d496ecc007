"""Nothing from outside reaches a screen or a prompt as it came."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.untrusted import fenced, headline, one_line, redact, tail, visible


@given(st.text(st.characters(codec=None)))
def test_row_11_visible_text_holds_no_control_bidi_or_tag_character(text: str) -> None:
    shown = visible(text)
    for char in shown:
        assert char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"), repr(char)
        assert not 0xE0000 <= ord(char) <= 0xE0FFF
        assert char not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff"


def test_row_11_an_escape_sequence_is_written_out() -> None:
    assert visible("\x1b]52;c;AAAA\x07ok\r\nnext\u202e") == "\\x1b]52;c;AAAA\\x07ok\nnext\\u202e"


def test_bytes_that_are_no_utf8_are_shown_as_bytes() -> None:
    assert visible(b"caf\xe9".decode("utf-8", "surrogateescape")) == "caf\\xe9"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_visible_text_is_stable(text: str) -> None:
    assert visible(visible(text)) == visible(text)


def test_one_line_cuts_and_flattens() -> None:
    assert one_line("a\n b\t c") == "a b c"
    assert one_line("x" * 300, limit=10) == "x" * 9 + "…"


def test_row_59_secrets_are_redacted_longest_first() -> None:
    assert (
        redact("key=sk-abcdef-long and sk-abcdef", ["sk-abcdef", "sk-abcdef-long"]) == "key=[redacted] and [redacted]"
    )


def test_a_short_secret_does_not_blank_out_words() -> None:
    assert redact("the cat", ["cat"]) == "the cat"


@pytest.mark.parametrize("secret", ["sk-plain", 'quo"ted', "back\\slash", "schlüssel", "tab\tkey"])
def test_row_59_a_secret_is_redacted_in_json_too(secret: str) -> None:
    assert json.loads(redact(json.dumps({"said": f"it is {secret}!"}), [secret])) == {"said": "it is [redacted]!"}


def test_row_16_tail_keeps_the_last_whole_lines() -> None:
    cut = tail("one\ntwo\nthree\n", limit_bytes=8)
    assert cut == "[… 6 bytes cut]\nthree\n"
    assert tail("short", limit_bytes=100) == "short"


@given(st.text(alphabet="`ab\n", max_size=60))
def test_a_fence_cannot_be_closed_from_inside(text: str) -> None:
    opened, _ = fenced(text)
    assert opened not in text
    assert len(opened) >= 3


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("fix the\nrounding", "fix the rounding"),
        ("--- a/x is wrong\nsee below", "a/x is wrong"),
        ("=== test session starts ===\ncollected 2 items\n\nE   boom\nFAILED t.py::test_a - boom\n", "E boom"),
        ("..\n-----\nRan 2 tests in 0.0s\n\nOK\n", "Ran 2 tests in 0.0s"),
        (".F.\n======\nFAIL: test_add (t.AddTest)\n------\nTraceback", "FAIL: test_add (t.AddTest)"),
        ("=====", "====="),
        ("", ""),
    ],
)
def test_what_a_task_is_called(text: str, called: str) -> None:
    assert headline(text) == called
