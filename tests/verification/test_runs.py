"""Everything that may happen when a project's checks run: time-outs, flaky tests, broken machines, linters."""

from __future__ import annotations

from pathlib import Path

import pytest

from routecli.domain.events import Checked, Checking
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, CheckOutcome, DeferralReason, Deferred, Unverified
from routecli.errors import UsageFault
from routecli.verification import passes
from tests.verification.conftest import FIXED, Bench, FolderWorkspace, MakeEnvironment

UNIT = (
    "import unittest\n\nfrom calc import add, double\n\n\nclass Sums(unittest.TestCase):\n"
    "    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n\n"
    "    def test_double(self):\n        self.assertEqual(double(3), 6)\n\n"
    "    def test_many(self):\n        for n in range(3):\n            with self.subTest(n=n):\n"
    "                self.assertEqual(add(n, 0), n)\n"
)
CALC = "def add(a, b):\n    return a + b\n\n\ndef double(a):\n    return a + 2\n"


@pytest.fixture
def unit(bench: Bench) -> Bench:
    bench.write({"calc.py": CALC, "tests/test_calc.py": UNIT})
    return bench


def test_unittest_fix_accepted_and_break_deferred(unit: Bench) -> None:
    accepted = unit.verifier(Kind.FIX).judge(unit.patch({"calc.py": FIXED}), 1)
    assert isinstance(accepted, Accepted), accepted
    assert accepted.checks[0].name == "unittest"
    assert accepted.checks[0].fixed == ("test_calc.Sums.test_double",)
    broken = FIXED.replace("return a + b", "return a + b + (a == 2)")
    deferred = unit.verifier(Kind.FIX).judge(unit.patch({"calc.py": broken}), 1)
    assert isinstance(deferred, Deferred)
    assert deferred.checks[0].new_failures == ("test_calc.Sums.test_many",)
    assert "3 != 2" in deferred.feedback


@pytest.mark.parametrize("text", ["import os\nos.__dict__['_' + 'exit'](0)\n", "raise SystemExit(0)\n", "def add(:\n"])
def test_row_08_unittest_that_ends_early_or_cannot_import_is_deferred(unit: Bench, text: str) -> None:
    assert isinstance(unit.verifier(Kind.FEATURE).judge(unit.patch({"calc.py": text}), 1), Deferred)


def test_row_38_a_hang_is_ended_and_deferred(calc: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "LEAST_TIMEOUT_S", 3.0)
    monkeypatch.setattr(passes, "TIMES_BASE", 0)
    patch = calc.patch({"calc.py": "import time\n\ntime.sleep(60)\n" + FIXED})
    verdict = calc.verifier(Kind.FIX).judge(patch, 1)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.reason is DeferralReason.TIMED_OUT
    assert verdict.checks[0].outcome is CheckOutcome.TIMED_OUT


def test_a_hang_before_the_patch_is_the_environments(calc: Bench) -> None:
    calc.write({"test_slow.py": "import time\n\n\ndef test_slow():\n    time.sleep(60)\n"})
    verifier = calc.verifier(Kind.FIX, settings=VerifySettings(timeout_s=3))
    verdict = verifier.judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Unverified), verdict
    assert "without the patch" in verdict.why
    assert verifier.environment_fault() == verdict.why


FLAKY = (
    "import pathlib, {tree}\n\n\ndef test_flaky():\n    marks = pathlib.Path({place!r})\n"
    "    n = len(list(marks.iterdir()))\n    (marks / str(n)).write_text('')\n    assert n not in {bad}\n"
)


@pytest.mark.parametrize(("bad", "kind"), [((1,), "accepted"), ((1, 3), "accepted"), ((1, 2, 3, 4, 5, 6), "deferred")])
def test_row_43_a_flaky_failure_is_run_again(calc: Bench, tmp_path: Path, bad: tuple[int, ...], kind: str) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    calc.write({"test_flaky.py": FLAKY.format(tree="calc", place=str(marks), bad=bad)})
    patch = calc.patch({"calc.py": FIXED})
    verdict = calc.verifier(Kind.FEATURE).judge(patch, 1)
    assert isinstance(verdict, Accepted if kind == "accepted" else Deferred), verdict
    if isinstance(verdict, Accepted):
        assert "flaky: test_flaky.py::test_flaky" in verdict.checks[0].summary


def test_row_43_a_flaky_test_that_failed_before_proves_no_fix(calc: Bench, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    calc.write({
        "test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
        "test_flaky.py": FLAKY.format(tree="calc", place=str(marks), bad=(0,)),
    })  # fmt: skip
    verdict = calc.verifier(Kind.FIX).judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Unverified), verdict


def test_a_regression_that_only_shows_after_another_test_is_no_flake(calc: Bench) -> None:
    calc.write({
        "calc.py": "memory = []\n\n\ndef add(a, b):\n    return a + b\n",
        "test_a.py": "from calc import add\n\n\ndef test_first():\n    assert add(1, 1) == 2\n",
        "test_b.py": "from calc import add\n\n\ndef test_second():\n    assert add(2, 2) == 4\n",
        "test_calc.py": "def test_nothing():\n    pass\n",
    })  # fmt: skip
    leaky = "memory = []\n\n\ndef add(a, b):\n    memory.append(a)\n    return a + b + len(memory) - 1\n"
    verdict = calc.verifier(Kind.FEATURE).judge(calc.patch({"calc.py": leaky}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert verdict.checks[0].new_failures == ("test_b.py::test_second",)


def test_no_test_at_all_is_unverified(bench: Bench) -> None:
    bench.write({"calc.py": CALC})
    verdict = bench.verifier().judge(bench.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Unverified)
    assert "--test-cmd" in verdict.hint
    assert bench.workspace.made == 0, "nothing to run: no twin"


def test_an_empty_suite_is_unverified(calc: Bench) -> None:
    (calc.root / "test_calc.py").unlink()
    verdict = calc.verifier().judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Unverified)
    assert "found no test" in verdict.why


def test_pytest_not_installed_is_told_before_anything_runs(calc: Bench, make_environment: MakeEnvironment) -> None:
    make_environment(calc.root / ".venv")
    calc.environ = {"PATH": ""}
    verifier = calc.verifier(Kind.FIX)
    fault = verifier.environment_fault()
    if fault is None:  # the last resort, routecli's own python, has pytest here
        assert "routecli's own python" in verifier.plan()[0].why
        return
    assert "pytest is not installed" in fault


def test_a_missing_package_is_the_environments_fault(calc: Bench) -> None:
    calc.write({"calc.py": "import surely_not_installed\n" + CALC})
    verifier = calc.verifier(Kind.FIX)
    verdict = verifier.judge(calc.patch({"calc.py": "import surely_not_installed\n" + FIXED}), 1)
    assert isinstance(verdict, Unverified), verdict
    assert "surely_not_installed" in verdict.why


def test_a_package_that_the_patch_brings_in_is_the_patchs_fault(calc: Bench) -> None:
    verdict = calc.verifier(Kind.FIX).judge(calc.patch({"calc.py": "import surely_not_installed\n" + FIXED}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert "surely_not_installed" in verdict.feedback


def test_a_file_that_could_not_be_imported_is_fixed_by_importing(calc: Bench) -> None:
    calc.write({"test_new.py": "from calc import triple\n\n\ndef test_triple():\n    assert triple(2) == 6\n"})
    right = FIXED + "\n\ndef triple(a):\n    return 3 * a\n"
    accepted = calc.verifier(Kind.FIX).judge(calc.patch({"calc.py": right}), 1)
    assert isinstance(accepted, Accepted), accepted
    wrong = FIXED + "\n\ndef triple(a):\n    return 4 * a\n"
    deferred = calc.verifier(Kind.FIX).judge(calc.patch({"calc.py": wrong}), 1)
    assert isinstance(deferred, Deferred), deferred
    assert "test_new.py::test_triple" in deferred.why


def test_the_baseline_is_measured_once_and_cached(calc: Bench) -> None:
    for _ in range(2):
        verifier = calc.verifier(Kind.FIX, cached=True)
        verifier.prepare()
        verifier.prepare()
    assert calc.workspace.made == 1
    verdict = verifier.judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert calc.workspace.made == 3, "the patch, and the second look at what failed before"
    for key in calc.cache.kept:
        calc.cache.kept[key] = b"broken"
    calc.verifier(Kind.FIX, cached=True).prepare()
    assert calc.workspace.made == 4


@pytest.mark.parametrize(("config", "name", "bad", "says"), [
    ({"ruff.toml": "line-length = 100\n"}, "ruff", "import os\n", "F401"),
    ({"mypy.ini": "[mypy]\nfiles = calc.py\n"}, "mypy", "x: int = 'no'\n", "assignment"),
])  # fmt: skip
def test_a_new_finding_defers_and_an_old_one_does_not(
    calc: Bench, config: dict[str, str], name: str, bad: str, says: str
) -> None:
    calc.write({**config, "calc.py": bad + CALC})
    verifier = calc.verifier(Kind.FIX)
    accepted = verifier.judge(calc.patch({"calc.py": "\n\n" + bad + FIXED}), 1)
    assert isinstance(accepted, Accepted), accepted
    assert f"nothing new from {name}" in accepted.why
    deferred = verifier.judge(
        calc.patch({"calc.py": bad + FIXED + "\n\n" + bad.replace("os", "sys").replace("x:", "y:")}), 2
    )
    assert isinstance(deferred, Deferred), deferred
    assert deferred.reason is DeferralReason.LINT_FAILED
    assert says in deferred.feedback


def test_linters_alone_verify_nothing(bench: Bench) -> None:
    bench.write({"calc.py": CALC, "ruff.toml": ""})
    verdict = bench.verifier().judge(bench.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Unverified), verdict
    assert [c.name for c in verdict.checks] == ["ruff"]


def test_a_command_of_the_users_is_judged_by_its_exit_code_and_says_so(calc: Bench) -> None:
    command = "python -c 'import calc; assert calc.double(3) == 6'"
    verifier = calc.verifier(Kind.FIX, settings=VerifySettings(test_cmd=command, timeout_s=60))
    accepted = verifier.judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(accepted, Accepted), accepted
    assert "exit code only" in accepted.checks[0].summary
    deferred = verifier.judge(calc.patch({"calc.py": CALC + "\n"}), 2)
    assert isinstance(deferred, Deferred), deferred


def test_a_pytest_command_of_the_users_gives_ids(calc: Bench) -> None:
    verifier = calc.verifier(Kind.FIX, settings=VerifySettings(test_cmd="pytest -x -q test_calc.py", timeout_s=60))
    accepted = verifier.judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(accepted, Accepted), accepted
    assert accepted.checks[0].fixed == ("test_calc.py::test_double",)


@pytest.mark.parametrize("command", ["surely-not-there --all", "./no/such/script"])
def test_a_command_that_is_not_there_is_told_before_any_money(calc: Bench, command: str) -> None:
    fault = calc.verifier(settings=VerifySettings(test_cmd=command)).environment_fault()
    assert fault is not None
    assert command.split(maxsplit=1)[0] in fault


@pytest.mark.parametrize("command", ["pytest 'oops", "", "pytest && ruff check"])
def test_a_command_that_cannot_be_read_is_a_usage_fault(calc: Bench, command: str) -> None:
    with pytest.raises(UsageFault):
        calc.verifier(settings=VerifySettings(test_cmd=command)).plan()


def test_secrets_and_control_characters_never_reach_the_feedback(calc: Bench) -> None:
    calc.write(
        {
            "test_secret.py": (
                "from calc import add\n\n\ndef test_it():\n    assert add(1, 1) == 2, 'sk-secret-1\\x1b[2J'\n"
            )
        }
    )
    broken = FIXED.replace("return a + b", "return a + b + (a == 1 == b)")
    verdict = calc.verifier(Kind.FIX, secrets=("sk-secret-1",)).judge(calc.patch({"calc.py": broken}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert "test_secret.py::test_it" in verdict.feedback
    assert "sk-secret-1" not in verdict.feedback
    assert "\x1b" not in verdict.feedback


def test_events_tell_what_runs(calc: Bench) -> None:
    calc.verifier(Kind.FIX).judge(calc.patch({"calc.py": FIXED}), 3)
    told = [(type(e).__name__, e.attempt) for e in calc.events if isinstance(e, Checking | Checked)]
    assert told == [("Checking", 0), ("Checked", 0), ("Checking", 3), ("Checked", 3)]


def test_xdist_reports_once(calc: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    calc.write({"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p xdist -n 2'\n"})
    verdict = calc.verifier(Kind.FIX).judge(calc.patch({"calc.py": FIXED}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.checks[0].passed == 6


def test_formatting_is_proven_by_the_tree_and_refused_when_it_changes(bench: Bench) -> None:
    bench.write({"calc.py": CALC})
    proven = bench.verifier(Kind.FORMAT).judge(bench.patch({"calc.py": CALC.replace("a + b", "(a  +  b)")}), 1)
    assert isinstance(proven, Accepted), proven
    broken = bench.verifier(Kind.FORMAT).judge(bench.patch({"calc.py": FIXED}), 1)
    assert isinstance(broken, Deferred)
    assert broken.reason is DeferralReason.CONTRACT_BROKEN


def test_docstrings_are_proven_by_the_tree(bench: Bench) -> None:
    bench.write({"calc.py": CALC})
    with_text = CALC.replace("def add(a, b):\n", 'def add(a, b):\n    """Adds."""\n')
    proven = bench.verifier(Kind.DOCSTRING).judge(bench.patch({"calc.py": with_text}), 1)
    assert isinstance(proven, Accepted), proven
    broken = bench.verifier(Kind.DOCSTRING).judge(bench.patch({"calc.py": with_text.replace("a + 2", "a * 2")}), 1)
    assert isinstance(broken, Deferred)


def test_a_rename_may_change_the_name_in_tests(calc: Bench) -> None:
    test = (calc.root / "test_calc.py").read_text()
    calc.write({"test_calc.py": test.replace("double(3) == 6", "double(2) == 4")})
    test = (calc.root / "test_calc.py").read_text().replace("double", "twice").replace("test_twice", "test_double")
    patch = calc.patch({"calc.py": CALC.replace("double", "twice"), "test_calc.py": test})
    accepted = calc.verifier(Kind.RENAME, instruction="rename double to twice").judge(patch, 1)
    assert isinstance(accepted, Accepted), accepted
    sly = calc.patch({"calc.py": CALC.replace("double", "twice"), "test_calc.py": test.replace("== 3", "== add(1, 2)")})
    assert isinstance(calc.verifier(Kind.RENAME, instruction="rename double to twice").judge(sly, 1), Deferred)


def test_the_nearest_project_is_tested(bench: Bench) -> None:
    bench.write({
        "test_root.py": "def test_root():\n    assert False\n",
        "libs/one/pyproject.toml": "[tool.pytest.ini_options]\n",
        "libs/one/src/one/calc.py": CALC,
        "libs/one/tests/conftest.py": "import sys\nsys.path.insert(0, __file__[:-17] + 'src')\n",
        "libs/one/tests/test_calc.py": "from one.calc import double\n\n\ndef test_it():\n    assert double(3) == 6\n",
    })  # fmt: skip
    verifier = bench.verifier(Kind.FIX, paths=("libs/one/src/one/calc.py",))
    (check,) = verifier.plan()
    assert check.command.cwd == "libs/one"
    verdict = verifier.judge(bench.patch({"libs/one/src/one/calc.py": FIXED}), 1)
    assert isinstance(verdict, Accepted), verdict
    assert "tests/test_calc.py::test_it failed before" in verdict.why


def test_a_generated_file_that_git_ignores_is_named_and_no_tier_is_blamed(calc: Bench) -> None:
    calc.write(
        {"pkg/__init__.py": "from pkg._version import v\n", "test_calc.py": "import pkg\nfrom calc import add\n"}
    )
    verifier = calc.verifier(Kind.FIX)
    patch = calc.patch({"calc.py": FIXED})
    assert isinstance(verifier.judge(patch, 1), Deferred), "a module that is nowhere may be the task's to make"
    (calc.root / "pkg/_version.py").write_text("v = 1\n")
    calc.workspace = FolderWorkspace(calc.root, calc.scratch / "more", left_out=("pkg/_version.py",))
    (calc.scratch / "more").mkdir()
    verdict = calc.verifier(Kind.FIX, hidden=("pkg/_version.py",)).judge(patch, 1)
    assert isinstance(verdict, Unverified), verdict
    assert "pkg/_version.py is ignored by git" in verdict.why


def test_a_failing_test_that_reaches_the_code_through_its_package_belongs_to_the_fix(bench: Bench) -> None:
    bench.write({
        "calc.py": CALC,
        "tests/__init__.py": "import calc\n",
        "tests/test_data.py": (
            "import unittest\nfrom . import calc\n\n\nclass T(unittest.TestCase):\n"
            "    def test_it(self):\n        self.assertEqual(calc.double(3), 6)\n"
        ),
    })  # fmt: skip
    verdict = bench.verifier(Kind.FIX).judge(bench.patch({"calc.py": CALC.replace("a + 2", "a + 4")}), 1)
    assert isinstance(verdict, Deferred), verdict
    assert "tests.test_data.T.test_it" in verdict.why


@pytest.mark.parametrize("runner", ["unittest", "pytest"])
def test_a_doctest_of_the_code_that_still_fails_is_wanted(bench: Bench, runner: str) -> None:
    code = CALC.replace("def double(a):\n", "def double(a):\n    '''\n    >>> double(4)\n    8\n    '''\n")
    loader = "import doctest, unittest\nimport calc\n\n\ndef load_tests(loader, tests, ignore):\n"
    bench.write({
        "calc.py": code,
        "test_it.py": (
            "import unittest\nfrom calc import double\n\n\nclass T(unittest.TestCase):\n"
            "    def test_it(self):\n        self.assertEqual(double(3), 6)\n"
        ),
        **({"pytest.ini": "[pytest]\naddopts = --doctest-modules\n"} if runner == "pytest" else {
            "test_docs.py": loader + "    tests.addTests(doctest.DocTestSuite(calc))\n    return tests\n"
        }),
    })  # fmt: skip
    deferred = bench.verifier(Kind.FIX).judge(bench.patch({"calc.py": code.replace("a + 2", "a + 3")}), 1)
    assert isinstance(deferred, Deferred), deferred
    assert "calc.double" in deferred.why
    assert bench.verifier(Kind.FIX).plan()[0].name == runner
    accepted = bench.verifier(Kind.FIX).judge(bench.patch({"calc.py": code.replace("a + 2", "a * 2")}), 1)
    assert isinstance(accepted, Accepted), accepted


@pytest.mark.parametrize("how", ["pytest", "xdist", "unittest"])
def test_row_26_tests_that_load_another_copy_verify_nothing(bench: Bench, tmp_path: Path, how: str) -> None:
    copy = tmp_path / "site"
    copy.mkdir()
    (copy / "mine.py").write_text(FIXED)
    reach = f"import sys\nsys.path.insert(0, {str(copy)!r})\n"
    if how == "unittest":
        bench.write({"test_it.py": reach + UNIT.replace("calc", "mine")})
    else:
        options = "[pytest]\naddopts = -p xdist -n 2\n" if how == "xdist" else "[pytest]\n"
        bench.write(
            {
                "pytest.ini": options,
                "test_it.py": reach + "from mine import add\n\n\ndef test_it():\n    assert add(1, 1) == 2\n",
            }
        )
    bench.write({"src/mine.py": CALC})
    verifier = bench.verifier(Kind.FEATURE, paths=("src/mine.py",))
    verdict = verifier.judge(bench.patch({"src/mine.py": "raise RuntimeError\n"}), 1)
    assert isinstance(verdict, Unverified), verdict
    assert "load mine from" in verdict.why
    assert verifier.environment_fault() == verdict.why
