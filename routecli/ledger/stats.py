"""What all runs came to, by day, tier, kind, repository and model: summed by SQLite, which reads its indexes alone.

Money is summed as whole trillionths of a dollar: a call's cost is a text of at most twelve places, so nothing is lost,
and no float ever holds a sum. Floats hold only what an interval is made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from routecli.domain.money import Usd
from routecli.ledger.store import Row, Store

_PER_USD = 10**12
_UNITS = "CAST(round({} * 1e12) AS INTEGER)"
RIGHT = ("accepted", "not-written")
JUDGED = (*RIGHT, "deferred", "refused", "unverified")
"""Outcomes of runs in which some tier had its say: what stopped for money, a provider or a signal is none of them."""


@dataclass(frozen=True, slots=True)
class Sums:
    """A group of runs. `judged` of them ended with a say about a patch, `right` with a verified one; `climbed` needed
    more than one tier. `good` and `bad` are verified patches of which a person or git said so later. `unpriced` runs
    have no known cost and are in no sum."""

    runs: int = 0
    judged: int = 0
    right: int = 0
    climbed: int = 0
    good: int = 0
    bad: int = 0
    unpriced: int = 0
    cost_usd: Usd = field(default_factory=lambda: Usd(Decimal(0)))


@dataclass(frozen=True, slots=True)
class Saved:
    """Paid beside what the top tier alone was estimated to cost, over the `runs` that were judged and have both; the
    sums of squares are what an interval needs (`d` is estimate less cost, `b` the estimate; US dollars, squared)."""

    runs: int
    cost_usd: Usd
    baseline_usd: Usd
    dd: float
    db: float
    bb: float


@dataclass(frozen=True, slots=True)
class TierSums:
    """What one tier did: `runs` that it worked in, `right` with its patch verified, calls, tokens and their cost."""

    runs: int = 0
    right: int = 0
    attempts: int = 0
    repairs: int = 0
    calls: int = 0
    input_tokens: int = 0
    cache_read_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Usd = field(default_factory=lambda: Usd(Decimal(0)))


@dataclass(frozen=True, slots=True)
class Stats:
    """Everything, each mapping in the order in which it is shown. Days are UTC, as text; models `provider/model`."""

    since: datetime | None
    total: Sums
    saved: Saved
    by_day: Mapping[str, Sums]
    by_kind: Mapping[str, Sums]
    by_repository: Mapping[str, Sums]
    by_first_tier: Mapping[str, Sums]
    by_tier: Mapping[str, TierSums]
    by_model: Mapping[str, TierSums]


def stats(store: Store, since: datetime | None, repo_root: Path | None) -> Stats:
    """Sums of the runs that began since `since` (aware; None: ever), in `repo_root` or everywhere. Raises
    StoreFault."""
    begin = since.astimezone(UTC).isoformat(timespec="microseconds") if since else ""
    where, params = "started_at >= ?", (begin, *((str(repo_root),) if repo_root else ()))
    if repo_root:
        where += " AND repo_root = ?"
    store.rows("PRAGMA temp_store = MEMORY")
    store.rows("DROP TABLE IF EXISTS temp.counted")
    store.rows(_COUNTED.format(where=where), params)
    try:
        groups = store.rows(f"SELECT kind, repo_root, first_tier, {_SUMS}, {_SAVED} FROM temp.counted GROUP BY 1, 2, 3")
        days = store.rows(f"SELECT day, {_SUMS} FROM temp.counted GROUP BY day ORDER BY day")
        by_tier, by_model = _worked(store, begin, within=repo_root is not None)
        return Stats(
            since, _added(groups), _saved(groups), {row["day"]: _added([row]) for row in days},
            _grouped(groups, "kind"), _grouped(groups, "repo_root"), _grouped(groups, "first_tier"), by_tier, by_model,
        )  # fmt: skip
    finally:
        store.rows("DROP TABLE IF EXISTS temp.counted")


def _grouped(groups: Sequence[Row], key: str) -> dict[str, Sums]:
    """The groups with the same `key` as one, the most runs first."""
    by_key: dict[str, list[Row]] = {}
    for row in groups:
        by_key.setdefault(row[key], []).append(row)
    found = {name: _added(rows) for name, rows in by_key.items()}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].runs, pair[0])))


def _added(rows: Sequence[Row]) -> Sums:
    counts: dict[str, int] = {name: sum(row[name] or 0 for row in rows) for name in _COUNTS}
    return Sums(**counts, cost_usd=_usd(sum(row["cost"] or 0 for row in rows)))


def _saved(rows: Sequence[Row]) -> Saved:
    n, c, b, dd, db, bb = (sum(row[name] or 0 for row in rows) for name in ("n", "c", "b", "dd", "db", "bb"))
    return Saved(n, _usd(c), _usd(b), float(dd), float(db), float(bb))


def _worked(store: Store, begin: str, *, within: bool) -> tuple[dict[str, TierSums], dict[str, TierSums]]:
    """By tier and by model: what was tried, of the attempts, and what was paid, of the calls; the cheapest a call
    first. The runs of a tier with several models are counted again: one may have asked two of them."""
    inside = "AND run_id IN (SELECT run_id FROM temp.counted)" if within else ""
    since = "judged_at >= ?" if begin else "? = ''"
    tried = store.rows(_TRIED.format(since=since, inside=inside), (begin,))
    paid = store.rows(_PAID.format(inside=inside), (begin,))
    by_tier = _by("tier", tried, paid)
    for tier in by_tier:
        if sum(row["tier"] == tier for row in tried) > 1:
            sql = f"SELECT count(DISTINCT run_id) FROM attempts WHERE tier = ? AND {since} {inside}"
            by_tier[tier] = replace(by_tier[tier], runs=store.rows(sql, (tier, begin))[0][0])
    return by_tier, _by("model", tried, paid)


def _by(key: str, tried: Sequence[Row], paid: Sequence[Row]) -> dict[str, TierSums]:
    found: dict[str, TierSums] = {}
    for name in {row[key]: None for row in (*tried, *paid) if row[key]}:
        did = {n: sum(row[n] or 0 for row in tried if row[key] == name) for n in _TRIES}
        took = {n: sum(row[n] or 0 for row in paid if row[key] == name) for n in _TOKENS}
        cost = sum(row["cost"] or 0 for row in paid if row[key] == name)
        found[name] = TierSums(**did, **took, cost_usd=_usd(cost))
    return dict(sorted(found.items(), key=lambda pair: (pair[1].cost_usd / (pair[1].calls or 1), pair[0])))


def _usd(units: int | None) -> Usd:
    return Usd(Decimal(units or 0) / _PER_USD)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


# A run that has not ended costs what its calls did, which are counted by tier: it has no cost of its own yet.
_COUNTED = f"""
CREATE TEMP TABLE counted AS
SELECT run_id, substr(started_at, 1, 10) AS day, repo_root, kind, first_tier, truth,
    outcome IN ({_listed(JUDGED)}) AS judged, outcome IN ({_listed(RIGHT)}) AS right,
    {_UNITS.format("cost_usd")} AS cost,
    CASE WHEN cost_usd IS NOT NULL AND outcome IN ({_listed(JUDGED)})
        THEN {_UNITS.format("baseline_cost_usd")} END AS b,
    (SELECT min(tier) <> max(tier) FROM attempts INDEXED BY attempts_for_stats
        WHERE attempts.run_id = runs.run_id) AS climbed
FROM runs INDEXED BY runs_for_stats WHERE {{where}}
"""
_COUNTS = ("runs", "judged", "right", "climbed", "good", "bad", "unpriced")
_TRIES = ("runs", "right", "attempts", "repairs")
_TOKENS = ("calls", "input_tokens", "cache_read_tokens", "output_tokens")
_SUMS = """
count(*) AS runs, sum(judged) AS judged, sum("right") AS right, sum(climbed) AS climbed, sum(truth = 'good') AS good,
sum(truth IN ('bad', 'reverted')) AS bad, count(*) - count(cost) AS unpriced, sum(cost) AS cost
"""
_SAVED = """
count(b) AS n, sum(CASE WHEN b IS NOT NULL THEN cost END) AS c, sum(b) AS b,
total((b - cost) * 1e-12 * (b - cost) * 1e-12) AS dd, total((b - cost) * 1e-12 * b * 1e-12) AS db,
total(b * 1e-12 * b * 1e-12) AS bb
"""
_TRIED = """
SELECT tier, model, count(DISTINCT run_id) AS runs, sum(verdict = 'accepted') AS right, count(*) AS attempts,
    sum(repair) AS repairs
FROM attempts WHERE {since} {inside} GROUP BY tier, model
"""
_PAID = f"""
SELECT tier, model, count(*) AS calls, sum(input_tokens) AS input_tokens,
    sum(cache_read_tokens) AS cache_read_tokens, sum(output_tokens) AS output_tokens,
    sum({_UNITS.format("coalesce(cost_usd, reserved_usd)")}) AS cost
FROM requests INDEXED BY requests_for_stats
WHERE asked_at >= ? AND state IN ('settled', 'sent') {{inside}} GROUP BY tier, model
"""
