"""What the next attempt hears of a failure: the assertion with its source, what was expected and got, the frames."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verification.conftest import Bench
from verification.ecosystems.judging import judge

from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Deferred
from routecli.verification.failure import condensed, source_of_assertion
from routecli.verification.feedback import MAX_BYTES
from routecli.verification.report import TestOutcome, TestRecord

CODE = "def parts(n):\n    return {'n': n, 'all': list(range(n))}\n\n\ndef read(text):\n    return load(text)\n"
RIGHT = "import json\n\n\ndef load(text):\n    return json.loads(text)\n\n\n" + CODE
WRONG = RIGHT.replace("range(n)", "range(n, 0, -1)").replace("json.loads(text)", "json.loads(text + '}')")
PADDING = "".join(f"    line_{n} = 'one of the many lines above the assertion'\n" for n in range(120))
PYTEST = (
    f"from calc import parts, read\n\n\ndef test_parts():\n{PADDING}    got = parts(200)\n"
    "    assert got == {'n': 200, 'all': list(range(200))}\n\n\ndef test_read():\n    assert read('{}') == {}\n"
)
UNITTEST = "import unittest\n\nfrom calc import parts, read\n\n\nclass TestCalc(unittest.TestCase):\n" \
           "    def test_parts(self):\n        wanted = {'n': 3, 'all': [0, 1, 2]}\n" \
           "        self.assertEqual(wanted, parts(3))\n\n" \
           "    def test_read(self):\n        self.assertEqual(read('{}'), {})\n"  # fmt: skip


def feedback(bench: Bench, tests: str, *, pytest_too: bool) -> str:
    config = {"pytest.ini": "[pytest]\naddopts = --tb=no\n"} if pytest_too else {}
    bench.write({"calc.py": RIGHT, "test_calc.py": tests} | config)
    patch = bench.patch({"calc.py": WRONG})
    verdict = bench.verifier(Kind.FEATURE, settings=VerifySettings(timeout_s=60)).judge(patch, 1)
    assert isinstance(verdict, Deferred), verdict
    assert len(verdict.feedback.encode()) <= MAX_BYTES
    return verdict.feedback


def test_pytest(bench: Bench) -> None:
    said = feedback(bench, PYTEST, pytest_too=True)
    assert "assert got == {'n': 200, 'all': list(range(200))}" in said, "the assertion's source"
    assert "def test_parts():" in said
    assert "200" in said
    assert "Differing items" in said or "!=" in said, "expected and got"
    assert "line_3 " not in said, "what is far above it is left out"
    assert "calc.py:5" in said, "the last frame in the repository"
    assert "JSONDecodeError" in said


def test_unittest(bench: Bench) -> None:
    said = feedback(bench, UNITTEST, pytest_too=False)
    assert "wanted = {'n': 3, 'all': [0, 1, 2]}" in said, "the lines around the assertion"
    assert "self.assertEqual(wanted, parts(3))" in said
    assert "- {'all': [0, 1, 2], 'n': 3}" in said
    assert "+ {'all': [3, 2, 1], 'n': 3}" in said
    assert "in load" in said


@pytest.mark.skipif(shutil.which("go") is None, reason="no go on this machine")
def test_go(tmp_path: Path) -> None:
    code = "package calc\n\nfunc Double(a int) int { return a * 2 }\n"
    tests = (
        'package calc\n\nimport "testing"\n\nfunc TestDouble(t *testing.T) {\n\twanted := 6\n'
        '\tif got := Double(3); got != wanted {\n\t\tt.Errorf("got %d, wanted %d", got, wanted)\n\t}\n}\n'
    )
    files = {"go.mod": "module example.com/calc\n\ngo 1.18\n", "calc.go": code, "calc_test.go": tests}
    verdict = judge(tmp_path, {"calc.go": code.replace("* 2", "+ 2")}, files, Kind.FEATURE, ("calc.go",))
    assert isinstance(verdict, Deferred), verdict
    assert "got 5, wanted 6" in verdict.feedback
    assert "wanted := 6" in verdict.feedback
    assert "if got := Double(3); got != wanted {" in verdict.feedback


LONG = "    def test_it():\n" + "        x = 1\n" * 400 + (
    ">       go()\n\ntests/test_it.py:401: \n_ _ _ _ _ _\nsrc/calc.py:7: in go\n    json.loads(x)\n"
    + "/usr/lib/python3.11/json/__init__.py:346: in loads\n    return 1\n" * 100
    + "_ _ _ _ _ _\n\nself = 1\n\n    def decode(self):\n" + "        y = 1\n" * 100
    + ">       raise ValueError(x)\nE       ValueError: no JSON\n\n/usr/lib/python3.11/json/decoder.py:9: ValueError\n"
)  # fmt: skip


def test_frames_of_other_packages_go_first() -> None:
    said = condensed(LONG, 3000)
    assert len(said.encode()) <= 3000
    for kept in (
        "def test_it():",
        ">       go()",
        "tests/test_it.py:401:",
        "src/calc.py:7: in go",
        "ValueError: no JSON",
    ):
        assert kept in said, kept
    assert "y = 1" not in said


def test_what_fits_is_left_alone() -> None:
    assert condensed(LONG, len(LONG.encode())) == LONG


@given(st.text(alphabet="_ >E\n/:19adef.py", max_size=3000), st.integers(200, 900))
def test_any_text_is_cut_to_the_limit(text: str, limit: int) -> None:
    assert len(condensed(text * 3, limit).encode()) <= limit


@given(st.text(), st.text())
def test_the_source_of_any_failure_is_read(detail: str, source: str) -> None:
    record = TestRecord(TestOutcome.FAILED, "test_a.py", f"test_a.py:{len(detail)}: {detail}")
    said = source_of_assertion(record, lambda _: source.encode("utf-8", "replace"))
    assert len(said.splitlines()) <= 9
