"""Shares and savings with their intervals."""

from __future__ import annotations

import math
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.routing.standing import LEAST, Work, marks, saving, share


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 10, 0.0, 0.2775), (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (10, 10, 0.7225, 1.0)],
)
def test_wilson_as_published(part: int, whole: int, low: float, high: float) -> None:
    """The second and third rows are Newcombe's examples (Statistics in Medicine 1998, table I)."""
    found = share(part, whole)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_an_interval_holds_its_share(part: int, more: int) -> None:
    found = share(part, part + more)
    assert 0.0 <= found.low <= found.high <= 1.0
    if found.whole:
        assert found.low - 1e-12 <= found.value <= found.high + 1e-12


def of(pairs: list[tuple[float, float]]) -> tuple[float | None, float | None, float | None]:
    """`pairs` are (cost, estimate)."""
    d = [b - c for c, b in pairs]
    b = [b for _, b in pairs]
    found = saving(
        len(pairs), Decimal(str(sum(c for c, _ in pairs))), Decimal(str(sum(b))), sum(x * x for x in d),
        sum(x * y for x, y in zip(d, b, strict=True)), sum(y * y for y in b),
    )  # fmt: skip
    return found.low, found.share, found.high


def test_the_interval_of_a_saving_covers_the_truth_as_often_as_it_says() -> None:
    lot = random.Random(5)
    inside = 0
    for _ in range(400):
        pairs = [(lot.expovariate(10), 0.5 + lot.random()) for _ in range(200)]
        low, _, high = of(pairs)
        assert low is not None
        assert high is not None
        inside += low <= 1 - 0.1 / 1.0 <= high
    assert 0.91 <= inside / 400 <= 0.99


def test_too_few_runs_and_no_estimate_say_nothing_of_a_share() -> None:
    assert of([(0.1, 1.0)] * (LEAST - 1)) == (None, None, None)
    assert of([(0.1, 0.0)] * LEAST) == (None, None, None)
    low, value, high = of([(0.1, 1.0)] * LEAST)
    assert value is not None
    assert math.isclose(value, 0.9)
    assert low == pytest.approx(high)


def test_a_loss_is_a_negative_share() -> None:
    _, value, _ = of([(2.0, 1.0)] * LEAST)
    assert value == -1.0


def test_marks_are_over_on_their_own_side() -> None:
    ladder = ("tier1", "tier2", "tier3")
    bad = {"tier1": Work(100, 60, 100, Decimal(1)), "tier2": Work(40, 20, 40, Decimal(1)),
           "tier3": Work(20, 18, 60, Decimal(8))}  # fmt: skip
    found = {m.code: m for m in marks(ladder, bad, 100, share(1, 4), share(30, 100))}
    assert {code: m.over for code, m in found.items()} == {
        "first-tier": True, "second-to-third": True, "top-requests": True, "top-spend": True, "overrides": True,
        "regressions": False,
    }  # fmt: skip
    good = {"tier1": Work(100, 90, 100, Decimal(90)), "tier2": Work(8, 6, 8, Decimal(9)),
            "tier3": Work(2, 2, 2, Decimal(1))}  # fmt: skip
    assert not any(m.over for m in marks(ladder, good, 100, share(0, 0), share(20, 100)))
    assert marks((), good, 100, share(0, 0), share(1, 1)) == ()
