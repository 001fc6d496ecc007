"""Twins of large repositories: layers over the user's own tree. What holds of every twin is in test_twin.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from repositories import Repo, make_repo

from routecli.domain.command import Command
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings
from routecli.errors import SandboxFault, UsageFault
from routecli.workspace import probing
from routecli.workspace.layered import FROM_FILES, LayeredTwin, can_layer, content_folders
from routecli.workspace.sandbox import LEVELS
from routecli.workspace.workspace import GitWorkspace
from workspace.conftest import edits, snap, twins_left

FILES = {
    "calc.py": "c\n",
    "pkg/a.py": "a\n",
    "pkg/deep/b.py": "b\n",
    "alone/only.py": "o\n",
    ".gitignore": ".env\nlogs/\n",
}


@pytest.fixture(autouse=True)
def layers(monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := probing.why_not(LEVELS[Isolation.UNSHARE], layered=True):
        pytest.skip(f"layers do not work here: {reason}")
    monkeypatch.setattr("routecli.workspace.workspace.FROM_FILES", -1)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = make_repo(tmp_path / "project", FILES)
    made.write({".env": "SECRET=1\n", "logs/today.log": "l\n", "pkg/.env": "SECRET=2\n", "pkg/mine.py": "untracked\n"})
    return made


@pytest.fixture
def workspace(repo: Repo) -> Iterator[GitWorkspace]:
    snapshot = snap(repo)
    yield GitWorkspace(snapshot.repository, snapshot, SandboxSettings())
    snapshot.close()


def listed(workspace: GitWorkspace, patch: Patch | None = None) -> list[str]:
    with workspace.twin(patch) as twin:
        assert isinstance(twin, LayeredTwin)
        done = twin.run(Command(("sh", "-c", "find . -mindepth 1 | sort")))
    return done.stdout.decode().split()


def test_it_shows_what_an_export_would_and_nothing_else(repo: Repo, workspace: GitWorkspace) -> None:
    """No `.git`, nothing that is ignored; untracked files are content."""
    before = repo.state()
    assert workspace.isolation is Isolation.UNSHARE
    assert listed(workspace) == sorted(
        f"./{p}"
        for p in (*FILES, "pkg", "pkg/deep", "alone", "pkg/mine.py")
    )  # fmt: skip
    assert repo.state() == before
    assert (repo.root / ".env").read_text() == "SECRET=1\n"
    assert twins_left() == []


def test_a_patch_changes_makes_and_deletes(workspace: GitWorkspace) -> None:
    patch = edits(
        workspace.snapshot, {"calc.py": "new\n", "made/deep/x.py": "x\n", "alone/only.py": None, "pkg/a.py": None}
    )
    found = listed(workspace, patch)
    assert {"./made/deep/x.py", "./pkg/deep/b.py"} <= set(found)
    assert {"./alone", "./alone/only.py", "./pkg/a.py"}.isdisjoint(found)
    with workspace.twin(patch) as twin:
        assert twin.run(Command(("cat", "calc.py", "made/deep/x.py"))).stdout == b"new\nx\n"
        assert twin.changes() == ()


def test_a_new_file_may_have_the_name_of_a_hidden_one(repo: Repo, workspace: GitWorkspace) -> None:
    patch = Patch((FileEdit("logs/new.py", None, b"n\n"), FileEdit("pkg/.env", None, b"theirs\n")))
    with workspace.twin(patch) as twin:
        done = twin.run(Command(("sh", "-c", "ls logs; cat logs/new.py pkg/.env")))
    assert done.stdout == b"new.py\nn\ntheirs\n"
    assert (repo.root / "pkg" / ".env").read_text() == "SECRET=2\n"


SAVES: dict[str, Callable[[Path], object]] = {
    "a changed file": lambda root: (root / "pkg/a.py").write_text("the user saved\n"),
    "a new file": lambda root: (root / "pkg/new.py").write_text("n\n"),
    "a new secret": lambda root: (root / "pkg/deep/.env").write_text("SECRET=3\n"),
    "a deleted file": lambda root: (root / "calc.py").unlink(),
    "a deleted folder": lambda root: [(root / "alone/only.py").unlink(), (root / "alone").rmdir()],
}


@pytest.mark.parametrize("save", SAVES)
def test_a_save_during_the_run_makes_it_count_for_nothing(repo: Repo, workspace: GitWorkspace, save: str) -> None:
    with workspace.twin() as twin:
        assert twin.run(Command(("true",))).exit_code == 0
        SAVES[save](repo.root)
        with pytest.raises(SandboxFault, match="changed while the checks ran") as fault:
            twin.run(Command(("true",)))
    assert fault.value.hint == "run it again"


def test_a_touch_or_an_ignored_file_gone_is_no_change(repo: Repo, workspace: GitWorkspace) -> None:
    with workspace.twin() as twin:
        (repo.root / "pkg/a.py").write_text("a\n")
        (repo.root / "logs/today.log").write_text("more\n")
        (repo.root / "logs/today.log").unlink()
        assert twin.run(Command(("true",))).exit_code == 0


def test_a_path_that_leaves_the_tree_is_refused_before_anything_is_written(
    workspace: GitWorkspace, tmp_path: Path
) -> None:
    for path in ("../out/x", "/abs", "a/../../x", "calc.py/below"):
        with pytest.raises(UsageFault), workspace.twin(Patch((FileEdit(path, None, b"x"),))):
            raise AssertionError(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["project"]
    assert twins_left() == []


def test_small_repositories_are_copied(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routecli.workspace.workspace.FROM_FILES", FROM_FILES)
    snapshot = snap(repo)
    with GitWorkspace(snapshot.repository, snapshot, SandboxSettings()).twin() as twin:
        assert not isinstance(twin, LayeredTwin)


def test_where_no_layer_can_be_made_the_files_are_copied(
    workspace: GitWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_mark(*_: object) -> None:
        raise PermissionError(1, "not here")

    monkeypatch.setattr("os.mknod", no_mark)
    with workspace.twin() as twin:
        assert not isinstance(twin, LayeredTwin)
        assert twin.run(Command(("cat", "calc.py"))).stdout == b"c\n"
    assert twins_left() == []


def test_paths_that_mount_options_cannot_hold(tmp_path: Path) -> None:
    assert can_layer(tmp_path, tmp_path)
    for odd in ("a:b", "a,b", "a\\b"):
        assert not can_layer(tmp_path / odd, tmp_path)


def test_folders_of_the_content(repo: Repo) -> None:
    found = content_folders(snap(repo))
    assert found["pkg"] == {"a.py", "deep", "mine.py"}
    assert found[""] == {"calc.py", "pkg", "alone", ".gitignore"}
