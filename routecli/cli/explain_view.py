"""`--explain` on the screen: what is believed of each tier and why, ladders as a small chart, what would turn it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from routecli.cli.figures import NONE, count_text, usd_text
from routecli.cli.screen import GOOD, MIND, QUIET, STRONG, say, shown
from routecli.cli.turn_text import turn_text
from routecli.domain.explained import OF_RULES

if TYPE_CHECKING:
    from rich.console import Console

    from routecli.domain.explained import AttemptCost, Believed, Considered, Explained, Turn

_WIDE = 100
_BARS = (8, 20)
"""Cells of a full bar, on a narrow and on a wide screen."""
_MOST_TURNS = 10
_EIGHTHS = "▏▎▍▌▋▊▉█"


def show_explained(explained: Explained, policy: str, console: Console) -> None:
    """Prints it; `policy` is the one that decided."""
    say(console, "", shown(_head(explained, policy), STRONG))
    if explained.tiers:
        say(console, "", tiers_table(explained.tiers), "", _sources(explained))
        say(console, "", ladders_chart(explained.ladders, console.width))
        if explained.chosen is not None:
            say(console, shown(_flow(explained.chosen), QUIET))
    else:
        say(console, shown(explained.why_not, MIND))
    rules = [turn for turn in explained.turns if turn.what in OF_RULES]
    others = [turn for turn in explained.turns if turn.what not in OF_RULES]
    if not explained.decides:
        _turns(console, "what would change it", rules)
    if explained.tiers:
        it = "it" if explained.decides else "what the evidence takes"
        _turns(console, f"what would change {it}", others)


def _turns(console: Console, title: str, turns: Sequence[Turn]) -> None:
    """The nearest ones, each a line."""
    say(console, "", shown(title, QUIET))
    for turn in turns[:_MOST_TURNS]:
        say(console, shown(f"  {turn_text(turn)}"))
    if not turns:
        say(console, shown("  no single figure, within what is plausible"))
    if len(turns) > _MOST_TURNS:
        say(console, shown(f"  and {len(turns) - _MOST_TURNS} more, further off: --json has them", QUIET))


def _head(explained: Explained, policy: str) -> str:
    if explained.decides:
        return "the evidence decides"
    by = "you named the tier" if policy == "asked" else f"the policy {policy} decides"
    if explained.chosen is None:
        return by
    return f"{by}; the evidence, beside it, would take {' → '.join(explained.chosen.tiers)}"


def tiers_table(tiers: Sequence[Believed]) -> Table:
    """A line for each tier: p with its interval, what was seen, what it costs, and whether that pays."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=QUIET, pad_edge=False)
    table.add_column("tier", overflow="fold")
    for name in ("right (90 %)", "here/kind/all", "costs", "escalated", "spares"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("pays", no_wrap=True)
    for one in tiers:
        seen = "/".join(f"{s.first + s.after:,}" for s in one.seen)
        pays = shown(NONE) if one.spares_usd is None else shown("yes", GOOD) if one.pays else shown("no", MIND)
        table.add_row(
            shown(one.tier), shown(f"{one.right:.0%} ({one.low * 100:.0f}–{one.high * 100:.0f})"), shown(seen),
            shown(usd_text(one.cost.usd)), shown(usd_text(one.cost_after.usd)),
            shown(NONE if one.spares_usd is None else usd_text(one.spares_usd)), pays,
        )  # fmt: skip
    return table


def _sources(explained: Explained) -> Table:
    """Where each figure comes from."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    power = explained.power
    rows: list[tuple[str, str]] = [("right", text) for text in _rights(explained.tiers)]
    rows += [("costs", f"{', '.join(names)}: {text}") for text, names in _costs(explained.tiers).items()]
    refuses = f"refuses {power.detection:.0%} of wrong patches (d) and {power.false_alarm:.0%} of right ones (f)"
    rows.append(("verdict", f"{refuses}; {power.why}"))
    top = explained.tiers[-1].tier
    rows.append(("wanted", f"the cheapest whose quality is within {_points(explained.tolerance)} of {top} alone"))
    label = ""
    for name, text in rows:
        table.add_row(shown("" if name == label else name, QUIET), shown(text))
        label = name
    return table


def _rights(tiers: Sequence[Believed]) -> Iterator[str]:
    unseen = [one for one in tiers if not one.attempts]
    if unseen:
        yield f"no attempt seen yet, a first guess: {_guessed(unseen)} (two recorded models and a line between)"
    seen = [one for one in tiers if one.attempts]
    if seen:
        steps = "then all attempts, those of the kind, those here, each the next one's prior"
        yield f"first guess {_guessed(seen)}; {steps}"
    for one in seen:
        if one.climbing is not None:
            yield f"{one.tier}: what it did after failures fits {one.climbing:.0%}"


def _guessed(tiers: Sequence[Believed]) -> str:
    return ", ".join(f"{one.tier} {one.prior:.0%}" + (" (yours)" if one.own else "") for one in tiers)


def _costs(tiers: Sequence[Believed]) -> dict[str, list[str]]:
    """The tiers by what is said of their costs."""
    said: dict[str, list[str]] = {}
    for one in tiers:
        said.setdefault(f"{_cost_text(one.cost)}; {_after_text(one)}", []).append(one.tier)
    return said


def _cost_text(cost: AttemptCost) -> str:
    where = {"here": "such tasks here", "kind": "tasks of the kind", "all": "all tasks"}.get(cost.source)
    return f"mean of {count_text(cost.bills, 'bill')} of {where}" if where else "today's forecast, few bills yet"


def _after_text(one: Believed) -> str:
    after = one.cost_after
    match after.source:
        case "surcharge":
            return f"after a failure {_times(one)}, a recorded model's"
        case "ratio":
            return f"after a failure {_times(one)}, as in {count_text(after.bills, 'bill')} of yours"
        case _:
            return f"after a failure the {_cost_text(after)}"


def _times(one: Believed) -> str:
    return f"{one.cost_after.usd / one.cost.usd:.2f} times that" if one.cost.usd else "the same"


def _points(share: float) -> str:
    points = f"{share * 100:.3g}"
    return f"{points} point" if points == "1" else f"{points} points"


def ladders_chart(ladders: Sequence[Considered], width: int) -> Table:
    """Each ladder that was weighed, cheapest first: expected cost and share right, both as bars; a dot marks the one
    that the evidence takes."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style=QUIET, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("ladder weighed", overflow="fold")
    cells = _BARS[width >= _WIDE]
    for name in ("costs (E)", "right (Q)"):
        table.add_column(name, justify="right", no_wrap=True)
        table.add_column("", no_wrap=True, width=cells)
    table.add_column("given up", justify="right", no_wrap=True)
    dearest = float(max(ladder.cost_usd for ladder in ladders)) or 1.0
    for ladder in ladders:
        style = f"{STRONG} {GOOD}" if ladder.chosen else ""
        costs, right = bar(float(ladder.cost_usd) / dearest, cells), bar(ladder.quality, cells)
        table.add_row(
            shown("●" if ladder.chosen else " ", style), shown(" → ".join(ladder.tiers), style),
            shown(usd_text(ladder.cost_usd), style), shown(costs, style or QUIET),
            shown(f"{ladder.quality:.1%}", style), shown(right, style or QUIET), shown(f"{ladder.given_up:.1%}"),
        )  # fmt: skip
    return table


def bar(share: float, cells: int) -> str:
    """A bar of `share` (0 to 1) of `cells`, to an eighth of a cell; never empty."""
    eighths = max(1, round(min(share, 1.0) * cells * 8))
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest - 1] if rest else "")


def _flow(chosen: Considered) -> str:
    coming = [f"{share * 100:.0f} come to {tier}" for tier, share in zip(chosen.tiers, chosen.reached, strict=True)]
    return f"● of 100 tasks {', '.join(coming)}; {chosen.given_up * 100:.1f} are given up"
