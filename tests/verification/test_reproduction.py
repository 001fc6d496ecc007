"""Where a reproduction stands, and who is outvoted; the runs are in tests/e2e/test_reproduction.py."""

from __future__ import annotations

import pytest

from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.ports import Reproduction
from routecli.prompting.reproducing import read_reproduction
from routecli.verification.report import TestOutcome, TestRecord
from routecli.verification.reproduction import Reproduced, outvoted
from tests.verification.conftest import Bench

GREEN = "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
LEFT = {"t": TestRecord(TestOutcome.FAILED)}


def wanted(calc: Bench, kind: Kind = Kind.FIX, **more: object) -> Reproduction | None:
    verifier = calc.verifier(kind, settings=VerifySettings(timeout_s=60, **more))  # type: ignore[arg-type]
    verifier.prepare()
    return verifier.wants_reproduction()


def test_it_is_wanted_for_a_fix_that_no_failing_test_speaks_of(calc: Bench) -> None:
    assert wanted(calc) is None, "test_double fails already"
    calc.write({"test_calc.py": GREEN})
    found = wanted(calc)
    assert found is not None
    assert (found.runner, found.path.startswith("test_reproduction_")) == ("pytest", True)
    assert wanted(calc) == found, "the same name for the same task"


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (Kind.FEATURE, {}), (Kind.FIX, {"reproduce": "off"}), (Kind.FIX, {"accept_cmd": "false"}),
        (Kind.FIX, {"tests": False}),
    ],
)  # fmt: skip
def test_it_is_not_wanted(calc: Bench, kind: Kind, more: dict[str, object]) -> None:
    calc.write({"test_calc.py": GREEN})
    assert wanted(calc, kind, **more) is None


def test_always_means_always_for_a_fix(calc: Bench) -> None:
    assert wanted(calc, reproduce="always") is not None


@pytest.mark.parametrize(
    ("left", "out"), [([], False), ([{}], False), ([LEFT], True), ([LEFT, {}], True), ([LEFT, {}, {}], False)]
)
def test_most_of_them_decide(left: list[dict[str, TestRecord]], out: bool) -> None:
    assert outvoted([Reproduced(("t",), one) for one in left]) is out


def test_the_longest_block_of_a_reply_is_the_file() -> None:
    assert read_reproduction("a\n```py\nx = 1\ny = 2\n```\nor\n~~~\nz\n~~~\n") == "x = 1\ny = 2\n"
    assert read_reproduction("````\n```\nin\n```\n````") == "```\nin\n```\n"
    assert read_reproduction("nothing") == ""
