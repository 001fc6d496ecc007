"""A real repository as survey content: git's own plumbing, nothing faked."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from routecli.domain.task import RepoPath
from routecli.git.command import git, git_ok


@dataclass(frozen=True)
class TreeEntry:
    mode: str
    blob: str


@dataclass
class Repo:
    """The tree of a repository's index; `reads` counts what was opened."""

    root: Path
    tree: str
    entries: Mapping[RepoPath, TreeEntry]
    reads: list[RepoPath] = field(default_factory=list)

    def read(self, path: RepoPath) -> bytes | None:
        self.reads.append(path)
        on_disk = self.root / path
        return on_disk.read_bytes() if on_disk.is_file() and not on_disk.is_symlink() else None

    def paths(self) -> Collection[RepoPath]:
        return self.entries.keys()

    def grep(self, words: Sequence[str]) -> list[RepoPath]:
        patterns = [part for word in words for part in ("-e", word)]
        done = git(self.root, "grep", "--cached", "-z", "-l", "-w", "-I", "-F", *patterns)
        return [p.decode("utf-8", "surrogateescape") for p in done.stdout.split(b"\0") if p]


def content_of(root: Path) -> Repo:
    git_ok(root, "add", "-A")
    listed = git_ok(root, "ls-files", "-s", "-z").split(b"\0")
    entries = {}
    for line in listed:
        if match := re.fullmatch(rb"(\d+) ([0-9a-f]+) \d\t(.*)", line, re.DOTALL):
            entries[match[3].decode("utf-8", "surrogateescape")] = TreeEntry(match[1].decode(), match[2].decode())
    return Repo(root, git_ok(root, "write-tree").decode().strip(), entries)


MakeRepo = Callable[[Mapping[str, bytes | str]], Repo]


@pytest.fixture
def make_repo(tmp_path: Path) -> MakeRepo:
    """A repository with these files, all of them in its index."""

    def make(files: Mapping[str, bytes | str]) -> Repo:
        root = tmp_path / "repo"
        root.mkdir()
        git_ok(root, "init", "-q")
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return content_of(root)

    return make
