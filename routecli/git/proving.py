"""What a new commit really changes, read back from the object store before any ref moves to it.

GitPython walks the trees through one `cat-file --batch` for all objects, which runs no hook and no filter. It knows
SHA-1 only, so a SHA-256 repository is asked by one git command.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from routecli.domain.task import RepoPath
from routecli.git.command import git_ok
from routecli.git.repository import Repository

if TYPE_CHECKING:
    from git import Tree


def changed_by(repository: Repository, commit: str) -> frozenset[RepoPath]:
    """The paths in which `commit` differs from its first parent (all of its files, if it has none)."""
    if repository.object_format != "sha1":
        words = ("diff-tree", "--root", "-r", "-z", "--no-renames", "--name-only", "--no-commit-id", commit)
        return frozenset(os.fsdecode(p) for p in git_ok(repository.root, *words).split(b"\0") if p)
    from git import Repo

    # Said outright, so that no GIT_DIR of a hook around us leads it elsewhere.
    here = {"GIT_DIR": str(repository.git_dir), "GIT_OBJECT_DIRECTORY": str(repository.common_dir / "objects")}
    with Repo(repository.root) as repo, repo.git.custom_environment(**here):
        made = repo.commit(commit)
        before = made.parents[0].tree if made.parents else None
        return frozenset(_differing(before, made.tree))


def _differing(before: Tree | None, after: Tree | None) -> set[RepoPath]:
    """The paths of the files in which two trees differ; subtrees that are equal are not opened."""
    old = {entry.name: entry for entry in before or ()}
    new = {entry.name: entry for entry in after or ()}
    found: set[RepoPath] = set()
    for name in old.keys() | new.keys():
        a, b = old.get(name), new.get(name)
        if a is not None and b is not None and (a.binsha, a.mode) == (b.binsha, b.mode):
            continue
        trees = [e if e is not None and e.type == "tree" else None for e in (a, b)]
        found |= _differing(trees[0], trees[1])
        found |= {str(e.path) for e in (a, b) if e is not None and e.type != "tree"}
    return found
