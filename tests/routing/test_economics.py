"""The formulas by hand, their limits, and what is chosen."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.money import Usd, usd
from routecli.routing.economics import (
    SURCHARGE,
    Power,
    Rung,
    agreement,
    choose,
    ladders,
    pays,
    right_after,
    right_before,
    trial,
    worth,
)

CHEAP, MIDDLE, TOP = Rung("cheap", 0.57, usd("0.037")), Rung("middle", 0.6, usd("0.60")), Rung("top", 0.73, usd("0.74"))
SURE = Power(1.0)
shares = st.floats(0.02, 0.98)
powers = st.builds(Power, st.floats(0, 1), st.floats(0, 0.3))


@st.composite
def believed(draw: st.DrawFn) -> tuple[Rung, ...]:
    rights = draw(st.lists(shares, min_size=1, max_size=5))
    return tuple(Rung(f"t{n}", p, Usd(Decimal(str(0.01 * 3**n)))) for n, p in enumerate(sorted(rights)))


def test_one_tier_is_its_own_price_and_chance() -> None:
    alone = worth((TOP,), Power(0.83, 0.1))
    assert alone.cost_usd == usd("0.74")
    assert alone.quality == pytest.approx(0.73 * 0.9)
    assert alone.given_up == pytest.approx(0.73 * 0.1 + 0.27 * 0.83)
    assert alone.reached == (1.0,)


def test_two_tiers_by_hand() -> None:
    found = worth((CHEAP, TOP), SURE)
    assert float(found.cost_usd) == pytest.approx(0.037 + 0.43 * 0.74 * float(SURCHARGE))
    after = (0.73 - (1 - 0.9 * 0.27**2) * 0.57) / 0.43
    assert found.quality == pytest.approx(0.57 + 0.43 * after)
    assert found.reached == (1.0, pytest.approx(0.43))


def test_what_was_measured_is_what_the_formula_says() -> None:
    assert right_after(0.73, 0.57) == pytest.approx(0.44, abs=0.03)
    assert agreement(0.73) == pytest.approx(0.95, abs=0.02)


def test_a_verdict_that_catches_nothing_never_climbs() -> None:
    found = worth((CHEAP, TOP), Power(0.0))
    assert (found.cost_usd, found.quality) == (usd("0.037"), pytest.approx(0.57))


def test_the_break_even_of_detection_is_where_it_was_measured() -> None:
    """Recorded outcomes: such a ladder breaks even on quality at about 83 % detection."""
    top = worth((TOP,), SURE).quality
    assert worth((CHEAP, TOP), Power(0.75)).quality < top < worth((CHEAP, TOP), Power(0.9)).quality


def test_it_saves_where_wrong_patches_are_caught_and_not_where_they_are_not() -> None:
    caught = choose((CHEAP, TOP), Power(0.95), 0.01)
    assert (caught.chosen.tiers, caught.saves) == (("cheap", "top"), True)
    missed = choose((CHEAP, TOP), Power(0.19), 0.01)
    assert (missed.chosen.tiers, missed.saves) == (("top",), False)


def test_a_tier_nearly_as_dear_as_the_next_does_not_pay() -> None:
    assert not pays(MIDDLE, worth((TOP,), SURE), SURE)
    assert pays(CHEAP, worth((TOP,), SURE), SURE)
    assert "middle" not in choose((CHEAP, MIDDLE, TOP), SURE, 0.01).chosen.tiers


def test_every_ladder_ends_at_the_top() -> None:
    assert [tuple(r.tier for r in some) for some in ladders((CHEAP, MIDDLE, TOP))] == [
        ("top",), ("cheap", "top"), ("middle", "top"), ("cheap", "middle", "top"),
    ]  # fmt: skip


def test_a_trial_takes_in_what_was_never_seen() -> None:
    seen = Rung("top", 0.73, usd("0.74"), attempts=50)
    best = worth((seen,), SURE)
    assert trial((CHEAP, seen), (Rung("cheap", 0.01, usd("0.9")), seen), best, SURE, 0.01).tiers == ("cheap", "top")
    known = Rung("cheap", 0.05, usd("0.9"), attempts=60)
    assert trial((known, seen), (known, seen), best, SURE, 0.01) == best


def test_what_tells_as_much_for_less_is_tried_first() -> None:
    """A tier of a cent is tried often before one of half a dollar is tried as often, and neither without end."""
    top = Rung("top", 0.73, usd("0.74"), attempts=50)
    best = worth((top,), SURE)

    def tried(cheap: int, middle: int) -> tuple[str, ...]:
        rungs = Rung("cheap", 0.01, usd("0.01"), attempts=cheap), Rung("middle", 0.01, usd("0.5"), attempts=middle), top
        return trial(rungs, rungs, best, SURE, 0.01).tiers

    assert tried(0, 0) == ("cheap", "top")
    assert tried(48, 0) == ("cheap", "top")
    assert tried(50, 0) == ("middle", "top")
    assert tried(51, 1) == ("cheap", "top")
    assert tried(60, 14) == ("middle", "top")
    assert tried(60, 15) == ("top",)


@given(believed(), powers)
def test_shares_stay_shares(rungs: tuple[Rung, ...], power: Power) -> None:
    found = worth(rungs, power)
    assert 0 <= found.quality <= 1 + 1e-9
    assert 0 <= found.given_up <= 1 + 1e-9
    assert found.quality + found.given_up <= 1 + 1e-9
    assert all(a >= b - 1e-9 for a, b in zip(found.reached, found.reached[1:], strict=False))
    assert found.cost_usd >= rungs[0].cost_usd


@given(believed(), powers, st.floats(0, 0.2))
def test_the_choice_keeps_its_promise(rungs: tuple[Rung, ...], power: Power, tolerance: float) -> None:
    choice = choose(rungs, power, tolerance)
    assert choice.chosen.quality >= choice.top.quality - tolerance - 1e-9
    assert choice.chosen.cost_usd <= choice.top.cost_usd
    assert choice.chosen in choice.considered


@given(st.floats(0.05, 0.95), st.floats(0.0, 0.9))
def test_before_undoes_after(right: float, union: float) -> None:
    after = (right - agreement(right) * union) / (1 - union)
    if 0 < after < 1:
        assert right_before(after, union) == pytest.approx(right, abs=1e-6)
