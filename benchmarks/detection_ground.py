"""A real project at a real commit, and the product's own rooms on it: snapshot, twins, sandbox, verifier.

The clone is checked out from commit to commit and cleaned, so it has to be one of your own. Its environment is its
`.venv`, which stays.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from routecli.domain.events import Event
from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.settings import SandboxSettings, VerifySettings
from routecli.domain.task import Kind, RepoPath, Task
from routecli.git.repository import open_repository
from routecli.git.snapshot import Snapshot, take
from routecli.verification.planned import Measured, PlannedCheck, Role
from routecli.verification.report import TestReport
from routecli.verification.verifier import ProjectVerifier
from routecli.workspace.workspace import GitWorkspace

TIMEOUT_S = 60.0

Change = Mapping[RepoPath, tuple[bytes | None, bytes | None]]


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape")


def checkout(root: Path, sha: str) -> None:
    """The commit's files and nothing else, but for what is ignored."""
    git(root, "checkout", "-q", "-f", "--detach", sha)
    git(root, "clean", "-fdq")


def patch_of(change: Change) -> Patch:
    """A change as the product's patch."""
    return Patch(tuple(FileEdit(p, b, a) for p, (b, a) in sorted(change.items()) if b != a))


@dataclass
class DictCache:
    """A baseline cache in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, value: bytes) -> None:
        self.kept[key] = value


class Ground:
    """The current content of a clone. `events` are what the verifiers told."""

    def __init__(self, root: Path, cache: DictCache | None = None) -> None:
        self.repository = open_repository(root)
        self.snapshot: Snapshot = take(self.repository)
        self.workspace = GitWorkspace(self.repository, self.snapshot, SandboxSettings())
        self.cache = cache or DictCache()
        self.events: list[Event] = []

    def task(self, kind: Kind, instruction: str, paths: tuple[RepoPath, ...]) -> Task:
        root = self.repository.root
        return Task(instruction, kind, "given", root, self.repository.head, paths, usd(1))

    def verifier(self, task: Task, settings: VerifySettings | None = None) -> ProjectVerifier:
        """The product's verifier, with the active environment of whoever runs this left out."""
        return ProjectVerifier(
            self.workspace, self.repository.root, self.snapshot, task, settings or VerifySettings(timeout_s=TIMEOUT_S),
            listener=self.events.append, cache=self.cache, tree=self.snapshot.tree,
            environ={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip

    def tests(self, change: Change, check: PlannedCheck, files: tuple[RepoPath, ...]) -> TestReport | None:
        """What the test runner says of `files` with `change`; None where it did not begin or did not end."""
        report = self.measured(change, check.only(files)).report
        return report if report is not None and report.ended else None

    def measured(self, change: Change, check: PlannedCheck) -> Measured:
        """One run of a check on a twin with `change`."""
        with self.workspace.twin(patch_of(change)) as twin:
            return check.within(TIMEOUT_S).measure(twin)

    def test_check(self) -> PlannedCheck | None:
        """How the project's tests run."""
        task = self.task(Kind.FEATURE, "-", ())
        plan = self.verifier(task, VerifySettings(lint=False, timeout_s=TIMEOUT_S)).plan()
        return next((c for c in plan if c.role is Role.TESTS), None)
