"""`apply`: a reply pasted from anywhere, or a saved patch, against the current content."""

from __future__ import annotations

import os
from pathlib import Path

from routecli import edits
from routecli.compose.seams import Consent, TreeDeliverer
from routecli.compose.wiring import BASELINES
from routecli.config.load import Loaded
from routecli.config.places import cache_place
from routecli.domain.patch import Patch
from routecli.domain.receipt import Delivery
from routecli.domain.task import Kind, Task
from routecli.domain.verdict import Verdict
from routecli.errors import EditsRefusedFault
from routecli.git.repository import Repository, open_repository
from routecli.git.snapshot import Snapshot, take
from routecli.ledger.baselines import Baselines
from routecli.nouns import dataclass
from routecli.ports import Listener
from routecli.verification.verifier import ProjectVerifier
from routecli.workspace.delivery import recover
from routecli.workspace.policy import Severity, violations
from routecli.workspace.workspace import GitWorkspace


@dataclass(frozen=True, slots=True)
class Pasted:
    """A patch read from a reply, and the content that it is for."""

    patch: Patch
    repository: Repository
    snapshot: Snapshot

    def judge(self, loaded: Loaded, emit: Listener) -> Verdict:
        """The verdict of the project's own checks. Raises SandboxFault."""
        settings, root = loaded.settings, self.repository.root
        workspace = GitWorkspace(self.repository, self.snapshot, settings.sandbox)
        task = Task("apply", Kind.OTHER, "pasted", root, self.repository.head, self.patch.paths, settings.budget_usd)
        cache = cache_place(os.environ).path
        verifier = ProjectVerifier(
            workspace, root, self.snapshot, task, settings.verify,
            listener=emit, secrets=loaded.secrets.values(), tree=self.snapshot.tree,
            cache=Baselines(cache / BASELINES if cache else None),
        )  # fmt: skip
        verifier.prepare()
        return verifier.judge(self.patch, 1)

    def deliver(self, consent: Consent, *, yes: bool, run_id: str = "") -> Delivery:
        """Writes it, all or nothing; `run_id` is the run that saved it, if one did. Raises DeliveryFault."""
        deliverer = TreeDeliverer(
            self.repository, self.snapshot, run_id=run_id, save=lambda _: None, consent=consent, yes=yes
        )
        return deliverer.deliver(self.patch, verified=True, message="")


def read_pasted(text: str, cwd: Path, *, reverse: bool = False) -> Pasted:
    """The edits of `text` against the repository around `cwd`. The caller closes the snapshot.

    `reverse` takes a unified diff back: what it added goes, what it removed returns.

    Raises EditsRefusedFault (exit 1) where any of them does not fit or may not be made; `__cause__` holds the typed
    refusals where the edits themselves were refused."""
    repository = open_repository(cwd)
    recover(repository)
    snapshot = take(repository)
    try:
        wanted = edits.reversed_diff(text) if reverse else text
        patch = edits.read(wanted, snapshot, root=str(repository.root))
        refused = [v for v in violations(patch, snapshot) if v.severity is Severity.REFUSED]
        if refused:
            raise EditsRefusedFault(f"{refused[0].path}: {refused[0].why}; nothing was written")
        return Pasted(patch, repository, snapshot)
    except edits.EditsRefused as refusal:
        snapshot.close()
        raise EditsRefusedFault(
            f"{refusal}; nothing was written", hint="routecli apply --json … says more"
        ) from refusal
    except BaseException:
        snapshot.close()
        raise
