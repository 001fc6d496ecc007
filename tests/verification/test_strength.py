"""How much an acceptance rests on: by real runs, and by what was asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Strength, Verdict
from routecli.verification.strength import held_to, required
from tests.verification.conftest import FIXED, Bench

SETTINGS = VerifySettings(timeout_s=60)


def judged(
    bench: Bench, after: dict[str, str | None], kind: Kind = Kind.FIX, settings: VerifySettings = SETTINGS
) -> Verdict:
    return bench.verifier(kind, settings=settings).judge(bench.patch(after), 1)


def accepted(verdict: Verdict) -> Accepted:
    assert isinstance(verdict, Accepted), verdict
    return verdict


def test_a_fix_whose_lines_the_tests_run_is_tested(calc: Bench) -> None:
    verdict = accepted(judged(calc, {"calc.py": FIXED}))
    assert (verdict.strength, verdict.rests_on) == (Strength.TESTED, "the tests run the changed statement")


def test_a_line_that_no_test_runs_makes_it_weak_and_is_named(calc: Bench) -> None:
    more = FIXED + "\n\ndef half(a):\n    if a:\n        return a / 2\n    return 0\n"
    verdict = accepted(judged(calc, {"calc.py": more}))
    assert verdict.strength is Strength.WEAK
    assert "3 of 5 changed statements run in no test: calc.py:" in verdict.rests_on


def test_a_feature_without_a_test_of_what_is_new_is_weak(calc: Bench) -> None:
    """Its line is run by tests that were there; none of them says that it does what was asked."""
    louder = (calc.root / "calc.py").read_text().replace("return a + b", "print('adding')\n    return a + b")
    verdict = accepted(judged(calc, {"calc.py": louder}, Kind.FEATURE))
    assert verdict.strength is Strength.WEAK
    assert "none of them speaks of what is new" in verdict.rests_on


NEW = "\n\ndef triple(a):\n    return a * 3\n"
TEST = "from calc import triple\n\n\ndef test_triple():\n    assert triple(2) == 6\n"


def test_a_feature_with_a_new_test_is_tested_unless_it_passes_without_the_code(calc: Bench) -> None:
    after = {"calc.py": (calc.root / "calc.py").read_text() + NEW, "test_triple.py": TEST}
    assert accepted(judged(calc, after, Kind.FEATURE)).strength is Strength.TESTED
    hollow = "def test_triple():\n    import calc\n    getattr(calc, 'triple', int)(2)\n    assert True\n"
    verdict = accepted(judged(calc, {**after, "test_triple.py": hollow}, Kind.FEATURE))
    assert verdict.strength is Strength.WEAK


def test_a_contract_proves_and_a_file_of_another_kind_is_not_known(calc: Bench) -> None:
    spoken = (calc.root / "calc.py").read_text().replace("def add(a, b):", 'def add(a, b):\n    """The sum."""')
    verdict = accepted(judged(calc, {"calc.py": spoken}, Kind.DOCSTRING))
    assert (verdict.strength, verdict.rests_on) == (Strength.PROVEN, "the contract of docstring holds")
    verdict = accepted(judged(calc, {"calc.py": FIXED, "rates.json": "{}"}))
    assert (verdict.strength, "rates.json is not known" in verdict.rests_on) == (Strength.WEAK, True)


def test_the_users_own_command_is_a_test(calc: Bench) -> None:
    ours = replace(SETTINGS, accept_cmd="python -c 'import calc; assert calc.double(4) == 8'")
    assert accepted(judged(calc, {"calc.py": FIXED}, settings=ours)).strength is Strength.TESTED


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"require": "tested"}, None), ({"require": "proven"}, "tested"),
        ({"require_in": (("calc.py", "proven"),)}, "tested"), ({"require_in": (("other/", "proven"),)}, None),
    ],
)  # fmt: skip
def test_less_than_is_asked_for_is_deferred(calc: Bench, asked: dict[str, str], word: str | None) -> None:
    verdict = judged(calc, {"calc.py": FIXED}, settings=replace(SETTINGS, **asked))  # type: ignore[arg-type]
    if word is None:
        assert isinstance(verdict, Accepted), verdict
    else:
        assert isinstance(verdict, Deferred), verdict
        assert verdict.reason is DeferralReason.TOO_WEAK
        assert verdict.why.startswith(f"only {word}, and proven is required: ")
        assert verdict.checks


def test_the_strictest_of_all_that_fits_counts() -> None:
    settings = VerifySettings(require="tested", require_in=(("*.sql", "proven"), ("docs/", "weak")))
    assert required(settings, ["docs/a.md"]) is Strength.TESTED
    assert required(settings, ["a.py", "db/b.sql"]) is Strength.PROVEN
    assert required(VerifySettings(), []) is Strength.WEAK


def test_a_refusal_stays_what_it_is() -> None:
    verdict = Deferred(DeferralReason.TESTS_FAILED, "x", "y")
    assert held_to(verdict, Strength.PROVEN) is verdict


def test_what_watching_costs_is_not_held_against_a_patch(calc: Bench) -> None:
    """A test may measure time or memory, or look at the trace function itself: it is told by a run unwatched."""
    calc.write({"test_plain.py": "import sys\n\n\ndef test_plain():\n    assert sys.gettrace() is None\n"})
    more = FIXED + "\n\ndef half(a):\n    return a / 2\n"
    verdict = accepted(judged(calc, {"calc.py": more}))
    assert "run in no test: calc.py:10" in verdict.rests_on
    broken = judged(calc, {"calc.py": more.replace("return a + b", "return a - b")})
    assert isinstance(broken, Deferred)


def test_what_a_fix_was_to_mend_is_told_by_a_run_unwatched_too(calc: Bench) -> None:
    timed = (
        "import sys\n\nfrom calc import double\n\n\ndef test_timed():\n"
        "    assert double(5) == 10\n    assert sys.gettrace() is None\n"
    )
    calc.write({"test_calc_timed.py": timed})
    more = FIXED + "\n\ndef half(a):\n    return a / 2\n"  # a line that nobody runs: the trace stays on to the end
    verdict = accepted(judged(calc, {"calc.py": more}))
    assert "test_calc_timed.py::test_timed" in {n for c in verdict.checks for n in c.fixed}
    calc.write({"test_calc_timed.py": timed.replace("== 10", "== 11")})
    wrong = judged(calc, {"calc.py": more})
    assert isinstance(wrong, Deferred), wrong
    assert "test_timed" in wrong.why
