"""What all runs came to, by day, tier, kind, repository and model: summed by SQLite, which reads its indexes alone.

Money is summed as whole trillionths of a dollar: a call's cost is a text of at most twelve places, so nothing is lost,
and no float ever holds a sum. Floats hold only what an interval is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from routecli.domain.money import Usd
from routecli.ledger.records import UNITS, usd_of
from routecli.ledger.store import Params, Row, Store
from routecli.nouns import dataclass

RIGHT = ("accepted", "not-written")
JUDGED = (*RIGHT, "deferred", "refused", "unverified")
"""Outcomes of runs in which some tier had its say: what stopped for money, a provider or a signal is none of them."""


@dataclass(frozen=True, slots=True)
class Sums:
    """A group of runs. `judged` of them ended with a say about a patch, `right` with a verified one; `climbed` needed
    more than one tier. `good` and `bad` are verified patches of which a person or git said so later. `unpriced` runs
    have no known cost and are in no sum. `caching_usd` is what prompt caching saved, net of its writes."""

    runs: int = 0
    judged: int = 0
    right: int = 0
    climbed: int = 0
    good: int = 0
    bad: int = 0
    unpriced: int = 0
    cost_usd: Usd = field(default_factory=lambda: Usd(Decimal(0)))
    caching_usd: Usd = field(default_factory=lambda: Usd(Decimal(0)))


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
    here, params = ("AND repo_root = ?", (begin, str(repo_root))) if repo_root else ("", (begin,))
    places = store.rows(_PLACES.format(here=here), params)
    days = store.rows(_DAYS.format(here=here), params)
    by_tier, by_model = _worked(store, begin, here, params)
    return Stats(
        since, added(places), _saved(places), _grouped(days, "day", busiest=False), _grouped(places, "kind"),
        _grouped(places, "repo_root"), _grouped(places, "first_tier"), by_tier, by_model,
    )  # fmt: skip


def _grouped(rows: Sequence[Row], key: str, *, busiest: bool = True) -> dict[str, Sums]:
    """The rows with the same `key` as one, the most runs first, or in the order of the keys."""
    by_key: dict[str, list[Row]] = {}
    for row in rows:
        by_key.setdefault(row[key], []).append(row)
    found = {name: added(its) for name, its in by_key.items()}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].runs if busiest else 0, pair[0])))


def added(rows: Sequence[Row]) -> Sums:
    """Rows of runs that ended alike (the same outcome, truth and climb), as one."""

    def runs(of: Callable[[Row], object]) -> int:
        return sum(row["runs"] for row in rows if of(row))

    return Sums(
        runs=sum(row["runs"] for row in rows),
        judged=runs(lambda row: row["outcome"] in JUDGED),
        right=runs(lambda row: row["outcome"] in RIGHT),
        climbed=runs(lambda row: row["climbed"]),
        good=runs(lambda row: row["truth"] == "good"),
        bad=runs(lambda row: row["truth"] in ("bad", "reverted")),
        unpriced=sum(row["runs"] - row["priced"] for row in rows),
        cost_usd=usd_of(sum(row["cost"] or 0 for row in rows)),
        caching_usd=usd_of(sum(row["caching"] or 0 for row in rows)),
    )


def _saved(rows: Sequence[Row]) -> Saved:
    judged = [row for row in rows if row["outcome"] in JUDGED]
    n, c, b, dd, db, bb = (sum(row[name] or 0 for row in judged) for name in ("n", "c", "b", "dd", "db", "bb"))
    return Saved(n, usd_of(c), usd_of(b), float(dd), float(db), float(bb))


def _worked(store: Store, begin: str, here: str, params: Params) -> tuple[dict[str, TierSums], dict[str, TierSums]]:
    """By tier and by model: what was tried, of the attempts, and what was paid, of the calls; the cheapest a call
    first. The runs of a tier with several models are counted again: one may have asked two of them."""
    inside, within = (_INSIDE.format(here=here), params) if here else ("", ())
    since = "judged_at >= ?" if begin else "? = ''"
    tried = store.rows(_TRIED.format(since=since, inside=inside), (begin, *within))
    paid = store.rows(_PAID.format(inside=inside), (begin, *within))
    by_tier = _by("tier", tried, paid)
    for tier in by_tier:
        if sum(row["tier"] == tier for row in tried) > 1:
            sql = f"SELECT count(DISTINCT run_id) FROM attempts WHERE purpose = '' AND tier = ? AND {since} {inside}"
            by_tier[tier] = replace(by_tier[tier], runs=store.rows(sql, (tier, begin, *within))[0][0])
    return by_tier, _by("model", tried, paid)


def _by(key: str, tried: Sequence[Row], paid: Sequence[Row]) -> dict[str, TierSums]:
    found: dict[str, TierSums] = {}
    for name in {row[key]: None for row in (*tried, *paid) if row[key]}:
        did = {n: sum(row[n] or 0 for row in tried if row[key] == name) for n in _TRIES}
        took = {n: sum(row[n] or 0 for row in paid if row[key] == name) for n in _TOKENS}
        cost = sum(row["cost"] or 0 for row in paid if row[key] == name)
        found[name] = TierSums(**did, **took, cost_usd=usd_of(cost))
    return dict(sorted(found.items(), key=lambda pair: (pair[1].cost_usd / (pair[1].calls or 1), pair[0])))


_TRIES = ("runs", "right", "attempts", "repairs")
_TOKENS = ("calls", "input_tokens", "cache_read_tokens", "output_tokens")
_COST, _BASELINE = UNITS.format("cost_usd"), UNITS.format("baseline_cost_usd")
_C, _B = "CAST(cost_usd AS DOUBLE PRECISION)", "CAST(baseline_cost_usd AS DOUBLE PRECISION)"
# A run that has not ended costs what its calls did, which are counted by tier: it has no cost of its own yet.
RUN_SUMS = f"""outcome, truth, climbed, count(*) AS runs, count(cost_usd) AS priced, sum({_COST}) AS cost,
    sum({UNITS.format("caching_usd")}) AS caching"""
# Only the server's own sums are carried out by its processes side by side: none of those that routecli adds to it here.
_PLACES = f"""
SELECT kind, repo_root, first_tier, {RUN_SUMS},
    count(*) FILTER (WHERE baseline_cost_usd IS NOT NULL AND cost_usd IS NOT NULL) AS n,
    sum({_COST}) FILTER (WHERE baseline_cost_usd IS NOT NULL) AS c,
    sum({_BASELINE}) FILTER (WHERE cost_usd IS NOT NULL) AS b,
    sum(({_B} - {_C}) * ({_B} - {_C})) AS dd, sum(({_B} - {_C}) * {_B}) AS db,
    sum({_B} * {_B}) FILTER (WHERE cost_usd IS NOT NULL) AS bb
FROM runs INDEXED BY runs_by_place WHERE started_at >= ? {{here}}
GROUP BY kind, repo_root, first_tier, outcome, truth, climbed
"""
_DAYS = f"""
SELECT substr(started_at, 1, 10) AS day, {RUN_SUMS}
FROM runs INDEXED BY runs_for_stats WHERE started_at >= ? {{here}} GROUP BY 1, outcome, truth, climbed
"""
_INSIDE = "AND run_id IN (SELECT run_id FROM runs INDEXED BY runs_for_stats WHERE started_at >= ? {here})"
_TRIED = """
SELECT tier, model, count(DISTINCT run_id) AS runs, sum(CASE WHEN verdict = 'accepted' THEN 1 ELSE 0 END) AS right,
    count(*) AS attempts, sum(repair) AS repairs
FROM attempts INDEXED BY attempts_for_stats WHERE purpose = '' AND {since} {inside} GROUP BY tier, model
"""
_PAID = f"""
SELECT tier, model, count(*) AS calls, sum(input_tokens) AS input_tokens,
    sum(cache_read_tokens) AS cache_read_tokens, sum(output_tokens) AS output_tokens,
    sum({UNITS.format("coalesce(cost_usd, reserved_usd)")}) AS cost
FROM requests INDEXED BY requests_by_tier
WHERE asked_at >= ? AND state IN ('settled', 'sent') {{inside}} GROUP BY tier, model
"""
