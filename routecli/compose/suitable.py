"""Whether a task made of a commit can judge on this machine: its tests fail before, and pass with the commit's own
change. What does not would count against every tier alike, and no tier could ever be promoted on it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from routecli.config.load import Loaded
from routecli.domain.events import Event
from routecli.domain.task import Kind, Task
from routecli.domain.untrusted import one_line
from routecli.errors import UsageFault
from routecli.evaluation.ground import ground, lay_answer
from routecli.evaluation.suite import SuiteTask
from routecli.evaluation.trying import environment_of
from routecli.git.repository import open_repository
from routecli.git.snapshot import take as take_snapshot
from routecli.verification.accept import AcceptBase, AcceptState
from routecli.verification.verifier import ProjectVerifier
from routecli.workspace.workspace import GitWorkspace


def unsuitable(task: SuiteTask, loaded: Loaded) -> str:
    """Why `task` cannot judge here, in one line; empty where it can. Its tests run in the sandbox, twice. Raises
    SandboxFault: there is none."""
    try:
        with ground(task) as root:
            before = _accepts(task, root, loaded)
            if before is None:
                return "it has no command that judges"
            if before.state is not AcceptState.FAILS:
                passes = before.state is AcceptState.PASSES_ALREADY
                return "its tests pass before it" if passes else one_line(before.why)
            if not task.tests_from:
                return ""
            lay_answer(task, root)
            after = _accepts(task, root, loaded)
    except UsageFault as fault:
        return one_line(fault.what)
    if after is not None and after.state is AcceptState.PASSES_ALREADY:
        return ""
    why = after.why.removeprefix("fails before: ") if after else "no command"
    return one_line(f"its tests do not pass with it here: {why}")


def _accepts(task: SuiteTask, root: Path, loaded: Loaded) -> AcceptBase | None:
    repository = open_repository(root)
    snapshot = take_snapshot(repository)
    try:
        settings = loaded.settings
        asked = Task(task.task, Kind.OTHER, "", repository.root, repository.head, task.paths, settings.budget_usd)
        judged = replace(settings.verify, accept_cmd=task.accept)
        workspace = GitWorkspace(repository, snapshot, settings.sandbox)
        verifier = ProjectVerifier(
            workspace, repository.root, snapshot, asked, judged, listener=_nobody, secrets=loaded.secrets.values(),
            environ=environment_of(task, os.environ),
        )  # fmt: skip
        return verifier.check_accept()
    finally:
        snapshot.close()


def _nobody(_event: Event) -> None:
    """Nobody listens: the caller says in a line what came of it."""
