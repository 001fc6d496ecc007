"""Tasks out of what was done: a commit that changes code and tests, or a run whose patch mended failing tests."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from routecli.domain.receipt import Outcome, Receipt
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import visible
from routecli.domain.verdict import Accepted, CheckResult
from routecli.evaluation.languages import language_of, pytest_of
from routecli.evaluation.suite import SuiteTask
from routecli.git.command import git, git_ok

_MOST_FILES = 5
_MOST_TESTS = 30
_MOST_WORDS = 4_000
_LEAST_WORDS = 12
_SEEN = 2_000
"""Commits looked at: further back, a project's environment no longer fits."""


def from_history(root: Path, *, is_test: Callable[[RepoPath], bool], most: int) -> Iterator[SuiteTask]:
    """At most `most` tasks, the newest first: commits with one parent that change one to five files of code in one
    language (languages.py) and at least one of its tests. Whether the tests fail before is only known once they run:
    compose/suitable.py. Runs nothing of the repository's."""
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
    code = tuple((p, how) for p, how in changes if not is_test(p) and language_of(p) is not None)
    languages = {language_of(p) for p, _ in code}
    if not tests or not code or len(code) > _MOST_FILES or len(languages) > 1 or any(how != "M" for _, how in code):
        return None
    message = visible(git_ok(root, "show", "-s", "--format=%B", commit).decode("utf-8", "replace")).strip()
    language, paths = languages.pop(), tuple(p for p, _ in code)
    if language is None or len(message) < _LEAST_WORDS:
        return None
    accept = language.accept([p for p in tests if language.runs(p)], paths, _reader(root, commit))
    if not accept:
        return None
    return SuiteTask(
        commit[:12], message[:_MOST_WORDS], parent.stdout.decode().strip(), root, paths, accept,
        tests_from=commit, tests=tests,
    )  # fmt: skip


def _reader(root: Path, commit: str) -> Callable[[RepoPath], str]:
    def read(path: RepoPath) -> str:
        found = git(root, "cat-file", "blob", f"{commit}:{path}")
        return found.stdout.decode("utf-8", "replace") if found.exit_code == 0 else ""

    return read


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
        return pytest_of(check.fixed, paths)
    by_unittest = any(word.endswith("runner_unittest.py") for word in check.argv)
    return shlex.join(("python", "-m", "unittest", *check.fixed)) if by_unittest else ""
