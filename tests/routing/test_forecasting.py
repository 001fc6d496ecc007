"""Estimates of an attempt's cost."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.ladder import ModelRef, Tier
from routecli.domain.task import Kind
from routecli.routing import TOOLS_TIER, Forecaster, forecast, output_tokens_for

from .conftest import FORECASTER, cost, survey, tiers


def test_one_forecast_for_each_model_tier() -> None:
    found = forecast((TOOLS_TIER, *tiers(2)), Kind.FIX, survey(10_000), FORECASTER)
    assert [(f.tier, f.model) for f in found] == [("tier1", "p/m1"), ("tier2", "p/m2")]
    first = found[0]
    assert (first.input_tokens, first.output_tokens) == (10_450, 1_000)
    assert first.cost_usd == Decimal("0.01145")
    assert first.worst_cost_usd == Decimal("0.018642")
    assert found[1].cost_usd == 2 * first.cost_usd


def test_a_models_own_tokenizer_counts() -> None:
    dearer = Forecaster(tokens=lambda _m, n: 2 * n, cost=cost)
    assert forecast(tiers(1), Kind.FIX, survey(10_000), dearer)[0].input_tokens == 20_900


def test_an_unknown_price_stays_unknown() -> None:
    tier = Tier("t", 1, (ModelRef("p", "m9"),))
    (found,) = forecast((tier,), Kind.FIX, survey(10), FORECASTER)
    assert (found.cost_usd, found.worst_cost_usd) == (None, None)


def test_fit_is_told() -> None:
    (found,) = forecast(tiers(1, context_limit_tokens=9_000), Kind.FIX, survey(10_000), FORECASTER)
    assert not found.fits_context


def test_expected_output_by_kind() -> None:
    assert output_tokens_for(Kind.FIX, 100) == 200
    assert output_tokens_for(Kind.FIX, 10_000) == 1_000
    assert output_tokens_for(Kind.DOCSTRING, 10_000) == 5_000


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5), st.sampled_from(Kind))
def test_the_worst_case_is_never_below_the_expected(counted: list[int], kind: Kind) -> None:
    for found in forecast(tiers(3), kind, survey(*counted), FORECASTER):
        assert found.cost_usd is not None
        assert found.worst_cost_usd is not None
        assert 0 < found.cost_usd <= found.worst_cost_usd
