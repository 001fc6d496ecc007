"""A run from the order to the saved patch: the steps that the command line and the library have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from routecli.cascade import Run
from routecli.compose.consenting import ensure_trust, ensure_yes_without_sandbox
from routecli.compose.keeping import with_exchanges
from routecli.compose.listening import Broadcast
from routecli.compose.planning import Order, Plan, make_plan
from routecli.compose.seams import Consent
from routecli.compose.wiring import Ready, Wishes, make_ready
from routecli.config.load import Loaded
from routecli.ledger.ledger import Ledger


def planned(order: Order, loaded: Loaded, ledger: Ledger, emit: Broadcast) -> Plan:
    """The plan of a run that is about to call, with its exchanges kept where that is wished. The caller closes it."""
    return with_exchanges(make_plan(order, loaded, ledger, calling=True), ledger, emit)


@contextmanager
def readied(
    plan: Plan,
    ledger: Ledger,
    emit: Broadcast,
    wishes: Wishes,
    *,
    agrees: Callable[[str], bool],
    consent: Consent | None,
) -> Iterator[Ready]:
    """Everything that comes before the first call: trust, the wiring, the preflight, and a yes where nothing isolates.
    `agrees` answers for the machine, `consent` for the tree. The plan is closed at the end, however it ends."""
    try:
        root = plan.repository.root
        ensure_trust(plan.loaded, root, agrees)
        ready = make_ready(plan, ledger, emit, wishes=wishes, consent=consent)
        ready.preflight()
        ensure_yes_without_sandbox(plan.loaded, root, ready.workspace.isolation, ready.verifier.plan(), agrees)
        yield ready
    finally:
        plan.close()


def keep_patch(run: Run, ledger: Ledger) -> None:
    """Saves what the run would have written, under its id."""
    if run.receipt.patch_text:
        ledger.save_patch(run.receipt.run_id, run.receipt.patch_text)


__all__ = ["keep_patch", "planned", "readied"]
