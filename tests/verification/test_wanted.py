"""Which red tests that stay red stand against a fix, once something proves it."""

from __future__ import annotations

import pytest
from verification.conftest import Bench

from routecli.domain.patch import Patch
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Strength

CODE = """\
RATE = 2


def double(a):
    return a + 2


def fourfold(a):
    return double(double(a))


def least(items):
    return max(items)
"""
PROOF = "from calc import double, fourfold, least\n\n\ndef test_double():\n    assert double(3) == 6\n"
HALF = CODE.replace("return a + 2", "return a * 2 if a < 4 else a + 2")
RIGHT = CODE.replace("return a + 2", "return a * 2")


def judge(bench: Bench, code: str, red: dict[str, str], instruction: str = "double is wrong") -> Accepted | Deferred:
    bench.write({"pyproject.toml": "[tool.pytest.ini_options]\n", "calc.py": CODE, "test_calc.py": PROOF} | red)
    patch: Patch = bench.patch({"calc.py": code})
    verdict = bench.verifier(Kind.FIX, instruction=instruction).judge(patch, 1)
    assert isinstance(verdict, Accepted | Deferred), verdict
    return verdict


def test_a_red_test_of_something_else_beside_the_proof_is_as_it_was(bench: Bench) -> None:
    red = {"test_calc.py": PROOF + "\n\ndef test_least():\n    assert least([1, 2]) == 1\n"}
    verdict = judge(bench, RIGHT, red)
    assert isinstance(verdict, Accepted), verdict
    assert "test_double" in verdict.why


@pytest.mark.parametrize("file", ["test_calc.py", "test_reports.py", "deep/test_bug.py"])
def test_a_red_test_that_speaks_of_the_changed_function_stands_against_it(bench: Bench, file: str) -> None:
    more = "\n\ndef test_more():\n    assert double(4) == 8\n"
    red = {file: (PROOF if file == "test_calc.py" else "from calc import double\n") + more}
    verdict = judge(bench, HALF, red)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TESTS_FAILED
    assert f"{file}::test_more" in verdict.why
    assert "double(4) == 8" in verdict.feedback


def test_so_does_one_beside_the_proof_that_gets_there_another_way(bench: Bench) -> None:
    verdict = judge(bench, HALF, {"test_calc.py": PROOF + "\n\ndef test_far():\n    assert fourfold(3) == 12\n"})
    assert isinstance(verdict, Deferred), verdict
    assert "test_far" in verdict.why


def test_one_that_fails_within_the_changed_function_does(bench: Bench) -> None:
    raising = CODE.replace("return a + 2", "if a > 9:\n        raise ValueError(a)\n    return a * 2")
    far = "import calc\n\n\ndef test_far():\n    assert getattr(calc, 'dou' + 'ble')(10) == 20\n"
    verdict = judge(bench, raising, {"test_far.py": far})
    assert isinstance(verdict, Deferred), verdict
    assert "test_far" in verdict.why


def test_where_more_than_functions_changes_those_beside_the_proof_do(bench: Bench) -> None:
    red = {"test_calc.py": PROOF + "\n\ndef test_least():\n    assert least([1, 2]) == 1\n"}
    verdict = judge(bench, RIGHT.replace("RATE = 2", "RATE = 3"), red)
    assert isinstance(verdict, Deferred), verdict


def test_one_that_the_task_names_does(bench: Bench) -> None:
    red = {"test_other.py": "from calc import least\n\n\ndef test_least_of_two():\n    assert least([1, 2]) == 1\n"}
    verdict = judge(bench, RIGHT, red, "fix double, and make test_least_of_two pass")
    assert isinstance(verdict, Deferred), verdict
    assert "test_least_of_two" in verdict.why


def test_a_name_that_a_test_gives_to_something_of_its_own_is_not_the_code_s(bench: Bench) -> None:
    body = "    def double(a):\n        return least(a)\n\n    assert double([1, 2]) == 1\n"
    own = f"from calc import least\n\n\ndef test_own():\n{body}"
    verdict = judge(bench, RIGHT, {"test_calc.py": PROOF, "test_other.py": own})
    assert isinstance(verdict, Accepted), verdict


REPRODUCED = "from calc import double\n\n\ndef test_it():\n    assert double(3) == 6\n"


def with_reproduction(bench: Bench, red: dict[str, str], instruction: str = "double is wrong") -> Accepted | Deferred:
    bench.write({"pyproject.toml": "[tool.pytest.ini_options]\n", "calc.py": CODE, "test_calc.py": PROOF} | red)
    settings = VerifySettings(timeout_s=60, reproduce="always")
    verifier = bench.verifier(Kind.FIX, instruction=instruction, settings=settings)
    verifier.prepare()
    asked = verifier.wants_reproduction()
    assert asked is not None
    assert verifier.try_reproduction(asked, REPRODUCED) == ""
    verdict = verifier.judge(bench.patch({"calc.py": HALF}), 1)
    assert isinstance(verdict, Accepted | Deferred), verdict
    return verdict


def test_what_is_left_red_beside_a_reproduction_and_tests_that_pass_again_makes_it_weak(bench: Bench) -> None:
    """A tree may hold more than one bug."""
    more = {"test_more.py": "from calc import double\n\n\ndef test_more():\n    assert double(4) == 8\n"}
    verdict = with_reproduction(bench, more)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.strength is Strength.WEAK
    assert verdict.rests_on.endswith("1 test that failed before and gets at the change still fails")


def test_but_not_where_the_task_names_it(bench: Bench) -> None:
    more = {"test_more.py": "from calc import double\n\n\ndef test_more():\n    assert double(4) == 8\n"}
    verdict = with_reproduction(bench, more, "double is wrong, see test_more")
    assert isinstance(verdict, Deferred), verdict
    assert "test_more" in verdict.why
