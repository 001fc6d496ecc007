"""A repository on disk and a workspace of it, at each isolation level that this machine offers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from repositories import Repo, make_repo

from routecli.domain.command import Command, Completed
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings
from routecli.git.repository import open_repository
from routecli.git.snapshot import Snapshot, take
from routecli.workspace import probing, rooms
from routecli.workspace.sandbox import LEVELS
from routecli.workspace.workspace import GitWorkspace

FULL = [Isolation.BUBBLEWRAP, Isolation.UNSHARE]
LAYERED = "layered"
"""`unshare` over the user's own tree as a layer, as large repositories have it."""


def snap(repo: Repo) -> Snapshot:
    return take(open_repository(repo.root))


def edits(snapshot: Snapshot, files: dict[str, str | bytes | None], mode: str = "100644") -> Patch:
    """A patch of `snapshot` that makes `files` so; None deletes."""
    made = []
    for path, after in sorted(files.items()):
        content = after.encode() if isinstance(after, str) else after
        made.append(FileEdit(path, snapshot.read(path), content, mode))
    return Patch(tuple(made))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return make_repo(tmp_path / "project", {"calc.py": "def add(a, b):\n    return a - b\n", "data/x.txt": "x\n"})


@pytest.fixture(params=[*FULL, LAYERED], ids=lambda level: str(getattr(level, "value", level)))
def level(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Isolation:
    """Each full level, and layers; skipped with its reason where the machine lacks it."""
    layered = request.param == LAYERED
    isolation: Isolation = Isolation.UNSHARE if layered else request.param
    if reason := probing.why_not(LEVELS[isolation], layered=layered):
        pytest.skip(f"{request.param} does not work here: {reason}")
    if layered:
        monkeypatch.setattr("routecli.workspace.workspace.FROM_FILES", -1)
    return isolation


@pytest.fixture(params=FULL, ids=lambda level: level.value)
def copying(request: pytest.FixtureRequest) -> Isolation:
    """The full levels without layers: for what holds of copies alone."""
    isolation: Isolation = request.param
    if reason := probing.why_not(LEVELS[isolation]):
        pytest.skip(f"{isolation.value} does not work here: {reason}")
    return isolation


@pytest.fixture
def workspace(repo: Repo, level: Isolation) -> Iterator[GitWorkspace]:
    snapshot = snap(repo)
    yield GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=level)
    snapshot.close()


Sh = Callable[..., Completed]


@pytest.fixture
def sh(workspace: GitWorkspace) -> Sh:
    """Runs a shell line in a new twin."""

    def run(line: str, patch: Patch | None = None, **kinds: object) -> Completed:
        with workspace.twin(patch) as twin:
            return twin.run(Command(("sh", "-c", line), timeout_s=30, **kinds))  # type: ignore[arg-type]

    return run


@pytest.fixture(autouse=True)
def own_memory(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twins of a test are in a place of its own: other runs on this machine are none of its business."""
    monkeypatch.setattr(rooms, "MEMORY", tmp_path_factory.mktemp("memory"))
    rooms._swept.cache_clear()


def twins_left() -> list[Path]:
    places = [rooms.MEMORY / f"routecli-{os.geteuid()}", Path(os.environ["HOME"]) / ".cache" / "routecli" / "twins"]
    return sorted(twin for place in places if place.is_dir() for twin in place.iterdir())
