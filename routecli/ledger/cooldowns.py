"""Models that gave no answer are left alone for a while, by every process that shares the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from routecli.errors import FaultKind
from routecli.ledger.store import Store
from routecli.nouns import dataclass

FIRST_S = {
    FaultKind.THROTTLED: 30.0,
    FaultKind.DOWN: 30.0,
    FaultKind.UNREACHABLE: 10.0,
    FaultKind.SILENT: 60.0,
    FaultKind.NO_MODEL: 300.0,
    FaultKind.REDIRECTS: 300.0,
}
"""How long a model is left alone after its first fault; twice as long after each further one in a row. A request that
was not taken says nothing of the model: it is left out."""
LONGEST_S = 900.0
"""And never longer, whatever a Retry-After asks for: a cooldown only puts a model last, and somebody has to find out
that it is well again."""


@dataclass(frozen=True, slots=True)
class Cooling:
    """A model that is left alone until `until` (UTC-aware), because of a fault of `kind`, the `times`-th in a row."""

    until: datetime
    kind: str
    times: int


def cool(store: Store, model: str, kind: FaultKind, wait_s: float | None, at: datetime) -> Cooling | None:
    """Notes that `model` (`provider/model`) gave no answer at `at`; `wait_s` is what the server asked for. Two
    processes that meet the same outage count it once: a fault inside a cooldown prolongs nothing but by what a server
    asks for. Raises StoreFault."""
    first_s = FIRST_S.get(kind)
    if first_s is None:
        return None
    with store.writing() as connection:
        row = connection.execute("SELECT until, times FROM cooldowns WHERE model = ?", (model,)).fetchone()
        under_way = row is not None and row["until"] > _text(at)
        times = (row["times"] if row is not None else 0) + (not under_way)
        lasts_s = 0.0 if under_way else first_s * 2 ** min(times - 1, 10)
        until = _text(at + timedelta(seconds=min(LONGEST_S, max(lasts_s, wait_s or 0.0))))
        until = max(until, row["until"]) if under_way else until
        connection.execute(_COOL, (model, until, kind.value, times))
    return Cooling(datetime.fromisoformat(until), kind.value, times)


def warm(store: Store, model: str) -> None:
    """`model` answered. Raises StoreFault."""
    if store.rows("SELECT 1 FROM cooldowns WHERE model = ?", (model,)):
        with store.writing() as connection:
            connection.execute("DELETE FROM cooldowns WHERE model = ?", (model,))


def cooling(store: Store, at: datetime) -> Mapping[str, Cooling]:
    """The models that are to be left alone at `at`. Raises StoreFault."""
    rows = store.rows("SELECT model, until, kind, times FROM cooldowns WHERE until > ?", (_text(at),))
    return {row["model"]: Cooling(datetime.fromisoformat(row["until"]), row["kind"], row["times"]) for row in rows}


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


_COOL = """
INSERT INTO cooldowns (model, until, kind, times) VALUES (?, ?, ?, ?)
ON CONFLICT (model) DO UPDATE SET until = excluded.until, kind = excluded.kind, times = excluded.times
"""
