"""The ledger's sums with the figures that are made of them: what `stats` shows, as text, JSON and HTML alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date

from routecli.ledger.past import Levels
from routecli.ledger.stats import Stats
from routecli.nouns import dataclass
from routecli.routing.alerts import Alert, stale_days
from routecli.routing.standing import Mark, Saving, Share, Work, marks, saving, share


@dataclass(frozen=True, slots=True)
class Counted:
    """`right` is the share of judged runs that ended with a verified patch; `good` that of the verified patches that
    somebody spoke of. What was saved is never shown without them. `inferred` of the bad ones are so by
    what git shows alone. `stale_days`: how long ago the line-up was reviewed, where that is too long. `levels`: what
    came of what classifiers said, by classifier and level. `overruled`: how many runs a person overruled, by how
    (`tier` named, done `again`, `written` unverified); `alerts`: a tier that got worse, a price that moved."""

    stats: Stats
    right: Share
    good: Share
    saving: Saving
    marks: tuple[Mark, ...]
    inferred: int = 0
    stale_days: int | None = None
    levels: Mapping[tuple[str, str], Levels] = field(default_factory=dict)
    overruled: Mapping[str, int] = field(default_factory=dict)
    alerts: tuple[Alert, ...] = ()


def counted(
    stats: Stats,
    ladder: Sequence[str],
    inferred: int = 0,
    reviewed: date | None = None,
    today: date | None = None,
    overruled: Mapping[str, int] | None = None,
    alerts: tuple[Alert, ...] = (),
) -> Counted:
    """`ladder` are the model tiers, cheapest first: the published figures speak of first, second and top. Where no run
    knows any of them, the tiers that ran stand in, by what a call of theirs cost."""
    total, saved = stats.total, stats.saved
    if not any(name in stats.by_tier for name in ladder):
        ladder = tuple(name for name in stats.by_tier if name != "tools")
    spoken = total.good + total.bad
    by_hand = min(sum((overruled or {}).values()), total.runs)
    work = {name: Work(t.runs, t.right, t.attempts, t.cost_usd) for name, t in stats.by_tier.items()}
    return Counted(
        stats,
        share(total.right, total.judged),
        share(total.good, spoken),
        saving(saved.runs, saved.cost_usd, saved.baseline_usd, saved.dd, saved.db, saved.bb),
        marks(tuple(ladder), work, total.judged, share(total.bad, spoken), share(by_hand, total.runs)),
        inferred,
        stale_days(reviewed, today) if today else None,
        overruled=overruled or {},
        alerts=alerts,
    )
