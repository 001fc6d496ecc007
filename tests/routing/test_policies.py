"""The published thresholds, to the file and to the token."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.settings import Thresholds
from routecli.domain.task import Survey, Task
from routecli.routing.policies import POLICIES, Advice, Facts, middle_of

from .conftest import survey, task, tiers


def thresholds(asked: Task, found: Survey, limits: Thresholds, count: int) -> Advice:
    return POLICIES["thresholds"](Facts(asked, found, limits, tiers(count)))


@pytest.mark.parametrize(("count", "middle"), [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2)])
def test_the_middle_is_rounded_up(count: int, middle: int) -> None:
    assert middle_of(count) == middle


@pytest.mark.parametrize(
    ("files", "tokens", "place", "codes"),
    [
        (1, 50_000, 0, ["small"]),
        (1, 50_001, 1, ["tokens-middle"]),
        (2, 10, 1, ["files-middle"]),
        (2, 60_000, 1, ["files-middle", "tokens-middle"]),
        (5, 10, 1, ["files-middle"]),
        (6, 10, 2, ["files-top"]),
        (1, 200_000, 1, ["tokens-middle"]),
        (1, 200_001, 2, ["tokens-top"]),
        (6, 200_001, 2, ["files-top", "tokens-top"]),
    ],
)
def test_files_and_tokens(files: int, tokens: int, place: int, codes: list[str]) -> None:
    counted = [tokens - files + 1] + [1] * (files - 1)
    advice = thresholds(task(), survey(*counted), Thresholds(), 3)
    assert advice.places == tuple(range(place, 3))
    assert (advice.places[0], [r.code for r in advice.reasons]) == (place, codes)


@pytest.mark.parametrize("word", ["architect", "Architecture", "redesign", "REWRITE", "re-architect", "system design"])
def test_architecture_words_lead_to_the_top(word: str) -> None:
    advice = thresholds(task(f"{word} the cache"), survey(10), Thresholds(), 3)
    assert advice.places[0] == 2
    assert [r.code for r in advice.reasons] == ["architecture"]
    assert word.lower() in advice.reasons[0].text


@pytest.mark.parametrize(
    "instruction", ["fix rewriter", "fix architecture.md", "fix x/redesign/a.py", "fix rewrite_url"]
)
def test_a_word_inside_a_name_does_not(instruction: str) -> None:
    assert thresholds(task(instruction), survey(10), Thresholds(), 3).places[0] == 0


def test_files_that_are_not_text_do_not_count() -> None:
    assert thresholds(task(), survey(10, binaries=9), Thresholds(), 3).places[0] == 0


def test_every_threshold_is_configurable() -> None:
    limits = Thresholds(middle_files=3, top_files=4, middle_tokens=10, top_tokens=20, architecture_words=("cathedral",))
    assert thresholds(task("rewrite"), survey(1, 1, 1), limits, 3).places[0] == 0
    assert thresholds(task(), survey(11), limits, 3).places[0] == 1
    assert thresholds(task(), survey(21), limits, 3).places[0] == 2
    assert thresholds(task("a cathedral"), survey(1), limits, 3).places[0] == 2


def test_a_reason_is_one_line_with_its_numbers() -> None:
    (reason,) = thresholds(task(), survey(123_456), Thresholds(), 3).reasons
    assert reason.text == "123,456 tokens, more than 50,000: the middle tier"
    (reason,) = thresholds(task(), survey(1), Thresholds(), 3).reasons
    assert reason.text == "1 file, 1 token, no architecture word: the cheapest tier"


@given(st.integers(1, 9), st.lists(st.integers(0, 300_000), min_size=1, max_size=9), st.text(max_size=60))
def test_more_never_leads_lower(count: int, counted: list[int], words: str) -> None:
    place = thresholds(task(words), survey(*counted), Thresholds(), count).places[0]
    more = thresholds(task(words), survey(*counted, 1), Thresholds(), count).places[0]
    assert 0 <= place <= more < count
