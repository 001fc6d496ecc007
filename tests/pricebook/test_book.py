"""Money: exact, monotone, never zero by accident."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from genai_prices import data
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from routecli.domain.money import ZERO_USD, Usage
from routecli.domain.settings import PriceOverride, ProviderSettings
from routecli.ports import Pricer
from routecli.pricebook import Pricebook, bundled

PROVIDERS = {
    "mine": ProviderSettings("mine", "openai", "http://127.0.0.1:8000/v1", price_as="anthropic"),
    "router": ProviderSettings("router", "openai", "https://openrouter.ai/api/v1"),
    "claude": ProviderSettings("claude", "anthropic"),
    "ollama": ProviderSettings("ollama", "openai", "http://127.0.0.1:11434/v1"),
    "free": ProviderSettings("free", "openai", "http://127.0.0.1:11434/v1", price_as="local"),
    "tape": ProviderSettings("tape", "replay"),
    "demo": ProviderSettings("demo", "replay", price_as="anthropic"),
    "typo": ProviderSettings("typo", "openai", "https://x.example/v1", price_as="antropik"),
}
BOOK = Pricebook({}, PROVIDERS)
MODEL = "claude-haiku-5-5"
counts = st.integers(0, 3_000_000)
rate = st.decimals(0, 500, places=4)


def amount(usage: Usage, provider: str = "claude", model: str = MODEL) -> Decimal:
    cost = BOOK.cost(provider, model, usage)
    assert cost.amount_usd is not None, cost.why_unknown
    return cost.amount_usd


def test_it_is_a_pricer() -> None:
    pricer: Pricer = BOOK
    assert pricer.cost("claude", MODEL, Usage(1000, output_tokens=100)).amount_usd == Decimal("0.00015")


def test_a_gateway_is_priced_as_configured() -> None:
    assert amount(Usage(1000), "mine") == amount(Usage(1000), "claude")


def test_a_known_address_needs_no_price_as() -> None:
    assert BOOK.cost("router", "moonshotai/kimi-k2.6", Usage(1_000_000)).amount_usd


def test_a_cliff_makes_the_whole_prompt_dearer() -> None:
    below, above = amount(Usage(100_000)), amount(Usage(100_001))
    assert above > below * 4
    rates = BOOK.rates("claude", MODEL)
    assert rates is not None
    assert [cliff.above_input_tokens for cliff in rates.cliffs] == [100_000]
    assert rates.cliffs[0].input_usd_per_mtok * 100_001 / 10**6 == above


def test_cache_reads_are_cheaper_and_writes_dearer() -> None:
    plain, read, write = (amount(u) for u in (Usage(9000), Usage(9000, 8000), Usage(9000, 0, 8000)))
    assert read < plain < write


@pytest.mark.parametrize("provider", ["ollama", "typo", "nowhere"])
def test_unknown_is_never_zero(provider: str) -> None:
    for cost in (BOOK.cost(provider, "m", Usage(1)), BOOK.worst_case(provider, "m", 1, 1)):
        assert cost.amount_usd is None
        assert "price list" in cost.why_unknown
    assert BOOK.rates(provider, "m") is None
    assert BOOK.context_limit(provider, "m") is None


def test_a_model_without_a_price_per_token_is_unknown() -> None:
    odd = [(p.id, m.id) for p in bundled.models().providers for m in p.models
           if m.get_prices(datetime.now(UTC)).input_mtok is None]  # fmt: skip
    assert odd
    cost = BOOK.cost(*odd[0], Usage(100, output_tokens=100))
    assert cost.amount_usd is None


@pytest.mark.parametrize("provider", ["free", "tape"])
def test_free_only_where_it_was_declared(provider: str) -> None:
    assert BOOK.cost(provider, "anything", Usage(1000, output_tokens=1000)).amount_usd == ZERO_USD
    assert BOOK.worst_case(provider, "anything", 1000, 1000).amount_usd == ZERO_USD
    assert BOOK.rates(provider, "anything") is not None


def test_a_demo_shows_real_prices() -> None:
    assert amount(Usage(1000), "demo") == amount(Usage(1000), "claude")


def test_overrides_beat_everything() -> None:
    own = Pricebook({f"claude/{MODEL}": PriceOverride(Decimal(7), Decimal(9))}, PROVIDERS)
    assert own.cost("claude", MODEL, Usage(1_000_000, output_tokens=1_000_000)).amount_usd == Decimal(16)
    assert own.worst_case("claude", MODEL, 1_000_000, 1_000_000).amount_usd == Decimal(16)
    rates = own.rates("claude", MODEL)
    assert rates is not None
    assert rates.source == "your configuration"


def test_an_override_of_zero_is_free() -> None:
    own = Pricebook({"ollama/qwen": PriceOverride(Decimal(0), Decimal(0))}, PROVIDERS)
    assert own.cost("ollama", "qwen", Usage(5, output_tokens=5)).amount_usd == ZERO_USD


def test_the_date_is_a_date_that_has_been() -> None:
    day = BOOK.as_of()
    assert day is not None
    assert date(2026, 1, 1) <= day <= datetime.now(UTC).date()
    assert BOOK.cost("claude", MODEL, Usage(1)).prices_as_of == day


def test_the_date_is_that_of_the_newest_change_in_the_list() -> None:
    changes = [
        change.constraint.start_date
        for provider in get_snapshot().providers
        for model in provider.models
        for change in (model.prices if isinstance(model.prices, list) else ())
        if hasattr(change.constraint, "start_date")
    ]
    day = BOOK.as_of()
    assert day in changes
    assert day is not None
    installed = datetime.fromtimestamp(Path(data.__file__).stat().st_mtime, UTC).date()
    assert day == max(change for change in changes if change <= installed)


def test_context_limit() -> None:
    assert BOOK.context_limit("claude", MODEL) == 1_000_000


def test_more_cached_than_prompt_is_billed_as_the_larger() -> None:
    assert amount(Usage(10, cache_read_tokens=100)) == amount(Usage(100, cache_read_tokens=100))
    assert amount(Usage(-5, output_tokens=-5)) == 0


@given(rate, rate, rate, rate, counts, counts, counts, counts)
def test_overrides_are_exact(
    i: Decimal, o: Decimal, r: Decimal, w: Decimal, plain: int, read: int, write: int, out: int
) -> None:
    book = Pricebook({"p/m": PriceOverride(i, o, r, w)})
    cost = book.cost("p", "m", Usage(plain + read + write, read, write, out)).amount_usd
    assert cost is not None
    exact = (Fraction(i) * plain + Fraction(r) * read + Fraction(w) * write + Fraction(o) * out) / 10**6
    assert Fraction(cost) == exact


@settings(max_examples=50)
@given(counts, counts, counts, counts)
def test_more_tokens_never_cost_less(a: int, b: int, out: int, more: int) -> None:
    small, large = sorted((a, b))
    assert amount(Usage(small, output_tokens=out)) <= amount(Usage(large, output_tokens=out + more))


@settings(max_examples=50)
@given(counts, st.data())
def test_the_worst_case_is_never_exceeded(prompt: int, data: st.DataObject) -> None:
    cap = data.draw(st.integers(0, 200_000))
    read = data.draw(st.integers(0, prompt))
    write = data.draw(st.integers(0, prompt - read))
    out = data.draw(st.integers(0, cap))
    for provider, model in (("claude", MODEL), ("deepseek", "deepseek-v4-flash"), ("openai", "gpt-5.5")):
        worst = BOOK.worst_case(provider, model, prompt, cap).amount_usd
        assert worst is not None
        assert amount(Usage(prompt, read, write, out), provider, model) <= worst


@settings(max_examples=30)
@given(st.lists(st.tuples(counts, counts), max_size=5))
def test_a_receipt_adds_up(calls: list[tuple[int, int]]) -> None:
    book = Pricebook({"p/m": PriceOverride(Decimal("0.15"), Decimal("0.6"))})
    each = [book.cost("p", "m", Usage(i, output_tokens=o)).amount_usd for i, o in calls]
    whole = book.cost("p", "m", Usage(sum(i for i, _ in calls), output_tokens=sum(o for _, o in calls))).amount_usd
    assert sum((c for c in each if c is not None), ZERO_USD) == whole


def test_the_dearest_hour_is_the_worst_case() -> None:
    provider, model = bundled.find("deepseek", "deepseek-v4-flash")
    peak = bundled.price(provider, model, Usage(1_000_000), datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
    quiet = bundled.price(provider, model, Usage(1_000_000), datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    assert peak > quiet
    worst = BOOK.worst_case("deepseek", "deepseek-v4-flash", 1_000_000, 0).amount_usd
    assert worst is not None
    assert worst >= peak
