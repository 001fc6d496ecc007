"""`routecli alerts`: what in the last weeks says that the rules or the line-up are wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from routecli.cli.session import infer_here, open_config, open_ledger
from routecli.cli.verb import shared, verb_app
from routecli.errors import ExitStatus

app = verb_app()


@app.command(
    epilog="""
    routecli alerts
    routecli alerts --days 7 --json
    routecli alerts --check || mail -s routing me@example.com < /dev/null
    """
)
def alerts(
    ctx: typer.Context,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=3650, help="How far back.")] = 30,
    check: Annotated[bool, typer.Option("--check", help="For cron: exit status 1 where there is one.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> int:
    """Say what speaks against the rules or the line-up of models.

    Published thresholds: the first tier under 70 %, over 10 % from the second tier to the third, the top tier over
    15 % of the attempts or 5 % of the spend, over 20 % of the runs overruled by you, a line-up not
    reviewed for 90 days; and a tier that got worse, or a model whose price moved since its oldest bill.
    """
    from routecli.cli.screen import BAD, GOOD, answer_console, say, shown, write_json
    from routecli.cli.stats_view import alert_json
    from routecli.compose.alerting import alerted

    loaded = open_config(ctx)
    with open_ledger(ctx, loaded) as ledger:
        infer_here(ledger, loaded)
        whole = alerted(loaded, ledger, datetime.now(UTC), days)
    found = whole.alerts
    if as_json:
        write_json([alert_json(alert) for alert in found])
    else:
        console = answer_console(no_color=shared(ctx).no_color)
        for alert in found:
            say(console, shown(f"{alert.code}: {alert.text}", BAD))
        if not found:
            say(console, shown(f"nothing over its limit in {whole.runs} runs of the last {days} days", GOOD))
    return ExitStatus.DEFERRED if check and found else ExitStatus.ACCEPTED
