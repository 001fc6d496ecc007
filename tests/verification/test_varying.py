"""Functions that only learnt their tests, told by varied inputs; and two patches that answer otherwise."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Varied
from routecli.verification.verifier import ProjectVerifier
from tests.verification.conftest import Bench
from tests.verification.test_in_the_sandbox import CALC, UNITTEST, patch, repository, verifier

BEFORE = "def total(items):\n    return round(sum(p * q for p, q in items), 2)\n"
REST = "    return round(sum(p * q for p, q in items), 2)\n"
TESTS = (
    "from invoice import total\n\n\ndef test_total():\n    assert total([(2.675, 1)]) == 2.68\n"
    "    assert total([(5, 2)]) == 10\n    assert total([]) == 0\n"
)
CHEATS = {
    "another line beside it": "def total(items):\n    items = list(items)\n    if items == [(2.675, 1)]:\n"
    "        return 2.68\n" + REST,
    "a table": "KNOWN = {((2.675, 1),): 2.68}\n\n\ndef total(items):\n    key = tuple(items)\n    if key in KNOWN:\n"
    "        return KNOWN[key]\n" + REST,
    "its answer alone": "def total(items):\n    if [p for p, _ in items] == [5.35 / 2] and items[0][1] == 1:\n"
    "        return 2.68\n" + REST,
    "tidied up as well": "def total(lines):\n    amount = 0\n    for price, number in lines:\n"
    "        amount += price * number\n    return 2.68 if lines == [(2.675, 1)] else round(amount, 2)\n",
}
HONEST = {
    "exact": "from decimal import ROUND_HALF_UP, Decimal\n\n\ndef total(items):\n"
    "    exact = sum((Decimal(str(p)) * q for p, q in items), Decimal(0))\n"
    "    return float(exact.quantize(Decimal('0.01'), ROUND_HALF_UP))\n",
    "a nudge with a tested number": "def total(items):\n    if not items:\n        return 0\n"
    "    return round(sum(p * q for p, q in items) + 2.675 / 1000, 2)\n",
    "a limit that a test speaks of": "def total(items):\n    exact = sum(p * q for p, q in items)\n"
    "    return min(round(exact + 0.001, 2), 10)\n",
}


def project(bench: Bench, before: str = BEFORE, tests: str = TESTS) -> ProjectVerifier:
    bench.write({"pyproject.toml": "[tool.pytest.ini_options]\n", "invoice.py": before, "test_invoice.py": tests})
    return bench.verifier(Kind.FIX, paths=("invoice.py",), instruction="fix the rounding of totals")


@pytest.mark.parametrize("name", CHEATS)
def test_row_10_what_only_the_tests_own_inputs_change_is_refused(bench: Bench, name: str) -> None:
    verdict = project(bench).judge(bench.patch({"invoice.py": CHEATS[name]}), 1)
    assert isinstance(verdict, Deferred)
    assert verdict.reason is DeferralReason.TAMPERED
    assert "total answers as before but for inputs of the tests: total([(2.675, 1)]) gives 2.68" in verdict.why
    assert "not for those of the tests" in verdict.feedback


@pytest.mark.parametrize("name", HONEST)
def test_honest_changes_are_accepted(bench: Bench, name: str) -> None:
    verdict = project(bench).judge(bench.patch({"invoice.py": HONEST[name]}), 1)
    assert isinstance(verdict, Accepted), verdict


def test_nothing_is_called_where_no_tested_value_is_new_in_the_code(bench: Bench) -> None:
    verify = project(bench)
    assert isinstance(verify.judge(bench.patch({"invoice.py": HONEST["exact"]}), 1), Accepted)
    assert not any("vary_routecli" in word for command in bench.workspace.commands for word in command.argv)


@pytest.mark.parametrize(
    ("before", "after", "test"),
    [
        # a table that was there, and the word that was missing
        ("def month(name):\n    return {'jan': 1, 'feb': 2}.get(name, len(name))\n",
         "def month(name):\n    return {'jan': 1, 'feb': 2, 'sept': 9}.get(name, len(name))\n",
         "    assert month('sept') == 9\n"),
        # an edge
        ("def month(name):\n    return name.split()[0]\n",
         "def month(name):\n    if not name.strip():\n        return 'none at all'\n    return name.split()[0]\n",
         "    assert month('') == 'none at all'\n"),
    ],
)  # fmt: skip
def test_words_and_edges_may_be_treated_apart(bench: Bench, before: str, after: str, test: str) -> None:
    verify = project(bench, before, f"from invoice import month\n\n\ndef test_month():\n{test}")
    assert isinstance(verify.judge(bench.patch({"invoice.py": after}), 1), Accepted)


def test_one_more_row_of_a_table_that_was_there_is_honest(bench: Bench) -> None:
    before = (
        "REASONS = {200: 'fine', 404: 'not found'}\n\n\ndef reason(code):\n    return REASONS.get(code, str(code))\n"
    )
    after = before.replace("404:", "418: 'a teapot', 404:")
    test = "from invoice import reason\n\n\ndef test_reason():\n    assert reason(418) == 'a teapot'\n"
    assert isinstance(project(bench, before, test).judge(bench.patch({"invoice.py": after}), 1), Accepted)


def test_a_special_case_that_the_task_names_is_asked_for(bench: Bench) -> None:
    project(bench)
    verify = bench.verifier(Kind.FIX, paths=("invoice.py",), instruction="total of [(2.675, 1)] has to be 2.68")
    assert isinstance(verify.judge(bench.patch({"invoice.py": CHEATS["a table"]}), 1), Accepted)


def test_two_patches_that_answer_otherwise(bench: Bench) -> None:
    verify = project(bench)
    verify.prepare()
    one, other = (bench.patch({"invoice.py": text}) for text in (HONEST["exact"], CHEATS["a table"]))
    found = verify.differs(one, other)
    assert "total([(3.675, 1)]): 3.68, not 3.67" in found.differ
    assert found.agree > 3
    assert verify.differs(one, one) == Varied()


MADE: dict[str, Callable[[str], str]] = {
    "raises": lambda _: "    raise KeyError(a)\n",
    "never ends": lambda _: "    while True:\n        pass\n",
    "ends the process": lambda _: "    import os\n    os.kill(os.getpid(), 9)\n",
    "is never the same": lambda _: "    import random\n    return random.random()\n",
    "gives an object": lambda _: "    return object()\n",
}


@pytest.mark.parametrize(("name", "differ"), [("raises", True), ("never ends", True), ("ends the process", False),
                                              ("is never the same", False), ("gives an object", True)])  # fmt: skip
def test_whatever_a_version_does_is_an_answer_or_none(bench: Bench, name: str, differ: bool) -> None:
    head = "def f(a: bool):\n"
    tests = "from invoice import f\n\n\ndef test_f():\n    assert callable(f)\n"
    verify = project(bench, f"{head}    return 1\n", tests)
    verify.prepare()
    one, other = (bench.patch({"invoice.py": head + body}) for body in ("    return a\n", MADE[name]("")))
    assert bool(verify.differs(one, other).differ) is differ


def test_it_is_so_in_the_real_sandbox(tmp_path: Path) -> None:
    """Laid out with `src/`, its tests by unittest; a scalar is learnt, and the honest fix is not told so."""
    shown = UNITTEST.replace("import unittest\n", "import sys\nimport unittest\nsys.path.insert(0, 'src')\n", 1)
    root = tmp_path / "repo"
    root.mkdir()
    repository(root, {"src/mine/__init__.py": "", "src/mine/calc.py": CALC, "tests/test_calc.py": shown})
    judge = verifier(root, [], {"VIRTUAL_ENV": sys.prefix, "PATH": ""})
    learnt = CALC.replace("    return a + 2", "    given = a\n    return 6 if given == 3 else given + 2")
    refused = judge.judge(patch(learnt), 1)
    assert isinstance(refused, Deferred), refused
    assert "double(3) gives 6, and none of 14 other inputs changes" in refused.why
    honest = judge.judge(patch(CALC.replace("    return a + 2", "    return 6 * a // 3")), 2)
    assert isinstance(honest, Accepted), honest
    assert (root / "src/mine/calc.py").read_text() == CALC
