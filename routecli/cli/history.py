"""`routecli history`: past runs, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from routecli.cli.figures import NONE, seconds_text, usd_text, when_text
from routecli.cli.session import open_config, open_ledger, repository_root
from routecli.cli.verb import shared, verb_app

if TYPE_CHECKING:
    from rich.table import Table

    from routecli.ledger.records import RunRow

app = verb_app()


@app.command(
    epilog="""
    routecli history
    routecli history --here --limit 5
    routecli history --json
    """
)
def history(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=10_000, help="At most N.")] = 20,
    here: Annotated[bool, typer.Option("--here", help="Only runs of the repository around this folder.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """List past runs: what each did and what it cost."""
    from routecli.cli.screen import answer_console, say, shown, write_json

    with open_ledger(ctx, open_config(ctx)) as ledger:
        rows = ledger.history(limit, repo_root=repository_root() if here else None)
    if as_json:
        write_json([row_json(row) for row in rows])
        return
    console = answer_console(no_color=shared(ctx).no_color)
    say(console, _table(rows) if rows else shown("No runs yet. `routecli demo` makes a first one."))


def row_json(row: RunRow) -> dict[str, Any]:
    """A line of the history for scripts."""
    from routecli.domain.receipt_json import money

    return {
        "run_id": row.run_id,
        "started_at": row.started_at.isoformat(),
        "outcome": row.outcome,
        "why": row.why,
        "task": row.instruction,
        "kind": row.kind,
        "repo_root": row.repo_root,
        "first_tier": row.first_tier,
        "attempts": row.attempts,
        "requests": row.requests,
        "cost_usd": money(row.cost_usd),
        "cost_is_worst_case": row.cost_is_worst_case,
        "baseline_cost_usd": money(row.baseline_cost_usd),
        "wall_s": None if row.wall_s is None else round(row.wall_s, 3),
        "written": row.written,
        "commit": row.commit,
    }


def _table(rows: tuple[RunRow, ...]) -> Table:
    from rich.table import Table

    from routecli.cli.render import outcome_style
    from routecli.cli.screen import QUIET, shown
    from routecli.domain.untrusted import one_line

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    table.add_column("when", no_wrap=True)
    table.add_column("run", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("tries", justify="right")
    table.add_column("cost", justify="right", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    table.add_column("task", overflow="ellipsis", no_wrap=True)
    for row in rows:
        most = "≤ " if row.cost_is_worst_case and row.cost_usd is not None else ""
        table.add_row(
            when_text(row.started_at),
            shown(row.run_id),
            shown(row.outcome, outcome_style(row.outcome)),
            str(row.attempts),
            most + usd_text(row.cost_usd),
            NONE if row.wall_s is None else seconds_text(row.wall_s),
            shown(one_line(row.instruction, limit=120)),
        )
    return table
