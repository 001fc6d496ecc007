"""Simulations on the screen, as JSON and as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routecli.cli.figures import usd_text
from routecli.cli.screen import GOOD, MIND, QUIET, STRONG, shown
from routecli.domain.receipt_json import money

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from routecli.cli.drawing import Drawing
    from routecli.compose.replaying import AtRate, Replayed
    from routecli.compose.whatif import Whatif
    from routecli.routing.simulation.mixes import Drawn, Mix
    from routecli.routing.simulation.replay import Against, Figures, Interval

_BAR = 24


def _table(*columns: str) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style=QUIET, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place and column else "left", overflow="fold", no_wrap=place > 0)
    return table


def _bar(share: float) -> str:
    return "█" * max(0, min(_BAR, round(_BAR * share)))


def mix_figures(mix: Mix, climbed: Drawn | None) -> dict[str, Any]:
    """A plan for scripts. Amounts are texts, to the cent."""
    figures: dict[str, Any] = {
        "name": mix.name,
        "title": mix.title,
        "period": mix.period,
        "cost_usd": money(mix.cost_usd),
        "top_cost_usd": f"{mix.top.cost_usd:.2f}",
        "saved_share": round(mix.saved_share, 4),
        "parts": [{"name": p.name, "share": float(p.share), "cost_usd": money(p.cost_usd)} for p in mix.parts],
        "top": mix.top.name,
        "published_cost_usd": money(mix.published_cost_usd),
        "published_top_cost_usd": money(mix.published_top_cost_usd),
        "differs_usd": money(mix.differs_usd),
        "notes": list(mix.notes),
    }
    if climbed is not None:
        figures["climbed"] = {
            "tasks": climbed.tasks, "cost_usd": f"{climbed.cost_usd:.2f}", "reached": list(climbed.reached),
            "unsolved": climbed.unsolved,
        }  # fmt: skip
    return figures


def show_mix(mix: Mix, climbed: Drawn | None, drawing: Drawing) -> None:
    """A plan on the screen."""
    table = _table("tier", "share", "cost", "")
    dearest = max([float(p.cost_usd) for p in mix.parts] + [0.0]) or 1.0
    for part in mix.parts:
        bar = shown(_bar(float(part.cost_usd) / dearest).ljust(_BAR), QUIET)
        table.add_row(shown(part.name), f"{part.share:.1%}", usd_text(part.cost_usd), bar)
    table.add_row(shown("together", STRONG), "", shown(usd_text(mix.cost_usd), STRONG), "")
    table.add_row(shown(f"all of it at {mix.top.name}"), "", usd_text(mix.top.cost_usd), "")
    head = shown(f"{mix.name}: {mix.title}", STRONG)
    saved = shown(f"{mix.saved_share:.1%} less than the top tier for everything, a {mix.period}", GOOD)
    parts: list[RenderableType] = [head, "", table, "", saved]
    if mix.published_cost_usd is not None:
        parts.append(shown(f"published: {usd_text(mix.published_cost_usd)} against "
                           f"{usd_text(mix.published_top_cost_usd)}", QUIET))  # fmt: skip
    parts += [shown(f"note: {note}", QUIET) for note in mix.notes]
    if climbed is not None:
        parts += ["", shown(_climbed(mix, climbed), MIND)]
    else:
        parts.append(shown("Every task counts as done where it first goes; --right lets failures climb.", QUIET))
    rows = [{"name": p.name, "share": float(p.share), "cost_usd": money(p.cost_usd)} for p in mix.parts]
    drawing.show(f"routecli simulate plan {mix.name}", parts, rows)


def _climbed(mix: Mix, climbed: Drawn) -> str:
    saved = 1 - climbed.cost_usd / mix.top.cost_usd if mix.top.cost_usd else 0
    reached = ", ".join(f"{p.name} {n:,}" for p, n in zip(mix.parts, climbed.reached, strict=True))
    return (
        f"with failures climbing, {climbed.tasks:,} tasks drawn: {usd_text(climbed.cost_usd)} ({saved:.1%} less); "
        f"attempts: {reached}; left for a person {climbed.unsolved:,}"
    )


def _interval(found: Interval, scale: float = 1.0) -> dict[str, float]:
    return {k: round(getattr(found, k) * scale, 6) for k in ("mean", "low", "high")}


def _against(found: Against) -> dict[str, Any]:
    return {"saved": _interval(found.saved), "points": _interval(found.points, 100)}


def _figures(found: Figures) -> dict[str, Any]:
    return {
        "name": found.name, "cost_usd": _interval(found.cost_usd), "quality": _interval(found.quality),
        "given_up": round(found.given_up, 6),
    }  # fmt: skip


def replay_figures(found: Replayed) -> dict[str, Any]:
    """A replay for scripts: means a task with 95 % intervals."""
    return {
        "tuned_on": found.tuned_on,
        "scored_on": found.scored_on,
        "rates": [
            {
                "detection": at.detection, "ladder": list(at.ladder), "said": at.said,
                "expected": {"cost_usd": money(at.expected.cost_usd), "quality": round(at.expected.quality, 6)},
                "policy": _figures(at.policy), "top": _figures(at.top), "random_mix": _figures(at.mix),
                "random_mix_share_top": round(at.mix_share, 6),
                "against_top": _against(at.against_top), "against_random_mix": _against(at.against_mix),
            }
            for at in found.rates
        ],
        "single": [_figures(one) for one in found.single],
        "oracle": _figures(found.oracle),
    }  # fmt: skip


def show_replay(found: Replayed, drawing: Drawing) -> None:
    """A replay on the screen: the curve over detection rates, then what it stands beside."""
    curve = _table("d", "saved", "95 %", "points", "95 %", "")
    for at in found.rates:
        curve.add_row(*_rate_row(at))
    head = shown(f"tuned on {found.tuned_on} tasks, scored on {found.scored_on} others", STRONG)
    parts: list[RenderableType] = [head, "", curve, ""]
    parts += [shown(f"d {at.detection:g}: {' → '.join(at.ladder)}; it says: {at.said}") for at in found.rates]
    beside = _table("beside it, on the scored tasks", "a task", "right", "95 %")
    last = found.rates[-1]
    for one in (last.policy, last.top, last.mix, *found.single, found.oracle):
        beside.add_row(*_beside(one, strong=one is last.policy))
    note = "saved and points are against the top tier alone; points are of 100 tasks, positive is better"
    parts += ["", beside, "", shown(note, QUIET)]
    drawing.show("routecli simulate replay", parts, [_rate_csv(at) for at in found.rates])


def _rate_row(at: AtRate) -> list[Any]:
    saved, points = at.against_top.saved, at.against_top.points
    return [
        f"{at.detection:g}", shown(f"{saved.mean:.0%}", GOOD if saved.mean > 0 else MIND),
        f"{saved.low:.0%} to {saved.high:.0%}", f"{points.mean * 100:+.1f}",
        f"{points.low * 100:+.1f} to {points.high * 100:+.1f}", shown(_bar(saved.mean).ljust(_BAR), GOOD),
    ]  # fmt: skip


def _beside(one: Figures, *, strong: bool) -> list[Any]:
    style = STRONG if strong else ""
    return [
        shown(one.name, style), shown(f"${one.cost_usd.mean:.3f}", style), shown(f"{one.quality.mean:.1%}", style),
        f"{one.quality.low:.0%} to {one.quality.high:.0%}",
    ]  # fmt: skip


def _rate_csv(at: AtRate) -> dict[str, Any]:
    saved, points = at.against_top.saved, at.against_top.points
    return {
        "detection": at.detection, "ladder": " ".join(at.ladder), "cost_usd": at.policy.cost_usd.mean,
        "quality": at.policy.quality.mean, "top_cost_usd": at.top.cost_usd.mean, "top_quality": at.top.quality.mean,
        "saved": saved.mean, "saved_low": saved.low, "saved_high": saved.high,
        "points": points.mean * 100, "points_low": points.low * 100, "points_high": points.high * 100,
    }  # fmt: skip


def whatif_figures(found: Whatif) -> dict[str, Any]:
    """Past runs under another configuration, for scripts."""
    return {
        "was_usd": money(found.was_usd),
        "would_usd": f"{found.would_usd:.6f}",
        "runs_priced": len(found.priced),
        "runs_left_out": len(found.runs) - len(found.priced),
        "runs": [
            {
                "run_id": r.run_id, "was_usd": money(r.was_usd),
                "would_usd": None if r.would_usd is None else f"{r.would_usd:.6f}",
                "quality": round(r.quality, 6), "ladder": list(r.ladder), "why": r.why,
            }
            for r in found.runs
        ],
    }  # fmt: skip


def show_whatif(found: Whatif, days: int, drawing: Drawing) -> None:
    """The sums, and the runs that would change most."""
    if not found.runs:
        drawing.show("routecli simulate whatif", [shown(f"No run that called anyone in the last {days} days.")], [])
        return
    head = shown(f"{len(found.priced)} runs of the last {days} days, asked again", STRONG)
    sums = shown(f"they cost {usd_text(found.was_usd)}; expected here: {usd_text(found.would_usd)}")
    table = _table("run", "was", "expected", "ladder")
    ordered = sorted(found.priced, key=lambda r: -abs((r.would_usd or 0) - r.was_usd))
    for run in ordered[:15]:
        table.add_row(shown(run.run_id), usd_text(run.was_usd), usd_text(run.would_usd), shown(" → ".join(run.ladder)))
    parts: list[RenderableType] = [head, sums, *(("", table) if found.priced else ())]
    left_out = [r for r in found.runs if r.would_usd is None]
    if left_out:
        parts += ["", shown(f"{len(left_out)} left out: {left_out[0].why}", MIND)]
    parts += ["", shown("Expectations from what your ledger saw of each tier, not a promise.", QUIET)]
    rows = [{"run_id": r.run_id, "was_usd": money(r.was_usd), "would_usd": str(r.would_usd)} for r in found.runs]
    drawing.show("routecli simulate whatif", parts, rows)
