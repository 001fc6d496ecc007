"""Who ran what, in a ledger that several share: sums by team and user."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from routecli.ledger.keeping import summed, sums_of_days
from routecli.ledger.recording import text_of
from routecli.ledger.stats import RUN_SUMS, Sums, added
from routecli.ledger.store import Row, Store


def by_user(store: Store, since: datetime | None, repo_root: Path | None) -> Mapping[str, Sums]:
    """`team/user`, or the user alone without a team → sums of the runs that began since `since` (UTC-aware; None:
    ever), the dearest first. It walks the table: nobody asks for it often. Raises StoreFault."""
    here, params = ("AND repo_root = ?", (str(repo_root),)) if repo_root else ("", ())
    begin = text_of(since) if since else ""
    by_name: dict[str, list[Row]] = {}
    for row in store.rows(_RUNS.format(here=here), (begin, *params)):
        by_name.setdefault(_name(row), []).append(row)
    found = {name: added(rows) for name, rows in by_name.items()}
    for row in () if repo_root else store.rows(_PRUNED, (begin[:10],)):
        found[_name(row)] = summed(found.get(_name(row), Sums()), sums_of_days(row))
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].cost_usd, pair[0])))


def _name(row: Row) -> str:
    return f"{row['team']}/{row['who']}" if row["team"] else row["who"]


_RUNS = f"""
SELECT who, team, {RUN_SUMS} FROM runs WHERE started_at >= ? {{here}} GROUP BY who, team, outcome, truth, climbed
"""
_PRUNED = """
SELECT who, team, sum(runs) AS runs, sum(judged) AS judged, sum(accepted) AS accepted, sum(climbed) AS climbed,
    sum(good) AS good, sum(bad) AS bad, sum(unpriced) AS unpriced, usd_sum(cost_usd) AS cost_usd,
    usd_sum(caching_usd) AS caching_usd
FROM days WHERE day >= ? GROUP BY who, team
"""
