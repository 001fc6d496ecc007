"""The checks of a repository without a task: what would be run, and how it went."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from routecli import survey
from routecli.compose.wiring import BASELINES
from routecli.config.load import Loaded
from routecli.config.places import cache_place
from routecli.domain.receipt import Isolation
from routecli.domain.task import Kind, Task
from routecli.git.repository import Repository, open_repository
from routecli.git.snapshot import Snapshot
from routecli.git.snapshot import take as take_snapshot
from routecli.ledger.baselines import Baselines
from routecli.nouns import dataclass
from routecli.ports import Listener
from routecli.verification import last
from routecli.verification.baseline import Base
from routecli.verification.before import Before
from routecli.verification.interpreter import Interpreter, interpreters
from routecli.verification.last import LastResult
from routecli.verification.plan import Plan, make_plan
from routecli.verification.planned import PlannedCheck, Role
from routecli.verification.project import projects, tests_among
from routecli.verification.proposals import Proposal, Unread, proposals
from routecli.workspace.delivery import recover
from routecli.workspace.workspace import GitWorkspace


@dataclass(frozen=True, slots=True)
class Found:
    """The checks of the projects that hold the files of `task`. `named`: a person named these; else they are all below
    the folder that was asked about. `proposals` are commands that the repository names beside `plan`, `unread` the
    files that may name more."""

    loaded: Loaded
    repository: Repository
    snapshot: Snapshot
    task: Task
    named: bool
    plan: Plan
    proposals: tuple[Proposal, ...]
    unread: tuple[Unread, ...]

    def last(self, check: PlannedCheck) -> LastResult | None:
        """What `check` said the last time; None where nobody knows."""
        raw = _cache().get(last.key(self.repository.root, check))
        return last.from_bytes(raw) if raw else None

    def is_current(self, check: PlannedCheck, result: LastResult) -> bool:
        """Whether `result` is that of these very files and this environment."""
        return result.tree.split(" ")[0] == self.snapshot.tree and result.environment == check.environment

    def pythons(self) -> tuple[Interpreter, ...]:
        """The Pythons of the projects, in the order in which the first that has the runner is taken. Asks those on
        PATH; none where there is no Python here."""
        paths, root = frozenset(self.snapshot.paths()), self.repository.root
        if not any(path.endswith(".py") for path in paths):
            return ()
        folders = dict.fromkeys(root / c.command.cwd for c in self.plan.checks if c.role is Role.TESTS)
        found = (i for folder in (*folders, root) for i in interpreters(root, folder, os.environ, paths))
        return tuple({i.python: i for i in found}.values())

    def close(self) -> None:
        """Gives back the private index of the snapshot."""
        self.snapshot.close()


def find_checks(paths: Sequence[str], cwd: Path, loaded: Loaded) -> Found:
    """What would be run for `paths` (as typed, relative to `cwd`), or for everything below `cwd` without any. Runs
    nothing of the repository's. Raises UsageFault: no repository, no such path, a command that is none."""
    repository = open_repository(cwd)
    recover(repository)
    snapshot = take_snapshot(repository)
    try:
        chosen = survey.chosen_by_paths(paths or (".",), cwd, repository.root, snapshot)
        files = tuple(c.path for c in chosen)
        task = Task("", Kind.OTHER, "", repository.root, repository.head, files, loaded.settings.budget_usd)
        asked = task if paths else replace(task, paths=tests_among(files))
        settings = loaded.settings.verify
        plan = make_plan(repository.root, snapshot, asked, settings, os.environ)
        near = projects(repository.root, snapshot, (".", *asked.paths), settings, os.environ)
        return Found(loaded, repository, snapshot, task, bool(paths), plan, *proposals(near, plan.checks))
    except BaseException:
        snapshot.close()
        raise


class Bench:
    """Where the checks of `found` run. Raises SandboxFault where no isolation can be had."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._workspace = GitWorkspace(found.repository, found.snapshot, found.loaded.settings.sandbox)

    @property
    def isolation(self) -> Isolation:
        """The level that was found to work here."""
        return self._workspace.isolation

    def run(self, emit: Listener, *, fresh: bool = False) -> tuple[Base, ...]:
        """Every check on the files as they are, or what it said before of the very same. Raises SandboxFault."""
        found, workspace = self._found, self._workspace
        before = Before(
            workspace, found.repository.root, found.snapshot, found.task, listener=emit, cache=_cache(),
            tree=f"{found.snapshot.tree} {workspace.isolation_note}".strip(),
        )  # fmt: skip
        return before.measured(found.plan.checks, anew=fresh)


def _cache() -> Baselines:
    place = cache_place(os.environ).path
    return Baselines(place / BASELINES if place else None)
