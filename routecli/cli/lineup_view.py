"""A review of the line-up: a table, what is proposed as a diff, and the diff written where that was asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routecli.cli.eval_view import edited
from routecli.cli.figures import NONE, rate_text, usd_text
from routecli.cli.screen import BAD, GOOD, MIND, QUIET, answer_console, say, shown, write_json
from routecli.cli.stats_view import share_text
from routecli.cli.streams import note
from routecli.domain.money import Usd
from routecli.domain.receipt_json import money
from routecli.errors import ConfigFault

if TYPE_CHECKING:
    from rich.console import Console

    from routecli.compose.lineup import Later, Looked, Review
    from routecli.compose.lineup_replay import Recorded
    from routecli.pricebook import Rates
    from routecli.routing.standing import Share

_STYLES = {"retired": BAD, "unknown": MIND, "repriced": MIND, "later": MIND, "current": GOOD}


def tell_review(found: Review, file: Path, *, apply: bool, as_json: bool, no_color: bool, quiet: bool) -> None:
    """Tells it, and with `apply` writes the diff that it just told. Raises ConfigFault."""
    diff, text = edited(file, lambda document: _change(document, found, datetime.now(UTC).date()))
    if as_json:
        write_json(_json(found, diff, applied=apply and bool(diff)))
    else:
        console = answer_console(no_color=no_color)
        _print(found, console)
        say(console, "", shown(diff.rstrip("\n") or "nothing to change, and reviewed today"))
    if apply and diff:
        _write(file, text)
    if not quiet:
        note(f"written: {file}" if apply and diff else "nothing was written: --apply writes it" if diff else "")


def _change(document: Any, found: Review, today: date) -> str:
    """What goes on top of the file: behind a table, a bare key would be the table's."""
    for table in document.get("tiers", ()):
        models = found.proposed.get(str(table.get("name")))
        if models:
            table["models"] = list(models)
    if "reviewed" in document:
        document["reviewed"] = today
        return ""
    return f"reviewed = {today.isoformat()}\n"


def _write(file: Path, text: str) -> None:
    from routecli.config.places import write_atomically

    target = file.resolve() if file.is_symlink() else file
    try:
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(target, text.encode(), mode=mode)
    except OSError as fault:
        raise ConfigFault(f"{file} cannot be written: {fault.strerror or fault}", hint=f"ls -l {file}") from None


def _print(found: Review, console: Console) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    recorded = ("recorded",) if found.replayed_on else ()
    for name in ("tier", "model", "state", "in", "out", "solved", "verified", *recorded):
        table.add_column(name, no_wrap=name != "model", overflow="fold")
    for one in found.looked:
        table.add_row(
            shown(one.tier.name), shown(str(one.model)), shown(one.state, _STYLES[one.state]), *_rates(one.rates),
            shown(_share(one.solved)), shown(_share(one.verified)), *_of_record(one.recorded, recorded),
        )  # fmt: skip
        if one.was is not None:
            table.add_row("", shown("  at the last review", QUIET), "", *_rates(one.was), "", "")
        for later in one.later[:3]:
            word = "dearer" if later.dearer else "not dearer"
            cells = (*_rates(later.rates), shown(_share(later.solved)), "", *_of_record(later.recorded, recorded))
            table.add_row("", shown(f"  later: {later.model}"), shown(word), *cells)
    reviewed = found.reviewed.isoformat() if found.reviewed else "never"
    say(console, shown(f"last reviewed: {reviewed}; US dollars a million tokens"), table)
    if found.replays:
        _print_replays(found, console)
    elif found.replayed_on:
        say(console, "", shown("no ladder could be replayed: not every first model is on record", MIND))
    if found.unnamed:
        say(console, "", shown(f"in the preset {found.preset}, and not yours: {', '.join(found.unnamed)}"))


def _of_record(one: Recorded | None, shown_at_all: tuple[str, ...]) -> tuple[Any, ...]:
    if not shown_at_all:
        return ()
    return (shown(f"{one.solved.value:.0%}, {usd_text(one.cost_usd)}" if one else NONE),)


def _print_replays(found: Review, console: Console) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    for name in (f"replayed on {found.replayed_on} tasks", "a task", "right", "ladder"):
        table.add_column(name, no_wrap=name != "ladder", overflow="fold")
    for one in found.replays:
        q = one.figures.quality
        table.add_row(
            shown(one.what), usd_text(Usd(Decimal(str(round(one.figures.cost_usd.mean, 6))))),
            shown(f"{q.mean:.0%} ({q.low * 100:.0f}–{q.high * 100:.0f})"), shown(" → ".join(one.models)),
        )  # fmt: skip
    say(console, "", table)


def _rates(rates: Rates | None) -> tuple[Any, Any]:
    if rates is None:
        return shown("unknown", MIND), shown(NONE)
    return shown(rate_text(rates.input_usd_per_mtok)), shown(rate_text(rates.output_usd_per_mtok))


def _share(value: Share | None) -> str:
    return share_text(value) if value is not None else NONE


def _json(found: Review, diff: str, *, applied: bool) -> dict[str, Any]:
    return {
        "reviewed": found.reviewed.isoformat() if found.reviewed else None,
        "models": [_looked_json(one) for one in found.looked],
        "preset": found.preset or None,
        "unnamed": list(found.unnamed),
        "proposed": {tier: list(models) for tier, models in found.proposed.items()},
        "replayed_on": found.replayed_on,
        "replays": [
            {
                "what": one.what,
                "models": list(one.models),
                "cost_usd": str(round(one.figures.cost_usd.mean, 6)),
                "quality": one.figures.quality.mean,
                "low": one.figures.quality.low,
                "high": one.figures.quality.high,
            }
            for one in found.replays
        ],
        "diff": diff or None,
        "applied": applied,
    }


def _looked_json(one: Looked) -> dict[str, Any]:
    return {
        "tier": one.tier.name, "model": str(one.model), "state": one.state, "prices": _prices(one.rates),
        "prices_at_last_review": _prices(one.was), "solved": _share_json(one.solved),
        "verified": _share_json(one.verified), "recorded": _recorded_json(one.recorded),
        "later": [_later_json(later) for later in one.later],
    }  # fmt: skip


def _later_json(later: Later) -> dict[str, Any]:
    return {"model": str(later.model), "prices": _prices(later.rates), "dearer": later.dearer,
            "solved": _share_json(later.solved), "recorded": _recorded_json(later.recorded)}  # fmt: skip


def _recorded_json(one: Recorded | None) -> dict[str, Any] | None:
    return (
        None if one is None else {"name": one.name, "cost_usd": money(one.cost_usd), **(_share_json(one.solved) or {})}
    )


def _prices(rates: Rates | None) -> dict[str, Any] | None:
    if rates is None:
        return None
    figures = rates.input_usd_per_mtok, rates.output_usd_per_mtok
    return {"input_usd_per_mtok": money(figures[0]), "output_usd_per_mtok": money(figures[1])}


def _share_json(value: Share | None) -> dict[str, Any] | None:
    return None if value is None else {"part": value.part, "whole": value.whole, "low": value.low, "high": value.high}
