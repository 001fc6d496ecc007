"""`routecli stats`: what all runs came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from routecli.cli.session import infer_here, open_config, open_ledger, repository_root
from routecli.cli.verb import shared, verb_app

app = verb_app()


class By(StrEnum):
    """By what the runs are grouped."""

    DAY = "day"
    TIER = "tier"
    KIND = "kind"
    REPOSITORY = "repository"
    MODEL = "model"
    USER = "user"


@app.command(
    epilog="""
    routecli stats
    routecli stats --by repository --days 365
    routecli stats --here --json
    routecli stats --html report.html
    """
)
def stats(
    ctx: typer.Context,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=36_500, help="How far back.")] = 30,
    by: Annotated[
        By | None, typer.Option("--by", help="One table: by day, tier, kind, repository, model or user.")
    ] = None,
    here: Annotated[bool, typer.Option("--here", help="Only runs of the repository around this folder.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a report with charts into one HTML file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Say what all runs came to: verified, climbed, tokens, cost, saved.

    What was saved is an estimate with an interval, and stands beside how many runs ended with a verified patch. Days
    are UTC. Below, the figures by which published routers are reviewed.
    """
    import threading

    from routecli.compose.alerting import beside_stats
    from routecli.compose.counting import counted

    loaded = open_config(ctx)
    begin = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    root = repository_root() if here else None
    with open_ledger(ctx, loaded) as ledger:
        # Whoever adds up, SQLite or a server, does it without Python's lock: what shows the sums is loaded meanwhile,
        # and not before, since a server's driver has to be loaded first.
        threading.Thread(target=_load_view, daemon=True).start()
        infer_here(ledger, loaded)
        ladder = [tier.name for tier in loaded.settings.tiers]
        found = counted(
            ledger.stats(begin, repo_root=root), ladder, ledger.inferred(begin, repo_root=root),
            loaded.settings.lineup_reviewed, datetime.now(UTC).date(), ledger.overruled(begin, repo_root=root),
            beside_stats(loaded, ledger, begin, root),
        )  # fmt: skip
        found = replace(found, levels=ledger.levels(begin, repo_root=root))
        users = ledger.by_user(begin, repo_root=root) if by is By.USER else None
    if html is not None:
        from routecli.cli.stats_html import write_report

        write_report(html, found, days)
    if as_json:
        from routecli.cli.screen import write_json
        from routecli.cli.stats_view import as_figures

        write_json(as_figures(found, days, users))
    elif html is None:
        from routecli.cli.stats_view import show

        show(found, days, by.value if by else "", users, no_color=shared(ctx).no_color)
    elif not shared(ctx).quiet:
        from routecli.cli.streams import note

        note(f"written: {html}")


def _load_view() -> None:
    import rich.table  # noqa: F401

    import routecli.cli.stats_view  # noqa: F401
