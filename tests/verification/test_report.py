"""Records of a run: what is believed, and what is not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from routecli.verification.baseline import from_bytes, to_bytes
from routecli.verification.findings import Finding
from routecli.verification.planned import INSIDE, Measured
from routecli.verification.report import TestOutcome, TestRecord, TestReport, read_report


def lines(*records: dict[str, object]) -> bytes:
    return "\n".join(json.dumps(r) for r in records).encode()


PASSED = {"id": "t.py::a", "outcome": "passed", "phase": "call", "file": "t.py"}
FAILED = {"id": "t.py::a", "outcome": "failed", "phase": "teardown", "file": "t.py", "detail": "boom"}


def test_a_whole_session_is_believed() -> None:
    report = read_report({"pytest-1.jsonl": lines(PASSED, {"end": True, "records": 1})}, "sub")
    assert report is not None
    assert report.ended
    assert report.tests == {"t.py::a": TestRecord(TestOutcome.PASSED, "sub/t.py")}


def test_row_08_no_end_a_wrong_count_or_words_after_the_end_are_no_end() -> None:
    for body in (
        lines(PASSED),
        lines(PASSED, {"end": True, "records": 2}),
        lines(PASSED, {"end": True, "records": 1}, PASSED),
        lines(PASSED) + b'\n{"id": "half',
    ):
        report = read_report({"pytest-1.jsonl": body})
        assert report is not None
        assert not report.ended, body


def test_row_09_a_later_pass_hides_no_failure() -> None:
    for order in ((PASSED, FAILED), (FAILED, PASSED)):
        report = read_report({"pytest-1.jsonl": lines(*order, {"end": True, "records": 2})})
        assert report is not None
        assert report.tests["t.py::a"].outcome is TestOutcome.FAILED
        assert report.tests["t.py::a"].detail == "boom"


def test_a_second_session_must_end_too() -> None:
    whole = lines(PASSED, {"end": True, "records": 1})
    report = read_report({"pytest-1.jsonl": whole, "pytest-2.jsonl": lines(PASSED)})
    assert report is not None
    assert not report.ended
    assert read_report({"something.txt": b"x"}) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_a_fault(body: bytes) -> None:
    report = read_report({"x.jsonl": body})
    assert report is not None
    from_bytes(body)


outcomes = st.sampled_from(list(TestOutcome))
records = st.builds(TestRecord, outcomes, st.text(max_size=9), st.text(max_size=9), st.booleans())
findings = st.builds(Finding, st.text(max_size=9), st.integers(1, 99), st.text(max_size=5), st.text(max_size=9))


@given(st.none() | st.dictionaries(st.text(max_size=9), records, max_size=4), st.lists(findings, max_size=3))
def test_the_cache_gives_back_what_it_was_given(tests: dict[str, TestRecord] | None, found: list[Finding]) -> None:
    report = TestReport(tests, True) if tests is not None else None
    measured = Measured(1, 0.5, "tail", report=report, findings=tuple(found))
    back = from_bytes(to_bytes(measured))
    assert back is not None
    assert (back.report, back.findings, back.exit_code, back.cached) == (report, tuple(found), 1, True)


def run_plugin(folder: Path, report: Path, *words: str) -> TestReport:
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(INSIDE), "ROUTECLI_REPORT_DIR": str(report),
           "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # fmt: skip
    argv = [sys.executable, *words]
    subprocess.run(argv, cwd=folder, env=env, check=False, capture_output=True, timeout=60)
    got = read_report({p.name: p.read_bytes() for p in report.iterdir()})
    assert got is not None
    return got


def test_the_plugin_tells_every_kind_of_end(tmp_path: Path) -> None:
    folder, report = tmp_path / "p", tmp_path / "r"
    folder.mkdir()
    report.mkdir()
    (folder / "test_x.py").write_text(
        "import os, subprocess, sys, pytest\n"
        "@pytest.fixture\ndef bad():\n    raise ValueError('setup')\n"
        "@pytest.fixture\ndef late():\n    yield\n    raise ValueError('teardown')\n"
        "def test_ok(): pass\n"
        "def test_setup(bad): pass\n"
        "def test_teardown(late): pass\n"
        "@pytest.mark.skip\ndef test_skip(): pass\n"
        "@pytest.mark.xfail\ndef test_xfail(): assert 0\n"
        "@pytest.mark.xfail(strict=True)\ndef test_xpass(): pass\n"
        "def test_inner(tmp_path):\n"
        "    (tmp_path / 'test_in.py').write_text('def test_inside(): pass')\n"
        "    run = [sys.executable, '-m', 'pytest', '-p', 'plugin_routecli', str(tmp_path)]\n"
        "    assert subprocess.run(run).returncode == 0\n"
        "def test_fork():\n"
        "    pid = os.fork()\n"
        "    if not pid: sys.exit(0)\n"
        "    os.waitpid(pid, 0)\n"
    )
    (folder / "test_broken.py").write_text("import nothing_of_that_name\n")
    got = run_plugin(folder, report, "-m", "pytest", "-p", "plugin_routecli", "--continue-on-collection-errors", "-q")
    assert got.ended
    assert {n.rpartition("::")[2]: t.outcome.value for n, t in got.tests.items()} == {
        "test_broken.py": "failed", "test_ok": "passed", "test_setup": "failed", "test_teardown": "failed",
        "test_skip": "skipped", "test_xfail": "xfailed", "test_xpass": "failed", "test_inner": "passed",
        "test_fork": "passed",
    }  # fmt: skip
    assert got.tests["test_broken.py"].collect
    assert len(list(report.iterdir())) == 1


def test_the_unittest_runner_tells_every_kind_of_end(tmp_path: Path) -> None:
    folder, report = tmp_path / "p", tmp_path / "r"
    for name, text in {
        "pkg/__init__.py": "",
        "pkg/words.py": "def f():\n    '''\n    >>> f()\n    1\n    '''\n    return 1\n",
        "pkg/test_in_package.py": "from unittest import TestCase\nclass T(TestCase):\n    def test_a(self): pass\n",
        "tests/test_x.py": (
            "import doctest, unittest\nfrom pkg import words\n"
            "class T(unittest.TestCase):\n    def test_ok(self): pass\n    def test_bad(self): self.fail('no')\n"
            "    @unittest.skip('x')\n    def test_skip(self): pass\n"
            "    @unittest.expectedFailure\n    def test_xfail(self): self.fail()\n"
            "class S(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls): raise ValueError('no')\n"
            "    def test_never(self): pass\n"
            "def load_tests(loader, tests, ignore):\n    tests.addTests(doctest.DocTestSuite(words))\n"
            "    return tests\n"
        ),
        "other/test_x.py": "import unittest\nclass O(unittest.TestCase):\n    def test_same_name(self): pass\n",
        "test_broken.py": "raise SystemExit(0)\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    report.mkdir()
    got = run_plugin(folder, report, str(INSIDE / "runner_unittest.py"))
    assert got.ended
    assert {n: (t.outcome.value, t.file) for n, t in got.tests.items()} == {
        "test_broken.py": ("failed", "test_broken.py"),
        "pkg.test_in_package.T.test_a": ("passed", "pkg/test_in_package.py"),
        "test_x.T.test_ok": ("passed", "tests/test_x.py"),
        "test_x.T.test_bad": ("failed", "tests/test_x.py"),
        "test_x.T.test_skip": ("skipped", "tests/test_x.py"),
        "test_x.T.test_xfail": ("xfailed", "tests/test_x.py"),
        "setUpClass (test_x.S)": ("failed", ""),
        "test_x.O.test_same_name": ("passed", "other/test_x.py"),
        "pkg.words.f": ("passed", "pkg/words.py"),
    }
