"""When two versions are compared, and what is called for it."""

from __future__ import annotations

from routecli.domain.patch import Patch
from routecli.ports import Workspace
from routecli.verification.planned import PlannedCheck
from routecli.verification.probing.calls import Call
from routecli.verification.probing.replay import replay
from routecli.verification.probing.rules import Probed


def probe(workspace: Workspace, patch: Patch, check: PlannedCheck, calls: tuple[Call, ...]) -> Probed | None:
    """The answers before and after, for a kind of promises.KEEPS_BEHAVIOUR. None where nothing can be called again.
    Raises SandboxFault."""
    before = replay(workspace, Patch(()), check, calls)
    after = replay(workspace, patch, check, calls) if before else None
    return Probed(before, after) if before and after else None
