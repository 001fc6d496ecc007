"""`routecli simulate`: what routing would cost, over mixes, recorded outcomes and one's own history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli.session import open_config, open_ledger
from routecli.cli.verb import shared, verb_app
from routecli.errors import UsageFault

if TYPE_CHECKING:
    from routecli.cli.drawing import Drawing
    from routecli.routing.simulation import mixes

app = verb_app()

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Svg = Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Draw the screen into an SVG file as well.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Draw the screen into an HTML file as well.")]
CsvFile = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the figures into a CSV as well.")]

Right = Annotated[
    str, typer.Option("--right", metavar="SHARES", help="How often each row is right: then failures climb.")
]
Draws = Annotated[
    int, typer.Option("--draws", metavar="N", min=1, max=100_000_000, help="With --right: how many tasks are drawn.")
]
Top = Annotated[str, typer.Option("--top", metavar="MODEL", help="The top tier; else the best of the tuned half.")]
Detection = Annotated[
    float, typer.Option("--detection", "-d", metavar="D", min=0, max=1, help="The share of wrong patches refused.")
]
FalseAlarm = Annotated[
    float, typer.Option("--false-alarm", metavar="F", min=0, max=1, help="The share of right patches refused.")
]
Tolerance = Annotated[
    float, typer.Option("--tolerance", metavar="POINTS", min=0, max=100, help="How much quality may be lost.")
]


@app.callback()
def simulate() -> None:
    """Say what routing would cost: mixes, recorded outcomes, past runs."""


@app.command(
    epilog="""
    routecli simulate plan --list
    routecli simulate plan C
    routecli simulate plan A --json
    routecli simulate plan --mix 65,25,10 --tasks 1500 --input 5000 --output 1200
    routecli simulate plan D --right 0.6,0.7,0.8,0.9 --draws 1000000
    """
)
def plan(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A published plan, or one of --file.")] = "",
    listed: Annotated[bool, typer.Option("--list", help="The names of the plans, one a line.")] = False,
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help="Plans of your own, as TOML.")] = None,
    mix: Annotated[str, typer.Option("--mix", metavar="PERCENTS", help="Your own ladder: each tier's share.")] = "",
    tasks: Annotated[int, typer.Option("--tasks", min=1, help="With --mix: how many tasks a month.")] = 1000,
    input_tokens: Annotated[int, typer.Option("--input", min=0, help="With --mix: tokens in, a task.")] = 5000,
    output_tokens: Annotated[int, typer.Option("--output", min=0, help="With --mix: tokens out, a task.")] = 1200,
    right: Right = "",
    draws: Draws = 100_000,
    as_json: AsJson = False,
    svg: Svg = None,
    html: Html = None,
    csv_file: CsvFile = None,
) -> None:
    """Work out what a mix of tiers costs beside all of it at the top tier.

    The published tables are plans by name; where our figure differs from the published one, the notes say why.
    """
    from routecli.cli.simulate_view import mix_figures, show_mix
    from routecli.routing.simulation import mixes

    source = file or mixes.PUBLISHED
    if listed:
        from routecli.cli.screen import write_out

        write_out("".join(f"{one}\n" for one in mixes.names(source)))
        return
    if bool(name) == bool(mix):
        raise UsageFault("a plan's NAME or --mix is needed, and only one of them", hint="routecli simulate plan --list")
    found = _own(ctx, mix, tasks, input_tokens, output_tokens) if mix else mixes.read_mix(name, source)
    climbed = None
    if right:
        climbed = mixes.drawn(found, _shares(right, len(found.parts), "--right"), draws)
    if as_json:
        from routecli.cli.screen import write_json

        write_json(mix_figures(found, climbed))
        return
    show_mix(found, climbed, _drawing(ctx, svg, html, csv_file))


def _own(ctx: typer.Context, mix: str, tasks: int, input_tokens: int, output_tokens: int) -> mixes.Mix:
    from routecli.pricebook import Pricebook
    from routecli.routing.simulation import mixes

    loaded = open_config(ctx)
    prices = Pricebook(loaded.settings.prices, loaded.settings.providers, loaded.price_list)
    tiers = loaded.settings.tiers
    shares = [Decimal(str(s)) / 100 for s in _shares(mix, len(tiers), "--mix", most=100)]
    if sum(shares) != 1:
        raise UsageFault("--mix: the shares must add up to 100", hint="--mix 65,25,10")
    rated = []
    for tier, share in zip(tiers, shares, strict=True):
        model = tier.models[0]
        rates = prices.rates(model.provider, model.model)
        if rates is None:
            raise UsageFault(f"{model} has no known price", hint='[prices."provider/model"] in your configuration')
        rated.append(mixes.Rates(f"{tier.name} {model}", share, rates.input_usd_per_mtok, rates.output_usd_per_mtok))
    title = f"{tasks:,} tasks of {input_tokens:,} tokens in and {output_tokens:,} out"
    return mixes.own_mix(rated, tasks, input_tokens, output_tokens, title)


def _shares(text: str, count: int, flag: str, *, most: float = 1) -> list[float]:
    try:
        shares = [float(part) for part in text.split(",")]
    except ValueError:
        shares = []
    if len(shares) != count or not all(0 <= s <= most for s in shares):
        raise UsageFault(f"{flag}: {count} numbers from 0 to {most:g} are needed, with commas", hint=f"{flag} …,…")
    return shares


@app.command(
    epilog="""
    routecli simulate replay --outcomes docs/examples/outcomes.csv
    routecli simulate replay --outcomes outcomes.csv --tiers small,middle,large --detection 0.83
    routecli simulate replay --outcomes outcomes.csv --d-curve --svg curve.svg
    """
)
def replay(
    ctx: typer.Context,
    outcomes: Annotated[Path, typer.Option("--outcomes", metavar="FILE", help="Recorded outcomes: a CSV.")],
    policy: Annotated[
        str, typer.Option("--policy", help="expected-cost (tuned on one half, scored on the other), or cascade.")
    ] = "expected-cost",
    tiers: Annotated[
        str, typer.Option("--tiers", metavar="MODELS", help="The ladder, cheapest first, with commas; else chosen.")
    ] = "",
    top: Top = "",
    detection: Detection = 1.0,
    false_alarm: FalseAlarm = 0.0,
    tolerance: Tolerance = 1.0,
    dataset: Annotated[str, typer.Option("--dataset", help="Which set of the file; else the largest.")] = "",
    d_curve: Annotated[bool, typer.Option("--d-curve", help="The same for each detection rate from 0.2 to 1.")] = False,
    as_json: AsJson = False,
    svg: Svg = None,
    html: Html = None,
    csv_file: CsvFile = None,
) -> None:
    """Try a policy on recorded outcomes, beside every single tier, a random mix at equal spend, and the oracle.

    It is tuned on one half of the tasks and scored on the other (halved by a hash of their names); intervals are 95 %
    over tasks, by bootstrap.
    """
    from routecli.cli.simulate_view import replay_figures, show_replay
    from routecli.compose.replaying import Asked, replayed

    asked = Asked(
        outcomes, policy, tuple(t.strip() for t in tiers.split(",") if t.strip()), top, dataset,
        tolerance / 100, false_alarm,
    )  # fmt: skip
    rates = [d / 10 for d in range(2, 11)] if d_curve else [detection]
    found = replayed(asked, rates)
    if as_json:
        from routecli.cli.screen import write_json

        write_json(replay_figures(found))
        return
    show_replay(found, _drawing(ctx, svg, html, csv_file))


@app.command(
    epilog="""
    routecli simulate whatif --policy cascade
    routecli simulate whatif --config other.toml --days 30
    routecli simulate whatif --profile thrifty --json
    """
)
def whatif(
    ctx: typer.Context,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How far back.")] = 30,
    policy: Annotated[str | None, typer.Option("--policy", metavar="NAME", help="Another policy.")] = None,
    as_json: AsJson = False,
    svg: Svg = None,
    html: Html = None,
    csv_file: CsvFile = None,
) -> None:
    """Say what your own past runs would be expected to cost under another configuration (--config, --profile)."""
    from routecli.cli.simulate_view import show_whatif, whatif_figures
    from routecli.compose.whatif import whatif as asked_again
    from routecli.pricebook import Pricebook

    loaded = open_config(ctx, {"policy": policy} if policy else {})
    prices = Pricebook(loaded.settings.prices, loaded.settings.providers, loaded.price_list)
    with open_ledger(ctx, loaded) as ledger:
        receipts = ledger.receipts(datetime.now(UTC) - timedelta(days=days))
        found = asked_again(receipts, loaded, prices, ledger)
    if as_json:
        from routecli.cli.screen import write_json

        write_json(whatif_figures(found))
        return
    show_whatif(found, days, _drawing(ctx, svg, html, csv_file))


def _drawing(ctx: typer.Context, svg: Path | None, html: Path | None, csv_file: Path | None) -> Drawing:
    from routecli.cli.drawing import Drawing
    from routecli.cli.screen import answer_console

    return Drawing(answer_console(no_color=shared(ctx).no_color), svg, html, csv_file)
