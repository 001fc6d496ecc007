"""What counts as a repository, and every reason why one may not be worked on."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import make_repo

from routecli.errors import UsageFault
from routecli.git.repository import open_repository


def test_opens_from_a_subfolder(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"sub/deep/a.txt": "a"})
    opened = open_repository(repo.root / "sub" / "deep")
    assert opened.root == repo.root
    assert opened.head == repo.git("rev-parse", "HEAD").strip()
    assert opened.branch == "main"
    assert not opened.detached


def test_row_27_unborn_detached_sha256_shallow(tmp_path: Path) -> None:
    unborn = open_repository(make_repo(tmp_path / "unborn").root)
    assert (unborn.head, unborn.branch) == (None, "main")
    repo = make_repo(tmp_path / "r", {"a": "1"})
    repo.git("checkout", "-q", "--detach")
    assert open_repository(repo.root).detached
    sha256 = open_repository(make_repo(tmp_path / "s", {"a": "1"}, "--object-format=sha256").root)
    assert sha256.object_format == "sha256"
    assert len(sha256.head or "") == 64
    repo.git("clone", "-q", "--depth=1", f"file://{repo.root}", str(tmp_path / "shallow"))
    assert open_repository(tmp_path / "shallow").head == open_repository(repo.root).head


def test_row_27_linked_worktree(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a": "1"})
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    opened = open_repository(tmp_path / "linked")
    assert opened.root == (tmp_path / "linked").resolve()
    assert opened.common_dir == repo.root / ".git"
    assert opened.git_dir != opened.common_dir


def test_row_27_no_repository_bare_and_inside_dot_git(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a": "1"})
    (tmp_path / "none").mkdir()
    with pytest.raises(UsageFault, match="no git repository") as none:
        open_repository(tmp_path / "none")
    assert none.value.hint == "git init"
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    with pytest.raises(UsageFault, match="bare repository"):
        open_repository(tmp_path / "bare.git")
    with pytest.raises(UsageFault):
        open_repository(repo.root / ".git")
    with pytest.raises(UsageFault, match="no folder"):
        open_repository(tmp_path / "missing")


@pytest.mark.parametrize("command", ["merge", "rebase", "cherry-pick", "revert"])
def test_row_27_something_under_way(tmp_path: Path, command: str) -> None:
    repo = make_repo(tmp_path / "r", {"a": "base\n"})
    repo.git("checkout", "-q", "-b", "other")
    repo.write({"a": "other\n"})
    repo.commit("other")
    repo.git("checkout", "-q", "main")
    repo.write({"a": "main\n"})
    repo.commit("main")
    target = "HEAD~1" if command == "revert" else "other"
    repo.git(command, *(["--no-edit"] if command == "revert" else []), target, check=False)
    with pytest.raises(UsageFault, match="under way") as fault:
        open_repository(repo.root)
    assert "--abort" in fault.value.hint


def test_row_25_variables_of_the_caller_are_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = make_repo(tmp_path / "r", {"a": "1"})
    other = make_repo(tmp_path / "other", {"b": "2"})
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git" / "index"))
    assert open_repository(repo.root).root == repo.root


def test_row_28_links_are_refused(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a": "1"})
    (tmp_path / "way").symlink_to(repo.root)
    assert open_repository(tmp_path / "way").root == repo.root  # the folder's own name may be a link: it is resolved
    (repo.root / ".git" / "routecli").symlink_to(tmp_path)
    with pytest.raises(UsageFault, match="symbolic link"):
        open_repository(repo.root)
    (repo.root / ".git" / "routecli").unlink()
    (repo.root / ".git").rename(tmp_path / "elsewhere")
    (repo.root / ".git").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageFault, match="symbolic link"):
        open_repository(repo.root)


def test_a_work_tree_that_is_elsewhere(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a": "1"})
    (tmp_path / "victim").mkdir()
    repo.git("config", "core.worktree", str(tmp_path / "victim"))
    with pytest.raises(UsageFault):
        open_repository(repo.root)
