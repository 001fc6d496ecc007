"""The repository found by its files: the same as git says, or none at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from repositories import Repo, make_repo

from routecli.git.finding import Found, common_dir_of, find
from routecli.git.repository import open_repository


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return make_repo(tmp_path / "project", {"sub/a.py": "a\n"})


def same_as_git(start: Path) -> None:
    opened = open_repository(start)
    assert find(start) == Found(opened.root, opened.common_dir)


def test_a_plain_repository_and_a_folder_in_it(repo: Repo) -> None:
    same_as_git(repo.root)
    same_as_git(repo.root / "sub")


def test_a_linked_worktree(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    same_as_git(tmp_path / "linked" / "sub")
    assert common_dir_of(tmp_path / "linked") == repo.root / ".git"


def test_a_git_folder_that_is_elsewhere(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "project", {"a": "a\n"}, "--separate-git-dir", str(tmp_path / "elsewhere"))
    same_as_git(repo.root)


def test_a_submodule(repo: Repo, tmp_path: Path) -> None:
    outer = make_repo(tmp_path / "outer", {"a": "a\n"})
    outer.git("submodule", "add", "-q", str(repo.root), "inner")
    same_as_git(outer.root / "inner")


def test_no_repository(tmp_path: Path) -> None:
    assert find(tmp_path) is None


@pytest.mark.parametrize(
    "content", [b"", b"gitdir: ", b"gitdir: /nowhere/at/all\n", b"\0\xff", b"gitdir: a\0b", b"x" * 50_000]
)
def test_a_dot_git_file_that_leads_nowhere(content: bytes, tmp_path: Path) -> None:
    (tmp_path / ".git").write_bytes(content)
    assert find(tmp_path) is None


def test_row_28_a_link_or_a_pipe_is_no_repository(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "linking").mkdir()
    (tmp_path / "linking" / ".git").symlink_to(repo.root / ".git")
    assert find(tmp_path / "linking") is None
    (tmp_path / "piped").mkdir()
    os.mkfifo(tmp_path / "piped" / ".git")
    assert find(tmp_path / "piped") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_row_28_another_users_repository_is_none_of_ours(repo: Repo) -> None:
    os.chown(repo.root / ".git", 12345, 12345)
    assert find(repo.root) is None
