"""The verdict where it is made: a real repository, the real twin, the real sandbox."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from routecli.domain.events import Event
from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings, VerifySettings
from routecli.domain.task import Kind, Task
from routecli.domain.verdict import Accepted, Deferred
from routecli.errors import SandboxFault
from routecli.git.repository import open_repository
from routecli.git.snapshot import take
from routecli.verification.verifier import ProjectVerifier
from routecli.workspace.workspace import GitWorkspace
from tests.verification.conftest import FIXED, WRONG

CALC = "def add(a, b):\n    return a + b\n\n\ndef double(a):\n    return a + 2\n"
PYTEST = (
    "from mine.calc import add, double\n\n\ndef test_add():\n    assert add(1, 2) == 3\n\n\n"
    "def test_double():\n    assert double(3) == 6\n"
)
UNITTEST = (
    "import unittest\n\nfrom mine.calc import add, double\n\n\nclass T(unittest.TestCase):\n"
    "    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n\n"
    "    def test_double(self):\n        self.assertEqual(double(3), 6)\n"
)


def git(root: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *words], cwd=root, check=True, capture_output=True
    )


def repository(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git(root, "init", "-q", ".")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "begin")
    return root


def verifier(root: Path, events: list[Event], environ: dict[str, str]) -> ProjectVerifier:
    found = open_repository(root)
    snapshot = take(found)
    try:
        workspace = GitWorkspace(found, snapshot, SandboxSettings())
    except SandboxFault as fault:
        pytest.skip(f"no sandbox on this machine: {fault.what}")
    assert workspace.isolation is not Isolation.NONE
    task = Task("fix double", Kind.FIX, "given", found.root, found.head, ("src/mine/calc.py",), usd(1))
    settings = VerifySettings(timeout_s=60)
    return ProjectVerifier(
        workspace, found.root, snapshot, task, settings, listener=events.append, tree=snapshot.tree, environ=environ
    )


def patch(text: str) -> Patch:
    return Patch((FileEdit("src/mine/calc.py", CALC.encode(), text.encode()),))


def test_row_26_an_editable_install_is_tested_with_the_patch_and_not_with_the_users_files(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    repository(root, {
        ".gitignore": ".venv/\n", "src/mine/__init__.py": "", "src/mine/calc.py": CALC, "tests/test_calc.py": PYTEST,
    })  # fmt: skip
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root / ".venv")], check=True)
    packages = next((root / ".venv").glob("lib/python3*/site-packages"))
    theirs = next(p for p in map(Path, sys.path) if (p / "pytest").is_dir())
    (packages / "mine.pth").write_text(f"{root / 'src'}\n")
    for package in ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments"):
        (packages / package).symlink_to(theirs / package)
    (packages / "theirs.pth").write_text(f"{theirs}\n")
    events: list[Event] = []
    judge = verifier(root, events, {"PATH": ""})
    (check,) = judge.plan()
    assert check.argv[0] == str(root / ".venv/bin/python"), check.why
    accepted = judge.judge(patch(FIXED), 1)
    assert isinstance(accepted, Accepted), accepted
    assert accepted.checks[0].fixed == ("tests/test_calc.py::test_double",)
    broken = judge.judge(patch("raise RuntimeError('patched')\n" + FIXED), 2)
    assert isinstance(broken, Deferred), broken
    assert "RuntimeError: patched" in broken.feedback
    assert (root / "src/mine/calc.py").read_text() == CALC


def test_unittest_in_the_sandbox(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    shown = UNITTEST.replace("import unittest\n", "import sys\nimport unittest\nsys.path.insert(0, 'src')\n", 1)
    repository(root, {"src/mine/__init__.py": "", "src/mine/calc.py": CALC, "tests/test_calc.py": shown})
    judge = verifier(root, [], {"VIRTUAL_ENV": sys.prefix, "PATH": ""})
    accepted = judge.judge(patch(FIXED), 1)
    assert isinstance(accepted, Accepted), accepted
    assert accepted.checks[0].name == "unittest"
    deferred = judge.judge(patch(WRONG), 2)
    assert isinstance(deferred, Deferred), deferred


def test_row_08_a_silent_end_in_the_sandbox_is_deferred(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    repository(root, {"src/mine/__init__.py": "", "src/mine/calc.py": CALC, "tests/test_calc.py": PYTEST,
                      "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['src']\n"})  # fmt: skip
    judge = verifier(root, [], {"VIRTUAL_ENV": sys.prefix, "PATH": ""})
    assert isinstance(judge.judge(patch(FIXED), 1), Accepted)
    verdict = judge.judge(patch("import posix\ngetattr(posix, chr(95) + 'exit')(0)\n"), 2)
    assert isinstance(verdict, Deferred), verdict
    assert "ended early" in verdict.why
