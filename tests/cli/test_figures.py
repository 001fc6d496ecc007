from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.cli.figures import count_text, middle_cut, model_text, rate_text, seconds_text, tokens_text, usd_text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0"),
        ("0.00", "$0"),
        ("0.0000004", "$0.00000040"),
        ("0.000213", "$0.00021"),
        ("0.00713", "$0.0071"),
        ("0.99999", "$1.0000"),
        ("1", "$1.00"),
        ("12345.678", "$12,345.68"),
        ("-0.5", "-$0.5000"),
    ],
)
def test_money_for_people(amount: str, text: str) -> None:
    assert usd_text(Decimal(amount)) == text


def test_an_unknown_amount_is_never_zero() -> None:
    assert usd_text(None) == "unknown"


@given(st.decimals(min_value=Decimal("1e-12"), max_value=Decimal("1e6"), allow_nan=False, allow_infinity=False))
def test_no_amount_is_rounded_to_nothing_and_none_is_far_off(amount: Decimal) -> None:
    shown = Decimal(re.sub(r"[$,]", "", usd_text(amount)))
    assert shown > 0
    assert abs(shown - amount) <= amount / 10


@pytest.mark.parametrize(
    ("duration_s", "text"),
    [(0.04, "0.0 s"), (59.94, "59.9 s"), (59.96, "1 min 00 s"), (61, "1 min 01 s"), (3723, "1 h 02 min")],
)
def test_durations(duration_s: float, text: str) -> None:
    assert seconds_text(duration_s) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1 fails: tests/test_a.py::test_b", "1 fails: tests/test_a.py::test_b"),
        (
            "first tests.test_totals.TotalTest.test_less_than_half_a_cent_rounds_down; 1 fixed",
            "first tests.test_totals.…test_less_than_half_a_cent_rounds_down; 1 fixed",
        ),
        ("x" * 70, "x" * 14 + "…" + "x" * 45),
    ],
)
def test_long_test_ids_lose_their_middle(text: str, shown: str) -> None:
    assert middle_cut(text) == shown


@given(st.text())
def test_a_cut_text_has_no_word_longer_than_asked_for(text: str) -> None:
    assert all(len(word) <= 20 for word in re.findall(r"\S+", middle_cut(text, 20)))


def test_counts_rates_and_names() -> None:
    assert count_text(1, "file") == "1 file"
    assert count_text(1200, "token") == "1,200 tokens"
    assert tokens_text(0) == "–"
    assert rate_text(Decimal("0.1")) == "$0.10"
    assert rate_text(Decimal("0.0042")) == "$0.0042"
    assert rate_text(Decimal("1E+1")) == "$10.00"
    assert rate_text(None) == "–"
    assert model_text("openrouter/deepseek/flash-long", narrow=True) == "openrouter/deepseek/\nflash-long"
    assert model_text("openrouter/deepseek/flash-long", narrow=False) == "openrouter/deepseek/flash-long"
