"""`routecli estimate`: the first half of `run`, without paying."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli import ordering as o
from routecli.cli.session import open_config, open_ledger
from routecli.cli.verb import shared, verb_app

if TYPE_CHECKING:
    from routecli.compose import Plan
    from routecli.ledger.ledger import Ledger

app = verb_app()


@app.command(
    epilog="""
    routecli estimate "add type hints" src/
    routecli estimate "fix the rounding in invoice totals" src/invoice.py --json
    routecli estimate "fix the rounding in invoice totals" src/invoice.py --explain
    routecli estimate "fix the rounding in invoice totals" src/invoice.py --show-context > sent.txt
    """
)
def estimate(
    ctx: typer.Context,
    task: o.TaskWord = None,
    paths: o.PathWords = None,
    task_file: o.TaskFile = None,
    tier: o.TierName = None,
    max_tier: o.MaxTier = None,
    kind: o.KindName = None,
    policy: o.Policy = None,
    hint: o.Hint = "",
    lane: o.LaneName = None,
    budget: o.Budget = None,
    context: Annotated[
        bool, typer.Option("--show-context", help="Print what the first call would send, word for word, and what not.")
    ] = False,
    explain: o.Explain = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Say which tier a task would go to, why, and what it may cost."""
    order = replace(o.make_order(task, paths, task_file, kind, tier, max_tier, hint), explain=explain)
    loaded = open_config(ctx, o.flags_of(budget=budget, max_tier=max_tier, policy=policy, lane=lane))
    with open_ledger(ctx, loaded) as ledger:
        plan = o.planned(order, loaded, ledger)
        try:
            if context:
                _show_context(ctx, plan, ledger, as_json)
            else:
                _show_plan(ctx, plan, ledger, as_json)
        finally:
            plan.close()


def _show_plan(ctx: typer.Context, plan: Plan, ledger: Ledger, as_json: bool) -> None:
    from routecli.cli.plan_view import plan_json, show_plan
    from routecli.cli.screen import answer_console, write_json
    from routecli.compose import beside, edit_formats

    formats, more = edit_formats(plan, ledger), beside(plan, ledger)
    if as_json:
        write_json(plan_json(plan, formats, more))
    else:
        show_plan(plan, answer_console(no_color=shared(ctx).no_color), formats, more)


def _show_context(ctx: typer.Context, plan: Plan, ledger: Ledger, as_json: bool) -> None:
    from routecli.cli.context_view import show_context
    from routecli.compose import first_call

    options = shared(ctx)
    show_context(first_call(plan, ledger), as_json=as_json, quiet=options.quiet, no_color=options.no_color)
