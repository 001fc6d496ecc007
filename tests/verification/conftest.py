"""Tiny real projects and a workspace at the port: the files in a folder, commands run by `process`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from routecli import process
from routecli.domain.command import Command, Completed
from routecli.domain.events import Event
from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Isolation
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind, Task
from routecli.verification.verifier import ProjectVerifier

VENV = Path(sys.prefix)
"""The environment that runs these tests has pytest, ruff and mypy; it stands for a user's active one."""


class FolderFiles:
    """ports.Files on a plain folder."""

    def __init__(self, root: Path, hidden: Collection[str] = ()) -> None:
        self.root = root
        self.hidden = hidden

    def read(self, path: str) -> bytes | None:
        whole = self.root / path
        return whole.read_bytes() if whole.is_file() and not whole.is_symlink() else None

    def paths(self) -> Collection[str]:
        hidden = (".", "__pycache__")
        found = (p.relative_to(self.root) for p in self.root.rglob("*") if p.is_file())
        shown = (p.as_posix() for p in found if not any(part.startswith(hidden) for part in p.parts[:-1]))
        return sorted(p for p in shown if p not in self.hidden)


@dataclass
class FolderTwin:
    """ports.Twin: a copy of the folder, patched. Commands see the copy where the sandbox would show the repository."""

    root: Path
    reports: Path
    isolation: Isolation = Isolation.NONE
    commands: list[Command] = field(default_factory=list)

    def run(self, command: Command) -> Completed:
        self.commands.append(command)
        report = Path(tempfile.mkdtemp(dir=self.reports))
        quick = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # other plugins of this environment: half a second a run
        env = {"PATH": os.environ["PATH"], "HOME": str(self.root), **quick, **command.env}
        if command.report:
            env["ROUTECLI_REPORT_DIR"] = str(report)
        done = process.run(command.argv, cwd=self.root / command.cwd, env=env, timeout_s=command.timeout_s)
        left = {p.name: p.read_bytes() for p in report.iterdir()} if command.report else {}
        return replace(done, report=left)

    def changes(self) -> tuple[FileEdit, ...]:
        return ()


class FolderWorkspace:
    """ports.Workspace on copies of a folder."""

    isolation = Isolation.NONE

    def __init__(self, root: Path, scratch: Path, left_out: Collection[str] = ()) -> None:
        self.root = root
        self.left_out = left_out
        self.scratch = scratch
        self.commands: list[Command] = []
        self.made = 0

    @contextmanager
    def twin(self, patch: Patch | None = None) -> Iterator[FolderTwin]:
        self.made += 1
        place = self.scratch / f"twin{self.made}"
        shutil.copytree(self.root, place, symlinks=True)
        for path in self.left_out:
            (place / path).unlink()
        for edit in patch.edits if patch else ():
            path = place / edit.path
            if edit.after is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(edit.after)
        reports = self.scratch / f"reports{self.made}"
        reports.mkdir()
        yield FolderTwin(place, reports, commands=self.commands)


class DictCache:
    """ports: BaselineCache in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, value: bytes) -> None:
        self.kept[key] = value


@dataclass
class Bench:
    """A repository on disk and what is needed to judge a patch of it."""

    root: Path
    scratch: Path
    events: list[Event] = field(default_factory=list)
    cache: DictCache = field(default_factory=DictCache)
    environ: Mapping[str, str] = field(default_factory=lambda: {"VIRTUAL_ENV": str(VENV), "PATH": "/usr/bin:/bin"})
    workspace: FolderWorkspace = field(init=False)

    def __post_init__(self) -> None:
        self.workspace = FolderWorkspace(self.root, self.scratch)

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def patch(self, files: Mapping[str, str | None]) -> Patch:
        reader = FolderFiles(self.root)
        edits = [FileEdit(n, reader.read(n), t.encode() if t is not None else None) for n, t in sorted(files.items())]
        return Patch(tuple(edits))

    def task(self, kind: Kind, paths: tuple[str, ...] = ("calc.py",), instruction: str = "do it") -> Task:
        return Task(instruction, kind, "given", self.root, None, paths, usd(1))

    def verifier(
        self,
        kind: Kind = Kind.FEATURE,
        *,
        paths: tuple[str, ...] = ("calc.py",),
        instruction: str = "do it",
        settings: VerifySettings | None = None,
        secrets: Collection[str] = (),
        cached: bool = False,
        hidden: Collection[str] = (),
    ) -> ProjectVerifier:
        return ProjectVerifier(
            self.workspace,
            self.root,
            FolderFiles(self.root, hidden),
            self.task(kind, paths, instruction),
            settings or VerifySettings(timeout_s=60),
            listener=self.events.append,
            secrets=secrets,
            cache=self.cache if cached else None,
            tree="tree-1",
            environ=self.environ,
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    root, scratch = tmp_path / "repo", tmp_path / "scratch"
    root.mkdir()
    scratch.mkdir()
    return Bench(root, scratch)


@pytest.fixture(scope="session")
def shared_cache() -> DictCache:
    """Baselines of the one `calc` project, measured once for all tests that leave it as it is."""
    return DictCache()


@pytest.fixture
def calc(bench: Bench) -> Bench:
    """A module with one right and one wrong function, and pytest tests for both."""
    bench.write(
        {
            "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-q'\n",
            "calc.py": "def add(a, b):\n    return a + b\n\n\ndef double(a):\n    return a + 2\n",
            "test_calc.py": (
                "import pytest\nfrom calc import add, double\n\n\n"
                "@pytest.mark.parametrize('text', ['a b', 'x[1]', 'é::ü', 'new\\nline'])\n"
                "def test_odd_ids(text):\n    assert add(text, '') == text\n\n\n"
                "def test_add():\n    assert add(1, 2) == 3\n\n\n"
                "def test_double():\n    assert double(3) == 6\n"
            ),
        }
    )
    return bench


FIXED = "def add(a, b):\n    return a + b\n\n\ndef double(a):\n    return a * 2\n"
WRONG = FIXED.replace("return a + b", "return a + b if isinstance(a, str) else a - b")

MakeEnvironment = Callable[[Path], Path]


@pytest.fixture
def make_environment() -> MakeEnvironment:
    """Makes an empty virtual environment (no packages at all) at a path."""

    def make(place: Path) -> Path:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
        return place

    return make
