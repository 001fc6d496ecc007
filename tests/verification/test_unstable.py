"""Test ids that are named anew in each run."""

from __future__ import annotations

from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred
from tests.verification.conftest import FIXED, WRONG, Bench

ANEW = (
    "import time\nimport pytest\nfrom calc import add\n\n\n"
    "@pytest.mark.parametrize('now', [str(time.time_ns())])\ndef test_now(now):\n    assert add(now, '') == now\n"
)
FROM_CODE = (
    "import calc\nimport pytest\n\n\n"
    "@pytest.mark.parametrize('n', calc.NUMBERS)\ndef test_n(n):\n    assert calc.add(n, 1)\n"
)


def test_row_43_ids_that_are_new_in_each_run_are_not_held_against_a_patch(calc: Bench) -> None:
    calc.write({"test_now.py": ANEW})
    judge = calc.verifier(Kind.FIX)
    right = judge.judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(right, Accepted), right
    wrong = judge.judge(calc.patch({"calc.py": WRONG}), 2)
    assert isinstance(wrong, Deferred)
    assert wrong.reason is DeferralReason.TESTS_FAILED


def test_row_07_ids_that_only_the_patch_makes_vanish_are_tampering(calc: Bench) -> None:
    code = (calc.root / "calc.py").read_text()
    calc.write({"calc.py": code + "\n\nNUMBERS = (1, 2)\n", "test_n.py": FROM_CODE, "test_now.py": ANEW})
    verdict = calc.verifier(Kind.FIX).judge(calc.patch({"calc.py": FIXED + "\n\nNUMBERS = (1,)\n"}), 1)
    assert isinstance(verdict, Deferred)
    assert verdict.reason is DeferralReason.TAMPERED
    assert "test_n[2]" in verdict.feedback
    assert "test_now" not in verdict.feedback
