"""What past runs say of a task before it is routed, and what came of levels that somebody gave."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from routecli.domain.receipt import Outcome
from routecli.ledger.recording import text_of
from routecli.ledger.store import Store, storable
from routecli.nouns import dataclass

FAILED_FOR = timedelta(days=30)
"""How long a failure of the same task is remembered: models and code change."""
HISTORY_FOR = timedelta(days=90)
_MOST = 200


@dataclass(frozen=True, slots=True)
class Levels:
    """What became of one level by one classifier: `runs`, and of those of which it is known how many needed just the
    tier that it leads to, a dearer one (`too_low`) or a cheaper one (`too_high`)."""

    runs: int = 0
    fits: int = 0
    too_low: int = 0
    too_high: int = 0


def failed_before(store: Store, repo_root: Path, instruction: str) -> tuple[str, str] | None:
    """The last run of this task here within 30 days that was deferred, and its dearest tier; None where there is none,
    or where it was accepted since. Raises StoreFault."""
    here, same = str(repo_root), storable(instruction)
    rows = store.rows(_FAILED, (here, text_of(datetime.now(UTC) - FAILED_FOR), same))
    if not rows or store.rows(_DONE, (rows[0]["started_at"], here, same)):
        return None
    tiers = store.rows(_DEAREST, (rows[0]["run_id"],))
    return (rows[0]["run_id"], tiers[0]["tier"]) if tiers else None


def deferrals(store: Store, repo_root: Path, paths: Collection[str]) -> int:
    """How many of the last 200 deferred runs here, within 90 days, had one of `paths`. Raises StoreFault."""
    wanted = frozenset(paths)
    rows = store.rows(_DEFERRED, (str(repo_root), text_of(datetime.now(UTC) - HISTORY_FOR), _MOST))
    return sum(bool(wanted & _paths(row["receipt"])) for row in rows)


def _paths(receipt: str) -> frozenset[str]:
    try:
        return frozenset(json.loads(receipt).get("paths", ()))
    except (ValueError, AttributeError, TypeError):
        return frozenset()


def levels(store: Store, since: datetime | None, repo_root: Path | None) -> Mapping[tuple[str, str], Levels]:
    """What came of levels since then (aware; None: ever), by classifier and level. Raises StoreFault."""
    here = "AND repo_root = ?" if repo_root else ""
    params = (text_of(since) if since else "", *((str(repo_root),) if repo_root else ()))
    found: dict[tuple[str, str], Levels] = {}
    for row in store.rows(_LEVELS.format(here=here), params):
        found[row["classifier"], row["level"]] = Levels(
            row["runs"], row["fits"] or 0, row["too_low"] or 0, row["too_high"] or 0
        )
    return found


_FAILED = """
SELECT run_id, started_at FROM runs
WHERE outcome = 'deferred' AND repo_root = ? AND started_at >= ? AND instruction = ? ORDER BY started_at DESC LIMIT 1
"""
_RIGHT = f"'{Outcome.ACCEPTED.value}', '{Outcome.NOT_WRITTEN.value}'"
_DONE = f"""
SELECT 1 FROM runs WHERE started_at > ? AND repo_root = ? AND instruction = ?
    AND outcome IN ({_RIGHT}) LIMIT 1
"""
_DEAREST = "SELECT tier FROM attempts WHERE run_id = ? AND purpose = '' ORDER BY place DESC LIMIT 1"
_DEFERRED = """
SELECT receipt FROM runs
WHERE outcome = 'deferred' AND repo_root = ? AND started_at >= ? AND receipt IS NOT NULL
ORDER BY started_at DESC LIMIT ?
"""
_LEVELS = """
SELECT classifier, level, count(*) AS runs, sum(CASE WHEN level_fit = 'fits' THEN 1 ELSE 0 END) AS fits,
    sum(CASE WHEN level_fit = 'too-low' THEN 1 ELSE 0 END) AS too_low,
    sum(CASE WHEN level_fit = 'too-high' THEN 1 ELSE 0 END) AS too_high
FROM runs WHERE level <> '' AND started_at >= ? {here} GROUP BY classifier, level ORDER BY classifier, level
"""
