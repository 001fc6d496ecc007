"""A run from the order to the exit status: who listens, who is asked, what is printed."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from routecli.cli.manner import Manner, Output
from routecli.cli.session import open_ledger
from routecli.compose import Broadcast, Order, Plan, Ready, Wishes, edit_formats, make_plan, make_ready
from routecli.config.load import Loaded
from routecli.config.places import state_place
from routecli.config.trust import Trust
from routecli.domain.events import Event, Patched
from routecli.domain.receipt import Isolation, Outcome, Receipt
from routecli.errors import ConfigFault, ExitStatus, RoutecliError

if TYPE_CHECKING:
    from rich.console import Console

    from routecli.cascade import Run
    from routecli.cli.progress import Progress
    from routecli.ledger.ledger import Ledger

STATUS_OF: dict[Outcome, ExitStatus] = {
    Outcome.ACCEPTED: ExitStatus.ACCEPTED,
    Outcome.NOTHING_TO_CHANGE: ExitStatus.ACCEPTED,
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


class Asking:
    """A yes-or-no question to the person at the terminal, with the patch that it is about."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self._progress = progress
        self._console = console
        self._patch = ""

    def hear(self, event: Event) -> None:
        """Remembers the patch that a question may be about."""
        if isinstance(event, Patched):
            from routecli.edits import render

            self._patch = render(event.patch)

    def __call__(self, question: str) -> bool:
        """The answer; no where there is nobody to ask."""
        if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
            return False
        from routecli.cli.render import diff_text
        from routecli.cli.screen import say, shown

        with self._progress.paused():
            if self._patch:
                say(self._console, "", diff_text(self._patch), "")
            self._console.print(shown(f"{question} [y/N] "), end="")
            return sys.stdin.readline().strip().lower() in ("y", "yes")


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
        plan = make_plan(order, loaded, ledger, calling=True)
        try:
            _ensure_trust(loaded, plan, asking)
            wishes = Wishes(manner.yes, manner.patch_only, manner.commit, manner.isolation, manner.with_test)
            ready = make_ready(plan, ledger, emit, wishes=wishes, consent=asking)
            ready.preflight()
            _ensure_yes_without_sandbox(loaded, ready, asking)
            if manner.explain:
                from routecli.cli.plan_view import show_plan

                show_plan(plan, side, edit_formats(plan, ledger))
            if manner.dry_run:
                return _rehearse(ready, manner)
            run = ready.run()
        finally:
            plan.close()
        progress.close()
        return _tell(run, ledger, manner, side)


def _ensure_trust(loaded: Loaded, plan: Plan, asking: Callable[[str], bool]) -> None:
    """Commands that the repository's own configuration proposes run only after one yes (security.md row 19)."""
    commands = loaded.repo_commands
    trust = Trust(state_place(os.environ).path)
    if trust.is_trusted(plan.repository.root, commands):
        return
    listed = "; ".join(f"{name} = {command}" for name, command in sorted(commands.items()))
    if asking(f"This repository's configuration wants to run, in the sandbox: {listed}. Trust it?"):
        trust.add(plan.repository.root, commands)
        return
    raise ConfigFault(f"this repository's configuration is not trusted: {listed}", hint="routecli trust add")


def _ensure_yes_without_sandbox(loaded: Loaded, ready: Ready, asking: Callable[[str], bool]) -> None:
    """Without isolation even commands that were only detected need a yes: the option on this command line is one, a
    standing one in a configuration or a variable is not (security.md row 42)."""
    where = loaded.provenance["sandbox.unsafe_no_sandbox"].where
    demonstration = not loaded.settings.sandbox.unsafe_no_sandbox
    if ready.workspace.isolation is not Isolation.NONE or demonstration or where.startswith("--"):
        return
    commands = {f"without a sandbox, {c.name}": shlex.join(c.argv) for c in ready.verifier.plan()}
    trust, root = Trust(state_place(os.environ).path), ready.plan.repository.root
    commands |= loaded.repo_commands
    if trust.is_trusted(root, commands):
        return
    listed = "; ".join(commands.values())
    if asking(f"No sandbox: a model's patch would run with your rights, by: {listed}. Run it here from now on?"):
        trust.add(root, commands)
        return
    raise ConfigFault(
        f"{where} switches the sandbox off, and nobody said yes to that here: {listed}",
        hint="routecli run --unsafe-no-sandbox …   (the option is the yes for one run)",
    )


def _tell(run: Run, ledger: Ledger, manner: Manner, side: Console) -> int:
    receipt = run.receipt
    if receipt.patch_text:
        ledger.save_patch(receipt.run_id, receipt.patch_text)
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
