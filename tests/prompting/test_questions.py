"""The prompt of a question, and which places an answer names."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.answered import Answered, Reference
from routecli.domain.ladder import ModelRef
from routecli.domain.verdict import DeferralReason, Deferred
from routecli.prompting.questions import Places, Question, marked, references_in, wrong_by

CONTENT = {
    "src/calc.py": b"def add(a, b):\n    return a - b\n",
    "src/other.py": b"VALUE = 1",
    "Makefile": b"all:\n",
    "secret.py": b"KEY = 1\n" * 50,
}
SHOWN = ("src/calc.py", "src/other.py", "Makefile")
MODEL = ModelRef("mine", "m1")


class Held:
    """Satisfies ports.Files."""

    def read(self, path: str) -> bytes | None:
        return CONTENT.get(path)

    def paths(self) -> Collection[str]:
        return CONTENT.keys()


PLACES = Places(Held(), SHOWN)


def question(words: str = "what does add do?") -> Question:
    return Question(words, SHOWN, Held(), lambda texts: [len(t) for t in texts], lambda _model, count: count)


@pytest.mark.parametrize(
    ("text", "path", "line", "last", "wrong"),
    [
        ("in [src/calc.py:2].", "src/calc.py", 2, 2, ""),
        ("in [src/calc.py:1-2]", "src/calc.py", 1, 2, ""),
        ("in [src/calc.py:1 – 2]", "src/calc.py", 1, 2, ""),
        ("in [`src/calc.py:2`]", "src/calc.py", 2, 2, ""),
        ("in `src/calc.py:2`", "src/calc.py", 2, 2, ""),
        ("calc.py:2 subtracts", "src/calc.py", 2, 2, ""),
        ("see [./src/calc.py:2]", "src/calc.py", 2, 2, ""),
        ("[Makefile:1]", "Makefile", 1, 1, ""),
        ("[other.py:1]", "src/other.py", 1, 1, ""),
        ("[src/calc.py:3]", "src/calc.py", 3, 3, "the file has 2 lines"),
        ("[src/calc.py:0]", "src/calc.py", 0, 0, "the file has 2 lines"),
        ("[src/calc.py:2-1]", "src/calc.py", 2, 1, "the file has 2 lines"),
        ("[other.py:2]", "src/other.py", 2, 2, "the file has 1 line"),
        ("[src/gone.py:1]", "src/gone.py", 1, 1, "no such file"),
        ("gone.py:1 is it", "gone.py", 1, 1, "no such file"),
        ("[secret.py:1]", "secret.py", 1, 1, "a file that it was not shown"),
        ("[../../etc/x.py:1]", "../../etc/x.py", 1, 1, "no such file"),
    ],
)
def test_a_place_is_looked_up(text: str, path: str, line: int, last: int, wrong: str) -> None:
    assert references_in(text, PLACES) == (Reference(path, line, last, wrong),)
    said = f"(wrong: {wrong})"
    assert (said in marked(text, PLACES.wrong)) == bool(wrong)
    assert marked(text, PLACES.wrong) == marked(text, wrong_by(references_in(text, PLACES)))


@pytest.mark.parametrize("text", ["at 12:30", "localhost:8080", "http://example.org:80/", "std::vec", "a ratio of 3:4"])
def test_what_is_no_place_is_left_alone(text: str) -> None:
    assert references_in(text, PLACES) == ()
    assert marked(text, PLACES.wrong) == text


def test_the_prompt_numbers_lines_and_keeps_the_stable_part_first() -> None:
    one, other = question().ask(MODEL).messages, question("why?").ask(MODEL).messages
    assert [m.cache_here for m in one] == [True, True, False]
    assert one[:2] == other[:2]
    assert "    2     return a - b\n```" in one[1].text
    assert "    1 VALUE = 1\n```" in one[1].text
    assert "KEY" not in "".join(m.text for m in one)
    assert question().ask(MODEL).edit_format == ""


@pytest.mark.parametrize(
    "text", ["It subtracts [src/calc.py:2].", "Not in [gone.py:1], but [calc.py:1].", "NOT IN THESE FILES: no caller."]
)
def test_an_answer(text: str) -> None:
    found = question().answer_in(text)
    assert isinstance(found, Answered)
    assert found.text == text
    assert found.usable


@pytest.mark.parametrize(
    "text",
    ["", " \n", "It subtracts.", "[gone.py:1]", "[gone.py:1] [gone.py:2] [calc.py:1]", "I can't help with that."],
)
def test_what_is_no_answer_goes_to_the_next_tier(text: str) -> None:
    found = question().answer_in(text)
    assert isinstance(found, Deferred)
    assert found.reason is DeferralReason.NO_ANSWER
    assert not question().last_said(text).usable


@given(st.text(alphabet=st.sampled_from("[]`:-/. \n1290abc\x1b\u202epy"), max_size=80))
def test_any_text_is_read(text: str) -> None:
    references = references_in(text, PLACES)
    for reference in references:
        there = reference.path in SHOWN and 1 <= reference.line <= reference.last_line <= len(
            CONTENT[reference.path].splitlines()
        )
        assert there == (not reference.wrong)
    if all(not reference.wrong for reference in references):
        assert marked(text, PLACES.wrong) == text
