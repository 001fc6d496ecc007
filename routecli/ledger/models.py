"""What became of the last calls of a model: how long they took, what form its replies had, how sure it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from routecli.domain.money import Usd
from routecli.domain.verdict import FORMAT_FAULTS
from routecli.ledger.recording import text_of
from routecli.ledger.records import UNITS, RequestRow, request_row, usd_of
from routecli.ledger.store import Store

_DIALECT_ATTEMPTS = 500
_LAST_CALLS = 50
_SPENT_RUNS = 50
_SPEED_FOR = timedelta(days=7)


def speed(store: Store, model: str) -> tuple[float | None, float | None]:
    """See Ledger.speed. Raises StoreFault."""
    from statistics import median

    rows = store.rows(_SPEEDS, (model, text_of(datetime.now(UTC) - _SPEED_FOR), _LAST_CALLS))
    first, whole = [row[0] for row in rows if row[0] is not None], [row[1] for row in rows]
    return (median(first) if first else None), (median(whole) if whole else None)


def under_way(store: Store, provider: str, since: datetime) -> int:
    """See Ledger.under_way. Raises StoreFault."""
    name = f"{provider}/"
    rows = store.rows(_UNDER_WAY, (text_of(since), len(name), name))
    return int(rows[0][0])


def bills(store: Store, model: str, since: datetime) -> tuple[RequestRow, RequestRow] | None:
    """See Ledger.bills. Raises StoreFault."""
    found = [store.rows(_BILLS.format(order=order), (model, text_of(since))) for order in ("ASC", "DESC")]
    return (request_row(found[0][0]), request_row(found[1][0])) if all(found) else None


def dialect_record(store: Store, model: str) -> Mapping[str, tuple[int, int]]:
    """See Ledger.dialect_record. Raises StoreFault."""
    faults = {fault.value for fault in FORMAT_FAULTS}
    record: dict[str, tuple[int, int]] = {}
    for dialect, reason, times in store.rows(_DIALECTS, (model, _DIALECT_ATTEMPTS)):
        if dialect:
            asked, failed = record.get(dialect, (0, 0))
            record[dialect] = (asked + times, failed + (times if reason in faults else 0))
    return record


def confidences(store: Store, model: str) -> tuple[tuple[int, bool], ...]:
    """See Ledger.confidences. Raises StoreFault."""
    return tuple((row["confidence"], bool(row["known_right"])) for row in store.rows(_CONFIDENCES, (model,)))


def most_over_estimate(store: Store, model: str) -> float:
    """See Ledger.most_over_estimate. Raises StoreFault."""
    ratios = [billed / estimated for billed, estimated in store.rows(_RATIOS, (model, _LAST_CALLS))]
    return max(ratios, default=1.0)


def spent(store: Store, tier: str, model: str) -> tuple[Usd, ...]:
    """See Ledger.spent. Raises StoreFault."""
    return tuple(usd_of(row["cost"]) for row in store.rows(_SPENT, (tier, model, _SPENT_RUNS)))


_SPENT = f"""
SELECT run_id, sum({UNITS.format("cost_usd")}) AS cost FROM requests
WHERE tier = ? AND model = ? AND state = 'settled'
GROUP BY run_id HAVING count(*) = count(cost_usd) ORDER BY max(asked_at) DESC LIMIT ?
"""
_UNDER_WAY = """
SELECT count(*) FROM requests WHERE asked_at >= ? AND state = 'sent' AND substr(model, 1, ?) = ?
"""
_BILLS = """
SELECT * FROM requests WHERE model = ? AND asked_at >= ? AND state = 'settled' AND usage_source = 'reported'
    AND input_tokens > 0 AND cost_usd IS NOT NULL ORDER BY id {order} LIMIT 1
"""
_DIALECTS = """
SELECT edit_format, reason, count(*)
FROM (SELECT edit_format, reason FROM attempts WHERE model = ? ORDER BY judged_at DESC LIMIT ?) AS latest GROUP BY 1, 2
"""
_SPEEDS = """
SELECT first_token_s, latency_s FROM requests
WHERE model = ? AND state = 'settled' AND asked_at >= ? AND latency_s > 0 AND stop = 'end'
ORDER BY asked_at DESC LIMIT ?
"""
# Deferred for what another model or the writer itself says: nobody knows. For its form: nothing was judged.
_CONFIDENCES = """
SELECT confidence, verdict = 'accepted' AND truth NOT IN ('bad', 'reverted') AS known_right
FROM attempts JOIN runs USING (run_id)
WHERE model = ? AND confidence IS NOT NULL AND purpose = '' AND (verdict = 'accepted'
    OR reason IN ('tests-failed', 'lint-failed', 'contract-broken', 'tampered', 'timed-out'))
ORDER BY judged_at DESC LIMIT 500
"""
_RATIOS = """
SELECT input_tokens, estimated_input_tokens FROM requests
WHERE model = ? AND state = 'settled' AND usage_source = 'reported' AND input_tokens > 0 AND estimated_input_tokens > 0
ORDER BY id DESC LIMIT ?
"""
