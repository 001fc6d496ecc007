"""The writer's own word: taken off a reply, and held against what became of its patches."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.confidence import Block, Calibration, calibrated, told


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("CONFIDENCE: 7", 7), ("CONFIDENCE: 10", 10), ("**CONFIDENCE:** 8", 8), ("**CONFIDENCE: 8**", 8),
        ("`CONFIDENCE: 3`", 3), ("CONFIDENCE 9", 9), ("CONFIDENCE: 6/10", 6), ("CONFIDENCE: 5.", 5),
        ("CONFIDENCE: 4\r", 4), ("CONFIDENCE: 0", None), ("CONFIDENCE: 11", None), ("CONFIDENCE: n", None),
        ("CONFIDENCE: high", None), ("confidence: 7", None), (" CONFIDENCE: 7", None), ("+CONFIDENCE: 7", None),
        ("my CONFIDENCE: 7", None), ("CONFIDENCE: 7 of 10 tests", None),
    ],
)  # fmt: skip
def test_the_last_line(line: str, number: int | None) -> None:
    assert told(f"edits\n{line}\n\n") == (number, "edits\n\n" if number else f"edits\n{line}\n\n")


def test_only_the_last_line_and_within_a_fence_only_where_it_closes_the_reply() -> None:
    assert told("CONFIDENCE: 7\nedits") == (None, "CONFIDENCE: 7\nedits")
    fenced = "a.py\n```\nx = 1\nCONFIDENCE: 7\n```\n"
    assert told(fenced) == (None, fenced)
    assert told(fenced, in_fence=True) == (7, "a.py\n```\nx = 1\n```\n")
    assert told("", in_fence=True) == (None, "")
    assert told("```", in_fence=True) == (None, "```")


@given(st.text(st.sampled_from("CONFIDENCE: 17/0*`\n x"), max_size=60), st.booleans())
def test_a_reply_loses_at_most_that_line(text: str, in_fence: bool) -> None:
    number, rest = told(text, in_fence=in_fence)
    assert (number is None) == (rest == text)
    if number is not None:
        assert 1 <= number <= 10
        assert len(rest.split("\n")) == max(len(text.split("\n")) - 1, 1)


def many(*groups: tuple[int, int, int]) -> Calibration:
    """`(confidence, right, wrong)` each."""
    return calibrated((n, ok) for n, right, wrong in groups for ok in [True] * right + [False] * wrong)


def test_what_predicts_is_used_and_says_so() -> None:
    found = many((3, 3, 22), (8, 30, 5))
    assert found.predicts
    assert found.auc == pytest.approx((30 * 22 + 3 * 22 / 2 + 30 * 5 / 2) / (33 * 27))
    assert found.blocks == (Block(3, 3, 3, 25), Block(8, 8, 30, 35))
    assert "sure of it to 2 of 10, and of such patches 3 of 25" in found.misgiving(2)
    assert found.misgiving(8) == ""
    assert str(found).startswith("used: AUC 0.8")


@pytest.mark.parametrize(
    "found",
    [
        Calibration(),
        many((3, 0, 20), (8, 20, 0)),  # too few in all
        many((3, 0, 9), (8, 60, 0)),  # too few wrong ones
        many((3, 20, 20), (8, 20, 20)),  # no better than chance
        many((3, 10, 15), (8, 20, 15)),  # better, and it may be chance
        many((3, 30, 5), (8, 3, 22)),  # the wrong way round
    ],
)
def test_what_does_not_predict_is_not_used(found: Calibration) -> None:
    assert not found.predicts
    assert all(found.misgiving(n) == "" for n in range(1, 11))
    assert str(found).startswith("not used")


@given(st.lists(st.tuples(st.integers(1, 10), st.booleans()), max_size=200))
def test_shares_never_fall_with_confidence(samples: list[tuple[int, bool]]) -> None:
    found = calibrated(samples)
    shares = [b.right / b.of for b in found.blocks]
    assert shares == sorted(shares)
    assert sum(b.of for b in found.blocks) == found.of == len(samples)
    assert 0 <= found.auc_low <= found.auc <= found.auc_high <= 1


def test_noise_is_seldom_taken_for_a_prediction() -> None:
    source = random.Random(7)
    fooled = 0
    for _ in range(400):
        samples = [(source.randint(1, 10), source.random() < 0.6) for _ in range(80)]
        fooled += calibrated(samples).predicts
    assert fooled <= 2
