from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from routecli.config import load
from routecli.config.keys import EDIT_FORMATS
from routecli.config.preset import BY_KEY, names
from routecli.domain.ladder import ModelRef
from routecli.domain.money import Usage
from routecli.domain.settings import Settings
from routecli.edits import EDIT_FORMATS as READ
from routecli.pricebook import Pricebook

KEYS = dict.fromkeys(BY_KEY, "k" * 20)


def settings(name: str) -> Settings:
    found = load(repo_root=None, flags={}, environ={**KEYS, "ROUTECLI_PRESET": name})
    assert found.warnings == ()
    return found.settings


def test_the_presets_of_the_issue() -> None:
    assert set(names()) == {"openrouter", "anthropic", "openai", "deepseek-anthropic", "local-first", "five-tiers"}
    assert set(BY_KEY.values()) <= set(names())


@pytest.mark.parametrize("name", names())
def test_every_preset_has_a_date_and_a_ladder(name: str) -> None:
    found = settings(name)
    assert found.lineup_reviewed is not None
    assert found.lineup_reviewed >= date(2026, 11, 1)
    expected = (
        ["local", "fallback", "routine", "reasoning", "deep"] if name == "five-tiers" else ["tier1", "tier2", "tier3"]
    )
    assert [tier.name for tier in found.tiers] == expected
    assert all(tier.context_limit_tokens for tier in found.tiers)


@pytest.mark.parametrize("name", names())
def test_every_model_has_a_price_or_is_declared_free(name: str) -> None:
    found = settings(name)
    book = Pricebook(found.prices, found.providers)
    firsts = []
    for tier in found.tiers:
        usage = Usage(10_000, output_tokens=tier.max_output_tokens)
        costs = {model: book.cost(model.provider, model.model, usage).amount_usd for model in tier.models}
        assert None not in costs.values(), costs
        for model, cost in costs.items():
            assert cost is not None
            assert (cost == 0) == (found.providers[model.provider].price_as == "local")
        firsts.append(costs[tier.models[0]])
    assert firsts == sorted(firsts, key=lambda cost: cost or 0), "cheapest at its cap first"


@pytest.mark.parametrize("name", names())
def test_limits_are_no_larger_than_the_price_data_knows(name: str) -> None:
    found = settings(name)
    book = Pricebook(found.prices, found.providers)
    for tier in found.tiers:
        limit = book.context_limit(tier.models[0].provider, tier.models[0].model)
        assert tier.context_limit_tokens is not None
        assert limit is None or tier.context_limit_tokens <= limit, tier.name


def test_the_published_five_tiers() -> None:
    tiers = {tier.name: tier for tier in settings("five-tiers").tiers}
    assert {name: tier.max_output_tokens for name, tier in tiers.items()} == {
        "routine": 8192, "reasoning": 4096, "deep": 8192, "local": 4096, "fallback": 8192
    }  # fmt: skip
    assert tiers["routine"].models[0] == ModelRef("openrouter", "moonshotai/kimi-k2.6")
    assert tiers["routine"].models[1] == tiers["fallback"].models[0]


def test_a_local_tier_never_leaves_the_machine() -> None:
    tiers = settings("local-first").tiers
    assert [tier.lane for tier in tiers] == ["local", "cloud", "cloud"]


def test_the_dialects_are_those_that_edits_reads() -> None:
    assert set(EDIT_FORMATS) - {"auto"} == set(READ)


def test_presets_are_in_the_package() -> None:
    import routecli.config

    assert (Path(routecli.config.__file__).parent / "presets" / "openrouter.toml").is_file()
