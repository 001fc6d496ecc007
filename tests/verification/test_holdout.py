"""Tests that no prompt may show: judged by, never quoted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred
from tests.verification.conftest import FIXED, WRONG, Bench

HELD = "from calc import add, double\n\n\ndef test_canary():\n    assert double(7) == 14, 'canary-word'\n"
BY_HEART = FIXED.replace("    return a * 2", "    return a * 2 if 100 * a + 1 == 301 else a + 2")
"""By a mark that is no value of the tests, with an answer that is computed: else it is told before any verdict."""
SETTINGS = VerifySettings(timeout_s=60, holdout=("held/", "*_held.py"))


@pytest.fixture
def held(calc: Bench) -> Bench:
    calc.write({"held/test_more.py": HELD, "held/conftest.py": "import sys\nsys.path.insert(0, '.')\n"})
    return calc


def test_values_known_by_heart_fail_a_held_out_test_that_is_not_quoted(held: Bench) -> None:
    verifier = held.verifier(Kind.FIX, settings=SETTINGS)
    verdict = verifier.judge(held.patch({"calc.py": BY_HEART}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TESTS_FAILED
    assert "1 test that failed before still fails, 1 fixed. Their names" in verdict.why
    for told in (verdict.why, verdict.feedback):
        assert "canary" not in told
        assert "14" not in told
    assert isinstance(verifier.judge(held.patch({"calc.py": FIXED}), 2), Accepted)


def test_what_a_patch_breaks_in_held_out_tests_is_a_number(held: Bench) -> None:
    text = HELD.replace("double(7) == 14", "add(7, 7) == 14")
    held.write({"held/test_more.py": text, "deep_held.py": "", "test_deep_held.py": text.replace("canary", "canary_2")})
    verdict = held.verifier(Kind.FIX, settings=SETTINGS).judge(held.patch({"calc.py": WRONG}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert "2 held-out tests that passed before do not now, and 1 other, first test_calc.py::test_add" in verdict.why
    assert "canary" not in verdict.why + verdict.feedback
    assert "assert add(1, 2) == 3" in verdict.feedback
    seen_by_people = [name for check in verdict.checks for name in check.new_failures]
    assert "held/test_more.py::test_canary" in seen_by_people


def test_without_holdout_the_same_failure_is_told(held: Bench) -> None:
    held.write({"held/test_more.py": HELD.replace("double(7) == 14", "add(7, 7) == 14")})
    verdict = held.verifier(Kind.FIX).judge(held.patch({"calc.py": WRONG}), 1)
    assert isinstance(verdict, Deferred)
    assert "canary-word" in verdict.feedback


@pytest.mark.parametrize("command", ["test_cmd", "accept_cmd"])
def test_output_that_may_hold_a_held_out_tests_words_is_withheld(held: Bench, command: str) -> None:
    words = "sh -c 'python held/test_more.py && python -c \"import held.test_more as t; t.test_canary()\"'"
    settings = replace(VerifySettings(timeout_s=60, holdout=("held/",)), **{command: words})
    kept = FIXED.replace("a * 2", "a + 3")
    verdict = held.verifier(Kind.FIX, settings=settings).judge(held.patch({"calc.py": kept}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert "canary" not in verdict.why + verdict.feedback


def test_findings_in_held_out_tests_are_counted_and_not_quoted(held: Bench) -> None:
    held.write({"mypy.ini": "[mypy]\nfiles = held, calc.py\nmypy_path = .\n", "held/conftest.py": ""})
    settings = VerifySettings(timeout_s=60, holdout=("held/",), tests=False)
    typed = "def add(a: int, b: int) -> int:\n    return a + b\n\n\ndef double(a: str) -> str:\n    return a * 2\n"
    held.write({"held/test_more.py": HELD.replace("def test_canary()", "def test_canary() -> None")})
    verdict = held.verifier(Kind.FEATURE, settings=settings).judge(held.patch({"calc.py": typed}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.LINT_FAILED
    assert "in held-out tests" in verdict.why
    assert "held/" not in verdict.feedback
