"""`routecli history`: past runs, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from routecli.cli.figures import NONE, seconds_text, usd_text, when_text
from routecli.cli.session import open_config, open_ledger, repository_root
from routecli.cli.verb import shared, verb_app
from routecli.domain.answered import ANSWERS
from routecli.domain.untrusted import headline, one_line

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

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
    ids: Annotated[bool, typer.Option("--ids", help="Only the ids, a line each: what completion asks for.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """List past runs: what each did and what it cost."""
    from routecli.cli.screen import answer_console, say, shown, write_json, write_out

    with open_ledger(ctx, open_config(ctx)) as ledger:
        rows = ledger.history(limit, repo_root=repository_root() if here else None)
    if ids:
        write_out("".join(f"{one_line(row.run_id)}\n" for row in rows))
        return
    if as_json:
        write_json([row_json(row) for row in rows])
        return
    console = answer_console(no_color=shared(ctx).no_color)
    say(
        console,
        _table(rows, console.width)
        if rows
        else shown('No runs yet. A first one, without a key: `routecli "sort the imports" .`'),
    )


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
        "user": row.who,
        "team": row.team,
    }


def _table(rows: tuple[RunRow, ...], width: int) -> Table:
    """Below 100 columns without when, tries and time: the run's id says when (UTC), and the task needs the room."""
    from rich.table import Table

    from routecli.cli.render import NARROW
    from routecli.cli.screen import QUIET, REST, shown

    names = ("when", "run", "outcome", "tries", "cost", "time")
    kept = [name for name in names if width >= NARROW or name in ("run", "outcome", "cost")]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    for name in kept:
        table.add_column(name, no_wrap=True, justify="right" if name in ("tries", "cost", "time") else "left")
    table.add_column("task", no_wrap=True, max_width=REST)
    for row in rows:
        line = _cells(row)
        table.add_row(*(line[name] for name in kept), shown(headline(row.instruction)))
    return table


def _cells(row: RunRow) -> dict[str, Text]:
    from routecli.cli.render import outcome_style
    from routecli.cli.screen import shown

    most = "≤ " if row.cost_is_worst_case and row.cost_usd is not None else ""
    return {
        "when": shown(when_text(row.started_at)),
        "run": shown(row.run_id),
        "outcome": shown(row.outcome, outcome_style(row.outcome)),
        "tries": shown(str(row.requests if row.kind in ANSWERS else row.attempts)),
        "cost": shown(most + usd_text(row.cost_usd)),
        "time": shown(NONE if row.wall_s is None else seconds_text(row.wall_s)),
    }
