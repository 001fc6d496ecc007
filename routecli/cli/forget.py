"""`routecli forget`: texts of past runs are taken out, their money stays."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli.session import kept_in, open_config, open_ledger
from routecli.cli.streams import note
from routecli.cli.verb import verb_app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routecli.ledger.ledger import Ledger

app = verb_app()


@app.command(
    epilog="""
    routecli forget last
    routecli forget --before 2026-10-01
    routecli forget --all
    """
)
def forget(
    ctx: typer.Context,
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN]...", help="Ids, their beginnings, or `last`.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every run, and what crashes left.")] = False,
    before: Annotated[str | None, typer.Option("--before", metavar="DATE", help="Runs before this day (UTC).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Take the texts of past runs out of the ledger; keep their money.

    Task, reasons, feedback, saved patch, kept prompts and replies, trace: gone, and not to be had back. What each run
    cost, its tiers, models, outcome and what you said of it stay. `keep_days` does it by age (docs/privacy.md).
    """
    from routecli.cli.screen import write_json
    from routecli.errors import UsageFault

    if [bool(runs), every, before is not None].count(True) != 1:
        raise UsageFault("which runs: RUN…, --before DATE, or --all", hint="routecli forget last")
    loaded = open_config(ctx)
    with open_ledger(ctx, loaded) as ledger:
        ids = _named(ledger, runs) if runs else ledger.with_texts(_day(before) if before else None)
        folders = kept_in(loaded)
        ledger.forget(ids, folders)
    if every:
        _forget_crashes(folders)
    if as_json:
        write_json({"forgotten": list(ids)})
        return
    note(f"forgotten: the texts of {len(ids)} run{'' if len(ids) == 1 else 's'}; what they cost is kept")


def _named(ledger: Ledger, refs: Sequence[str]) -> list[str]:
    """Their full ids. Raises UsageFault: no such run, or one that is under way."""
    from routecli.domain.untrusted import visible
    from routecli.errors import UsageFault
    from routecli.ledger.records import RUNNING

    found = [ledger.run(visible(ref)).row for ref in refs]
    running = next((row.run_id for row in found if row.outcome == RUNNING), None)
    if running:
        raise UsageFault(f"run {running} is under way", hint="wait for it, or stop it")
    return list(dict.fromkeys(row.run_id for row in found))


def _day(text: str) -> datetime:
    """Raises UsageFault."""
    from routecli.domain.untrusted import one_line
    from routecli.errors import UsageFault

    try:
        return datetime.combine(datetime.strptime(text, "%Y-%m-%d").date(), datetime.min.time(), UTC)
    except ValueError:
        what = f"--before must be a day (2026-11-27), not {one_line(text, limit=40)}"
        raise UsageFault(what, hint="routecli forget --before 2026-11-27") from None


def _forget_crashes(folders: Sequence[Path]) -> None:
    for folder in folders:
        for file in folder.glob("crash-*.txt"):
            file.unlink(missing_ok=True)
