"""A run from the order to the exit status: who listens, who is asked, what is printed."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from routecli.cli.consent import Asking
from routecli.cli.manner import Manner, Output
from routecli.cli.session import open_ledger
from routecli.compose import Broadcast, Order, Plan, Ready, Wishes, beside, edit_formats
from routecli.compose.carrying_out import keep_patch, planned, readied
from routecli.compose.inferring import Inferring
from routecli.config.load import Loaded
from routecli.domain.receipt import Outcome, Receipt
from routecli.errors import ExitStatus, RoutecliError

if TYPE_CHECKING:
    from rich.console import Console

    from routecli.cascade import Run
    from routecli.ledger.ledger import Ledger

STATUS_OF: dict[Outcome, ExitStatus] = {
    Outcome.ACCEPTED: ExitStatus.ACCEPTED,
    Outcome.NOTHING_TO_CHANGE: ExitStatus.ACCEPTED,
    Outcome.ANSWERED: ExitStatus.ACCEPTED,
    Outcome.DEFERRED: ExitStatus.DEFERRED,
    Outcome.REFUSED: ExitStatus.DEFERRED,
    Outcome.UNVERIFIED: ExitStatus.UNVERIFIED,
    Outcome.NOT_WRITTEN: ExitStatus.NOT_WRITTEN,
    Outcome.BUDGET: ExitStatus.BUDGET,
    Outcome.PROVIDER: ExitStatus.PROVIDER,
    Outcome.INTERRUPTED: ExitStatus.SIGINT,
    Outcome.FAILED: ExitStatus.INTERNAL,
}
"""The exit status of an outcome. Where a fault or a signal ended the run, its own status counts."""


def carry_out(ctx: typer.Context, order: Order, loaded: Loaded, manner: Manner) -> int:
    """Plans, climbs, tells. Returns the exit status; raises what stopped the run, after the receipt was told."""
    from routecli.cli.progress import Progress
    from routecli.cli.screen import JsonLines, side_console

    side = side_console(no_color=manner.no_color)
    emit = Broadcast()
    silent = manner.quiet or manner.output is Output.JSONL
    with open_ledger(ctx, loaded) as ledger, Progress(side, quiet=silent, verbose=manner.verbose) as progress:
        emit.add(ledger.listener)
        emit.add(progress)
        if manner.output is Output.JSONL:
            emit.add(JsonLines())
        asking = Asking(progress, side)
        emit.add(asking.hear)
        plan = planned(order, loaded, ledger, emit)
        if manner.debug:
            plan = _traced(plan, emit)
        wishes = Wishes(manner.yes, manner.patch_only, manner.commit, manner.isolation, manner.with_test)
        inferring = Inferring(ledger, plan.repository.root, loaded.settings.infer_days)
        emit.add(inferring)
        try:
            with readied(plan, ledger, emit, wishes, agrees=asking, consent=asking) as ready:
                if manner.explain:
                    from routecli.cli.plan_view import show_plan

                    show_plan(plan, side, edit_formats(plan, ledger), beside(plan, ledger))
                if manner.dry_run:
                    return _rehearse(ready, manner)
                run = ready.run()
        finally:
            inferring.close()
        progress.close()
        return _tell(run, ledger, manner, side)


def _traced(plan: Plan, emit: Broadcast) -> Plan:
    """`plan` with everything that it sends and hears written down, and the person told where."""
    from routecli.cli.streams import note, warn
    from routecli.compose.overhearing import overheard
    from routecli.compose.tracing import open_trace

    trace = open_trace(plan.run_id, os.environ, plan.loaded.secrets)
    if trace is None:
        warn("--debug: no trace can be kept, since there is no state folder")
        return plan
    emit.add(trace)
    note(f"trace: {trace.path}   (prompts and replies are in it, no key is)")
    return replace(plan, providers=overheard(plan.providers, trace))


def _tell(run: Run, ledger: Ledger, manner: Manner, side: Console) -> int:
    receipt = run.receipt
    keep_patch(run, ledger)
    _print(receipt, manner, side, told=isinstance(run.fault, RoutecliError))
    if isinstance(run.fault, RoutecliError | KeyboardInterrupt):
        raise run.fault
    return STATUS_OF[receipt.outcome]


def _print(receipt: Receipt, manner: Manner, side: Console, *, told: bool) -> None:
    """`told`: an error follows that says why and what to do, and where nothing was tried or paid it says it all."""
    from routecli.cli import render
    from routecli.cli.screen import answer_console, write_json
    from routecli.domain.receipt_json import to_json

    answer = answer_console(no_color=manner.no_color)
    if manner.output is Output.JSON:
        write_json(to_json(receipt))
    elif manner.output is Output.TEXT and manner.patch_only:
        if receipt.outcome is Outcome.ACCEPTED or (receipt.patch and manner.yes):
            render.patch(receipt.patch_text, answer)
        if not manner.quiet:
            render.receipt(receipt, side)
    elif manner.output is Output.TEXT and (
        receipt.attempts or receipt.cost_usd != 0 or not (told or receipt.outcome is Outcome.FAILED)
    ):
        render.receipt(replace(receipt, why="", hint="") if told else receipt, answer)


def _rehearse(ready: Ready, manner: Manner) -> int:
    """Everything that a run does before its first call: the baseline, the prompt, the worst case."""
    from routecli.cli.rehearsal import rehearse

    return rehearse(ready, manner)
