"""`routecli estimate`: the first half of `run`, without paying."""

from __future__ import annotations

from typing import Annotated

import typer

from routecli.cli import ordering as o
from routecli.cli.session import open_config, open_ledger
from routecli.cli.verb import shared, verb_app

app = verb_app()


@app.command(
    epilog="""
    routecli estimate "add type hints" src/
    routecli estimate "fix the rounding in invoice totals" src/invoice.py --json
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
    budget: o.Budget = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Say which tier a task would go to, why, and what it may cost."""
    from routecli.cli.plan_view import plan_json, show_plan
    from routecli.cli.screen import answer_console, write_json
    from routecli.compose import edit_formats

    order = o.make_order(task, paths, task_file, kind, tier, max_tier)
    loaded = open_config(ctx, o.flags_of(budget=budget, max_tier=max_tier))
    plan = o.planned(order, loaded)
    try:
        with open_ledger(ctx, loaded) as ledger:
            formats = edit_formats(plan, ledger)
        if as_json:
            write_json(plan_json(plan, formats))
        else:
            show_plan(plan, answer_console(no_color=shared(ctx).no_color), formats)
    finally:
        plan.close()
