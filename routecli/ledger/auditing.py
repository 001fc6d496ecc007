"""`ledger check`: whether the file is whole, and whether its sums are the sums of their parts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from routecli.domain.untrusted import one_line
from routecli.ledger.store import Store

_AT_ONCE = 2_000


def audit(store: Store) -> Iterator[str]:
    """What does not add up, a line each; nothing where all does. Raises StoreFault."""
    for row in store.rows("PRAGMA integrity_check(20)"):
        if row[0] != "ok":
            yield f"the file: {one_line(str(row[0]), limit=200)}"
    for table in ("attempts", "moves", "opinions"):
        sql = f"SELECT DISTINCT run_id FROM {table} WHERE run_id NOT IN (SELECT run_id FROM runs)"
        for row in store.rows(f"{sql} LIMIT 20"):
            yield f"{table} of {one_line(row['run_id'])}, which is no run"
    for row in store.rows(_CALLS):
        if Decimal(row["calls"]) != Decimal(row["cost_usd"]):
            yield f"run {one_line(row['run_id'])}: its calls come to ${row['calls']}, and it says ${row['cost_usd']}"
    yield from _receipts(store)


def _receipts(store: Store) -> Iterator[str]:
    last = ""
    while rows := store.rows(_RECEIPTS, (last, _AT_ONCE)):
        for row in rows:
            wrong = _wrong(row["receipt"], row["cost_usd"])
            if wrong:
                yield f"run {one_line(row['run_id'])}: {wrong}"
        last = rows[-1]["run_id"]


def _wrong(receipt: str, cost_usd: str | None) -> str:
    """What is wrong with a stored receipt; empty where nothing is."""
    try:
        whole = json.loads(receipt)
        said, parts = whole["cost_usd"], [attempt["cost_usd"] for attempt in whole["attempts"]]
        if (said is None) != (cost_usd is None) or (said is not None and Decimal(said) != Decimal(str(cost_usd))):
            return f"its receipt says ${said}, and its row ${cost_usd}"
        if said is None or None in parts:
            return ""
        total = sum(map(Decimal, parts), Decimal(0))
    except (ValueError, KeyError, TypeError, InvalidOperation):
        return "its receipt cannot be read"
    return "" if total == Decimal(said) else f"its attempts come to ${total:f}, and it says ${said}"


# A call without a bill says nothing: what it cost is unknown, and so is the run's sum.
_CALLS = """
SELECT runs.run_id AS run_id, runs.cost_usd AS cost_usd, usd_sum(requests.cost_usd) AS calls
FROM runs JOIN requests ON requests.run_id = runs.run_id
WHERE runs.cost_usd IS NOT NULL GROUP BY runs.run_id, runs.cost_usd HAVING count(requests.cost_usd) = count(*)
"""
_RECEIPTS = (
    "SELECT run_id, receipt, cost_usd FROM runs WHERE receipt IS NOT NULL AND run_id > ? ORDER BY run_id LIMIT ?"
)
