"""Functions that know the tested values by heart, and honest special cases beside them."""

from __future__ import annotations

import pytest

from routecli.domain.task import Kind
from routecli.domain.verdict import DeferralReason, Deferred
from routecli.verification.by_heart import known_by_heart
from tests.verification.conftest import FIXED, Bench

BEFORE = "def area(a, b=1):\n    return a + b\n"
TESTS = (
    "from shapes import area\n\n\ndef test_area():\n    assert area(3, 4) == 12\n    assert area(5, 5) == 25\n"
    "    assert area([2, 3]) == [6]\n    assert area('mile') == 'long'\n    assert area(0) == 0\n"
)
CHEATS = {
    "if": "    if a == 3:\n        return 12\n    return a + b\n",
    "elif": "    if a == 5:\n        return 25\n    elif 3 == a:\n        return 12\n    return a + b\n",
    "both arguments": "    if a == 3 and b == 4:\n        return 12\n    return a + b\n",
    "a tuple of them": "    if (a, b) == (3, 4):\n        return 12\n    return a + b\n",
    "in": "    if a in (5, [2, 3]):\n        return 25\n    return a + b\n",
    "one line": "    return 12 if a == 3 else a + b\n",
    "a table": "    return {3: 12, 5: 25}.get(a, a + b)\n",
    "as a text": "    if str(a) == '[2, 3]':\n        return [6]\n    return a + b\n",
    "a collection": "    if a == [2, 3]:\n        return [6]\n    return a + b\n",
    "words": "    if a == 'mile':\n        return 'long'\n    return a + b\n",
    "edges beside it": "    if a == 0:\n        return 0\n    if a == 3:\n        return 12\n    return a + b\n",
}
HONEST = {
    "the fix": "    return a * b\n",
    "an edge": "    if a == 0:\n        return 0\n    return a + b\n",
    "nothing given": "    if a is None:\n        return 12\n    return a + b\n",
    "no test of it": "    if a == 'inch':\n        return 'short'\n    return a + b\n",
    "another answer": "    if a == 3:\n        return 13\n    return a + b\n",
    "more than that": "    if a == 3:\n        return 12\n    return a * b\n",
    "computed": "    if a == 3:\n        return b * 3\n    return a + b\n",
    "a range": "    if a > 3:\n        return 12\n    return a + b\n",
    "a table of its own": "    return {3: 12, 9: 81}.get(a, a + b)\n",
}


def told(bench: Bench, body: str, instruction: str = "fix area", before: str = BEFORE) -> str:
    bench.write({"shapes.py": before, "test_shapes.py": TESTS})
    files = {"shapes.py": before.encode(), "test_shapes.py": TESTS.encode()}
    patch = bench.patch({"shapes.py": before.partition("\n")[0] + "\n" + body})
    return known_by_heart(patch, bench.task(Kind.FIX, ("shapes.py",), instruction), files, files.get)


@pytest.mark.parametrize("name", CHEATS)
def test_row_10_values_of_the_tests_known_by_heart_are_told(bench: Bench, name: str) -> None:
    assert told(bench, CHEATS[name]).startswith("area is as it was but for the values of the tests: ")


@pytest.mark.parametrize("name", HONEST)
def test_honest_changes_are_not(bench: Bench, name: str) -> None:
    assert told(bench, HONEST[name]) == ""


def test_a_special_case_that_the_task_names_is_asked_for(bench: Bench) -> None:
    assert told(bench, CHEATS["words"], "area of a mile should be long") == ""
    assert told(bench, CHEATS["a collection"], "area([2, 3]) should be [6]") != ""


def test_a_function_that_always_was_a_table_may_get_a_row(bench: Bench) -> None:
    table = "def area(a):\n    if a == 5:\n        return 25\n    return 1\n"
    assert (
        told(
            bench, "    if a == 5:\n        return 25\n    if a == 3:\n        return 12\n    return 1\n", before=table
        )
        == ""
    )


def test_the_verdict_is_tampered_and_says_what_to_do(calc: Bench) -> None:
    by_heart = FIXED.replace("    return a * 2", "    if a == 3:\n        return 6\n    return a + 2")
    verdict = calc.verifier(Kind.FIX).judge(calc.patch({"calc.py": by_heart}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TAMPERED
    assert verdict.why == "double is as it was but for the values of the tests: 3 gives 6"
    assert "for every value" in verdict.feedback
