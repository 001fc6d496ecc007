"""`routecli models`: the ladder, what each model costs today and how much it can read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from routecli.cli.figures import NONE, count_text, model_text, rate_text, tokens_text
from routecli.cli.paths_group import PathsGroup
from routecli.cli.refresh_view import changes_json, told
from routecli.cli.session import open_config, open_ledger
from routecli.cli.verb import shared, verb_app
from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from routecli.compose.refreshing import Refreshed
    from routecli.config.load import Loaded
    from routecli.domain.ladder import ModelRef, Tier
    from routecli.pricebook import Pricebook, Rates

app = verb_app(cls=PathsGroup)


@dataclass(frozen=True, slots=True)
class Rung:
    """One model of the ladder. `rates` None: its price is unknown. `place` counts the models of a tier from 0."""

    tier: Tier
    place: int
    model: ModelRef
    rates: Rates | None
    context_limit_tokens: int | None
    key_set: bool


AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.callback()
def models() -> None:
    """Show the ladder of models with today's prices, or review it.

    `routecli models` is `routecli models show`.
    """


@app.command(
    epilog="""
    routecli models review
    routecli models review --suite evals/
    routecli models review --outcomes outcomes.csv
    routecli models review --apply
    """
)
def review(
    ctx: typer.Context,
    suite: Annotated[
        list[Path] | None,
        typer.Option("--suite", metavar="SUITE", help="A suite whose results count; may be repeated. Else `evals`."),
    ] = None,
    outcomes: Annotated[
        Path | None,
        typer.Option("--outcomes", metavar="FILE", help="Recorded outcomes (CSV) to replay the line-up on."),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write the diff into your configuration, after showing it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at the line-up again: new, retired and repriced models, and what your evaluations and runs say of each.

    Compared are the price list (`models --refresh` fetches a newer one), the preset and your own tiers. What follows
    is a diff of your configuration: retired models replaced, later ones that are not dearer put first, and `reviewed`
    set to today, which the 90-day alert goes by. With --outcomes the ladder as it is and as it would be are replayed
    on recorded tasks, beside the best ladder of their models.
    """
    from routecli.cli.lineup_view import tell_review
    from routecli.compose.lineup import review as look_again
    from routecli.pricebook import Pricebook

    loaded = open_config(ctx)
    prices = Pricebook(loaded.settings.prices, loaded.settings.providers, loaded.price_list)
    with open_ledger(ctx, loaded) as ledger:
        found = look_again(loaded, prices, ledger, suite or [Path("evals")], outcomes)
    file = shared(ctx).config or loaded.user_file
    tell_review(found, file, apply=apply, as_json=as_json, no_color=shared(ctx).no_color, quiet=shared(ctx).quiet)


@app.command(
    epilog="""
    routecli models show
    routecli models show --json
    routecli models show --profile work
    routecli models show --refresh
    """
)
def show(
    ctx: typer.Context,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Fetch a newer price list first, and say what it changes.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Only the tiers' names, a line each: what completion asks for.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the ladder of models with today's prices.

    Prices are US dollars a million tokens, from the newer of the installed list and the one that was last fetched.
    Nothing is fetched without --refresh; a list that is not to be believed is refused, and the one before stays.
    """
    from routecli.cli.screen import answer_console, write_json, write_out
    from routecli.pricebook import Pricebook

    loaded = open_config(ctx)
    if names:
        tools = ["tools"] if loaded.settings.tools else []
        write_out("".join(f"{one_line(name)}\n" for name in [*tools, *(tier.name for tier in loaded.settings.tiers)]))
        return
    refreshed = _refresh(loaded, quiet=shared(ctx).quiet) if refresh else None
    pricebook = Pricebook(loaded.settings.prices, loaded.settings.providers, loaded.price_list)
    rungs = _rungs(loaded, pricebook)
    if as_json:
        write_json(_json(loaded, pricebook, rungs) | (changes_json(refreshed) if refreshed else {}))
    else:
        _print(loaded, pricebook, rungs, answer_console(no_color=shared(ctx).no_color))


def _refresh(loaded: Loaded, *, quiet: bool) -> Refreshed:
    from routecli.cli.streams import note
    from routecli.compose.refreshing import refresh

    done = refresh(loaded)
    for line in () if quiet else told(done):
        note(line)
    return done


def _rungs(loaded: Loaded, pricebook: Pricebook) -> list[Rung]:
    providers = loaded.settings.providers

    def rung(tier: Tier, place: int, model: ModelRef) -> Rung:
        limit = tier.context_limit_tokens or pricebook.context_limit(model.provider, model.model)
        free = providers[model.provider].api_key_env is None
        key = free or loaded.key_of(model.provider) is not None
        return Rung(tier, place, model, pricebook.rates(model.provider, model.model), limit, key)

    return [rung(tier, place, model) for tier in loaded.settings.tiers for place, model in enumerate(tier.models)]


def _json(loaded: Loaded, pricebook: Pricebook, rungs: list[Rung]) -> dict[str, Any]:
    from routecli.cli.refresh_view import rates_json

    def prices(rates: Rates | None) -> dict[str, Any] | None:
        if rates is None:
            return None
        return {
            **rates_json(rates),
            "source": rates.source,
            "dearer_above_input_tokens": [cliff.above_input_tokens for cliff in rates.cliffs],
        }

    as_of, reviewed = pricebook.as_of(), loaded.settings.lineup_reviewed
    return {
        "preset": loaded.settings.preset,
        "lineup_reviewed": reviewed.isoformat() if reviewed else None,
        "prices_as_of": as_of.isoformat() if as_of else None,
        "prices_from": pricebook.source(),
        "tools": loaded.settings.tools,
        "models": [
            {
                "tier": rung.tier.name,
                "rank": rung.tier.rank,
                "failover": rung.place > 0,
                "model": str(rung.model),
                "prices": prices(rung.rates),
                "context_limit_tokens": rung.context_limit_tokens,
                "max_output_tokens": rung.tier.max_output_tokens,
                "key_set": rung.key_set,
            }
            for rung in rungs
        ],
    }


def _print(loaded: Loaded, pricebook: Pricebook, rungs: list[Rung], console: Console) -> None:
    from routecli.cli.screen import QUIET, say, shown

    notes = [_footing(loaded, pricebook)]
    notes += [f"{rung.model}: {note}" for rung in rungs for note in _cliffs(rung)]
    say(console, _table(loaded, rungs, console.width), "", *(shown(note, QUIET) for note in notes))
    if loaded.no_tiers:
        say(console, "", shown(loaded.no_tiers), shown(f"hint: {loaded.no_tiers_hint}"))


def _table(loaded: Loaded, rungs: list[Rung], width: int) -> Table:
    from rich.table import Table

    from routecli.cli.render import NARROW
    from routecli.cli.screen import MIND, QUIET, shown

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    table.add_column("tier", no_wrap=True)
    table.add_column("model", overflow="fold")
    for name in ("in", "cached", "out", "context"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    if loaded.settings.tools:
        table.add_row("tools", "ruff, rope: no model", "$0", NONE, "$0", NONE, "")
    for rung in rungs:
        rates = rung.rates
        asked = (rates.input_usd_per_mtok, rates.cache_read_usd_per_mtok, rates.output_usd_per_mtok) if rates else ()
        table.add_row(
            shown(rung.tier.name if rung.place == 0 else "  else"),
            shown(model_text(str(rung.model), narrow=width < NARROW)),
            *([shown(rate_text(rate)) for rate in asked] or [shown("unknown", MIND), shown(NONE), shown(NONE)]),
            tokens_text(rung.context_limit_tokens or 0),
            shown("" if rung.key_set else "no key", MIND),
        )
    return table


def _cliffs(rung: Rung) -> list[str]:
    return [
        f"above {count_text(cliff.above_input_tokens, 'token')} in: {rate_text(cliff.input_usd_per_mtok)} in, "
        f"{rate_text(cliff.output_usd_per_mtok)} out"
        for cliff in (rung.rates.cliffs if rung.rates else ())
    ]


def _footing(loaded: Loaded, pricebook: Pricebook) -> str:
    reviewed, as_of = loaded.settings.lineup_reviewed, pricebook.as_of()
    parts = ["US dollars a million tokens"]
    parts += [f"prices as of {as_of.isoformat()} ({pricebook.source()})"] if as_of else []
    parts += [f"preset {loaded.settings.preset}"] if loaded.settings.preset else []
    parts += [f"line-up reviewed {reviewed.isoformat()}"] if reviewed else []
    return " · ".join(parts)
