"""What a record of opinions is worth, families of models, sameness of changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.families import family_of
from routecli.domain.opinion import Record
from routecli.domain.patch import FileEdit, Patch, same_change
from routecli.domain.shares import interval_text, wilson


@pytest.mark.parametrize(
    ("record", "off"),
    [
        (Record(), False),
        (Record(asked=20, doubted=9, right=0, wrong=9), False),  # nine known doubts say nothing yet
        (Record(asked=20, doubted=10, right=1, wrong=9), True),
        (Record(asked=20, doubted=10, right=4, wrong=6), False),  # that may be chance
        (Record(asked=80, doubted=40, right=30, wrong=10), False),
        (Record(asked=200, doubted=90, right=36, wrong=54), False),  # just within chance
        (Record(asked=400, doubted=200, right=80, wrong=120), True),
        (Record(asked=50, silent=50), True),
        (Record(asked=49, silent=49), False),
    ],
)
def test_a_record_is_worthless_only_beyond_chance(record: Record, off: bool) -> None:
    assert bool(record.worthless) is off


def test_a_record_in_words() -> None:
    assert str(Record()) == "never asked before"
    assert str(Record(9, 2)) == "doubted 2 of 9, none of them known yet"
    assert str(Record(20, 10, 7, 2)) == "doubted 10 of 20, right 7 of 9, 78% [45, 94]"


@given(st.integers(0, 500), st.integers(0, 500))
def test_an_interval_holds_its_share(hits: int, more: int) -> None:
    low, high = wilson(hits, hits + more)
    assert 0 <= low <= high <= 1
    if hits + more:
        assert low <= hits / (hits + more) + 1e-9
        assert hits / (hits + more) <= high + 1e-9
    assert interval_text(hits, hits + more).startswith(f"{hits} of ")


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("openrouter/deepseek/deepseek-v4.1-flash", "deepseek"), ("anthropic/claude-opus-5-5", "anthropic"),
        ("openai/gpt-6.1-sol", "openai"), ("openrouter/moonshotai/kimi-k2.7-code", "moonshot"), ("mine/o3", "openai"),
        ("ollama/qwen3.6:27b", "qwen"), ("openrouter/google/gemini-3", "google"), ("mine/m1", ""), ("x/foo3-mini", ""),
    ],
)  # fmt: skip
def test_a_family_is_told_from_the_name(model: str, family: str) -> None:
    assert family_of(model) == family


def change(after: str | None, path: str = "a.py") -> Patch:
    return Patch((FileEdit(path, b"x = 1\n", after.encode() if after is not None else None),))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (change("x = 2\n"), change("x = 2  # two\n"), True),
        (change("x = 2\n"), change("x = 3\n"), False),
        (change("x = 2\n"), change("x = 2\n", "b.py"), False),
        (change(None), change(None), True),
        (change("x = \n"), change("x =\n"), True),  # neither can be read: lines, without blanks at their ends
        (change("a\n", "t.txt"), change("a \n", "t.txt"), True),
        (change("a\n", "t.txt"), change(None, "t.txt"), False),
    ],
)
def test_the_same_change(one: Patch, other: Patch, same: bool) -> None:
    assert same_change(one, other) is same
