"""`routecli budget`: the caps on money and what is left of each."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from routecli.cli.figures import usd_text
from routecli.cli.paths_group import PathsGroup
from routecli.cli.session import open_config, open_ledger, repository_root
from routecli.cli.verb import shared, verb_app

if TYPE_CHECKING:
    from rich.table import Table

    from routecli.config.load import Loaded
    from routecli.domain.money import Usd
    from routecli.ledger.records import Cap

_CAPS = ("run", "day", "month", "repository", "user-day", "user-month", "team-day", "team-month")
app = verb_app(cls=PathsGroup)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.callback()
def budget() -> None:
    """Show the caps on money and what is left of each; set them.

    `routecli budget` is `routecli budget show`.
    """


@app.command(
    epilog="""
    routecli budget show
    routecli budget show --json
    """
)
def show(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show the caps on money, what counts against each, what is left.

    Caps are keys of the configuration: budget.run_usd, budget.day_usd, budget.month_usd, budget.repository_usd,
    budget.user_day_usd and its like for a user and a team, and month_usd of a provider. A call under way
    counts with its worst case.
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
        say(console, shown("No cap on a day, a month, a repository or a key. One is set with:"))
        say(console, shown("routecli budget set day 5"))


@app.command(
    "set",
    epilog="""
    routecli budget set day 5
    routecli budget set openrouter 20
    routecli budget set month none
    """,
)
def set_cap(
    ctx: typer.Context,
    cap: Annotated[
        str,
        typer.Argument(
            metavar="CAP",
            help="run, day, month, repository, user-day, user-month, team-day, team-month, or a provider (its key).",
        ),
    ],
    amount: Annotated[str, typer.Argument(metavar="USD", help="US dollars; `none` takes the cap out.")],
) -> None:
    """Set a cap in your own configuration; everything else in the file stays.

    With --profile, in that profile. A run's cap that is taken out is 5 again. What stands nearer (a variable, the
    repository's own configuration) still counts, and is told.
    """
    from routecli.cli.streams import note, warn
    from routecli.config.setting import set_amount

    name, usd = _key_of(cap, open_config(ctx)), _amount(amount)
    options = shared(ctx)
    file = options.config or open_config(ctx).user_file
    prefix = ("profiles", options.profile) if options.profile else ()
    set_amount(file, (*prefix, *name), usd)
    dotted = ".".join(name)
    note(f"{file}: {dotted} {'taken out' if usd is None else f'= {usd:f}'}")
    held = open_config(ctx).provenance.get(dotted)
    if held is not None and held.value != usd and held.where != "default":
        warn(f"what counts is {held.value}, from {held.where}")


def _key_of(cap: str, loaded: Loaded) -> tuple[str, ...]:
    """The key of a cap by its name. Raises UsageFault."""
    from routecli.config.nearest import nearest
    from routecli.domain.untrusted import one_line
    from routecli.errors import UsageFault

    if cap in _CAPS:
        return "budget", f"{cap.replace('-', '_')}_usd"
    if cap in loaded.settings.providers:
        return "providers", cap, "month_usd"
    known = (*_CAPS, *loaded.settings.providers)
    near = nearest(cap, known)
    hint = f"routecli budget set {near} USD" if near else f"one of: {', '.join(known)}"
    raise UsageFault(f"no cap is called {one_line(cap, limit=60)}", hint=hint)


def _amount(text: str) -> Decimal | None:
    """Raises UsageFault: no amount, or a negative one."""
    from routecli.config.keys import BY_NAME
    from routecli.config.values import Unfit, from_text
    from routecli.domain.untrusted import one_line
    from routecli.errors import UsageFault

    if text.lower() == "none":
        return None
    try:
        return Decimal(from_text(BY_NAME["budget.run_usd"], text.removeprefix("$"), Path()))
    except Unfit as fault:
        what = f"{one_line(text, limit=60)} must be {fault}"
        raise UsageFault(what, hint="routecli budget set day 5") from None


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
        "user": cap.who or None,
        "team": cap.team or None,
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
