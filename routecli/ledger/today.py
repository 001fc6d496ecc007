"""What today's calls have cost, for a prompt: one query, nothing else of ours loaded, and never an error."""

from __future__ import annotations

import sqlite3

_BUSY_S = 0.02
_TODAY = """
SELECT sum(CAST(round(coalesce(cost_usd, reserved_usd) * 1e6) AS INTEGER)) FROM requests
WHERE asked_at >= strftime('%Y-%m-%d', 'now') AND state IN ('settled', 'sent')
"""


_NOTED = "SELECT value FROM known WHERE name = 'spent ' || strftime('%Y-%m-%d', 'now')"


def waits_for_server(file: str) -> bool:
    """Whether `file` is no ledger but where rows wait for a server: see opening.file_of."""
    return file.rpartition("/")[2].startswith("spool-")


def spent_microusd(file: str) -> int | None:
    """Millionths of a dollar since midnight (UTC), calls under way at their worst case; None where the ledger is not
    there or busy. It is only read: no file is made, nothing is migrated, no lock is kept. Of a ledger at a server: what
    this machine has spent, which is noted here beside each call."""
    try:
        connection = sqlite3.connect(f"file:{_quoted(file)}?mode=ro", uri=True, timeout=_BUSY_S)
    except sqlite3.Error:
        return None
    try:
        row = connection.execute(_NOTED if waits_for_server(file) else _TODAY).fetchone()
        return int(row[0] or 0) if row else 0
    except (sqlite3.Error, ValueError):
        return None
    finally:
        connection.close()


def _quoted(path: str) -> str:
    """For a `file:` address, without loading urllib."""
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
