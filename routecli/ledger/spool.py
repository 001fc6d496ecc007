"""A ledger at a server, and what happens while the server is away: a run goes on, its rows wait in a file of this
machine and are delivered at the next contact, each once.

Every transaction has a name of its own and lists what it wrote. One whose commit was cut off is sent again under its
name, and so is one that had to wait: the server carries out no name twice (`applied`), so nothing is lost and nothing
doubled, whatever was cut where.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from routecli.domain.ladder import Reason
from routecli.ledger.recording import new_ref
from routecli.ledger.sqlite import SqliteStore
from routecli.ledger.store import BUSY_TIMEOUT_S, Params, Result, Row, Server, Statement, StoreFault, Writing, storable

DELIVERED = "ledger-delivered"
"""The code of a reason that is no warning."""
SPENT_ON = "spent "
"""Begins the name of what this machine has spent on a day; ledger/today.py reads it for the prompt."""
RETRY_S = 10.0
"""How long a server that was away is not asked again by the same process."""
_TRIES = 2
"""Connections lost in a row before the server counts as away."""
_AT_ONCE = 100
_KNOWN_FOR = timedelta(days=62)
_TABLES = ("runs", "requests", "attempts", "moves", "opinions", "tallies", "flaky_tests", "cooldowns", "days")
_OWN = (
    "CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, op TEXT NOT NULL UNIQUE, statements TEXT NOT NULL, "
    "refused TEXT NOT NULL DEFAULT '')",
    "CREATE TABLE IF NOT EXISTS known (name TEXT PRIMARY KEY, value TEXT NOT NULL, at TEXT NOT NULL)",
)


class Noted:
    """A transaction that remembers what it wrote. Satisfies store.Writing."""

    def __init__(self, inner: Writing) -> None:
        self._inner = inner
        self.statements: list[Statement] = []

    def execute(self, sql: str, params: Params | Mapping[str, Any] = (), /) -> Result:
        """See store.Writing.execute."""
        result = self._inner.execute(sql, params)
        if not sql.lstrip().upper().startswith("SELECT"):
            self.statements.append((sql, params))
        return result


class SpooledStore:
    """Satisfies store.Store. `connect` opens the server, `spool` is the file where rows wait (None: in memory)."""

    def __init__(
        self,
        connect: Callable[[], Server],
        spool: Path | None,
        *,
        retry_s: float = RETRY_S,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        self.warnings: list[Reason] = []
        self._connect = connect
        self._spool = SqliteStore(spool, busy_timeout_s=busy_timeout_s)
        self._told_spool = 0
        self._retry_s = retry_s
        self._lock = threading.RLock()
        self._server: Server | None = None
        self._away = ""
        self._again_at = 0.0
        self._losses = 0
        self._prepare()

    @property
    def path(self) -> Path | None:
        """Where rows wait."""
        return self._spool.path

    @property
    def shared(self) -> bool:
        """See store.Store.shared."""
        return True

    @property
    def away(self) -> str:
        """See store.Store.away."""
        return self._away

    def close(self) -> None:
        """Hangs up; what waits is delivered by the next process."""
        with self._lock:
            self._drop()
            self._spool.close()

    @contextmanager
    def writing(self, *, alone: bool = False) -> Iterator[Writing]:
        """See store.Store.writing. While the server is away, the rows are written here and wait."""
        with self._lock:
            server = self._contact()
            if server is None:
                with self._spool.writing() as connection:
                    noted = Noted(connection)
                    yield noted
                    self._wait(connection, new_ref(), noted.statements)
                return
            op = new_ref()
            noted = Noted(server)
            try:
                server.begin(op, alone=alone)
                yield noted
            except BaseException:
                server.rollback()
                raise
            self._commit(server, op, noted.statements, alone=alone)
            self._losses = 0

    def _commit(self, server: Server, op: str, statements: list[Statement], *, alone: bool) -> None:
        """Ends a transaction; one whose end was cut off is sent again under its name, or waits. Not one that was to be
        `alone`: what it has read may have changed. Its caller does it again, under the same names of its rows."""
        try:
            server.commit()
        except StoreFault as fault:
            self._lose(fault)
            if alone or not fault.lost:
                raise
            self._send_or_wait(op, statements)

    def _send_or_wait(self, op: str, statements: list[Statement]) -> None:
        for _ in range(_TRIES):
            server = self._contact()
            if server is None:
                break
            try:
                carry_out(server, op, statements)
                return
            except StoreFault as fault:
                self._lose(fault)
        with self._spool.writing() as connection:
            self._wait(connection, op, statements)

    def rows(self, sql: str, params: Params = ()) -> list[Row]:
        """See store.Store.rows. While the server is away, only what waits here is known."""
        with self._lock:
            server = self._contact()
            return server.rows(sql, params) if server else self._spool.rows(sql, params)

    def recover(self, fault: StoreFault) -> bool:
        """See store.Store.recover."""
        with self._lock:
            if fault.lost and self._server is None:
                return True  # it was a commit, and the connection is dropped already
            if self._server is None:
                again = self._spool.recover(fault)
                self._prepare()
                return again
            self._lose(fault)
            return True

    def give_up(self, why: str) -> None:
        """See store.Store.give_up."""
        with self._lock:
            self._spool.give_up(why)
            self._prepare()

    def tidy(self) -> None:
        """See store.Store.tidy."""
        with self._lock:
            server = self._contact()
            if server is not None:
                server.tidy()

    def remember(self, values: Mapping[str, str]) -> None:
        """See store.Store.remember. Kept in the spool, and never the end of anything."""
        now = datetime.now(UTC)
        with self._lock:
            try:
                with self._spool.writing() as connection:
                    for name, value in values.items():
                        connection.execute(_REMEMBER, (name, value, now.isoformat()))
                    connection.execute("DELETE FROM known WHERE at < ?", ((now - _KNOWN_FOR).isoformat(),))
            except StoreFault as fault:
                self._spool.give_up(str(fault))
                self._prepare()

    def remembered(self, name: str) -> str | None:
        """See store.Store.remembered."""
        with self._lock:
            found = self._spool.rows("SELECT value FROM known WHERE name = ?", (name,))
            return found[0][0] if found else None

    def note_spent(self, day: str, microusd: int) -> None:
        """See store.Store.note_spent. One row for a day: processes side by side add to it."""
        with self._lock:
            try:
                with self._spool.writing() as connection:
                    at = datetime.now(UTC).isoformat()
                    connection.execute(_ADD, (f"{SPENT_ON}{day}", str(microusd), at))
            except StoreFault as fault:
                self._warn(f"the prompt's segment misses what a call cost: {fault}")

    def waiting(self) -> int:
        """How many transactions wait here for the server."""
        with self._lock:
            return int(self._spool.rows("SELECT count(*) FROM journal WHERE refused = ''")[0][0])

    def _prepare(self) -> None:
        """The spool's own two tables, in whatever file or memory it is now: a full disk is not the end of a run."""
        try:
            self._make_tables()
        except StoreFault as fault:
            self._spool.give_up(str(fault))
            self._make_tables()
        self.warnings += self._spool.warnings[self._told_spool :]
        self._told_spool = len(self._spool.warnings)

    def _make_tables(self) -> None:
        with self._spool.writing() as connection:
            for statement in _OWN:
                connection.execute(statement)

    def _contact(self) -> Server | None:
        """The server, connected and with nothing left to deliver; None where it is away."""
        if self._server is not None:
            return self._server
        if self._away and time.monotonic() < self._again_at:
            return None
        try:
            server = self._connect()
        except StoreFault as fault:
            self._leave(str(fault))
            return None
        try:
            self._deliver(server)
        except StoreFault as fault:
            server.close()
            self._leave(str(fault))
            return None
        self._server, self._away = server, ""
        return server

    def _lose(self, fault: StoreFault) -> None:
        """The connection is of no more use; lost again and again, or for a reason that stays, the server is away."""
        self._drop()
        self._losses += 1
        if not fault.lost or self._losses >= _TRIES:
            self._losses = 0
            self._leave(str(fault))

    def _leave(self, why: str) -> None:
        if not self._away:
            self._warn(f"the ledger's server cannot be used: {why}; rows wait in {self.path or 'memory'}")
        self._away = why or "unknown"
        self._again_at = time.monotonic() + self._retry_s

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _wait(self, connection: Writing, op: str, statements: list[Statement]) -> None:
        """Puts a transaction into the journal, within the spool's own."""
        if statements:
            listed = [(sql, _plain(params)) for sql, params in statements]
            connection.execute("INSERT INTO journal (op, statements) VALUES (?, ?)", (op, json.dumps(listed)))

    def _deliver(self, server: Server) -> None:
        """Sends what waits, in its order. Others may be sending the same: a name counts once. Raises StoreFault."""
        delivered = 0
        while waiting := self._spool.rows(_WAITING, (_AT_ONCE,)):
            for row in waiting:
                try:
                    carry_out(server, row["op"], json.loads(row["statements"]))
                except StoreFault as fault:
                    if not fault.poison:
                        raise
                    self._refuse(row["op"], str(fault))
            delivered += len(waiting)
            with self._spool.writing() as connection:  # by name: a number may be another's by now
                for row in waiting:
                    connection.execute("DELETE FROM journal WHERE op = ? AND refused = ''", (row["op"],))
        if delivered:
            self._clear()
            text = f"the ledger's server has taken {delivered} transactions that waited here"
            self.warnings.append(Reason(DELIVERED, text))

    def _refuse(self, op: str, why: str) -> None:
        """What the server will never take is kept apart, so that it holds nothing else up."""
        with self._spool.writing() as connection:
            connection.execute("UPDATE journal SET refused = ? WHERE op = ?", (why, op))
        self._warn(f"the ledger's server refuses rows that waited, and they stay in {self.path}: {why}")

    def _clear(self) -> None:
        """The rows that waited are at the server now, unless another process has just added some."""
        with self._spool.writing() as connection:
            if connection.execute("SELECT 1 FROM journal WHERE refused = ''").fetchone() is None:
                for table in _TABLES:
                    connection.execute(f"DELETE FROM {table}")

    def _warn(self, text: str) -> None:
        self.warnings.append(Reason("ledger", text))


def carry_out(server: Server, op: str, statements: list[Statement]) -> None:
    """One whole transaction under its name; nothing where it was carried out before. Raises StoreFault."""
    try:
        if server.begin(op, alone=False):
            for sql, params in statements:
                server.execute(sql, params if isinstance(params, Mapping) else tuple(params))
    except BaseException:
        server.rollback()
        raise
    server.commit()


def _plain(params: Params | Mapping[str, Any]) -> Any:
    if isinstance(params, Mapping):
        return {name: storable(value) for name, value in params.items()}
    return [storable(value) for value in params]


_REMEMBER = """
INSERT INTO known (name, value, at) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at
"""
_ADD = """
INSERT INTO known (name, value, at) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(known.value AS INTEGER) + CAST(excluded.value AS INTEGER) AS TEXT),
    at = excluded.at
"""
_WAITING = "SELECT op, statements FROM journal WHERE refused = '' ORDER BY seq LIMIT ?"
