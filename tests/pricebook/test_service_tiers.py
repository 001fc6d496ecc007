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


@pytest.mark.parametrize("provider", ["usual", "flex", "fast"])
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


def test_your_own_rates_are_your_word() -> None:
    assert bill("own", "default") == bill("own", "flex") == Decimal("2.73")
