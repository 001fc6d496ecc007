"""`stats --html`: one file that needs nothing else: no script, no font, no address. Charts are SVG, colours follow the
reader's light or dark setting, and a policy in the page forbids everything that it does not hold itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from routecli.cli.figures import NONE, count_text, usd_text
from routecli.cli.stats_view import RAN, WORKED, headline, ran_cells, saving_text, share_text, worked_cells
from routecli.domain.untrusted import visible
from routecli.errors import UsageFault

if TYPE_CHECKING:
    from routecli.compose.counting import Counted
    from routecli.ledger.stats import Sums, TierSums

_MOST_BARS = 120
_WIDE, _HIGH = 720, 160
_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1c2126; --soft: #5d6770; --line: #dfe3e8; --card: #f6f8fa;
  --bar: #2f6fb0; --rest: #c9d6e4; --over: #a33a2c; --fine: #2b6e44; }
@media (prefers-color-scheme: dark) { :root { --ground: #14181c; --ink: #e6eaee; --soft: #9aa5b0; --line: #2c343c;
  --card: #1b2127; --bar: #6da7e0; --rest: #35424f; --over: #ec8878; --fine: #79c795; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .2rem 0; } .soft { color: var(--soft); font-size: .9rem; }
.cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: .75rem; margin: 1.2rem 0; }
@media (max-width: 40rem) { .cards { grid-template-columns: repeat(2, 1fr); } }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; }
.card b { display: block; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { color: var(--soft); font-weight: 500; font-size: .85rem; }
th:first-child, td:first-child { text-align: left; max-width: 22rem; overflow: hidden; text-overflow: ellipsis; }
svg { display: block; width: 100%; } .ends { display: flex; justify-content: space-between; }
.tier { display: grid; grid-template-columns: minmax(4rem, 9rem) 1fr minmax(6rem, auto); gap: .7rem; margin: .5rem 0;
  align-items: center; } .tier span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar { fill: var(--bar); } .rest { fill: var(--rest); } .axis { stroke: var(--line); }
.over { color: var(--over); } .fine { color: var(--fine); }
@media (max-width: 30rem) { .worked :is(th, td):nth-child(n+4):not(:last-child) { display: none; }
  th:first-child, td:first-child { max-width: 7rem; } .review td:first-child { max-width: none; white-space: normal; }
  .tier { grid-template-columns: minmax(3rem, 5rem) 1fr auto; } }
@media print { body { max-width: none; } }
"""


def write_report(path: Path, found: Counted, days: int) -> None:
    """Writes the page into `path`. Raises UsageFault: it cannot be written."""
    try:
        path.write_text(page(found, days, datetime.now(UTC)), encoding="utf-8")
    except OSError as fault:
        raise UsageFault(
            f"{path} cannot be written: {fault.strerror}", hint="routecli stats --html report.html"
        ) from None


def page(found: Counted, days: int, made: datetime) -> str:
    """The whole page; `made` is aware."""
    total = found.stats.total
    body = [
        "<h1>routecli: what the runs came to</h1>",
        f'<p class="soft">{count_text(days, "day")} to {made.date().isoformat()} (UTC)</p>',
    ]
    if not total.runs:
        return _whole([*body, "<p>No runs yet.</p>"])
    body += [
        _cards(found),
        f'<p class="soft">{_text(" · ".join(headline(found, days)[1:]))}</p>',
        "<h2>Cost a day</h2>", _days(found.stats.by_day, days, made.date()),
        "<h2>Where runs were done</h2>", _tiers(found.stats.by_tier),
        "<h2>Tiers</h2>", _worked("tier", found.stats.by_tier),
        "<h2>Models</h2>", _worked("model", found.stats.by_model),
        "<h2>Kinds</h2>", _ran("kind", found.stats.by_kind),
        "<h2>Repositories</h2>", _ran("repository", found.stats.by_repository),
        *_review(found),
    ]  # fmt: skip
    return _whole(body)


def _whole(body: Sequence[str]) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return "\n".join([
        "<!doctype html>", '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">', '<link rel="icon" href="data:,">',
        f"<title>routecli stats</title><style>{_STYLE}</style></head><body>", *body, "</body></html>", "",
    ])  # fmt: skip


def _text(text: str) -> str:
    """Somebody's text: control characters made visible, nothing of it markup."""
    return escape(visible(text))


def _cards(found: Counted) -> str:
    total, saving = found.stats.total, found.saving
    saved = f"{saving.share:.0%}" if saving.share is not None else NONE
    cards = [
        (f"{total.runs:,}", "runs"),
        (usd_text(total.cost_usd), "paid"),
        (f"{found.right.value:.0%}" if total.judged else NONE, f"verified, of {total.judged:,} judged"),
        (saved, "saved, an estimate" if saving.share is not None else "saved: too few runs to say"),
    ]
    return '<div class="cards">' + "".join(
        f'<div class="card"><b>{_text(value)}</b>{_text(name)}</div>' for value, name in cards
    ) + "</div>"  # fmt: skip


def _days(by_day: Mapping[str, Sums], days: int, last: date) -> str:
    """Bars of the cost of each day, days without a run included."""
    shown = min(days, _MOST_BARS)
    names = [(last - timedelta(days=shown - 1 - n)).isoformat() for n in range(shown)]
    costs = [by_day[name].cost_usd if name in by_day else Decimal(0) for name in names]
    top = max(costs) or Decimal(1)
    step = _WIDE / shown
    bars = []
    for place, (name, cost) in enumerate(zip(names, costs, strict=True)):
        high = float(cost / top) * _HIGH
        runs = by_day[name].runs if name in by_day else 0
        bars.append(
            f'<rect class="bar" x="{place * step + step * 0.12:.1f}" y="{_HIGH - high:.1f}" '
            f'width="{step * 0.76:.1f}" height="{high:.1f}"><title>{name}: {usd_text(cost)}, '
            f"{count_text(runs, 'run')}</title></rect>"
        )
    return (
        f'<p class="soft">{usd_text(top)} at most</p>'
        f'<svg viewBox="0 0 {_WIDE} {_HIGH}" height="160" preserveAspectRatio="none" role="img" '
        f'aria-label="Cost a day, at most {usd_text(top)}">{"".join(bars)}'
        f'<line class="axis" x1="0" y1="{_HIGH}" x2="{_WIDE}" y2="{_HIGH}"/></svg>'
        f'<p class="soft ends"><span>{names[0]}</span><span>{names[-1]}</span></p>'
    )


def _tiers(by_tier: Mapping[str, TierSums]) -> str:
    """For each tier, how many runs it worked in, and in how many its patch was verified."""
    most = max((t.runs for t in by_tier.values()), default=0) or 1
    lines = [
        f'<div class="tier"><span>{_text(name)}</span><svg viewBox="0 0 {_WIDE} 20" height="20" '
        f'preserveAspectRatio="none" role="img" aria-label="{tier.right:,} verified of {tier.runs:,}">'
        f'<rect class="rest" width="{tier.runs / most * _WIDE:.1f}" height="20"/>'
        f'<rect class="bar" width="{tier.right / most * _WIDE:.1f}" height="20"/></svg>'
        f'<span class="soft">{tier.right:,} of {tier.runs:,}</span></div>'
        for name, tier in by_tier.items()
    ]
    meant = "Strong: ended with a verified patch. Pale: the tier was tried without one."
    return f'{"".join(lines)}<p class="soft">{meant}</p>'


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], named: str) -> str:
    """`named` is its class: on a phone the figures of `worked` between verified and cost are left out."""
    head = "".join(f"<th>{_text(name)}</th>" for name in columns)
    lines = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="wide"><table class="{named}"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'
    )


def _ran(name: str, groups: Mapping[str, Sums]) -> str:
    return _table((name, *RAN), [(key or NONE, *ran_cells(sums)) for key, sums in groups.items()], "ran")


def _worked(name: str, groups: Mapping[str, TierSums]) -> str:
    return _table((name, *WORKED[1:]), [(key, *worked_cells(sums)) for key, sums in groups.items()], "worked")


def _review(found: Counted) -> list[str]:
    alerts = "".join(f'<p class="over">{_text(alert.text)}</p>' for alert in found.alerts)
    if not found.marks:
        return [alerts] if alerts else []
    rows = "".join(
        f'<tr><td>{_text(m.text)}</td><td class="{"over" if m.over else "fine"}">{_text(share_text(m.share))}</td>'
        f"<td>{NONE if m.limit is None else f'{m.limit:.0%}'}</td></tr>"
        for m in found.marks
    )
    head = "<thead><tr><th>figure</th><th>here</th><th>published mark</th></tr></thead>"
    return [
        "<h2>Review</h2>",
        alerts,
        f'<div class="wide"><table class="review">{head}<tbody>{rows}</tbody></table></div>',
        f'<p class="soft">Saved: {_text(saving_text(found.saving))}. Intervals are 95 %.</p>',
    ]  # fmt: skip
