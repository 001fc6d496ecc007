"""`undo` and `redo` at the prompt: text, JSON, exit status, and the question."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from repositories import Repo, make_repo
from serving import Say, ScriptedServer

from cli.samples import FORBIDDEN
from cli.test_context import configure
from routecli.cli import app
from routecli.domain.patch import FileEdit, Patch
from routecli.errors import ExitStatus
from routecli.git.repository import open_repository
from routecli.workspace.delivery import deliver

Says = Callable[..., tuple[int, str, str]]
RUN = "20261127-143200-ab12"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository in which a run wrote `a.py` and removed `old.py`."""
    made = make_repo(tmp_path / "here", {"a.py": "a = 1\n", "old.py": "old\n"})
    patch = Patch((FileEdit("a.py", b"a = 1\n", b"a = 2\n"), FileEdit("old.py", b"old\n", None)))
    deliver(patch, open_repository(made.root), label=f"run {RUN}")
    return made


@pytest.fixture
def says(repo: Repo, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Says:
    monkeypatch.chdir(repo.root)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*args: str) -> tuple[int, str, str]:
        status = app.run(args)
        out, err = capfd.readouterr()
        return status, out, err

    return run


def test_row_63_undo_and_redo(says: Says, repo: Repo) -> None:
    status, out, err = says("undo")
    assert (status, err) == (0, "undone: a.py, old.py\n")
    assert "-a = 2\n+a = 1\n" in out
    assert repo.git("status", "--porcelain") == ""
    assert says("redo", RUN[:8], "--quiet") == (0, "", "")
    assert (repo.root / "a.py").read_text() == "a = 2\n"
    assert not (repo.root / "old.py").exists()


def test_row_63_a_refusal_names_the_files_and_offers_the_patch(says: Says, repo: Repo) -> None:
    (repo.root / "a.py").write_text("mine\n")
    status, out, err = says("undo")
    assert (status, out) == (ExitStatus.NOT_WRITTEN, "")
    offered = f"routecli apply --reverse --run {RUN}"
    assert err == f"error: a.py changed since it was delivered\n\nhint: {offered}\n"
    status, out, err = says("undo", "--json")
    said = json.loads(out)
    assert status == said["exit_status"] == 7
    assert said["changed"] == [{"path": "a.py", "why": "a.py changed since it was delivered"}]
    assert (said["done"], said["state"], said["instead"]) == (False, "written", offered)
    assert (repo.root / "a.py").read_text() == "mine\n"


def test_the_list(says: Says) -> None:
    status, out, _ = says("undo", "--list")
    assert status == 0
    assert re.search(rf"^\d{{8}}T\d{{12}} +{RUN} +written +2 files: a\.py, old\.py$", out.split("\n", 1)[1][18:], re.M)
    says("undo")
    (row,) = json.loads(says("undo", "--list", "--json")[1])
    assert (row["run_id"], row["state"], row["files"]) == (RUN, "undone", ["a.py", "old.py"])
    assert says("undo", row["id"][:21])[0] == ExitStatus.USAGE
    assert says("redo", row["id"][:21])[0] == 0


def test_the_patch_and_nothing_written(says: Says, repo: Repo) -> None:
    before = repo.state()
    status, out, err = says("undo", "--patch")
    assert (status, err) == (0, "")
    assert out.startswith("diff --git a/a.py b/a.py\n")
    assert "new file mode 100644\n" in out
    assert repo.state() == before


def test_nothing_to_undo(says: Says, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says("undo")
    hint = "\n\nhint: routecli undo --list\n"
    assert says("undo") == (ExitStatus.USAGE, "", f"error: there is nothing to undo in {repo.root}{hint}")
    assert says("undo", "\x1b[2J") == (2, "", f"error: no delivery kept here is called \\x1b[2J{hint}")
    monkeypatch.chdir(tmp_path)
    assert says("undo")[0] == says("redo")[0] == says("undo", "--list")[0] == ExitStatus.USAGE
    make_repo(tmp_path / "new", {"a": "a\n"})
    monkeypatch.chdir(tmp_path / "new")
    assert says("undo", "--list") == (0, "Nothing was written here yet.\n", "")


@pytest.mark.parametrize(("word", "status", "now"), [("y", 0, "a = 1\n"), ("", 7, "a = 2\n"), ("no", 7, "a = 2\n")])
def test_a_person_is_shown_the_change_and_asked(word: str, status: int, now: str, repo: Repo) -> None:
    child = pexpect.spawn(
        sys.executable, ["-m", "routecli", "undo"], timeout=60, dimensions=(30, 80), cwd=str(repo.root),
        env={**os.environ, "TERM": "xterm-256color"}, encoding="utf-8",
    )  # fmt: skip
    child.expect(re.escape(f"Undo {RUN}? [y/N] "))
    shown = str(child.before)
    assert "+a = 1" in shown
    assert not FORBIDDEN.search(shown.replace("\r", ""))
    child.sendline(word)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == status
    assert (repo.root / "a.py").read_text() == now


REPLY = "a.py\n```python\n<<<<<<< SEARCH\na = 1\n=======\na = 2\n>>>>>>> REPLACE\n```\n"


def test_row_63_the_offered_command_takes_back_what_still_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    made = make_repo(tmp_path / "here", {"a.py": "a = 1\n\n\n\nb = 1\n"})
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("ROUTECLI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("SCRIPTED_KEY", "not-a-key-at-all")
    with ScriptedServer([Say(REPLY)]) as server:
        configure(tmp_path, server, "openai")
        first = ["--config", str(tmp_path / "config.toml")]
        app.run([*first, "run", "set a to 2", "a.py", "--no-tests", "--no-lint", "--unsafe-no-sandbox", "--yes"])
    assert (made.root / "a.py").read_text() == "a = 2\n\n\n\nb = 1\n"
    made.write({"a.py": "a = 2\n\n\n\nb = 2\n"})
    capfd.readouterr()
    assert app.run([*first, "undo"]) == ExitStatus.NOT_WRITTEN
    offered = capfd.readouterr().err.rpartition("hint: routecli ")[2].split()
    assert offered[:3] == ["apply", "--reverse", "--run"]
    assert app.run([*first, *offered, "--yes"]) == 0
    assert (made.root / "a.py").read_text() == "a = 1\n\n\n\nb = 2\n"
    assert app.run([*first, "undo", "--yes"]) == 0  # what `apply` wrote is a delivery as well
    assert (made.root / "a.py").read_text() == "a = 2\n\n\n\nb = 2\n"


def test_row_63_two_undos_side_by_side_undo_once_each(repo: Repo, tmp_path: Path) -> None:
    deliver(Patch((FileEdit("a.py", b"a = 2\n", b"a = 3\n"),)), open_repository(repo.root))
    command = [sys.executable, "-m", "routecli", "undo"]
    children = [
        subprocess.Popen(command, cwd=repo.root, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
        for _ in range(3)
    ]  # fmt: skip
    statuses = sorted(child.wait(timeout=60) for child in children)
    assert statuses[0] == 0
    assert set(statuses) <= {0, 2, 7}
    undone = statuses.count(0)
    assert (repo.root / "a.py").read_text() == f"a = {3 - undone}\n"
