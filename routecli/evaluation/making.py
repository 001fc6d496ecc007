"""Tasks out of what was done: a commit that changes code and tests, or a run whose patch mended failing tests."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from routecli.domain.receipt import Outcome, Receipt
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import visible
from routecli.domain.verdict import Accepted, CheckResult
from routecli.evaluation.suite import SuiteTask
from routecli.git.command import git, git_ok

_RUNNABLE = re.compile(r"test.*\.py|.*_tests?\.py")
_MOST_FILES = 5
_MOST_TESTS = 30
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
    tests = tuple(p for p, how in changes if is_test(p) and how in "AM")  # with the data that they read
    code = tuple(p for p, how in changes if not is_test(p) and p.endswith(".py") and how == "M")
    other = [p for p, how in changes if p.endswith(".py") and not is_test(p) and how != "M"]
    if not tests or not code or other or len(code) > _MOST_FILES:
        return None
    message = visible(git_ok(root, "show", "-s", "--format=%B", commit).decode("utf-8", "replace")).strip()
    runs = [p for p in tests if _RUNNABLE.fullmatch(posixpath.basename(p))]
    if len(message) < _LEAST_WORDS or not runs:
        return None
    accept = _pytest(runs, code)
    return SuiteTask(
        commit[:12], message[:_MOST_WORDS], parent.stdout.decode().strip(), root, code, accept,
        tests_from=commit, tests=tests,
    )  # fmt: skip


def from_receipts(receipts: Iterable[Receipt], root: Path, *, most: int) -> Iterator[SuiteTask]:
    """At most `most` tasks of the accepted runs in the repository `root` that began at a commit and mended tests which
    had failed: these judge. Of one instruction the first receipt counts."""
    seen: set[str] = set()
    for receipt in receipts:
        if len(seen) >= most:
            return
        task = receipt.task
        verdict = receipt.attempts[-1].verdict if receipt.attempts else None
        ours = task.repo_root == root and receipt.outcome is Outcome.ACCEPTED and task.base_commit is not None
        if not ours or not isinstance(verdict, Accepted) or task.instruction in seen:
            continue
        accept = next((a for c in verdict.checks if (a := _rerun(c, task.paths))), "")
        if accept and task.base_commit and task.paths:
            seen.add(task.instruction)
            name = f"run-{receipt.run_id}"
            yield SuiteTask(name, task.instruction, task.base_commit, root, task.paths, accept, task.kind.value)


def _rerun(check: CheckResult, paths: Sequence[RepoPath]) -> str:
    """The command that runs the tests which `check` saw mended; empty where there are none, or too many."""
    if not check.fixed or len(check.fixed) > _MOST_TESTS:
        return ""
    if "pytest" in check.argv:
        return _pytest(check.fixed, paths)
    by_unittest = any(word.endswith("runner_unittest.py") for word in check.argv)
    return shlex.join(("python", "-m", "unittest", *check.fixed)) if by_unittest else ""


def _pytest(tests: Sequence[str], code: Sequence[RepoPath]) -> str:
    """In a project with a `src` folder its own files come before a copy that is installed in place."""
    first = ("-o", "pythonpath=src") if any(path.startswith("src/") for path in code) else ()
    return shlex.join(("python", "-m", "pytest", "-q", *first, *tests))
