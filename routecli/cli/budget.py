"""`routecli budget`: the caps on money and what is left of each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from routecli.cli.figures import usd_text
from routecli.cli.session import open_config, open_ledger, repository_root
from routecli.cli.verb import shared, verb_app

if TYPE_CHECKING:
    from rich.table import Table

    from routecli.domain.money import Usd
    from routecli.ledger.records import Cap

app = verb_app()


@app.command(
    epilog="""
    routecli budget
    routecli budget --json
    """
)
def budget(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Show the caps on money, what counts against each, what is left.

    Caps are keys of the configuration: budget.run_usd, budget.day_usd, budget.month_usd, budget.repository_usd, and
    month_usd of a provider. A call under way counts with its worst case.
    """
    from routecli.cli.screen import answer_console, say, shown, write_json
    from routecli.compose.caps import caps_of
    from routecli.domain.receipt_json import money

    loaded = open_config(ctx)
    root = repository_root()
    with open_ledger(ctx, loaded) as ledger:
        caps = caps_of(loaded.settings, str(root) if root else "", datetime.now(UTC))
        held = [(cap, ledger.spent_under(cap)) for cap in caps]
    run_usd = loaded.settings.budget_usd
    if as_json:
        write_json({"run_usd": money(run_usd), "caps": [_as_json(cap, spent) for cap, spent in held]})
        return
    console = answer_console(no_color=shared(ctx).no_color)
    say(console, shown(f"A run may cost {usd_text(run_usd)} (budget.run_usd, --budget)."))
    if held:
        say(console, _table(held))
    else:
        say(console, shown("No cap on a day, a month, a repository or a key. One is a line of your configuration:"))
        say(console, shown("budget.day_usd = 5"))


def _as_json(cap: Cap, spent_usd: Usd) -> dict[str, Any]:
    from routecli.domain.receipt_json import money

    return {
        "cap": cap.name,
        "since": cap.since.isoformat(),
        "cap_usd": money(cap.cap_usd),
        "spent_usd": money(spent_usd),
        "left_usd": money(_left(cap, spent_usd)),
        "repo_root": cap.repo_root or None,
        "provider": cap.provider or None,
    }


def _left(cap: Cap, spent_usd: Usd) -> Usd:
    from routecli.domain.money import ZERO_USD, Usd

    return Usd(max(cap.cap_usd - spent_usd, ZERO_USD))


def _table(held: list[tuple[Cap, Usd]]) -> Table:
    from rich.table import Table

    from routecli.cli.screen import QUIET, shown

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    for name in ("cap", "since (UTC)", "of", "spent", "left"):
        table.add_column(name, no_wrap=True, justify="right" if name in ("of", "spent", "left") else "left")
    for cap, spent_usd in held:
        figures = (usd_text(amount) for amount in (cap.cap_usd, spent_usd, _left(cap, spent_usd)))
        table.add_row(shown(cap.name), shown(cap.since.date().isoformat()), *(shown(text) for text in figures))
    return table
