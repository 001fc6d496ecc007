"""Where the ledger's rows are: one Protocol, the same schema and queries behind it.

SQL is written once, for SQLite and in what PostgreSQL understands too: no `INSERT OR REPLACE`, no rowid, no
`changes()`; `ON CONFLICT` names its columns, and a count is no condition (`WHERE final <> 0`). What else differs,
`postgres.py` translates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from routecli.domain.ladder import Reason

BUSY_TIMEOUT_S = 30.0
MIGRATIONS = Path(__file__).parent / "migrations"
_MOST = 10**15
"""No count is as large. Some thousand of them still add up within 63 bits, so that one absurd usage breaks no sum."""

Params = tuple[Any, ...]
Statement = tuple[str, Params | Mapping[str, Any]]


class StoreFault(Exception):
    """A store could not read or write. `lost`: its server could not be reached or went away, and nothing is known of
    a transaction that was being committed. `poison`: the same statement will meet this each time."""

    def __init__(self, why: str, *, lost: bool = False, poison: bool = False) -> None:
        super().__init__(why)
        self.lost = lost
        self.poison = poison


class Row(Protocol):
    """One row, by column name or by place."""

    def __getitem__(self, key: str | int, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def keys(self) -> list[str]:
        """The columns."""


class Result(Protocol):
    """What a statement answered."""

    @property
    def rowcount(self) -> int:
        """How many rows it wrote."""

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """The rows that are left."""


class Writing(Protocol):
    """An open transaction."""

    def execute(self, sql: str, params: Params | Mapping[str, Any] = (), /) -> Result:
        """Carries out one statement."""


class Store(Protocol):
    """Where rows are. Safe to use from several threads."""

    warnings: list[Reason]

    @property
    def path(self) -> Path | None:
        """The file, or where rows wait for their server; None where nothing outlives this process."""

    @property
    def shared(self) -> bool:
        """Whether others than this user may have rows in it."""

    @property
    def away(self) -> str:
        """Why the server that all share cannot be asked; empty where it can, or where there is none."""

    def writing(self, *, alone: bool = False) -> AbstractContextManager[Writing]:
        """A transaction. `alone`: no other like it runs, in any process, so that what it reads is what it changes.
        Raises StoreFault; then nothing of it was written, unless the fault is `lost`."""

    def rows(self, sql: str, params: Params = ()) -> list[Row]:
        """All rows of a query. Raises StoreFault."""

    def recover(self, fault: StoreFault) -> bool:
        """After `fault`: whether it is worth doing again."""

    def give_up(self, why: str) -> None:
        """The rest of the run is kept in memory."""

    def tidy(self) -> None:
        """Gives back room that nothing needs any more. Raises StoreFault."""

    def remember(self, values: Mapping[str, str]) -> None:
        """Keeps `values` by their names on this machine, for a time at which the server is away."""

    def remembered(self, name: str) -> str | None:
        """What was kept under `name`."""

    def note_spent(self, day: str, microusd: int) -> None:
        """Adds to what this machine is known to have spent on `day` (`2026-11-28`, UTC), in millionths of a dollar,
        where the rows themselves lie elsewhere. Never raises."""

    def close(self) -> None:
        """Lets go of it."""


class Server(Protocol):
    """A store that all machines share, as one open connection. Each transaction has a name (`op`), and none is
    carried out twice. Everything raises StoreFault; after one that is `lost`, the connection is of no more use."""

    def rows(self, sql: str, params: Params = ()) -> list[Row]:
        """All rows of a query."""

    def begin(self, op: str, *, alone: bool) -> bool:
        """Opens the transaction `op`; False: it was carried out before."""

    def execute(self, sql: str, params: Params | Mapping[str, Any] = (), /) -> Result:
        """Carries out one statement of it."""

    def commit(self) -> None:
        """Ends it; a fault that is `lost` leaves open whether it was carried out."""

    def rollback(self) -> None:
        """Takes it back. Never raises."""

    def tidy(self) -> None:
        """Forgets the names of transactions that nobody can send again any more."""

    def close(self) -> None:
        """Hangs up. Never raises."""


def migrations() -> list[tuple[int, Path]]:
    """`(number, file)` in order; the schema's version is the last number."""
    return sorted((int(file.name[:4]), file) for file in MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def storable(value: Any) -> Any:
    """What a store cannot hold, in the nearest form that it can: bytes that were no UTF-8, absurd counts."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int):
        return max(-_MOST, min(_MOST, value))
    return value
