"""The repository of a task as it was, in a folder of its own that is gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from routecli.errors import UsageFault
from routecli.evaluation.suite import SuiteTask
from routecli.git.command import git_ok

_FILE = ("protocol.file.allow=always",)
"""For a clone of a folder on this machine; everything else stays forbidden."""
_PLAIN = ("commit.gpgsign=false", "core.autocrlf=false")
_AUTHOR = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "routecli"), ("EMAIL", "eval@localhost"))}  # fmt: skip


@contextmanager
def ground(task: SuiteTask) -> Iterator[Path]:
    """A clone at `task.base`, the tests of the answer laid over it and committed. The user's repository is only read.
    Raises UsageFault: a commit or a file is not there."""
    if not task.repository.is_dir():
        raise UsageFault(f"{task.name}: there is no repository {task.repository}")
    place = Path(tempfile.mkdtemp(prefix="routecli-eval-")).resolve()
    root = place / task.repository.name
    try:
        git_ok(place, "clone", "-q", "--shared", "--no-checkout", "--", str(task.repository), str(root), config=_FILE)
        git_ok(root, "checkout", "-q", "--detach", task.base)
        if task.tests:
            git_ok(root, "checkout", "-q", task.tests_from, "--", *task.tests)
            git_ok(root, "commit", "-q", "--no-verify", "--allow-empty", "-m", "tests", config=_PLAIN, env=_AUTHOR)
        yield root
    finally:
        shutil.rmtree(place, ignore_errors=True)


def lay_answer(task: SuiteTask, root: Path) -> None:
    """Lays the commit's own change of `task.paths` over the ground `root`. Raises UsageFault: it is not there."""
    git_ok(root, "checkout", "-q", task.tests_from, "--", *task.paths)
