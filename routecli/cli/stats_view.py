"""The ledger's sums on the screen and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from routecli.cli.figures import NONE, caching_text, count_text, middle_cut, tokens_text, usd_text
from routecli.domain.receipt_json import money

if TYPE_CHECKING:
    from rich.table import Table

    from routecli.compose.counting import Counted
    from routecli.ledger.stats import Sums, TierSums
    from routecli.routing.alerts import Alert
    from routecli.routing.standing import Mark, Saving, Share

_MOST_ROWS = 40
_LABEL = 10
"""Cells of a line of the headline that are its label: `verified  `, `overruled `, or blanks."""
_LONGEST_KEY = 40
"""Of a path or a model's name, whose end says most."""
_OVERRULED = {"tier": "tier named", "again": "done again", "written": "written unverified"}
WORKED = ("tier", "runs", "verified", "attempts", "tokens in", "cached", "out", "cost")
RAN = ("runs", "verified", "climbed", "cost")


def show(found: Counted, days: int, by: str, users: Mapping[str, Sums] | None = None, *, no_color: bool) -> None:
    """Prints the whole, or the one table of `by`; `users` are counted only where they are asked for."""
    from routecli.cli.screen import MIND, answer_console, beside, say, shown

    console = answer_console(no_color=no_color)
    if not found.stats.total.runs:
        say(
            console,
            shown(f'No runs in {count_text(days, "day")}. A first one, without a key: `routecli "sort the imports" .`'),
        )
        return
    tables = _tables(found) | {"user": _ran("user", users or {})}
    if by:
        say(console, tables[by])
        return
    whole, *parts = headline(found, days)
    say(console, shown(whole), *(beside(shown(f"{line[:_LABEL].strip():<8}"), shown(line[_LABEL:])) for line in parts))
    for name in ("tier", "kind", "repository"):
        say(console, shown(""), tables[name])
    if found.marks:
        say(console, shown(""), _marks(found.marks))
    if found.levels:
        say(console, shown(""), _levels(found))
    for alert in found.alerts:
        say(console, shown(""), shown(alert.text, MIND))
    if found.stale_days:
        text = f"the line-up was last reviewed {found.stale_days} days ago: routecli models review"
        say(console, shown(""), shown(text, MIND))


def headline(found: Counted, days: int) -> list[str]:
    """The whole in a few lines. What was saved never stands without what came of it."""
    total = found.stats.total
    unpriced = f", {count_text(total.unpriced, 'run')} of unknown cost not in it" if total.unpriced else ""
    lines = [
        f"{count_text(total.runs, 'run')} in {count_text(days, 'day')}: {usd_text(total.cost_usd)}{unpriced}",
        f"verified  {share_text(found.right)} of {total.judged:,} judged; {total.climbed:,} needed more than one tier",
    ]
    if found.good.whole:
        lines.append(f"good      {share_text(found.good)} of {found.good.whole:,} verified patches whose fate is known")
    if found.inferred:
        lines.append(f"          {found.inferred:,} of the bad ones inferred: git shows them taken back or rewritten")
    if found.overruled:
        how = ", ".join(f"{_OVERRULED.get(name, name)} {count:,}" for name, count in sorted(found.overruled.items()))
        lines.append(f"overruled {count_text(sum(found.overruled.values()), 'run')} by you: {how}")
    lines.append(f"saved     {saving_text(found.saving)}")
    return [*lines, f"caching   {caching_text(total.caching_usd)} of its writes"] if total.caching_usd else lines


def share_text(share: Share) -> str:
    """`93 % (91–95)`: a share with its interval."""
    if not share.whole:
        return NONE
    return f"{share.value:.0%} ({share.low * 100:.0f}–{share.high * 100:.0f})"


def saving_text(saving: Saving) -> str:
    """An estimate, and said to be one; below enough runs no share of it."""
    if not saving.runs:
        return "unknown: no run has both a cost and an estimate of the top tier's"
    if saving.share is None or saving.low is None or saving.high is None:
        over = count_text(saving.runs, "run")
        return f"about {usd_text(saving.usd)} beside the top tier alone, over {over} (too few for a share)"
    interval = f"{saving.low * 100:.0f}–{saving.high * 100:.0f}"
    return f"about {usd_text(saving.usd)} or {saving.share:.0%} ({interval}) beside the top tier alone, an estimate"


def _marks(marks: Sequence[Mark]) -> Table:
    from routecli.cli.screen import GOOD, MIND, shown

    table = _empty(("review", "here", "published mark"))
    for mark in marks:
        limit = NONE if mark.limit is None else f"{mark.limit:.0%}"
        style = MIND if mark.over else GOOD
        table.add_row(shown(mark.text), shown(share_text(mark.share), style), shown(limit))
    return table


def _levels(found: Counted) -> Table:
    from routecli.cli.screen import shown

    table = _empty(("classifier", "level", "tasks", "fits", "too low", "too high"))
    for (by, level), one in found.levels.items():
        known = one.fits + one.too_low + one.too_high
        row = (f"{one.runs:,}", *(f"{n / known:.0%}" if known else NONE for n in (one.fits, one.too_low, one.too_high)))
        table.add_row(shown(by), shown(level), *(shown(text) for text in row))
    return table


def _tables(found: Counted) -> dict[str, Table]:
    s = found.stats
    days = dict(list(s.by_day.items())[-_MOST_ROWS:])
    return {
        "day": _ran("day (UTC)", days),
        "kind": _ran("kind", s.by_kind),
        "repository": _ran("repository", s.by_repository),
        "tier": _worked("tier", s.by_tier),
        "model": _worked("model", s.by_model),
    }


def _empty(columns: tuple[str, ...]) -> Table:
    from rich.table import Table

    from routecli.cli.screen import QUIET, REST

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    for place, name in enumerate(columns):
        table.add_column(name, no_wrap=True, justify="right" if place else "left", max_width=None if place else REST)
    return table


def _ran(name: str, groups: Mapping[str, Sums]) -> Table:
    from routecli.cli.screen import shown

    table = _empty((name, *RAN))
    for key, sums in list(groups.items())[:_MOST_ROWS]:
        table.add_row(shown(middle_cut(key, _LONGEST_KEY) or NONE), *(shown(text) for text in ran_cells(sums)))
    return table


def _worked(name: str, groups: Mapping[str, TierSums]) -> Table:
    from routecli.cli.screen import shown

    table = _empty((name, *WORKED[1:]))
    for key, sums in groups.items():
        table.add_row(shown(middle_cut(key, _LONGEST_KEY)), *(shown(text) for text in worked_cells(sums)))
    return table


def ran_cells(sums: Sums) -> tuple[str, ...]:
    """The cells below RAN."""
    from routecli.routing.standing import share

    right, climbed = share(sums.right, sums.judged), share(sums.climbed, sums.judged)
    return f"{sums.runs:,}", share_text(right), f"{climbed.value:.0%}" if sums.judged else NONE, usd_text(sums.cost_usd)


def worked_cells(sums: TierSums) -> tuple[str, ...]:
    """The cells below WORKED, its first left out."""
    from routecli.routing.standing import share

    return (
        f"{sums.runs:,}", share_text(share(sums.right, sums.runs)), f"{sums.attempts:,}",
        _many(sums.input_tokens), _many(sums.cache_read_tokens), _many(sums.output_tokens),
        usd_text(sums.cost_usd),
    )  # fmt: skip


def _many(tokens: int) -> str:
    """A count of tokens for a narrow column."""
    return f"{tokens / 1e6:,.1f} M" if tokens >= 1_000_000 else tokens_text(tokens)


def as_figures(found: Counted, days: int, users: Mapping[str, Sums] | None = None) -> dict[str, Any]:
    """The whole for scripts. Money is text, shares are from 0 to 1. `by_user` is there only where it was asked for."""
    s, saving = found.stats, found.saving
    return {
        "days": days,
        "since": s.since.isoformat() if s.since else None,
        "total": _sums_json(s.total),
        "verified": _share_json(found.right),
        "good": _share_json(found.good),
        "inferred_bad": found.inferred,
        "lineup_stale_days": found.stale_days,
        "overruled": dict(found.overruled),
        "alerts": [alert_json(alert) for alert in found.alerts],
        "saved": {
            "is_estimate": True, "runs": saving.runs, "usd": money(s.saved.baseline_usd - s.saved.cost_usd),
            "cost_usd": money(s.saved.cost_usd), "top_tier_alone_usd": money(s.saved.baseline_usd),
            "share": saving.share, "low": saving.low, "high": saving.high,
        },
        "by_day": {key: _sums_json(v) for key, v in s.by_day.items()},
        "by_kind": {key: _sums_json(v) for key, v in s.by_kind.items()},
        "by_repository": {key: _sums_json(v) for key, v in s.by_repository.items()},
        "by_first_tier": {key: _sums_json(v) for key, v in s.by_first_tier.items()},
        "by_tier": {key: _tier_json(v) for key, v in s.by_tier.items()},
        "by_model": {key: _tier_json(v) for key, v in s.by_model.items()},
        "review": [
            {"code": m.code, "text": m.text, **_share_json(m.share), "limit": m.limit, "over": m.over}
            for m in found.marks
        ],
        "levels": [
            {"classifier": by, "level": level, "tasks": one.runs, "fits": one.fits, "too_low": one.too_low,
             "too_high": one.too_high}
            for (by, level), one in found.levels.items()
        ],
        **({} if users is None else {"by_user": {key: _sums_json(v) for key, v in users.items()}}),
    }  # fmt: skip


def alert_json(alert: Alert) -> dict[str, Any]:
    """As `alerts --json` has it."""
    return {"code": alert.code, "text": alert.text, "value": round(alert.value, 4), "limit": alert.limit}


def _share_json(share: Share) -> dict[str, Any]:
    value = share.value if share.whole else None
    return {"part": share.part, "whole": share.whole, "share": value, "low": share.low, "high": share.high}


def _sums_json(sums: Sums) -> dict[str, Any]:
    return {
        "runs": sums.runs, "judged": sums.judged, "verified": sums.right, "climbed": sums.climbed, "good": sums.good,
        "bad": sums.bad, "unpriced": sums.unpriced, "cost_usd": money(sums.cost_usd),
        "caching_saved_usd": money(sums.caching_usd),
    }  # fmt: skip


def _tier_json(sums: TierSums) -> dict[str, Any]:
    return {
        "runs": sums.runs, "verified": sums.right, "attempts": sums.attempts, "repairs": sums.repairs,
        "calls": sums.calls, "input_tokens": sums.input_tokens, "cache_read_tokens": sums.cache_read_tokens,
        "output_tokens": sums.output_tokens, "cost_usd": money(sums.cost_usd),
    }  # fmt: skip
