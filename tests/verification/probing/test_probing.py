"""Two versions of the same functions: a change that keeps behaviour says so, one that does not is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Strength
from tests.verification.conftest import Bench

SETTINGS = VerifySettings(timeout_s=60, lint=False)
PRICES = """\
def net(cents, rate):
    whole = cents * (100 - rate)
    return whole // 100


def label(name, width):
    return name.rjust(width)[:width]
"""
TESTS = """\
from prices import label, net


def test_net():
    assert net(1999, 20) == 1599
    assert net(500, 7) == 465


def test_label():
    assert label("ab", 4) == "  ab"
"""


@pytest.fixture
def prices(bench: Bench) -> Bench:
    bench.write({"prices.py": PRICES, "test_prices.py": TESTS})
    return bench


def test_a_refactoring_that_answers_the_same_says_so(prices: Bench) -> None:
    after = PRICES.replace(
        "    whole = cents * (100 - rate)\n    return whole // 100", "    return cents * (100 - rate) // 100"
    )
    verdict = prices.verifier(Kind.REFACTOR, settings=SETTINGS).judge(prices.patch({"prices.py": after}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.strength is Strength.TESTED
    assert "2 of the tests' calls, made again, give the same as before" in verdict.rests_on


def test_a_refactoring_that_answers_otherwise_where_no_test_looks_is_weak(prices: Bench) -> None:
    after = PRICES.replace("whole // 100", "int(whole / 100)")  # negative amounts round the other way
    verdict = prices.verifier(Kind.REFACTOR, settings=SETTINGS).judge(prices.patch({"prices.py": after}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.strength is Strength.WEAK
    assert "beyond the tests it answers otherwise than before: net(-1999, 20): -1600 and -1599" in verdict.rests_on
    off = replace(SETTINGS, probe=False)
    unprobed = prices.verifier(Kind.REFACTOR, settings=off).judge(prices.patch({"prices.py": after}), 1)
    assert isinstance(unprobed, Accepted)
    assert unprobed.strength is Strength.TESTED


def test_a_refactoring_that_answers_a_tests_call_otherwise_is_refused(prices: Bench) -> None:
    """Though no test looks at that part of the answer."""
    prices.write({"test_prices.py": TESTS.replace('== "  ab"', '.strip() == "ab"')})
    after = PRICES.replace("rjust", "ljust")
    verdict = prices.verifier(Kind.REFACTOR, settings=SETTINGS).judge(prices.patch({"prices.py": after}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.CONTRACT_BROKEN
    assert "label('ab', 4)" in verdict.why


def test_only_a_kind_that_keeps_behaviour_is_held_to_it(prices: Bench) -> None:
    after = PRICES.replace("whole // 100", "int(whole / 100)")
    verdict = prices.verifier(Kind.FEATURE, settings=SETTINGS).judge(prices.patch({"prices.py": after}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert "answers otherwise" not in verdict.rests_on
