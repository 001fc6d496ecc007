"""What the top tier alone would have cost: an estimate that errs against us, or its own bill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from routecli.compose import baseline_of
from routecli.domain.ladder import Forecast, ModelRef, Route, Tier
from routecli.domain.money import Cost, Usage, usd
from routecli.domain.receipt import Attempt
from routecli.domain.verdict import Accepted

TOP = Tier("tier3", 3, (ModelRef("p", "big"),))
FORECAST = Forecast("tier3", "p/big", 1000, 200, usd(1), usd(2), True)
ROUTE = Route("tier1", (TOP,), "thresholds", (), (FORECAST,))


class PerToken:
    """A dollar a token in, two a token out."""

    def cost(self, provider: str, model: str, usage: Usage) -> Cost:
        return Cost(usd(usage.input_tokens + 2 * usage.output_tokens), date(2026, 1, 1))


class Unknown:
    def cost(self, provider: str, model: str, usage: Usage) -> Cost:
        return Cost(None, why_unknown="in no price list")


def attempt(tier: str, read: int, wrote: int, *, cost: str = "1", repair: bool = False) -> Attempt:
    usage = Usage(read, output_tokens=wrote)
    return Attempt(1, tier, f"p/{tier}", tier, usage, usd(cost), 1.0, Accepted((), ""), None, repair=repair)


def same(model: str, count: int, other: str) -> int:
    return count


def test_the_first_prompt_and_the_last_answer_once() -> None:
    paid = [attempt("tier1", 100, 50), attempt("tier2", 300, 20)]
    base = baseline_of(TOP, ROUTE, paid, PerToken(), same)
    assert base.cost_usd == 100 + 2 * 20
    assert base.estimated


def test_counted_by_the_top_tiers_tokenizer() -> None:
    base = baseline_of(TOP, ROUTE, [attempt("tier1", 100, 50)], PerToken(), lambda model, count, other: 2 * count)
    assert base.cost_usd == 200 + 200


def test_where_the_top_tier_was_called_its_own_bill_counts() -> None:
    paid = [attempt("tier1", 100, 50), attempt("tier3", 300, 20, cost="7.5")]
    base = baseline_of(TOP, ROUTE, paid, PerToken(), same)
    assert (base.cost_usd, base.estimated) == (Decimal("7.5"), False)


def test_with_no_model_called_the_forecast() -> None:
    base = baseline_of(TOP, ROUTE, [attempt("tools", 0, 0, cost="0")], PerToken(), same)
    assert base.cost_usd == 1000 + 2 * 200
    assert "forecast" in base.how


def test_an_unknown_price_stays_unknown() -> None:
    base = baseline_of(TOP, ROUTE, [attempt("tier1", 1, 1)], Unknown(), same)
    assert (base.cost_usd, base.how) == (None, "in no price list")


def test_no_tier_no_estimate() -> None:
    assert baseline_of(None, ROUTE, [], PerToken(), same).cost_usd is None


@given(st.integers(1, 10**6), st.integers(1, 10**5), st.integers(1, 10**5))
def test_more_answer_never_costs_less(read: int, wrote: int, more: int) -> None:
    low = baseline_of(TOP, ROUTE, [attempt("tier1", read, wrote)], PerToken(), same).cost_usd
    high = baseline_of(TOP, ROUTE, [attempt("tier1", read, wrote + more)], PerToken(), same).cost_usd
    assert low is not None
    assert high is not None
    assert low < high
