"""What judges may not be changed by what is judged, and what speaks to the runner is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import Kind, Task
from routecli.verification.cheats import flags
from routecli.verification.integrity import is_protected, split


def task(instruction: str = "do it", kind: Kind = Kind.FIX, paths: tuple[str, ...] = ("a.py",)) -> Task:
    return Task(instruction, kind, "given", Path("/r"), None, paths, usd(1))


def edit(path: str, before: str | None, after: str | None) -> FileEdit:
    return FileEdit(
        path, before.encode() if before is not None else None, after.encode() if after is not None else None
    )


@pytest.mark.parametrize("path", [
    "test_a.py", "pkg/a_test.py", "conftest.py", "tests/data/x.json", "tests/common.py", "pytest.ini", "setup.cfg",
    "pyproject.toml", "sitecustomize.py", "x.pth", "sub/tox.ini", "test/x.txt", "plugin_routecli.py", "mypy.ini",
])  # fmt: skip
def test_row_07_what_judges_is_protected(path: str) -> None:
    assert is_protected(path, task())


@pytest.mark.parametrize("path", [
    "spec/cart_spec.rb", "lib/cart_test.rb", ".rspec", "Gemfile", "Gemfile.lock", ".rubocop.yml", "spec/spec_helper.rb",
    "tests/it.rs", "src/tests.rs", "Cargo.toml", "Cargo.lock", "build.rs", "clippy.toml", "rust-toolchain.toml",
    "src/CartTest.php", "phpunit.xml.dist", "phpstan.neon", "phpstan-baseline.neon", "composer.lock",
    "src/test/java/app/CartTest.java", "src/test/resources/data.json", "pom.xml", "build.gradle.kts", "maven.config",
    "go.work", ".golangci.yml",
])  # fmt: skip
def test_row_07_what_judges_in_other_languages_is_protected(path: str) -> None:
    assert is_protected(path, task())


@pytest.mark.parametrize("path", [
    "lib/contest.rb", "lib/spec.rb", "src/latest.rs", "src/attest.rs", "src/Testimony.php", "src/Latest.java",
    "src/main/java/app/Contest.java", "config.toml", "app/composer.php",
])  # fmt: skip
def test_row_07_code_in_other_languages_is_not(path: str) -> None:
    assert not is_protected(path, task())


@pytest.mark.parametrize("path", ["a.py", "src/latest.py", "contest.py", "attest/a.py", "pkg/protest.py", "README.md"])
def test_row_07_code_is_not(path: str) -> None:
    assert not is_protected(path, task())


def test_a_file_in_a_test_folder_that_the_user_named_is_the_thing_to_change() -> None:
    assert not is_protected("django/test/client.py", task(paths=("django/test/client.py",)))
    assert is_protected("tests/test_a.py", task(paths=("tests/test_a.py",)))


def test_layout_of_a_test_may_change() -> None:
    layout = edit("test_a.py", "def test_a():\n    assert f( 1 )\n", "def test_a():\n    assert f(1)  # so\n")
    meaning = edit("test_b.py", "def test_b():\n    assert f(1)\n", "def test_b():\n    assert f(2)\n")
    parts = split(Patch((layout, meaning)), task())
    assert parts.held_back == (meaning,)
    assert parts.only_new_or_changed_tests == ("test_b.py",)


@pytest.mark.parametrize(("instruction", "kind", "held"), [
    ("rename f to g", Kind.RENAME, 0), ("rename x to y", Kind.RENAME, 1), ("rename f to g", Kind.FIX, 1),
])  # fmt: skip
def test_a_rename_goes_through_tests(instruction: str, kind: Kind, held: int) -> None:
    code = edit("a.py", "def f():\n    return f\n", "def g():\n    return g\n")
    test = edit("test_a.py", "from a import f\n", "from a import g\n")
    assert len(split(Patch((code, test)), task(instruction, kind)).held_back) == held


BAD = {
    "import os\nos._exit(0)\n": "os._exit",
    "from os import _exit\n": "os._exit",
    "import atexit\n": "atexit",
    "import _pytest.main\n": "_pytest",
    "from unittest import case\n": "unittest",
    "import sys\nx = 'pytest' in sys.modules\n": "sys.modules",
    "x = 'PYTEST_CURRENT_TEST'\n": "PYTEST_CURRENT_TEST",
    "x = f'{a}/ROUTECLI_REPORT_DIR'\n": "ROUTECLI_REPORT_DIR",
    "class A:\n    def __eq__(self, o):\n        'doc'\n        return True\n": "__eq__",
}


@pytest.mark.parametrize("text", BAD)
def test_row_09_cheats_are_flagged_where_they_are_added(text: str) -> None:
    (flag, *_) = flags(Patch((edit("a.py", "x = 1\n", "x = 1\n" + text),)), task())
    assert BAD[text] in flag.what
    assert flag.line > 1
    assert flags(Patch((edit("a.py", text, text + "y = 2\n"),)), task()) == ()
    assert flags(Patch((edit("tests/test_a.py", None, text),)), task()) == ()


@pytest.mark.parametrize("text", [
    "# os._exit(0), atexit, _pytest\n",
    "def f():\n    'Uses pytest and atexit.'\n",
    "class A:\n    def __eq__(self, o):\n        return self.x == o.x\n",
    "import sys\nsys.exit(1)\n",
    "from unittest.mock import Mock\n",
    "from .unittest import x\n",
    "def broken(:\n",
])  # fmt: skip
def test_row_09_honest_code_is_not(text: str) -> None:
    assert flags(Patch((edit("a.py", "", text),)), task()) == ()


@pytest.mark.parametrize(("path", "flagged"), [
    ("json.py", True), ("pytest/__init__.py", True), ("src/unittest.py", True), ("pkg/json.py", False),
    ("json/other.py", False), ("mine.py", False),
])  # fmt: skip
def test_row_09_a_new_module_that_hides_another_is_flagged(path: str, flagged: bool) -> None:
    assert bool(flags(Patch((edit(path, None, "x = 1\n"),)), task())) is flagged
    assert flags(Patch((edit(path, "x = 0\n", "x = 1\n"),)), task()) == ()
