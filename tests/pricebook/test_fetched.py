"""A fetched price list: which one is believed, which one prices a run, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.update_prices import DEFAULT_UPDATE_URL
from hypothesis import given
from hypothesis import strategies as st
from pricebook.books import model_of, published

from routecli.domain.money import Usage
from routecli.domain.settings import PRICES_URL, ProviderSettings
from routecli.pricebook import Pricebook, fetched
from routecli.pricebook.fetched import BadBook, as_kept, checked, found

NOW = datetime.now(UTC)
OPENAI = {"openai": ProviderSettings("openai", "openai")}
Document = list[dict[str, Any]]


def raw(document: object) -> bytes:
    return json.dumps(document).encode()


def dearer(document: Document) -> Document:
    model_of(document, "openai", "gpt-4o")["prices"] = {"input_mtok": 7, "output_mtok": 21}
    return document


def kept(tmp_path: Path, document: object, at: datetime = NOW) -> Path:
    file = tmp_path / "prices.json"
    file.write_bytes(as_kept(raw(document), at, "https://example.com/x.json"))
    return file


def test_the_address_is_the_librarys_own() -> None:
    assert PRICES_URL == DEFAULT_UPDATE_URL


def test_what_was_published_is_believed_and_says_the_same() -> None:
    after = checked(raw(published()), get_snapshot().providers, NOW)
    for old, new in zip(get_snapshot().providers, after, strict=True):
        assert [m.get_prices(NOW) for m in old.models] == [m.get_prices(NOW) for m in new.models]


def test_a_newer_list_prices_and_is_named(tmp_path: Path) -> None:
    book = Pricebook({}, OPENAI, kept(tmp_path, dearer(published())))
    usage = Usage(1_000_000, output_tokens=1_000_000)
    cost = book.cost("openai", "gpt-4o", usage)
    assert (cost.amount_usd, cost.prices_as_of) == (Decimal(28), NOW.date())
    rates = book.rates("openai", "gpt-4o")
    assert rates is not None
    assert rates.source == f"genai-prices, fetched on {NOW.date().isoformat()}"
    assert book.worst_case("openai", "gpt-4o", 1_000_000, 0).amount_usd == 7
    assert Pricebook({}, OPENAI).cost("openai", "gpt-4o", usage).amount_usd != 28


def test_an_older_list_gives_way_to_the_installed_one(tmp_path: Path) -> None:
    old = Pricebook({}, OPENAI, kept(tmp_path, dearer(published()), NOW - timedelta(days=3650)))
    assert old.as_of() == Pricebook({}).as_of()
    assert old.source().startswith("genai-prices 0")


@pytest.mark.parametrize(
    "content", [b"", b"{}\n[]", b"[1]\n", b"\xff\n\xff", b'{"fetched_at": "yesterday"}\n[]', b"x" * 9000]
)
def test_a_file_that_is_none_of_ours_is_no_list(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "prices.json"
    file.write_bytes(content)
    assert found(file) is None
    assert Pricebook({}, OPENAI, file).rates("openai", "gpt-4o") == Pricebook({}, OPENAI).rates("openai", "gpt-4o")


def test_a_kept_list_that_cannot_be_read_any_more_gives_way(tmp_path: Path) -> None:
    book = Pricebook({}, OPENAI, kept(tmp_path, [{"id": "openai", "models": "none"}]))
    assert book.rates("openai", "gpt-4o") == Pricebook({}, OPENAI).rates("openai", "gpt-4o")
    assert book.as_of() == Pricebook({}).as_of()


def half_gone(document: Document) -> Document:
    return [{**p, "models": p["models"][: len(p["models"]) // 3]} for p in document]


def below_zero(document: Document) -> Document:
    model_of(document, "openai", "gpt-4o")["prices"]["input_mtok"] = -1
    return document


def beyond(document: Document) -> Document:
    model_of(document, "openai", "gpt-4o")["prices"]["output_mtok"] = 10_001
    return document


def all_free(document: Document) -> Document:
    for provider in document:
        for model in provider["models"]:
            model["prices"] = {"input_mtok": 0, "output_mtok": 0}
    return document


def per_thousand(document: Document) -> Document:
    """A vendor's prices in another unit."""
    for model in next(p for p in document if p["id"] == "openrouter")["models"]:
        if isinstance(model["prices"], dict) and isinstance(model["prices"].get("input_mtok"), int | float):
            model["prices"]["input_mtok"] /= 1000
    return document


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (half_gone, "of the 2"), (below_zero, "openai/gpt-4o at $-1"), (beyond, "openai/gpt-4o at $10001"),
        (all_free, "twenty times"), (per_thousand, "twenty times"), (lambda _: [], "it knows 0"),
        (lambda _: {"openai": 1}, "no list of providers"), (lambda _: [{"id": 3}], "no price list"),
        (lambda _: "prices", "no list of providers"),
    ],
)  # fmt: skip
def test_what_is_not_plausible_is_refused(change: Callable[[Document], object], why: str) -> None:
    with pytest.raises(BadBook, match=why.replace("$", r"\$")):
        checked(raw(change(published())), get_snapshot().providers, NOW)


def test_too_long_is_refused_unread() -> None:
    with pytest.raises(BadBook, match="longer than"):
        checked(b"[" + b" " * fetched.MOST_BYTES + b"]", (), NOW)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_garbage_is_refused_and_nothing_else_is_raised(garbage: bytes) -> None:
    with pytest.raises(BadBook):
        checked(garbage, get_snapshot().providers, NOW)
