"""Rates of a service tier: what the answer says it was served at counts, and an unknown one is never cheap."""

from __future__ import annotations

from decimal import Decimal

import pytest

from routecli.domain.money import Usage, Usd
from routecli.domain.settings import PriceOverride, ProviderSettings
from routecli.pricebook import Pricebook

FLEX = Pricebook(
    {"own/gpt-5": PriceOverride(Decimal(3), Decimal(3))},
    {
        name: ProviderSettings(name, "openai", price_as="openai", service_tier=asked)
        for name, asked in {"usual": None, "flex": "flex", "fast": "priority", "own": "flex"}.items()
    },
)
TOKENS = {"input_tokens": 900_000, "cache_read_tokens": 100_000, "output_tokens": 10_000}


def bill(provider: str, served: str, model: str = "gpt-5") -> Usd | None:
    return FLEX.cost(provider, model, Usage(**TOKENS, service_tier=served)).amount_usd


def test_what_was_served_is_what_is_billed() -> None:
    usual, flex, fast = bill("usual", ""), bill("flex", "flex"), bill("fast", "priority")
    assert usual is not None
    assert flex is not None
    assert fast is not None
    assert flex < usual < fast
    assert bill("flex", "default") == bill("usual", "default") == usual, "asked for flex, served as ever"
    assert bill("usual", "priority") == fast, "not asked for, and served all the same"


def test_where_the_answer_does_not_say_the_dearer_counts() -> None:
    assert bill("flex", "") == bill("usual", "")
    assert bill("fast", "") == bill("fast", "priority")


def test_a_tier_without_a_price_is_no_cheap_one() -> None:
    assert bill("usual", "scale") == bill("usual", "")
    dear = FLEX.cost("usual", "gpt-4-turbo", Usage(1000, output_tokens=10, service_tier="priority"))
    assert dear.amount_usd is None
    assert "service tier priority" in dear.why_unknown
    assert FLEX.worst_case("flex", "gpt-4-turbo", 1000, 10).amount_usd is None
    assert FLEX.rates("flex", "gpt-4-turbo") is None


@pytest.mark.parametrize("provider", ["usual", "flex", "fast", "own"])
@pytest.mark.parametrize("served", ["", "default", "flex"])
def test_the_worst_case_is_never_below_the_bill(provider: str, served: str) -> None:
    worst = FLEX.worst_case(provider, "gpt-5", 900_000, 10_000).amount_usd
    billed = bill(provider, served)
    assert worst is not None
    assert billed is not None
    assert worst >= billed


def test_rates_are_those_of_what_is_asked_for() -> None:
    usual, flex = FLEX.rates("usual", "gpt-5"), FLEX.rates("flex", "gpt-5")
    assert usual is not None
    assert flex is not None
    assert flex.input_usd_per_mtok < usual.input_usd_per_mtok


def test_your_own_rates_speak_for_what_is_asked_for() -> None:
    assert bill("own", "flex") == bill("own", "") == Decimal("2.73")


@pytest.mark.parametrize("served", ["default", "priority"])
def test_own_rates_served_elsewhere_differ_as_the_list_says(served: str) -> None:
    mine, here, there = bill("own", served), bill("flex", "flex"), bill("flex", served)
    assert mine is not None
    assert here is not None
    assert there is not None
    assert mine > Decimal("2.73")
    assert mine == Decimal("2.73") * (there / here)


def own_book(more: dict[str, PriceOverride], *, asked: str | None, list_name: str = "openai") -> Pricebook:
    settings = ProviderSettings("own", "openai", price_as=list_name, service_tier=asked)
    return Pricebook({"own/gpt-5": PriceOverride(Decimal(3), Decimal(3))} | more, {"own": settings})


def test_own_rates_of_what_was_served_count() -> None:
    book = own_book({"own/gpt-5@default": PriceOverride(Decimal(4), Decimal(4))}, asked="flex")
    for served, amount in (("flex", "2.73"), ("", "2.73"), ("default", "3.64")):
        assert book.cost("own", "gpt-5", Usage(**TOKENS, service_tier=served)).amount_usd == Decimal(amount)
    assert book.worst_case("own", "gpt-5", 900_000, 10_000).amount_usd == Decimal("3.64")


def test_own_rates_that_nobody_compares_stay_as_they_are() -> None:
    book = own_book({}, asked="flex", list_name="nobody")
    assert book.cost("own", "gpt-5", Usage(**TOKENS, service_tier="default")).amount_usd == Decimal("2.73")
    dearer = book.cost("own", "gpt-5", Usage(**TOKENS, service_tier="priority"))
    assert dearer.amount_usd is None
    assert dearer.why_unknown
    gateway = own_book({}, asked=None, list_name="nobody")
    assert gateway.cost("own", "gpt-5", Usage(**TOKENS, service_tier="on_demand")).amount_usd == Decimal("2.73")
