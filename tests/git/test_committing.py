"""One commit of chosen files: nothing else of the user's is in it, and what was staged stays staged."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import Repo, make_repo

from routecli.domain.patch import FileEdit, Patch
from routecli.errors import DeliveryFault
from routecli.git.repository import open_repository
from routecli.workspace.delivery import deliver

PATCH = Patch((FileEdit("a.py", b"a\n", b"A\n"), FileEdit("gone.py", b"g\n", None), FileEdit("n/new.py", None, b"n\n")))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = make_repo(tmp_path / "r", {"a.py": "a\n", "gone.py": "g\n", "other.py": "o\n", "staged.py": "s\n"})
    repo.git("config", "user.name", "Test")
    repo.git("config", "user.email", "test@example.com")
    return repo


def test_a_commit_of_these_files_only(repo: Repo) -> None:
    repo.write({"other.py": "dirty\n", "staged.py": "staged\n", "untracked.py": "u\n"})
    repo.git("add", "staged.py")
    before = repo.git("rev-parse", "HEAD").strip()
    done = deliver(PATCH, open_repository(repo.root), message="fix: a\n\nrun 1\n")
    assert done.commit == repo.git("rev-parse", "HEAD").strip() != before
    assert repo.git("rev-parse", "HEAD~1").strip() == before
    assert repo.git("show", "--name-status", "--format=%B", "HEAD").split() == [
        "fix:", "a", "run", "1", "M", "a.py", "D", "gone.py", "A", "n/new.py",
    ]  # fmt: skip
    assert repo.git("status", "--porcelain").splitlines() == [" M other.py", "M  staged.py", "?? untracked.py"]
    assert repo.git("symbolic-ref", "HEAD").strip() == "refs/heads/main"


def test_on_an_unborn_branch_and_a_detached_head(tmp_path: Path, repo: Repo) -> None:
    unborn = make_repo(tmp_path / "unborn")
    unborn.git("config", "user.name", "Test")
    unborn.git("config", "user.email", "test@example.com")
    done = deliver(Patch((FileEdit("a", None, b"a\n"),)), open_repository(unborn.root), message="first")
    assert done.commit == unborn.git("rev-parse", "main").strip()
    repo.git("checkout", "-q", "--detach")
    branch = repo.git("rev-parse", "main")
    done = deliver(PATCH, open_repository(repo.root), message="m")
    assert done.commit == repo.git("rev-parse", "HEAD").strip()
    assert repo.git("rev-parse", "main") == branch


@pytest.mark.parametrize("how", ["unstaged", "staged", "untracked", "locked", "filtered", "nameless"])
def test_refused_beforehand_and_then_nothing_is_written(repo: Repo, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patch = PATCH
    if how in ("unstaged", "staged"):
        repo.write({"a.py": "dirty\n"})
        patch = Patch((FileEdit("a.py", b"dirty\n", b"A\n"),))
    if how == "staged":
        repo.git("add", "a.py")
    if how == "untracked":
        repo.write({"u.py": "u\n"})
        patch = Patch((FileEdit("u.py", b"u\n", b"U\n"),))
    if how == "locked":
        (repo.root / ".git" / "index.lock").touch()
    if how == "filtered":
        (repo.root / ".git" / "info" / "attributes").write_text("a.py filter=lfs\n")
    if how == "nameless":
        repo.git("config", "--unset", "user.name")
        repo.git("config", "--unset", "user.email")
        repo.git("config", "user.useConfigOnly", "true")
    before = repo.state()
    with pytest.raises(DeliveryFault):
        deliver(patch, open_repository(repo.root), message="m")
    assert repo.state() == before


def test_row_25_no_hook_and_no_filter_runs(repo: Repo, tmp_path: Path) -> None:
    sentinel = tmp_path / "ran"
    for name in ("pre-commit", "commit-msg", "post-commit", "prepare-commit-msg", "reference-transaction",
                 "post-index-change", "post-rewrite"):  # fmt: skip
        hook = repo.root / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {sentinel}\n")
        hook.chmod(0o755)
    repo.git("config", "commit.gpgSign", "true")
    repo.git("config", "gpg.program", str(repo.root / ".git" / "hooks" / "pre-commit"))
    sentinel.unlink(missing_ok=True)
    assert deliver(PATCH, open_repository(repo.root), message="m").commit
    assert not sentinel.exists()


def test_row_64_line_ends_are_committed_as_the_repository_wants(repo: Repo) -> None:
    repo.write({".gitattributes": "*.txt text eol=crlf\n", "w.txt": b"one\r\n"})
    repo.commit()
    done = deliver(Patch((FileEdit("w.txt", b"one\r\n", b"two\r\n"),)), open_repository(repo.root), message="m")
    assert repo.git("show", f"{done.commit}:w.txt") == "two\n"
    assert (repo.root / "w.txt").read_bytes() == b"two\r\n"
    assert repo.git("status", "--porcelain") == ""


def test_a_head_that_moved_is_not_overwritten(repo: Repo) -> None:
    opened = open_repository(repo.root)
    repo.write({"other.py": "newer\n"})
    moved = repo.commit("meanwhile")
    done = deliver(PATCH, opened, message="m")
    assert done.written
    assert done.commit is None
    assert "HEAD moved" in done.why
    assert repo.git("rev-parse", "HEAD").strip() == moved
    assert repo.git("diff", "--cached", "--name-only") == ""
