"""The SQLite file behind the ledger: opened whatever its state, migrated, written in short transactions.

Every way in which the file may be bad ends in a usable store and one warning (security.md rows 51 and 52): corrupt or
of a newer schema, it is moved aside and a new one begun; unreadable, read-only or locked, this run is kept in memory.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from routecli.domain.ladder import Reason
from routecli.ledger.store import BUSY_TIMEOUT_S, Params, Row, StoreFault, Writing, migrations, storable

_WAL_IS_SAFE_FROM = (3, 51, 3)
"""Before this release, resetting the write-ahead log could lose a race and corrupt the file (security.md row 51)."""
_NETWORK_FILE_SYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "glusterfs")
_BAD_FILE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class NewerSchema(Exception):
    """The file was written by a later routecli."""


class SqliteStore:
    """One open ledger file, or its stand-in in memory. Safe to use from several threads."""

    def __init__(self, path: Path | None, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.path = path
        self.warnings: list[Reason] = []
        self._timeout_s = busy_timeout_s
        self._lock = threading.RLock()
        self._connection = self._open()

    @property
    def in_memory(self) -> bool:
        """Nothing of this run outlives it."""
        return self.path is None

    @property
    def shared(self) -> bool:
        """See store.Store.shared: the file is one user's."""
        return False

    @property
    def away(self) -> str:
        """See store.Store.away: there is no server."""
        return ""

    def tidy(self) -> None:
        """See store.Store.tidy."""
        self.rows("VACUUM")

    def remember(self, values: Mapping[str, str]) -> None:
        """See store.Store.remember: the rows themselves are here."""

    def remembered(self, name: str) -> str | None:  # noqa: ARG002
        """See store.Store.remembered."""
        return None

    def note_spent(self, day: str, microusd: int) -> None:
        """See store.Store.note_spent: the rows themselves are here."""

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def writing(self, *, alone: bool = False) -> Iterator[Writing]:  # noqa: ARG002 - here, every transaction is
        """See store.Store.writing: the write lock is held from the start, whether asked for or not."""
        with self._lock, _told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, sql: str, params: Params = ()) -> list[Row]:
        """See store.Store.rows."""
        with self._lock, _told():
            return list(self._connection.execute(sql, tuple(map(storable, params))))

    def recover(self, fault: StoreFault) -> bool:
        """See store.Store.recover: True where the file was found corrupt and a new one, or memory, took its place."""
        with self._lock:
            if self.path is None or not _is_bad(fault.__cause__):
                return False
            self._connection.close()
            self._move_aside(self.path, str(fault))
            self._connection = self._open()
            return True

    def give_up(self, why: str) -> None:
        """The rest of the run is kept in memory."""
        with self._lock:
            self._warn(f"the ledger {self.path} cannot be written: {why}; this run is not recorded")
            self.path = None
            self._connection.close()
            self._connection = _memory()

    def _open(self) -> sqlite3.Connection:
        if self.path is None:
            return _memory()
        for _ in range(2):
            try:
                return _connect(self.path, self._timeout_s)
            except NewerSchema:
                self._move_aside(self.path, "it was written by a newer routecli")
            except (sqlite3.Error, OSError) as fault:
                if not (isinstance(fault, sqlite3.Error) and _is_bad(fault)):
                    why = fault.strerror if isinstance(fault, OSError) else fault
                    self._warn(f"the ledger {self.path} cannot be used: {why}; this run is not recorded")
                    break
                self._move_aside(self.path, str(fault))
        self.path = None
        return _memory()

    def _move_aside(self, path: Path, why: str) -> None:
        """Renames `path` and its side files, unless another process has just put a good one there."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        aside = path.with_name(f"{path.name}.corrupt-{stamp}")
        try:
            with _alone(path):
                try:
                    _connect(path, self._timeout_s).close()
                    return
                except (sqlite3.Error, NewerSchema):
                    for suffix in ("-wal", "-shm", "-journal", ""):
                        side = path.with_name(path.name + suffix)
                        if side.exists():
                            side.rename(aside.with_name(aside.name + suffix))
        except OSError as fault:
            self._warn(f"the ledger {path} is unusable ({why}) and cannot be moved: {fault.strerror}")
            return
        self._warn(f"the ledger was unusable ({why}): moved to {aside}, a new one begun")

    def _warn(self, text: str) -> None:
        self.warnings.append(Reason("ledger", text))


@contextmanager
def _told() -> Iterator[None]:
    """SQLite's errors as the port's."""
    try:
        yield
    except sqlite3.Error as fault:
        raise StoreFault(str(fault)) from fault


def _is_bad(fault: BaseException | None) -> bool:
    return getattr(fault, "sqlite_errorcode", 0) & 0xFF in _BAD_FILE


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Only one process at a time moves a bad ledger."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(path.with_name(path.name + ".lock"), flags, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _memory() -> sqlite3.Connection:
    return _prepared(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))


def _connect(path: Path, timeout_s: float) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made by us first: SQLite would follow a link and take the mode from the umask.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(handle).st_mode & 0o077:
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)
    connection = sqlite3.connect(path, timeout=timeout_s, isolation_level=None, check_same_thread=False)
    try:
        wal = sqlite3.sqlite_version_info >= _WAL_IS_SAFE_FROM and not on_network(path)
        connection.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA mmap_size = 0")
        return _prepared(connection)
    except BaseException:
        connection.close()
        raise


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.row_factory = sqlite3.Row
    connection.create_aggregate("usd_sum", 1, UsdSum)  # type: ignore[arg-type]
    connection.create_function("usd_add", 2, _usd_add, deterministic=True)
    _migrate(connection)
    return connection


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _migrate(connection: sqlite3.Connection) -> None:
    known = migrations()
    if _version(connection) == known[-1][0]:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        at = _version(connection)  # again: another process may have migrated while we waited
        if at > known[-1][0]:
            raise NewerSchema(f"schema {at}, known up to {known[-1][0]}")
        for number, file in known:
            if number > at:
                for statement in statements_of(file.read_text()):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def statements_of(script: str) -> Iterator[str]:
    """The statements of a script, one by one."""
    # sqlite3's executescript would commit the transaction that holds the lock.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _usd_add(one: str, other: str) -> str:
    return format(Decimal(one) + Decimal(other), "f")


class UsdSum:
    """`usd_sum(text)`: an exact sum of decimals in text. NULL is passed over: callers decide what unknown means."""

    def __init__(self) -> None:
        self._total = Decimal(0)

    def step(self, amount: str | None) -> None:
        """Adds one."""
        if amount is not None:
            self._total += Decimal(amount)

    def finalize(self) -> str:
        """The sum as text."""
        return format(self._total, "f")


def on_network(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """Whether `path` lies on a network file system, where SQLite's shared memory does not work."""
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return False
    where, kind = "", ""
    real = os.path.realpath(path)
    for line in lines:
        fields = line.split()
        point = fields[4].replace("\\040", " ")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(where):
            where, kind = point, fields[fields.index("-") + 1]
    return kind in _NETWORK_FILE_SYSTEMS
