"""The verdict on tiny real projects: real pytest, real unittest, real linters."""

from __future__ import annotations

import pytest

from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, CheckOutcome, DeferralReason, Deferred, Unverified
from tests.verification.conftest import FIXED, WRONG, Bench


def test_a_fix_is_accepted_when_a_failing_test_passes(calc: Bench) -> None:
    verdict = calc.verifier(Kind.FIX).judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert "test_calc.py::test_double failed before and passes now" in verdict.why
    (check,) = verdict.checks
    assert check.outcome is CheckOutcome.PASSED
    assert check.fixed == ("test_calc.py::test_double",)
    assert check.passed == 6


def test_a_fix_that_breaks_another_test_is_deferred_with_its_failure(calc: Bench) -> None:
    verdict = calc.verifier(Kind.FIX).judge(calc.patch({"calc.py": WRONG}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TESTS_FAILED
    assert "assert add(1, 2) == 3" in verdict.feedback
    assert len(verdict.feedback.encode()) <= 8_000


def test_a_fix_that_fixes_nothing_is_deferred_with_what_still_fails(calc: Bench) -> None:
    patch = calc.patch({"calc.py": FIXED.replace("a * 2", "a + 3 - 1")})
    verdict = calc.verifier(Kind.FIX).judge(patch, 1)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TESTS_FAILED
    assert "test_double" in verdict.why
    assert verdict.checks[0].wanted == ("test_calc.py::test_double",)


def test_a_feature_may_leave_a_failing_test_failing(calc: Bench) -> None:
    patch = calc.patch(
        {"calc.py": "def add(a, b):\n    return b + a if a == 1 else a + b\n\n\ndef double(a):\n    return a + 2\n"}
    )
    verdict = calc.verifier(Kind.FEATURE).judge(patch, 1)
    assert isinstance(verdict, Accepted), verdict


def test_a_fix_with_no_failing_test_is_unverified(calc: Bench) -> None:
    calc.write({"test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"})
    verdict = calc.verifier(Kind.FIX).judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Unverified), verdict
    assert "--accept" in verdict.hint


@pytest.mark.parametrize("good", [True, False])
def test_an_accept_command_beats_missing_tests(calc: Bench, good: bool) -> None:
    calc.write({"test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"})
    settings = VerifySettings(accept_cmd="python -c 'import calc; assert calc.double(3) == 6'", timeout_s=60)
    verifier = calc.verifier(Kind.FIX, settings=settings)
    before = verifier.check_accept()
    assert before is not None
    assert before.state == "fails"
    verdict = verifier.judge(calc.patch({"calc.py": FIXED if good else FIXED.replace("a * 2", "a * 3")}), 1)
    assert isinstance(verdict, Accepted if good else Deferred), verdict


def test_an_accept_command_that_passes_already_is_told(calc: Bench) -> None:
    verifier = calc.verifier(Kind.FIX, settings=VerifySettings(accept_cmd="python -c pass"))
    before = verifier.check_accept()
    assert before is not None
    assert before.state == "passes-already"


LONELY = {"lonely.py": "def f():\n    return 1\n"}


def test_row_26_a_green_run_that_never_loads_the_change_proves_nothing(calc: Bench) -> None:
    calc.write(LONELY)
    verdict = calc.verifier(Kind.FEATURE).judge(calc.patch({"lonely.py": "def f():\n    return 2\n"}), 1)
    assert isinstance(verdict, Unverified), verdict
    assert verdict.why == "no test loads lonely.py: that all pass says nothing of the change"
    assert "--accept" in verdict.hint


def test_row_26_what_is_loaded_beside_it_is_accepted_and_the_rest_named(calc: Bench) -> None:
    calc.write(LONELY)
    more = {"lonely.py": "def f():\n    return 2\n", "calc.py": FIXED}
    verdict = calc.verifier(Kind.FEATURE).judge(calc.patch(more), 1)
    assert isinstance(verdict, Accepted), verdict
    assert "no test loads lonely.py" in verdict.why


def test_row_26_a_test_that_starts_the_file_as_a_program_reaches_it(calc: Bench) -> None:
    started = (
        "import subprocess, sys\n\n\ndef test_it():\n    assert subprocess.call([sys.executable, 'lonely.py']) == 0\n"
    )
    calc.write(LONELY | {"test_lonely.py": started})
    verdict = calc.verifier(Kind.FEATURE).judge(calc.patch({"lonely.py": "def f():\n    return 2\n"}), 1)
    assert isinstance(verdict, Accepted), verdict


GOOD_TEST = "from calc import add\n\n\ndef test_more():\n    assert add(2, 5) == 7\n"
NEW_TESTS = {
    "good": (GOOD_TEST, True, "1 new test passes, and notice 2 of 2 faults made on purpose"),
    "asserts nothing": (
        "from calc import add\n\n\ndef test_more():\n    add(2, 5)\n", False, "asserts nothing that could be false"
    ),
    "of another thing": (
        "from calc import add\n\n\ndef test_more():\n    assert len([add(2, 5)]) == 1\n", False,
        "add gives nothing back",
    ),
    "of a name that another thing has too": (
        "from calc import add\n\n\ndef test_more():\n    assert {7: 1}.get(add(2, 5)) == 1\n", True, "notice 2 of 2"
    ),
    "asserts a type": (
        "from calc import add\n\n\ndef test_more():\n    assert isinstance(add(2, 5), int)\n", True, "notice 1 of 2"
    ),
    "of nothing": ("def test_more():\n    assert 1 + 1 == 2\n", True, "speak of no function"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEW_TESTS)
def test_new_tests_have_to_notice_broken_code(calc: Bench, name: str) -> None:
    text, accepted, said = NEW_TESTS[name]
    held = (calc.root / "calc.py").read_text()
    calc.write({"calc.py": held + "\n\nclass Store:\n    def get(self):\n        return 1\n"})
    verdict = calc.verifier(Kind.TESTS).judge(calc.patch({"test_new.py": text}), 1)
    assert isinstance(verdict, Accepted if accepted else Deferred), verdict
    assert said in verdict.why
    if isinstance(verdict, Deferred):
        assert verdict.reason is DeferralReason.CONTRACT_BROKEN


def test_what_the_task_names_has_to_be_noticed(calc: Bench) -> None:
    text = "from calc import add, double\n\n\ndef test_more():\n    assert add(2, 5) == 7\n    assert [double(3)]\n"
    patch = calc.patch({"test_new.py": text})
    assert isinstance(calc.verifier(Kind.TESTS, instruction="write tests for calc").judge(patch, 1), Accepted)
    verdict = calc.verifier(Kind.TESTS, instruction="write tests for double").judge(patch, 1)
    assert isinstance(verdict, Deferred), verdict
    assert "no new test notices when double gives nothing back" in verdict.why


def test_a_new_test_that_passes_once_is_refused(calc: Bench) -> None:
    """It passes where a file of the twin's is missing, and each run is on a twin of its own: so it counts its runs in
    the bench's own folder."""
    counter = calc.root.parent / "counter"
    text = (
        f"from pathlib import Path\nfrom calc import add\n\n\ndef test_more():\n    seen = Path({str(counter)!r})\n"
        "    first = not seen.exists()\n    seen.touch()\n    assert first and add(1, 1) == 2\n"
    )
    verdict = calc.verifier(Kind.TESTS).judge(calc.patch({"test_new.py": text}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert "test_new.py::test_more passed once and not again" in verdict.why


def test_tests_were_asked_for_and_code_changes(calc: Bench) -> None:
    both = {"test_new.py": GOOD_TEST, "calc.py": FIXED}
    verdict = calc.verifier(Kind.TESTS).judge(calc.patch(both), 1)
    assert isinstance(verdict, Deferred), verdict
    assert "calc.py changes" in verdict.why
