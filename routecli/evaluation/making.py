"""Tasks out of git's history: a commit that changes code and tests is a task with its answer."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

from routecli.domain.task import RepoPath
from routecli.domain.untrusted import visible
from routecli.evaluation.suite import SuiteTask
from routecli.git.command import git, git_ok

_MOST_FILES = 5
_MOST_WORDS = 4_000
_LEAST_WORDS = 12
_SEEN = 2_000
"""Commits looked at: further back, a project's environment no longer fits."""


def from_history(root: Path, *, is_test: Callable[[RepoPath], bool], most: int) -> Iterator[SuiteTask]:
    """At most `most` tasks, the newest first: commits with one parent that change one to five Python files of code and
    at least one of tests. Whether the tests fail before is only known once they run. Runs nothing of the
    repository's."""
    listed = git_ok(root, "rev-list", "--no-merges", f"--max-count={_SEEN}", "HEAD").decode().split()
    made = 0
    for commit in listed:
        if made >= most:
            return
        task = _task(root, commit, is_test)
        if task is not None:
            made += 1
            yield task


def _task(root: Path, commit: str, is_test: Callable[[RepoPath], bool]) -> SuiteTask | None:
    parent = git(root, "rev-parse", "--verify", "-q", f"{commit}^")
    if parent.exit_code != 0:
        return None
    words = ("diff-tree", "-r", "-z", "--no-commit-id", "--no-renames", "--name-status", commit)
    fields = git_ok(root, *words).decode("utf-8", "surrogateescape").split("\0")[:-1]
    changes = list(zip(fields[1::2], fields[::2], strict=True))
    tests = tuple(p for p, how in changes if is_test(p) and how in "AM" and p.endswith(".py"))
    code = tuple(p for p, how in changes if not is_test(p) and p.endswith(".py") and how == "M")
    other = [p for p, how in changes if p.endswith(".py") and not is_test(p) and how != "M"]
    if not tests or not code or other or len(code) > _MOST_FILES:
        return None
    message = visible(git_ok(root, "show", "-s", "--format=%B", commit).decode("utf-8", "replace")).strip()
    runs = [p for p in tests if not p.endswith(("conftest.py", "__init__.py"))]
    if len(message) < _LEAST_WORDS or not runs:
        return None
    accept = shlex.join(("python", "-m", "pytest", "-q", *runs))
    return SuiteTask(
        commit[:12], message[:_MOST_WORDS], parent.stdout.decode().strip(), root, code, accept,
        tests_from=commit, tests=tests,
    )  # fmt: skip
