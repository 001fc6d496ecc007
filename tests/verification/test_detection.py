"""Which runner, which interpreter, which linters, and why."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from routecli.domain.settings import VerifySettings
from routecli.verification.interpreter import environment, interpreters
from tests.verification.conftest import VENV, Bench, MakeEnvironment

PLAIN = "def test_a():\n    pass\n"
UNIT = "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        pass\n"


@pytest.mark.parametrize(("files", "name", "found_by"), [
    ({"pytest.ini": "[pytest]\n"}, "pytest", "pytest.ini"),
    ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, "pytest", "[tool.pytest] in pyproject.toml"),
    ({"tox.ini": "[pytest]\n"}, "pytest", "[pytest] in tox.ini"),
    ({"setup.cfg": "[tool:pytest]\n"}, "pytest", "[tool:pytest] in setup.cfg"),
    ({"tests/conftest.py": ""}, "pytest", "tests/conftest.py"),
    ({"tests/test_a.py": PLAIN}, "pytest", "tests/test_a.py"),
    ({"tests/test_a.py": UNIT}, "unittest", "tests/test_a.py"),
    ({"tests/test_a.py": UNIT, "tests/test_b.py": "import pytest\n" + PLAIN}, "pytest", "tests/test_b.py"),
    ({"tests/test_a.py": UNIT, "pytest.ini": ""}, "pytest", "pytest.ini"),
    ({"tests/test_a.py": UNIT, "pyproject.toml": "[broken"}, "unittest", "tests/test_a.py"),
])  # fmt: skip
def test_the_runner_and_why(bench: Bench, files: dict[str, str], name: str, found_by: str) -> None:
    bench.write({"calc.py": "", **files})
    (check,) = bench.verifier().plan()
    assert check.name == name
    assert f"found by {found_by}; run by {VENV}/bin/python ($VIRTUAL_ENV)" in check.why


@pytest.mark.parametrize(("files", "names", "skipped"), [
    ({"ruff.toml": ""}, ["ruff"], ()),
    ({"pyproject.toml": "[tool.ruff]\n[tool.mypy]\nfiles = ['calc.py']\n"}, ["ruff", "mypy"], ()),
    ({"mypy.ini": "[mypy]\n"}, ["mypy"], ()),
    ({"setup.cfg": "[flake8]\n"}, [], ("flake8 is asked for by [flake8] in setup.cfg",)),
    ({}, [], ()),
])  # fmt: skip
def test_linters_only_where_configured(
    bench: Bench, files: dict[str, str], names: list[str], skipped: tuple[str, ...]
) -> None:
    bench.write({"calc.py": "", **files})
    plan = bench.verifier().whole_plan()
    assert [c.name for c in plan.checks] == names
    assert [s.partition(",")[0] for s in plan.skipped] == list(skipped)


def test_what_is_switched_off_is_not_looked_for(bench: Bench) -> None:
    bench.write({"calc.py": "", "test_a.py": PLAIN, "ruff.toml": ""})
    assert bench.verifier(settings=VerifySettings(tests=False, lint=False)).plan() == ()


def test_the_repositorys_own_environment_comes_first(bench: Bench, make_environment: MakeEnvironment) -> None:
    place = make_environment(bench.root / ".venv")
    (next(place.glob("lib/python3*/site-packages")) / "pytest.py").write_text("")
    bench.write({"calc.py": "", "test_a.py": PLAIN})
    (check,) = bench.verifier().plan()
    assert check.argv[0] == str(place / "bin/python")
    assert "the repository's .venv" in check.why
    assert check.command.env["VIRTUAL_ENV"] == str(place)
    assert check.command.env["PATH"].startswith(f"{place}/bin:")


def test_row_40_an_environment_that_came_with_the_repository_is_not_run(bench: Bench, tmp_path: Path) -> None:
    hostile = bench.root / ".venv"
    (hostile / "bin").mkdir(parents=True)
    (hostile / "pyvenv.cfg").write_text("home = /usr/bin\n")
    mark = tmp_path / "ran"
    (hostile / "bin/python").write_text(f"#!/bin/sh\ntouch {mark}\n")
    (hostile / "bin/python").chmod(0o755)
    found = list(interpreters(bench.root, bench.root, bench.environ, {".venv/pyvenv.cfg"}))
    assert all(i.prefix != hostile for i in found)
    list(interpreters(bench.root, bench.root, {"PATH": f"{hostile}/bin"}))
    assert not mark.exists(), "an environment is looked at, never run on the host"


def test_binds_reach_the_real_python_and_never_a_home(tmp_path: Path, make_environment: MakeEnvironment) -> None:
    place = make_environment(tmp_path / "env")
    secret = Path.home() / ".ssh"
    secret.mkdir()
    package = next(place.glob("lib/python3*/site-packages"))
    near = tmp_path / "near"
    near.mkdir()
    (package / "x.pth").write_text(f"{secret}\n{Path.home()}\n{near}\nimport os\n")
    found = environment(place, "test", tmp_path / "repo")
    assert found is not None
    assert place in found.binds
    assert near in found.binds
    assert secret not in found.binds
    assert Path.home() not in found.binds
    real = Path(os.path.realpath(sys.executable))
    if not real.is_relative_to("/usr"):
        assert real.parent.parent in found.binds


def test_installing_a_package_changes_the_fingerprint(tmp_path: Path, make_environment: MakeEnvironment) -> None:
    place = make_environment(tmp_path / "env")
    before = environment(place, "test", tmp_path / "repo")
    packages = next(place.glob("lib/python3*/site-packages"))
    (packages / "new").mkdir()
    os.utime(packages, ns=(1, 1))
    after = environment(place, "test", tmp_path / "repo")
    assert before is not None
    assert after is not None
    assert before.fingerprint != after.fingerprint
    assert environment(tmp_path / "nothing", "test", tmp_path) is None


def test_a_linter_of_another_version_than_the_projects_is_foreign(
    bench: Bench, make_environment: MakeEnvironment
) -> None:
    bench.write({"calc.py": "", "ruff.toml": ""})
    (own,) = bench.verifier().plan()
    assert not own.foreign
    bench.environ = {"VIRTUAL_ENV": str(make_environment(bench.scratch / "bare")), "PATH": "/usr/bin:/bin"}
    (other,) = bench.verifier().plan()
    assert other.foreign
    assert "routecli's own ruff" in other.why
