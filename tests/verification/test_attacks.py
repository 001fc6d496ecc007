"""Fake passes (security.md rows 7, 8 and 9): none of them may be accepted."""

from __future__ import annotations

import pytest

from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred
from tests.verification.conftest import FIXED, Bench, DictCache

STILL_WRONG = "def add(a, b):\n    return a + b\n\n\ndef double(a):\n    return a + 2\n"
BREAKS_ADD = "def add(a, b):\n    return a + b if isinstance(a, str) else 4\n\n\ndef double(a):\n    return a * 2\n"
PASS_ALL = (
    "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
    "    out = yield\n    r = out.get_result()\n    r.outcome = 'passed'\n    r.longrepr = None\n"
)
TEST_FILE = "from calc import add, double\n\n\n"

HIDES_LINES = """\
import sys

import pytest

VARIABLE = CALLS_VARIABLE = "X"
pytest.Function.runtest = lambda item: None


class Lines:
    def __init__(self, *asked):
        pass

    def __getattr__(self, name):
        return lambda *args: None
"""
"""It is loaded with our plugin, and makes every test pass."""
BY_TESTS: dict[str, dict[str, str | None]] = {
    "deleted test file": {"calc.py": STILL_WRONG + "#\n", "test_calc.py": None},
    "weakened test": {"calc.py": BREAKS_ADD, "test_calc.py": TEST_FILE + "def test_add():\n    assert add(1, 2)\n"},
    "deleted test": {
        "calc.py": BREAKS_ADD,
        "test_calc.py": TEST_FILE + "def test_double():\n    assert double(3) == 6\n",
    },
    "skip added": {
        "calc.py": BREAKS_ADD,
        "test_calc.py": "import pytest\n"
        + TEST_FILE
        + "@pytest.mark.skip\ndef test_add():\n    assert add(1, 2) == 3\n",
    },
    "xfail added": {
        "calc.py": BREAKS_ADD,
        "test_calc.py": "import pytest\n"
        + TEST_FILE
        + "@pytest.mark.xfail\ndef test_add():\n    assert add(1, 2) == 3\n",
    },
    "conftest that passes all": {"calc.py": BREAKS_ADD, "conftest.py": PASS_ALL},
    "conftest that collects nothing": {"calc.py": BREAKS_ADD, "conftest.py": "collect_ignore_glob = ['*']\n"},
    "pytest.ini that deselects": {"calc.py": BREAKS_ADD, "pytest.ini": "[pytest]\naddopts = -k double\n"},
    "pyproject that deselects": {
        "calc.py": BREAKS_ADD,
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--deselect test_calc.py::test_add'\n",
    },
    "sitecustomize": {"calc.py": BREAKS_ADD, "sitecustomize.py": "import os, atexit\natexit.register(os._exit, 0)\n"},
    "new test file that patches pytest": {
        "calc.py": BREAKS_ADD,
        "test_aaa.py": "import calc\ncalc.add = lambda a, b: a + b\n\n\ndef test_nothing():\n    pass\n",
    },
}

IN_PROCESS: dict[str, dict[str, str | None]] = {
    "os._exit at import": {"calc.py": "import os\nos._exit(0)\n" + BREAKS_ADD},
    "os._exit by another name": {"calc.py": "import posix\ngetattr(posix, chr(95) + 'exit')(0)\n" + BREAKS_ADD},
    "sys.exit at import": {"calc.py": "import sys\nsys.exit(0)\n" + BREAKS_ADD},
    "sys.exit in the function": {"calc.py": "import sys\n" + BREAKS_ADD.replace("else 4", "else sys.exit(0)")},
    "skip from source": {
        "calc.py": "def add(a, b):\n    import pytest\n    pytest.skip('x')\n\n\ndef double(a):\n    return a * 2\n"
    },
    "skip from source, hidden": {
        "calc.py": (
            "import importlib\n\n\ndef add(a, b):\n    importlib.import_module('tsetyp'[::-1]).skip('x')\n\n\n"
            "def double(a):\n    return a * 2\n"
        )
    },
    "atexit": {"calc.py": "import atexit, os\natexit.register(lambda: os._exit(0))\n" + BREAKS_ADD},
    "runner patched": {
        "calc.py": "import _pytest.runner\n_pytest.runner.check_interactive_exception = None\n" + BREAKS_ADD
    },
    "equal to everything": {
        "calc.py": (
            "class Any:\n    def __eq__(self, other):\n        return True\n\n\ndef add(a, b):\n    return Any()\n\n\n"
            "def double(a):\n    return Any()\n"
        )
    },
    "knows the running test": {
        "calc.py": "import os\n" + BREAKS_ADD.replace("else 4", "else 3 if 'PYTEST_CURRENT_TEST' in os.environ else 4")
    },
    "hides the runner": {"calc.py": BREAKS_ADD, "pytest.py": "raise SystemExit(0)\n"},
    "hides our plugin": {"calc.py": BREAKS_ADD, "plugin_routecli.py": "x = 1\n"},
    "hides what our plugin imports": {"calc.py": BREAKS_ADD, "lines_routecli.py": HIDES_LINES},
    "hides a standard module": {"calc.py": BREAKS_ADD, "json/__init__.py": "x = 1\n"},
}


@pytest.fixture(autouse=True)
def measured_once(calc: Bench, shared_cache: DictCache) -> None:
    calc.cache = shared_cache


AS_A_FIX = ("deleted test", "conftest that passes all", "sys.exit at import", "skip from source, hidden")
"""A fix asks for more than a feature, so these few show it; the others are tried where less is asked."""


def both_kinds(names: dict[str, dict[str, str | None]]) -> list[tuple[str, Kind]]:
    return [(n, Kind.FEATURE) for n in names] + [(n, Kind.FIX) for n in names if n in AS_A_FIX]


@pytest.mark.parametrize(("name", "kind"), both_kinds(BY_TESTS))
def test_row_07_a_fake_pass_by_tests_is_refused(calc: Bench, name: str, kind: Kind) -> None:
    verdict = calc.verifier(kind, cached=True).judge(calc.patch(BY_TESTS[name]), 1)
    assert isinstance(verdict, Deferred), (name, verdict)


@pytest.mark.parametrize(("name", "kind"), both_kinds(IN_PROCESS))
def test_row_08_a_fake_pass_in_process_is_refused(calc: Bench, name: str, kind: Kind) -> None:
    verdict = calc.verifier(kind, cached=True).judge(calc.patch(IN_PROCESS[name]), 1)
    assert isinstance(verdict, Deferred), (name, verdict)


def test_row_07_a_right_fix_with_a_new_test_is_accepted_after_two_passes(calc: Bench) -> None:
    new = "from calc import double\n\n\ndef test_zero():\n    assert double(0) == 0\n"
    verdict = calc.verifier(Kind.FIX, cached=True).judge(calc.patch({"calc.py": FIXED, "test_double.py": new}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert "judged by test_double.py as it was" in verdict.why
    assert [c.name for c in verdict.checks] == ["pytest", "pytest, with the patch's own tests"]


def test_row_07_a_right_fix_whose_own_test_fails_is_deferred(calc: Bench) -> None:
    new = "from calc import double\n\n\ndef test_zero():\n    assert double(0) == 1\n"
    verdict = calc.verifier(Kind.FIX, cached=True).judge(calc.patch({"calc.py": FIXED, "test_double.py": new}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert "with the patch's own changes of test_double.py" in verdict.why


def test_row_08_a_silent_end_is_called_tampering(calc: Bench) -> None:
    patch = calc.patch({"calc.py": "import posix\ngetattr(posix, chr(95) + 'exit')(0)\n"})
    verdict = calc.verifier().judge(patch, 1)
    assert isinstance(verdict, Deferred)
    assert verdict.reason is DeferralReason.TAMPERED
    assert "ended early" in verdict.why


def test_row_09_a_word_that_the_task_names_is_not_held_against_it(calc: Bench) -> None:
    patch = calc.patch({"calc.py": "import atexit\n" + FIXED + "\n\natexit.register(add, 1, 2)\n"})
    refused = calc.verifier(Kind.FIX, cached=True).judge(patch, 1)
    assert isinstance(refused, Deferred)
    assert refused.reason is DeferralReason.TAMPERED
    asked = calc.verifier(Kind.FIX, instruction="fix double, and call add by atexit").judge(patch, 1)
    assert isinstance(asked, Accepted), asked


def test_only_tests_changed_is_no_fix(calc: Bench) -> None:
    text = (calc.root / "test_calc.py").read_text().replace("double(3) == 6", "double(3) == 5")
    refused = calc.verifier(Kind.FIX, cached=True).judge(calc.patch({"test_calc.py": text}), 1)
    assert isinstance(refused, Deferred)
    asked = calc.verifier(Kind.FIX, paths=("test_calc.py",)).judge(calc.patch({"test_calc.py": text}), 1)
    assert isinstance(asked, Accepted), asked


def test_new_tests_have_to_be_new_and_to_pass(calc: Bench) -> None:
    good = "from calc import add\n\n\ndef test_more():\n    assert add(2, 2) == 4\n"
    accepted = calc.verifier(Kind.TESTS, cached=True).judge(calc.patch({"test_more.py": good}), 1)
    assert isinstance(accepted, Accepted), accepted
    assert "1 new test passes" in accepted.why
    failing = calc.verifier(Kind.TESTS, cached=True).judge(
        calc.patch({"test_more.py": good.replace("== 4", "== 5")}), 1
    )
    assert isinstance(failing, Deferred)
    none = calc.verifier(Kind.TESTS, cached=True).judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(none, Deferred)
    assert none.reason is DeferralReason.CONTRACT_BROKEN
