"""`routecli ledger`: where the ledger is, whether it adds up, how much of it is kept, and how it moves to a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli.figures import count_text, usd_text
from routecli.cli.session import kept_in, open_config, open_ledger, state_folder
from routecli.cli.streams import note
from routecli.cli.verb import verb_app
from routecli.errors import ExitStatus

if TYPE_CHECKING:
    from routecli.config.load import Loaded

app = verb_app()
_MOST_LINES = 100
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.callback()
def ledger() -> None:
    """Say where the ledger is, check it, prune it, move it to a server."""


@app.command(
    epilog="""
    routecli ledger path
    """
)
def path(ctx: typer.Context) -> None:
    """Print where the ledger is: its file, or its server's address."""
    from routecli.ledger.opening import file_of

    loaded = open_config(ctx)
    where = loaded.settings.ledger_url or file_of(loaded.settings, state_folder())
    typer.echo(str(where or "in memory only"))


@app.command(
    epilog="""
    routecli ledger check
    routecli ledger check --json
    """
)
def check(ctx: typer.Context, as_json: AsJson = False) -> int:
    """Check that the ledger is whole and adds up.

    The file's pages; rows that belong to no run; each run's cost against its calls and its attempts. Exit status 3
    where something is wrong. Nothing is changed.
    """
    from routecli.cli.screen import write_json

    with open_ledger(ctx, open_config(ctx)) as opened:
        wrong = opened.audit()
    if as_json:
        write_json({"ok": not wrong, "wrong": list(wrong)})
    else:
        for line in wrong[:_MOST_LINES]:
            typer.echo(line)
        more = f", the first {_MOST_LINES} above" if len(wrong) > _MOST_LINES else ""
        note(f"{count_text(len(wrong), 'thing')} that {'does' if len(wrong) == 1 else 'do'} not add up{more}" if wrong
             else "the ledger adds up")  # fmt: skip
    return ExitStatus.CONFIG if wrong else ExitStatus.ACCEPTED


@app.command(
    epilog="""
    routecli ledger prune --older 400
    """
)
def prune(
    ctx: typer.Context,
    older: Annotated[int, typer.Option("--older", metavar="DAYS", min=32, max=36_500, help="Older than so many days.")],
    as_json: AsJson = False,
) -> None:
    """Turn old runs into sums by day: money and outcomes stay, the runs go.

    `stats` still counts them by day. Routing's evidence stays. At a server it is done for everybody.
    """
    from datetime import UTC, datetime, timedelta

    from routecli.cli.screen import write_json
    from routecli.domain.receipt_json import money

    before = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=older)
    loaded = open_config(ctx)
    with open_ledger(ctx, loaded) as opened:
        done = opened.prune(before, kept_in(loaded))
    if as_json:
        write_json(
            {"before": before.isoformat(), "runs": done.runs, "days": done.days, "cost_usd": money(done.cost_usd)}
        )
        return
    note(f"{done.runs} runs before {before.date()} are now {done.days} days; they had cost {usd_text(done.cost_usd)}")


@app.command(
    epilog="""
    routecli ledger migrate
    routecli ledger migrate old/ledger.db
    """
)
def migrate(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A ledger's file; else the usual one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take the runs of a ledger's file into the ledger that is configured now.

    From a file to a server, or from one file into another. It may be done again: each run counts once. The file stays
    as it is. Patches stay on this machine.
    """
    from routecli.cli.screen import write_json

    loaded = open_config(ctx)
    source = _source(loaded, file)
    with open_ledger(ctx, loaded) as opened:
        taken = opened.take_in(source)
    if as_json:
        write_json({"file": str(source), "runs": taken.runs, "new": taken.new})
        return
    note(f"{source}: {taken.runs} runs, {taken.new} of them new in {loaded.settings.ledger_url or 'the ledger'}")


def _source(loaded: Loaded, file: Path | None) -> Path:
    """The file to take from. Raises UsageFault: it is not there, or it is the ledger itself."""
    from routecli.domain.untrusted import one_line
    from routecli.errors import UsageFault
    from routecli.ledger.ledger import FILE_NAME
    from routecli.ledger.opening import file_of

    state = state_folder()
    found = file or (state / FILE_NAME if state else None)
    own = None if loaded.settings.ledger_url else file_of(loaded.settings, state)
    if found is None or not found.is_file():
        raise UsageFault(f"there is no file {one_line(str(found), limit=200)}", hint="routecli ledger migrate FILE")
    if own is not None and own.exists() and own.samefile(found):
        raise UsageFault(
            f"{one_line(str(found), limit=200)} is the ledger itself; every command brings its schema up to date",
            hint='ledger = "postgresql://…" in your configuration (docs/team.md)',
        )
    return found
