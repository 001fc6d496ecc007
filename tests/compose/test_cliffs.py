"""A prompt that is past a price cliff, or near one, is a reason of the route."""

from __future__ import annotations

import pytest

from routecli.compose.cliffs import cliff_reasons
from routecli.domain.ladder import Forecast, ModelRef, Route, Tier
from routecli.pricebook import Pricebook

PRICES = Pricebook({})


def reasons(input_tokens: int, model: str = "google/gemini-2.5-pro") -> list[str]:
    provider, _, name = model.partition("/")
    tier = Tier("tier2", 2, (ModelRef(provider, name),))
    cast = Forecast("tier2", model, input_tokens, 100, None, None, True)
    other = Forecast("tier9", model, 10**9, 100, None, None, True)
    return [r.text for r in cliff_reasons(Route("tier2", (tier,), "static", (), (cast, other)), PRICES)]


def test_the_list_has_such_a_model() -> None:
    found = PRICES.rates("google", "gemini-2.5-pro")
    assert found is not None
    assert [c.above_input_tokens for c in found.cliffs] == [200_000]


@pytest.mark.parametrize(("tokens", "said"), [(100_000, 0), (180_000, 0), (180_001, 1), (200_000, 1), (200_001, 1)])
def test_near_it_and_past_it(tokens: int, said: int) -> None:
    assert len(reasons(tokens)) == said


def test_the_words() -> None:
    assert "tier2: a prompt above 200,000 tokens costs $" in reasons(250_000)[0]
    assert reasons(250_000)[0].endswith("and this one has about 250,000")
    assert reasons(199_000)[0].endswith("comes near, with about 199,000")


def test_a_model_without_cliffs_or_prices_says_nothing() -> None:
    assert reasons(10**7, "deepseek/deepseek-chat") == []
    assert reasons(10**7, "nobody/nothing") == []
