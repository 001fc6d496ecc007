"""Every command first puts right what a killed delivery left, says so once, and costs nothing where nothing is."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import Repo, make_repo

from routecli.cli import app
from routecli.domain.patch import FileEdit, Patch
from routecli.git.repository import open_repository
from routecli.workspace import delivery, journal, recovery

Says = Callable[..., tuple[int, str, str]]
PATCH = Patch((FileEdit("a.py", b"a = 1\n", b"a = 2\n"), FileEdit("b.py", b"b = 1\n", b"b = 2\n")))
LINE = "an interrupted delivery was undone: 2 files as before it\n"


def crashed(root: Path, patch: Patch = PATCH) -> Path:
    """The state on disk after a kill when the first file had been changed; the folder of the journal."""
    opened = open_repository(root)
    pending, _ = delivery._folders(opened.own_dir)
    found = {e.path: delivery.check(root, e) for e in patch.edits}
    permissions = {path: stat.S_IMODE(status.st_mode) for path, status in found.items() if status}
    begun = journal.begin(pending, opened.root, patch, "test", (), permissions)
    delivery._prepare(begun, patch, found)
    begun = begun.to_commit()
    recovery.targets(begun)[0].put(patch.edits[0].before)
    return begun.place


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return make_repo(tmp_path / "here", {"a.py": "a = 1\n", "b.py": "b = 1\n", "sub/c": "c\n"})


@pytest.fixture
def says(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Says:
    monkeypatch.chdir(repo.root)
    monkeypatch.setenv("ROUTECLI_STATE_DIR", str(tmp_path / "state"))

    def run(*args: str) -> tuple[int, str, str]:
        status = app.run(args)
        out, err = capfd.readouterr()
        return status, out, err

    return run


@pytest.mark.parametrize(
    "args",
    [["history"], ["models", "--json"], ["config", "path"], ["trust", "show"], ["undo", "--list"],
     ["estimate", "format a.py", "a.py", "--json"]],
    ids=lambda args: args[0],
)  # fmt: skip
def test_row_44_any_command_recovers_and_says_it_once(args: list[str], repo: Repo, says: Says) -> None:
    before = repo.state()
    crashed(repo.root)
    assert repo.state() != before
    _, _, err = says(*args)
    assert err.count("interrupted") == 1
    assert LINE in err
    assert repo.state() == before
    assert "interrupted" not in says(*args)[2]


@pytest.mark.parametrize(
    "args",
    [["--version"], ["--help"], ["history", "--help"], ["trust", "add", "--help"], ["completion", "bash"], ["nope"]],
    ids=" ".join,
)
def test_help_version_and_completion_touch_nothing(args: list[str], repo: Repo, says: Says) -> None:
    crashed(repo.root)
    before = repo.state()
    assert "interrupted" not in says(*args)[2]
    assert repo.state() == before


def test_quiet_is_quiet_but_not_about_what_was_left(repo: Repo, says: Says) -> None:
    crashed(repo.root)
    assert says("-q", "history")[2] == ""
    assert (repo.root / "a.py").read_text() == "a = 1\n"
    crashed(repo.root)
    (repo.root / "a.py").write_text("mine\n")
    err = says("-q", "history")[2]
    assert err.startswith("warning: an interrupted delivery was undone, but for")
    assert err.endswith(": a.py\n")
    assert (repo.root / "a.py").read_text() == "mine\n"


def test_row_44_from_a_folder_below_and_from_a_linked_worktree(
    repo: Repo, says: Says, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    for place in (repo.root / "sub", tmp_path / "linked"):
        crashed(repo.root)
        monkeypatch.chdir(place)
        assert says("history")[2] == LINE
        assert (repo.root / "a.py").read_text() == "a = 1\n"


def test_row_44_a_moved_repository_recovers_and_its_copy_leaves_the_first_alone(
    repo: Repo, says: Says, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashed(repo.root)
    subprocess.run(["cp", "-a", repo.root, tmp_path / "copy"], check=True)
    monkeypatch.chdir(tmp_path / "copy")
    assert says("history")[2] == LINE
    assert (tmp_path / "copy/a.py").read_text() == "a = 1\n"
    assert (repo.root / "a.py").read_text() == "a = 2\n"


@pytest.mark.parametrize("field", ["root", "temp", "path", "folder"])
def test_row_01_a_journal_from_elsewhere_reaches_nothing_outside(
    field: str, repo: Repo, says: Says, tmp_path: Path
) -> None:
    """A git folder may come in an archive; a start in it must not write or remove anything of anybody's."""
    (tmp_path / "home").mkdir()
    victim = tmp_path / "home" / "b.py"
    victim.write_text("b = 1\n")
    (tmp_path / "home" / "empty").mkdir()
    place = crashed(repo.root)
    said = json.loads((place / "journal.json").read_text())
    if field == "root":
        said["root"] = str(victim.parent)
        (victim.parent / "a.py").write_text("a = 2\n")
    elif field == "temp":
        said["files"][1]["temp"] = str(victim)
    elif field == "path":
        said["files"][1]["path"] = f"../home/{victim.name}"
    else:
        said["folders"] = ["../home/empty"]
    (place / "journal.json").write_text(json.dumps(said))
    assert says("history")[0] == 0
    assert victim.read_text() == "b = 1\n"
    assert (victim.parent / "empty").is_dir()
    if field == "root":
        assert (victim.parent / "a.py").read_text() == "a = 2\n"


def test_row_28_our_folder_as_a_link_is_a_warning(repo: Repo, says: Says, tmp_path: Path) -> None:
    crashed(repo.root)
    own = repo.root / ".git" / "routecli"
    own.rename(tmp_path / "elsewhere")
    own.symlink_to(tmp_path / "elsewhere")
    status, _, err = says("history")
    assert status == 0
    assert err.startswith("warning: an interrupted delivery could not be undone: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("garbage", [b"", b"[]", b"null", b'{"files": 3}', b"\xff", b'{"files": [], "root": 1}'])
def test_row_44_a_journal_that_is_none_is_swept(garbage: bytes, repo: Repo, says: Says) -> None:
    place = repo.root / ".git/routecli/pending/20260101T000000000000-00000000"
    place.mkdir(parents=True)
    (place / "journal.json").write_bytes(garbage)
    before = repo.state()
    status, _, err = says("history")
    assert (status, err) == (0, "")
    assert repo.state() == before
    assert not place.exists()


def test_a_start_with_nothing_to_do_imports_nothing_and_starts_nothing(repo: Repo) -> None:
    (repo.root / ".git/routecli/pending").mkdir(parents=True)
    code = (
        "import sys, os; from routecli.cli.recovering import recover_first; before = set(sys.modules)\n"
        "started = []\nsys.addaudithook(lambda event, _: started.append(event) if event.startswith(('subprocess', "
        "'os.fork', 'os.posix_spawn', 'os.exec')) else None)\n"
        "recover_first(); print(sorted(m for m in set(sys.modules) - before if 'routecli' in m), started)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repo.root / "sub", capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[] []\n"


def test_no_repository_and_no_folder_at_all(says: Says, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    assert says("config", "path")[0] == 0
    gone.rmdir()
    assert "Traceback" not in says("config", "path")[2]
