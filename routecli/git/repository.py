"""A repository found and understood, or a reason why not, before anything is spent (security.md rows 25, 27, 28)."""

from __future__ import annotations

import os
from pathlib import Path

from routecli.errors import UsageFault
from routecli.git.command import git, git_ok
from routecli.nouns import dataclass

_QUESTIONS = (
    "--is-bare-repository",
    "--show-object-format",
    "--path-format=absolute",
    "--show-toplevel",
    "--git-dir",
    "--git-common-dir",
)
_UNDER_WAY = {
    "MERGE_HEAD": ("a merge", "git merge --continue, or git merge --abort"),
    "rebase-merge": ("a rebase", "git rebase --continue, or git rebase --abort"),
    "rebase-apply": ("a rebase or git am", "git rebase --continue, or git rebase --abort"),
    "CHERRY_PICK_HEAD": ("a cherry-pick", "git cherry-pick --continue, or git cherry-pick --abort"),
    "REVERT_HEAD": ("a revert", "git revert --continue, or git revert --abort"),
}


@dataclass(frozen=True, slots=True)
class Repository:
    """Where a repository is and what is checked out. Paths are absolute, without links. `git_dir` differs from
    `common_dir` in a linked worktree. `head` is the commit's id, None before the first; `branch` None where HEAD is
    detached. `object_format` is `sha1` or `sha256`; `head_tree` the id of the tree of `head`."""

    root: Path
    git_dir: Path
    common_dir: Path
    head: str | None
    branch: str | None
    object_format: str = "sha1"
    head_tree: str | None = None

    @property
    def detached(self) -> bool:
        """HEAD names a commit, no branch."""
        return self.branch is None

    @property
    def own_dir(self) -> Path:
        """Our own folder in the repository's: journal, lock, private index."""
        return self.common_dir / "routecli"


def open_repository(start: Path, *, amid: bool = False) -> Repository:
    """The repository whose work tree holds `start` (a folder). `GIT_*` variables of the caller are ignored.

    `amid`: a merge or rebase under way is no hindrance, for who only looks. Raises UsageFault: no repository, a bare
    one, a merge or rebase under way, a layout that is not safe to write to.
    """
    if not start.is_dir():
        raise UsageFault(f"{start} is no folder")
    answers = _ask(start)
    root, git_dir, common_dir = (Path(os.fsdecode(a)) for a in answers[2:5])
    repository = Repository(
        root=root,
        git_dir=git_dir,
        common_dir=common_dir,
        head=answers[5].decode() if len(answers) > 5 else None,
        branch=_branch(git_dir, root),
        object_format=answers[1].decode(),
        head_tree=answers[6].decode() if len(answers) > 6 else None,
    )
    _refuse_unsafe(repository, start)
    if not amid:
        _refuse_under_way(repository)
    return repository


def _ask(start: Path) -> list[bytes]:
    """git's answers, one a line: five of them, and HEAD's commit and its tree where there is one."""
    done = git(start, "rev-parse", *_QUESTIONS, "HEAD^{commit}", "HEAD^{tree}", "--")
    answers = done.stdout.split(b"\n")[:-1]
    said = done.stderr.decode("utf-8", "replace")
    if (answers and answers[0] == b"true") or "cannot use bare repository" in said:
        raise UsageFault(
            f"{start} is in a bare repository: it has no files to work on", hint="git worktree add ../work"
        )
    if done.exit_code == 0:
        answers = answers[: answers.index(b"--")] if b"--" in answers else answers
    elif len(answers) > 5:
        answers = answers[:5]  # HEAD has no commit yet; git repeats the word and fails
    if len(answers) not in (5, 7) or not all(a.startswith(b"/") for a in answers[2:5]):
        raise _no_repository(start, said)
    return answers


def _no_repository(start: Path, said: str) -> UsageFault:
    if "dubious ownership" in said:
        return UsageFault(
            f"the repository at {start} belongs to another user",
            hint=f"git config --global --add safe.directory {start}",
        )
    if "must be run in a work tree" in said:
        return UsageFault(f"{start} is inside a .git folder, or its work tree is elsewhere", hint="cd to the work tree")
    if "not a git repository" in said or not said.strip():
        return UsageFault(f"{start} is in no git repository", hint="git init")
    return UsageFault(f"git cannot read the repository at {start}: {said.strip().splitlines()[0]}", hint="git fsck")


def _branch(git_dir: Path, root: Path) -> str | None:
    """The branch by HEAD's own file; git is asked only where refs are kept in another way."""
    text = (git_dir / "HEAD").read_bytes().decode("utf-8", "surrogateescape").strip()
    if not text.startswith("ref: refs/heads/"):
        return None
    name = text.removeprefix("ref: refs/heads/")
    if name != ".invalid":
        return name
    return git_ok(root, "symbolic-ref", "--short", "HEAD").decode("utf-8", "surrogateescape").strip()


def _refuse_unsafe(repository: Repository, start: Path) -> None:
    root = repository.root
    if not start.resolve().is_relative_to(root):
        raise UsageFault(
            f"core.worktree of the repository at {start} names {root}: another folder than the one you are in",
            hint="git config --unset core.worktree",
        )
    if root == Path(root.anchor):
        raise UsageFault("the repository is the whole file system", hint="work in a repository of its own")
    dot_git = root / ".git"
    if dot_git.is_symlink():
        raise UsageFault(
            f"{dot_git} is a symbolic link: what is written there would land elsewhere",
            hint=f"replace the link by a file with the line: gitdir: {repository.git_dir}",
        )
    if repository.own_dir.is_symlink():
        raise UsageFault(
            f"{repository.own_dir} is a symbolic link, and nothing of ours", hint=f"rm {repository.own_dir}"
        )


def _refuse_under_way(repository: Repository) -> None:
    for name, (what, hint) in _UNDER_WAY.items():
        if (repository.git_dir / name).exists():
            raise UsageFault(f"{what} is under way in {repository.root}: finish it first", hint=hint)


__all__ = ["Repository", "open_repository"]
