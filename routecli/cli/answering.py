"""A question from the order to the exit status: what is told while it is asked, and what of the answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from routecli.cli.answer_view import Arriving, blank_line, show_answered
from routecli.cli.figures import NONE, seconds_text, usd_text
from routecli.cli.manner import Manner, Output
from routecli.cli.running import STATUS_OF
from routecli.cli.session import open_ledger
from routecli.cli.streams import note, warn
from routecli.compose import Broadcast, Plan
from routecli.compose.inquiring import ReadyInquiry, make_inquiry
from routecli.compose.keeping import with_exchanges
from routecli.config.load import Loaded
from routecli.domain.receipt import Outcome, Receipt
from routecli.domain.untrusted import one_line
from routecli.errors import RoutecliError, UsageFault
from routecli.ledger.ledger import Ledger
from routecli.ports import Questioner
from routecli.prompting.questions import Wrong

if TYPE_CHECKING:
    from routecli.cascade import Run

Planned = Callable[[Ledger], tuple[Plan, Questioner]]
"""What is asked, decided with what the ledger knows. The caller closes the Plan."""


def carry_out(
    ctx: typer.Context,
    loaded: Loaded,
    manner: Manner,
    planned: Planned,
    wrong_of: Callable[[Questioner], Wrong] | None = None,
    tell: Callable[[Receipt], int] | None = None,
) -> int:
    """Plans, asks, tells. Returns the exit status; raises what stopped it, after what there is was told.

    `wrong_of` lets the answer be shown as it arrives; `tell` prints it in a form of its own and names the status."""
    from routecli.cli.progress import Progress
    from routecli.cli.screen import side_console

    side = side_console(no_color=manner.no_color)
    with open_ledger(ctx, loaded) as ledger, Progress(side, quiet=manner.quiet, verbose=manner.verbose) as progress:
        emit = Broadcast([ledger.listener])
        plan, questioner = planned(ledger)
        plan = with_exchanges(plan, ledger, emit)
        try:
            arriving = _arriving(progress, manner, wrong_of(questioner)) if wrong_of else None
            if arriving is not None:
                emit.add(arriving)
            emit.add(progress)  # after the answer: its bill is told below it
            hear = arriving.hear if arriving is not None else lambda _chunk: None
            ready = make_inquiry(plan, ledger, emit, questioner, hear=hear)
            if manner.dry_run:
                return _rehearse(ready, manner)
            run = ready.run()
        finally:
            plan.close()
        progress.close()
        there = arriving.shown if arriving is not None else False
        return _tell(run, manner, there=there, tell=tell)


def _arriving(progress: object, manner: Manner, wrong: Wrong) -> Arriving | None:
    from routecli.cli.progress import Progress

    watched = sys.stdout is not None and sys.stdout.isatty() and manner.output is Output.TEXT
    apart = blank_line if not manner.quiet else lambda: None
    return Arriving(progress, wrong, apart) if watched and isinstance(progress, Progress) else None


def _tell(run: Run, manner: Manner, *, there: bool, tell: Callable[[Receipt], int] | None) -> int:
    from routecli.cli.screen import answer_console, write_json
    from routecli.domain.receipt_json import to_json

    receipt = run.receipt
    status: int = STATUS_OF[receipt.outcome]
    if tell is not None and receipt.outcome is Outcome.ANSWERED:
        status = tell(receipt)
    elif manner.output is Output.JSON:
        write_json(to_json(receipt))
    elif receipt.answered is not None and not there:
        show_answered(receipt.answered, answer_console(no_color=manner.no_color))
    if not manner.quiet and receipt.attempts:
        if not there:
            blank_line()
        _tail(receipt)
    if isinstance(run.fault, RoutecliError | KeyboardInterrupt):
        raise run.fault
    return status


def _tail(receipt: Receipt) -> None:
    """One line on stderr: by whom, how sure, for how much."""
    from routecli.cli.render import answer_found

    last = receipt.attempts[-1]
    who = f"{one_line(last.tier, limit=24)} ({one_line(last.model, limit=80)})"
    cost = f"{usd_text(receipt.cost_usd)}, {seconds_text(receipt.wall_s)}, run {receipt.run_id}"
    if receipt.outcome is Outcome.ANSWERED and receipt.answered is not None:
        note(f"✓ answered by {who}, unverified: {answer_found(receipt.answered)}")
        note(f"  {cost}; a dearer tier: routecli again")
        return
    warn(f"{one_line(receipt.why, limit=300)}; {cost}")


def _rehearse(ready: ReadyInquiry, manner: Manner) -> int:
    """What would be sent first, counted from the very prompt; nothing is sent."""
    from routecli.cli.screen import answer_console, say, shown, write_json
    from routecli.domain.receipt_json import money, route_to_json

    found, plan = ready.foresee(), ready.plan
    if manner.output is Output.JSON:
        first = {
            "tier": found.tier, "model": found.model, "input_tokens": found.input_tokens,
            "worst_cost_usd": money(found.worst_cost_usd),
        }  # fmt: skip
        write_json({"paths": list(plan.task.paths), "first_call": first, "route": route_to_json(plan.route)})
        return 0
    console = answer_console(no_color=manner.no_color)
    model, most = one_line(found.model, limit=120), usd_text(found.worst_cost_usd)
    say(console, shown(f"{found.tier} ({model}): {found.input_tokens:,} tokens, at most {most}; nothing was sent"))
    forecast = next((f for f in plan.route.forecasts if f.tier == found.tier), None)
    if forecast is not None:
        say(console, shown(f"about {usd_text(forecast.cost_usd)}, an estimate"))
    for file in plan.survey.files:
        tokens = f"{file.tokens:,} tokens" if file.tokens else NONE
        say(console, shown(f"  {one_line(file.path, limit=300)}  {tokens}  {one_line(file.why, limit=200)}"))
    for reason in plan.route.reasons:
        say(console, shown(f"  {reason.text}"))
    return 0


def refuse_tools(tier: str | None) -> None:
    """Raises UsageFault where `tier` is tier 0, which answers nothing."""
    if tier in ("tools", "tier0", "0"):
        raise UsageFault("tier 0 is tools, and tools answer no question", hint="leave --tier away")
