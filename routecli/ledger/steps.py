"""What the tiers of past runs did, in order of time, and which runs a person overruled: read without their receipts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from routecli.ledger.recording import text_of
from routecli.ledger.records import amount
from routecli.ledger.store import Store
from routecli.ledger.tallies import End, Tried, by_tier
from routecli.nouns import dataclass

ALL = 1_000_000_000
OVERRULED = ("tier", "again", "written")
"""How a person may overrule the router (`tier`, `again`) and the verdict (`written`)."""


@dataclass(frozen=True, slots=True)
class Climbed:
    """One run: what each of its model tiers did, as they were climbed; `overruled` is how a person did otherwise than
    the router or the verdict (`tier`, `again`, `written`), or empty."""

    tried: tuple[Tried, ...]
    overruled: str


def climbed(store: Store, since: datetime, repo_root: Path | None, most: int) -> tuple[Climbed, ...]:
    """The newest `most` runs that ended, begun since then (UTC-aware), the oldest first. Raises StoreFault."""
    here, params = ("AND repo_root = ?", (str(repo_root),)) if repo_root else ("", ())
    runs: dict[str, tuple[str, list[End]]] = {}
    for row in store.rows(_CLIMBED.format(here=here), (text_of(since), *params, most)):
        attempts = runs.setdefault(row["run_id"], (row["overruled"], []))[1]
        if row["tier"] is not None:
            attempts.append(End(row["tier"], row["verdict"], amount(row["cost_usd"])))
    return tuple(Climbed(tuple(by_tier(attempts)), overruled) for overruled, attempts in runs.values())


def overruled(store: Store, since: datetime | None, repo_root: Path | None) -> Mapping[str, int]:
    """How many runs begun since then (None: ever) were overruled, by how. Raises StoreFault."""
    here, params = ("AND repo_root = ?", (str(repo_root),)) if repo_root else ("", ())
    rows = store.rows(_OVERRULED.format(here=here), (text_of(since) if since else "", *params))
    return {row[0]: row[1] for row in rows}


_CLIMBED = """
SELECT newest.run_id, overruled, tier, verdict, attempts.cost_usd FROM (
    SELECT run_id, overruled, started_at FROM runs INDEXED BY runs_overruled
    WHERE outcome IS NOT NULL AND started_at >= ? {here} ORDER BY started_at DESC LIMIT ?
) AS newest LEFT JOIN attempts
    ON attempts.run_id = newest.run_id AND attempts.purpose = '' AND attempts.model <> 'tools/tools'
ORDER BY newest.started_at, newest.run_id, attempts.place
"""
_OVERRULED = """
SELECT overruled, count(*) FROM runs INDEXED BY runs_overruled
WHERE outcome IS NOT NULL AND started_at >= ? {here} AND overruled <> '' GROUP BY overruled
"""
