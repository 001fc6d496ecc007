"""The published order: throttled, planning, refused, hinted, unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.receipt import Trouble
from routecli.domain.settings import Settings
from routecli.errors import UsageFault
from routecli.routing import Asked, Flags, Forecaster, Known, Roles, detours, resolve, route

from .conftest import survey, task, tiers

NAMES = ("routine", "reasoning", "deep", "local", "back")
ROLES = Roles(fallback="back", deep="deep", refusal="reasoning")


@pytest.mark.parametrize(
    ("throttled", "flags", "hint", "tier", "code"),
    [
        ((), Flags(), "routine", "routine", "hint"),
        ((), Flags(), "nonsense", "back", "hint"),
        ((), Flags(), "", "back", "hint"),
        (("routine",), Flags(), "routine", "back", "throttled"),
        (("local",), Flags(), "routine", "routine", "hint"),
        ((), Flags(planning=True), "routine", "deep", "planning"),
        ((), Flags(refused=True), "routine", "reasoning", "refused"),
        ((), Flags(planning=True, refused=True), "routine", "deep", "planning"),
        (("routine",), Flags(planning=True, refused=True), "routine", "back", "throttled"),
        (("deep",), Flags(planning=True), "routine", "back", "throttled"),
        (("routine", "back"), Flags(), "routine", "routine", "hint"),
    ],
)
def test_the_published_order(throttled: tuple[str, ...], flags: Flags, hint: str, tier: str, code: str) -> None:
    found = resolve(throttled, flags, hint, ROLES, NAMES)
    assert found is not None
    assert (found.tier, found.reason.code) == (tier, code)


def test_without_roles_only_the_hint_speaks() -> None:
    assert resolve((), Flags(), "nonsense", Roles(), NAMES) is None
    assert resolve(("routine",), Flags(), "routine", Roles(), NAMES).tier == "routine"  # type: ignore[union-attr]
    assert resolve((), Flags(planning=True), "routine", Roles(), NAMES).tier == "back"  # type: ignore[union-attr]
    assert resolve((), Flags(refused=True), "routine", Roles(), NAMES).tier == "routine"  # type: ignore[union-attr]


names = st.sampled_from([*NAMES, "", "gone"])


@given(st.lists(names), st.booleans(), st.booleans(), names, names, names, names)
def test_it_always_names_a_tier_that_is_there(
    throttled: list[str], planning: bool, refused: bool, hint: str, fallback: str, deep: str, refusal: str
) -> None:
    roles = Roles(fallback, deep, refusal)
    found = resolve(throttled, Flags(planning, refused), hint, roles, NAMES)
    assert found is None or found.tier in NAMES
    assert found == resolve(throttled, Flags(planning, refused), hint, roles, NAMES)
    if found is None:
        assert fallback not in NAMES
        assert hint not in NAMES


def test_who_stands_in() -> None:
    three = tiers(3)
    assert [t.name for t in detours(Trouble.BUDGET, three[2], three, Roles())] == ["tier2", "tier1"]
    assert detours(Trouble.BUDGET, three[0], three, Roles()) == ()
    assert [t.name for t in detours(Trouble.REFUSED, three[0], three, Roles(refusal="tier3"))] == ["tier3"]
    assert detours(Trouble.REFUSED, three[2], three, Roles(refusal="tier3")) == ()
    assert detours(Trouble.REFUSED, three[0], three, Roles()) == ()
    assert [t.name for t in detours(Trouble.THROTTLED, three[1], three, Roles(fallback="tier1"))] == ["tier1"]
    assert detours(Trouble.THROTTLED, three[0], three, Roles(fallback="tier1")) == ()
    assert detours(Trouble.THROTTLED, three[0], three, Roles()) == ()


def routed(hint: str = "", throttled: frozenset[str] = frozenset(), **roles: str) -> tuple[list[str], list[str]]:
    settings = Settings("", None, {}, tiers(3), policy="thresholds", **roles)  # type: ignore[arg-type]
    forecaster = Forecaster(lambda model, count: count, lambda model, usage: None)
    found = route(task(), survey(10), settings, forecaster, asked=Asked(hint=hint), known=Known(throttled=throttled))
    return [t.name for t in found.ladder], [r.code for r in found.reasons]


def test_a_planning_hint_starts_deep_under_any_policy() -> None:
    assert routed("planning") == (["tier3"], ["small", "planning"])
    assert routed("planning", deep_tier="tier2") == (["tier2", "tier3"], ["small", "planning"])


def test_a_throttled_first_tier_gives_way_to_the_fallback() -> None:
    down = frozenset({"tier1"})
    assert routed(throttled=down, fallback_tier="tier2") == (["tier2", "tier3"], ["small", "throttled"])
    assert routed(throttled=down)[0] == ["tier1", "tier2", "tier3"]
    assert routed(throttled=frozenset({"tier2"}), fallback_tier="tier3")[0] == ["tier1", "tier2", "tier3"]


def test_a_tier_that_was_asked_for_by_name_is_not_second_guessed() -> None:
    settings = Settings("", None, {}, tiers(3), fallback_tier="tier3")
    forecaster = Forecaster(lambda model, count: count, lambda model, usage: None)
    known = Known(throttled=frozenset({"tier1"}))
    asked = Asked(tier="tier1")
    assert route(task(), survey(10), settings, forecaster, asked=asked, known=known).first == "tier1"
    with pytest.raises(UsageFault):
        route(task(), survey(10), settings, forecaster, asked=Asked(tier="tier9"), known=known)
