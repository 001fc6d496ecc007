"""How long what is kept: a run's texts are taken out and its money stays (`forget`, `keep_days`); runs that are old
become sums by day (`prune`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from routecli.domain.money import Usd
from routecli.domain.opinion import Doubt
from routecli.domain.receipt import Attempt, Receipt
from routecli.domain.receipt_json import from_json, to_json
from routecli.domain.verdict import Accepted, Deferred, Unverified, Verdict
from routecli.ledger.recording import text_of
from routecli.ledger.stats import JUDGED, RIGHT, Stats, Sums
from routecli.ledger.store import Row, Store, StoreFault, Writing, storable
from routecli.nouns import dataclass

FORGOTTEN = "(forgotten)"
TEXT_FILES = (("patches", ".patch"), ("exchanges", ".jsonl"), ("traces", ".jsonl"))
"""Folders beside the ledger or in the state folder, and how a run's file in them ends."""
LEAST_PRUNE_DAYS = 32
"""The caps of a month are held by the runs themselves."""
_UNDER_WAY = timedelta(days=1)
_AT_ONCE = 200
NO_LIMIT = 10**9


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many runs became sums of how many days, and what they had cost."""

    runs: int
    days: int
    cost_usd: Usd


def with_texts(
    store: Store, before: datetime | None = None, who: str | None = None, *, limit: int = NO_LIMIT
) -> list[str]:
    """The runs that have ended, began before `before` (UTC-aware; None: whenever) and still have texts, the oldest
    first; `who`: of this user only. Raises StoreFault."""
    now = datetime.now(UTC)
    params: list[str | int] = [text_of(before or now + _UNDER_WAY), text_of(now - _UNDER_WAY)]
    if who is not None:
        params.append(storable(who))
    sql = _WITH_TEXTS.format(whose="" if who is None else "AND who = ?")
    return [row["run_id"] for row in store.rows(sql, (*params, limit))]


def forget(store: Store, run_ids: Sequence[str], folders: Sequence[Path]) -> None:
    """Takes the texts of these runs out of the ledger and the files in `folders` that hold some. What they cost, which
    tier and model did what, and whether it was right stays. Raises StoreFault."""
    store.rows("PRAGMA secure_delete = ON")  # what is overwritten is not to be found in the file's free pages
    for place in range(0, len(run_ids), _AT_ONCE):
        with store.writing() as connection:
            for run_id in run_ids[place : place + _AT_ONCE]:
                _forget(connection, run_id)
    for run_id in run_ids:
        remove_files(run_id, folders)


def _forget(connection: Writing, run_id: str) -> None:
    row = connection.execute("SELECT receipt FROM runs WHERE run_id = ?", (run_id,)).fetchone()
    receipt = bare_text(row["receipt"]) if row is not None and row["receipt"] else None
    connection.execute(_FORGET, (FORGOTTEN, receipt, run_id))
    connection.execute("UPDATE moves SET why = '' WHERE run_id = ?", (run_id,))


def remove_files(run_id: str, folders: Sequence[Path]) -> None:
    """The files of a run that hold texts."""
    for folder in folders:
        for name, suffix in TEXT_FILES:
            (folder / name / f"{run_id}{suffix}").unlink(missing_ok=True)


def bare_text(text: str) -> str | None:
    """A stored receipt without its texts; None where it cannot be read."""
    try:
        return json.dumps({**to_json(bare(from_json({**json.loads(text), "patch": ""}))), "patch": ""}, default=str)
    except (KeyError, TypeError, ValueError):
        return None


def bare(receipt: Receipt) -> Receipt:
    """`receipt` without what was asked, answered, changed or said by a test: only who did what, when, for how much."""
    return replace(
        receipt,
        task=replace(receipt.task, instruction=FORGOTTEN, kind_why="", paths=()),
        route=replace(receipt.route, reasons=()),
        attempts=tuple(map(_bare_attempt, receipt.attempts)),
        moves=tuple(replace(move, why="") for move in receipt.moves),
        answered=None,
        why="", hint="", patch=None, patch_text="", extra=None,
    )  # fmt: skip


def _bare_attempt(attempt: Attempt) -> Attempt:
    doubts = attempt.doubts and tuple(Doubt("", 0, FORGOTTEN) for _ in attempt.doubts)
    return replace(attempt, verdict=_bare_verdict(attempt.verdict), patch=None, doubts=doubts)


def _bare_verdict(verdict: Verdict) -> Verdict:
    match verdict:
        case Accepted(strength=strength):
            return Accepted((), FORGOTTEN, strength)
        case Deferred(reason=reason):
            return Deferred(reason, FORGOTTEN, "")
        case Unverified():
            return Unverified(FORGOTTEN)


def prune(store: Store, before: datetime, folders: Sequence[Path]) -> Pruned:
    """Runs that began before `before` (UTC-aware) become sums by day, user and team, and everything else of them goes.
    Raises StoreFault."""
    at = text_of(before)
    ids = [row["run_id"] for row in store.rows("SELECT run_id FROM runs WHERE started_at < ?", (at,))]
    store.rows("PRAGMA secure_delete = ON")
    with store.writing() as connection:
        runs = connection.execute(_DAYS, (at,)).fetchall()
        paid = {(r["day"], r["who"], r["team"]): r for r in connection.execute(_PAID, (at,)).fetchall()}
        total = Decimal(0)
        for row in runs:
            calls = paid.get((row["day"], row["who"], row["team"]))
            cost = calls["cost"] if calls and calls["cost"] is not None else "0"
            total += Decimal(cost)
            sums = [row[name] or 0 for name in ("runs", "judged", "accepted", "climbed", "good", "bad", "unpriced")]
            whose = (row["day"], row["who"], row["team"], "")
            connection.execute(_ADD, (*whose, *sums, calls["calls"] if calls else 0, cost, row["caching"] or "0"))
        for table in ("opinions", "moves", "attempts", "requests", "runs"):
            connection.execute(
                f"DELETE FROM {table} WHERE run_id IN (SELECT run_id FROM runs WHERE started_at < ?)", (at,)
            )
    for run_id in ids:
        remove_files(run_id, folders)
    with suppress(StoreFault):  # a full or busy disk: the room is given back another time
        store.tidy()
    return Pruned(len(ids), len({row["day"] for row in runs}), Usd(total))


def with_pruned(store: Store, found: Stats, since: datetime | None) -> Stats:
    """`found` with the days of runs that were pruned. They are in no other group: nothing else is known of them. Raises
    StoreFault."""
    rows = store.rows(_PRUNED, (text_of(since)[:10] if since else "",))
    if not rows:
        return found
    days, total = dict(found.by_day), found.total
    for row in rows:
        sums = sums_of_days(row)
        days[row["day"]] = summed(days.get(row["day"], Sums()), sums)
        total = summed(total, sums)
    return replace(found, total=total, by_day=dict(sorted(days.items())))


def sums_of_days(row: Row) -> Sums:
    """Added rows of `days` as a group of runs."""
    return Sums(
        row["runs"], row["judged"], row["accepted"], row["climbed"], row["good"], row["bad"], row["unpriced"],
        Usd(Decimal(row["cost_usd"])), Usd(Decimal(row["caching_usd"])),
    )  # fmt: skip


def summed(one: Sums, other: Sums) -> Sums:
    """Two groups as one."""
    return Sums(
        one.runs + other.runs, one.judged + other.judged, one.right + other.right, one.climbed + other.climbed,
        one.good + other.good, one.bad + other.bad, one.unpriced + other.unpriced, Usd(one.cost_usd + other.cost_usd),
        Usd(one.caching_usd + other.caching_usd),
    )  # fmt: skip


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_WITH_TEXTS = """
SELECT run_id FROM runs WHERE forgotten = 0 AND started_at < ? AND (outcome IS NOT NULL OR started_at < ?) {whose}
ORDER BY started_at LIMIT ?
"""
_FORGET = "UPDATE runs SET instruction = ?, why = '', receipt = ?, forgotten = 1 WHERE run_id = ?"
_DAYS = f"""
SELECT substr(started_at, 1, 10) AS day, who, team, count(*) AS runs,
    sum(CASE WHEN outcome IN ({_listed(JUDGED)}) THEN 1 ELSE 0 END) AS judged,
    sum(CASE WHEN outcome IN ({_listed(RIGHT)}) THEN 1 ELSE 0 END) AS accepted,
    sum(climbed) AS climbed,
    sum(CASE WHEN truth = 'good' THEN 1 ELSE 0 END) AS good,
    sum(CASE WHEN truth IN ('bad', 'reverted') THEN 1 ELSE 0 END) AS bad,
    sum(CASE WHEN cost_usd IS NULL THEN 1 ELSE 0 END) AS unpriced, usd_sum(caching_usd) AS caching
FROM runs WHERE started_at < ? GROUP BY 1, 2, 3
"""
_PAID = """
SELECT substr(runs.started_at, 1, 10) AS day, runs.who AS who, runs.team AS team, count(*) AS calls,
    usd_sum(coalesce(requests.cost_usd, requests.reserved_usd)) AS cost
FROM requests JOIN runs USING (run_id) WHERE runs.started_at < ? GROUP BY 1, 2, 3
"""
_ADD = """
INSERT INTO days
    (day, who, team, source, runs, judged, accepted, climbed, good, bad, unpriced, calls, cost_usd,
    caching_usd)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (day, who, team, source) DO UPDATE SET runs = days.runs + excluded.runs,
    judged = days.judged + excluded.judged, accepted = days.accepted + excluded.accepted,
    climbed = days.climbed + excluded.climbed, good = days.good + excluded.good, bad = days.bad + excluded.bad,
    unpriced = days.unpriced + excluded.unpriced, calls = days.calls + excluded.calls,
    cost_usd = usd_add(days.cost_usd, excluded.cost_usd),
    caching_usd = usd_add(days.caching_usd, excluded.caching_usd)
"""
_PRUNED = """
SELECT day, sum(runs) AS runs, sum(judged) AS judged, sum(accepted) AS accepted, sum(climbed) AS climbed,
    sum(good) AS good, sum(bad) AS bad, sum(unpriced) AS unpriced, usd_sum(cost_usd) AS cost_usd,
    usd_sum(caching_usd) AS caching_usd
FROM days WHERE day >= ? GROUP BY day ORDER BY day
"""
