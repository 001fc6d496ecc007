"""Files and foreign text as a model sees them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.decoding import text_of
from routecli.edits.filetext import NotText, decode
from routecli.prompting.showing import (
    FOREIGN_LIMIT_BYTES,
    foreign,
    foreign_start,
    hidden_characters,
    shown_file,
    shown_text,
)

TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=200)


def body(shown: str) -> tuple[str, str]:
    """The fence and what is inside it."""
    match = re.search(r"^(`{3,})\w*\n(.*?)\n?^\1$", shown, re.DOTALL | re.MULTILINE)
    assert match, shown
    return match[1], match[2]


def test_a_file_has_its_path_above_and_no_line_numbers() -> None:
    assert "".join(shown_file("src/a.py", b"x = 1\ny = 2\n")) == "src/a.py\n```\nx = 1\ny = 2\n```\n\n"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"x = 1", "x = 1"),
        (b"", ""),
        (b"a\r\nb\r\n", "a\nb"),
        (b"\xef\xbb\xbfx\n", "x"),
        ("caf\xe9\n".encode("latin-1"), "caf\xe9"),
        ("na\xefve\n".encode(), "na\xefve"),
        ("\ufeffx\n".encode("utf-16-le"), "x"),
        (b"page\x0cbreak\n", "page\x0cbreak"),
    ],
)
def test_decoding(raw: bytes, text: str) -> None:
    assert body("".join(shown_file("a", raw)))[1] == text


def test_binary_is_refused() -> None:
    with pytest.raises(ValueError, match="a is binary"):
        shown_file("a", b"\0\1")


@pytest.mark.parametrize("inside", ["```", "````\n```", "`" * 30, "```python\nx\n```\n"])
def test_a_file_cannot_end_its_fence(inside: str) -> None:
    shown = "".join(shown_file("a.md", inside.encode()))
    fence, text = body(shown)
    assert text == inside.removesuffix("\n")
    assert fence not in inside


@given(TEXTS)
def test_any_file_ends_with_its_fence_alone(text: str) -> None:
    head, shown, foot = shown_file("a", text.encode())
    fence = head.splitlines()[-1]
    assert fence not in shown
    assert foot.strip() == fence
    assert not shown or (shown + foot).endswith(f"\n{fence}\n\n")


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=200))
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert shown_text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("if a:\u202e x", "if a:\\u202e x"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("x\U000e0041\U000e0042", "x\\U000e0041\\U000e0042"),
        ("a\u200bb", "a\\u200bb"),
        ("ad\u200dmin", "ad\\u200dmin"),
        ("a\u200d\u200c\u200db", "a\\u200d\\u200c\\u200db"),
        ("in\ufeffside", "in\\ufeffside"),
    ],
)
def test_row_24_what_a_reviewer_cannot_see_is_written_out(text: str, shown: str) -> None:
    assert shown_text(text) == shown
    assert hidden_characters(text)
    assert "hidden characters are written out" in shown_file("a", text.encode())[0]


@pytest.mark.parametrize("text", ["👨\u200d👩\u200d👧", "می\u200cخواهم", "क्\u200dष", "tab\there", "old\x0cpage"])
def test_row_24_joiners_that_a_script_needs_stay(text: str) -> None:
    assert shown_text(text) == text
    assert not hidden_characters(text)


def test_a_path_cannot_break_its_line() -> None:
    assert "\u202e" not in shown_file("a\u202e.py", b"")[0]
    assert shown_file("a\nb.py", b"")[0].count("\n") == 2
    assert shown_file("two  blanks.py", b"")[0].startswith("two  blanks.py\n")


@given(TEXTS, st.integers(1, 400))
def test_row_16_foreign_text_is_capped_and_fenced(text: str, times: int) -> None:
    for make in (foreign, foreign_start):
        made = make(text * times, ())
        assert len(made.encode()) <= FOREIGN_LIMIT_BYTES * 1.1 + 500 + made.count("`")
        lines = made.rstrip("\n").split("\n")
        fence = lines[-1]
        assert set(fence) == {"`"}
        assert fence not in "\n".join(lines[1:-1])


def test_row_16_secrets_and_control_characters_do_not_pass() -> None:
    for make in (foreign, foreign_start):
        made = make("key is sk-abcdef123456\x1b[2J\u202e", ("sk-abcdef123456",))
        assert "sk-abcdef123456" not in made
        assert "[redacted]" in made
        assert "\x1b" not in made
        assert "\u202e" not in made


def test_failures_keep_their_end_and_patches_their_start() -> None:
    lines = [f"line {n}" for n in range(5_000)]
    assert "line 4999" in foreign("\n".join(lines), ())
    assert "line 0\n" not in foreign("\n".join(lines), ())
    assert "line 0\n" in foreign_start("\n".join(lines), ())
    assert "line 4999" not in foreign_start("\n".join(lines), ())


@given(st.one_of(st.binary(max_size=300), TEXTS.map(str.encode), TEXTS.map(lambda t: t.encode("utf-16"))))
def test_what_is_shown_is_what_edits_are_matched_against(raw: bytes) -> None:
    """Two rooms, one rule: the text that a model saw is the text that its edits meet."""
    try:
        matched = decode(raw)
    except NotText:
        assert text_of(raw) is None
        return
    shown = text_of(raw)
    assert shown is not None
    assert shown == "".join(line + end for line, end in zip(matched.lines, matched.ends, strict=True))
