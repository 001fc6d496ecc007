"""Calls written down while tests run, and made again: values that go both ways, and what is left alone."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path, PosixPath
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.verification.planned import INSIDE
from tests.verification.newer import recorders, with_monitoring


@pytest.fixture(scope="module")
def calls() -> ModuleType:
    """The program's own module, as the sandbox imports it."""
    sys.path.insert(0, str(INSIDE))
    try:
        return importlib.import_module("calls_routecli")
    finally:
        sys.path.remove(str(INSIDE))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
    | st.decimals(allow_nan=False, allow_infinity=False) | st.dates() | st.timedeltas(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(plain)
def test_plain_values_go_both_ways(calls: ModuleType, value: Any) -> None:
    try:
        told = json.loads(json.dumps(calls.written(value)))
    except calls.NotPlain:
        return  # nested too deeply
    back = calls.read(told)
    assert back == value
    assert type(back) is type(value)


class Point:
    def __init__(self, x: int) -> None:
        self.x = x


class Slotted:
    __slots__ = ("x",)


class Pickled(Point):
    def __reduce__(self) -> Any:
        raise AssertionError("nothing of the project's is called")


@pytest.mark.parametrize(
    "value", [{1, 2}, frozenset("a"), Fraction(1, 3), PosixPath("/a"), datetime(2026, 1, 2), date(2026, 1, 2),
              timedelta(1), Decimal("1.50"), [(1, {"a": None})]],
)  # fmt: skip
def test_further_types(calls: ModuleType, value: Any) -> None:
    assert calls.read(json.loads(json.dumps(calls.written(value)))) == value


class Colour(Enum):
    RED = 1


def test_objects_of_plain_state_and_no_others(calls: ModuleType) -> None:
    made = calls.read(json.loads(json.dumps(calls.written(Point(7)))))
    assert (type(made), made.x) == (Point, 7)
    assert calls.read(json.loads(json.dumps(calls.written([Colour.RED])))) == [Colour.RED]
    for value in (Slotted(), Pickled(1), lambda: 1, open, object(), iter([])):
        with pytest.raises(calls.NotPlain):
            calls.written(value)


CODE = """\
import random


def rate(country, default=0, *more, deep=None, **rest):
    return 19 if country == "DE" else default


def odd():
    return random.random()


def slow(n):
    while n:
        pass
    return n


def changes(items):
    items.append(1)


class Bill:
    def __init__(self, lines):
        self.lines = lines

    def total(self):
        return sum(self.lines)

    @staticmethod
    def half(n):
        return n / 2

    @property
    def first(self):
        return self.lines[0]
"""
WANTED = {"src/shop.py": [["rate", 4], ["odd", 8], ["changes", 18], ["Bill.total", 26], ["Bill.half", 29]]}
TESTS = """\
import sys

sys.path.insert(0, "src")
import shop


def test_all():
    shop.rate("DE", 1, 2, deep=[1.5], other="x")
    shop.rate("DE", 1, 2, deep=[1.5], other="x")
    shop.rate(object())
    shop.odd()
    shop.changes([])
    shop.Bill([1, 2]).total()
    shop.Bill.half(3)
"""


def kept(folder: Path, python: str = sys.executable) -> list[dict[str, Any]]:
    (folder / "src").mkdir(exist_ok=True)
    (folder / "src/shop.py").write_text(CODE)
    (folder / "test_shop.py").write_text(TESTS)
    reports = folder / "reports"
    reports.mkdir()
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": recorders(), "ROUTECLI_REPORT_DIR": str(reports),
           "ROUTECLI_LINES": json.dumps({"src/shop.py": [[5]]}), "ROUTECLI_CALLS": json.dumps(WANTED),
           "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # fmt: skip
    argv = [python, "-m", "pytest", "-q", "-p", "plugin_routecli"]
    subprocess.run(argv, cwd=folder, env=env, check=True, capture_output=True)
    (report,) = reports.iterdir()
    found: list[dict[str, Any]] = json.loads(report.read_text().splitlines()[-1])["calls"]
    return found


def made_again(folder: Path, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    (folder / "spec.json").write_text(json.dumps(entries))
    reports = folder / "answers"
    reports.mkdir()
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(INSIDE), "ROUTECLI_REPORT_DIR": str(reports)}
    argv = [sys.executable, str(INSIDE / "probe_routecli.py"), "spec.json"]
    subprocess.run(argv, cwd=folder, env=env, check=True, capture_output=True, timeout=60)
    return [json.loads(line) for line in (reports / "probe.jsonl").read_text().splitlines()]


def test_what_tests_called_is_kept_once_and_made_again(tmp_path: Path) -> None:
    entries = kept(tmp_path)
    assert [e["function"] for e in entries] == ["rate", "odd", "changes", "Bill.total", "Bill.half"]
    answers = made_again(tmp_path, entries)
    assert answers[-1] == {"end": True}
    by_function = {a["function"]: a for a in answers if a.get("how") == "recorded"}
    assert by_function["rate"]["said"].startswith("gave 19 ")
    assert by_function["rate"]["shown"] == "'DE', 1, 2, deep=[1.5], other='x'"
    assert by_function["changes"]["said"] == 'gave null leaving {"list": [{"list": [{"list": [1]}]}, {"dict": []}]}'
    assert by_function["Bill.total"]["said"].startswith("gave 3 ")
    assert "odd" not in by_function  # another answer each time
    varied = [a["shown"] for a in answers if a.get("how") == "varied" and a["function"] == "rate"]
    assert "'DEx', 1, 2, deep=[1.5], other='x'" in varied
    assert len(varied) == len(set(varied)) >= 8


def test_a_python_that_monitors_keeps_the_same_calls(tmp_path: Path) -> None:
    newer = with_monitoring()
    if newer is None:
        pytest.skip("no Python with sys.monitoring on this machine")
    (tmp_path / "newer").mkdir()
    (tmp_path / "own").mkdir()
    assert kept(tmp_path / "newer", str(newer)) == kept(tmp_path / "own")


def test_a_call_that_does_not_end_and_a_function_that_is_not_there(tmp_path: Path) -> None:
    kept(tmp_path)
    entry = {"path": "src/shop.py", "module": "shop", "call": [[1], {}]}
    answers = made_again(tmp_path, [{**entry, "function": "slow"}, {**entry, "function": "gone"}])
    assert answers[0]["said"] == "did not end"
    assert {"fault": "AttributeError", "function": "gone"} in answers
