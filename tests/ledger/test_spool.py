"""Eight writers at one server whose connections are cut again and again: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from domain.receipts import DEFERRED, attempt, receipt
from ledger.servers import Proxy

from routecli.domain.events import Called, Calling, Finished, Judged, Started
from routecli.domain.money import Usage, usd
from routecli.errors import BudgetFault
from routecli.ledger.ledger import Ledger
from routecli.ledger.patches import Patches
from routecli.ledger.postgres import PostgresServer
from routecli.ledger.recording import Whose
from routecli.ledger.records import Cap
from routecli.ledger.reserving import Away
from routecli.ledger.spool import SpooledStore
from routecli.ledger.store import StoreFault

WRITERS, RUNS, CALLS = 8, 6, 3
SINCE = datetime(2020, 1, 1, tzinfo=UTC)


def store_at(address: str, spool: Path) -> SpooledStore:
    return SpooledStore(lambda: PostgresServer(address), spool, retry_s=0.1)


def write(address: str, spool: Path, name: str) -> None:
    """What a machine does, whatever becomes of its connection."""
    ledger = Ledger(store_at(address, spool), Patches(None), whose=Whose(name, "core"), when_away=Away.LOCAL_CAP)
    for number in range(RUNS):
        run_id = f"{name}-{number}"
        ledger.listener(Started(run_id, "x"))
        for call in range(1, CALLS + 1):
            reservation = ledger.reserve(run_id, "p/m", usd("0.02"))
            ledger.listener(Calling(call, "tier1", "p/m", 100, usd("0.02")))
            ledger.listener(Called(call, "tier1", "p/m", "m", Usage(7), usd("0.01"), 1.0, "end"))
            ledger.settle(reservation, usd("0.01"))
            ledger.listener(Judged(attempt(call, DEFERRED, usd("0.01"))))
        ledger.listener(
            Finished(replace(receipt(run_id=run_id, cost=usd("0.03")), attempts=(attempt(1, DEFERRED, usd("0.03")),)))
        )
    ledger.close()


def forked(what: Callable[[], None]) -> int:
    """`what()` in a child: eight interpreters would only cost time."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            what()
            status = 0
        finally:
            os._exit(status)
    return child


def cut_until(done: threading.Event, proxy: Proxy, address: str) -> int:
    """Resets connections, kills the server's own processes, and lets nobody through for a while, by turns."""
    dice, cuts = random.Random(1), 0
    server = PostgresServer(address)
    try:
        while not done.wait(dice.uniform(0.02, 0.1)):
            match dice.randrange(3):
                case 0:
                    proxy.cut()
                case 1:
                    server.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
                case _:
                    proxy.down = True
                    proxy.cut()
                    time.sleep(dice.uniform(0.0, 0.15))
                    proxy.down = False
            cuts += 1
    finally:
        server.close()
    return cuts


def test_eight_writers_and_cut_connections(
    database: Callable[[], str], postgres: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    address = database()
    PostgresServer(address).close()
    proxy = Proxy(postgres / ".s.PGSQL.5432")
    through = f"postgresql://team@127.0.0.1:{proxy.port}{urlsplit(address).path}"
    children = [
        forked(lambda n=number: write(through, tmp_path / f"spool-{n}.db", f"w{n}"))  # type: ignore[misc]
        for number in range(WRITERS)
    ]
    done, cuts = threading.Event(), list[int]()
    cutter = threading.Thread(target=lambda: cuts.append(cut_until(done, proxy, address)))
    cutter.start()
    ended = [os.waitpid(child, 0)[1] for child in children]
    done.set()
    cutter.join()
    proxy.close()
    assert ended == [0] * WRITERS
    waited = 0
    for number in range(WRITERS):  # the next contact of each machine
        store = store_at(address, tmp_path / f"spool-{number}.db")
        waited += store.waiting()
        assert not Ledger(store, Patches(None)).away
        assert store.waiting() == 0
        assert store.rows("SELECT 1 WHERE 1 = 2") == []
        store.close()
    record_property("cuts", cuts[0])
    record_property("waited", waited)
    assert cuts[0] > 3
    server = PostgresServer(address)
    assert list(server.rows("SELECT count(*), count(finished_at) FROM runs")[0]) == [WRITERS * RUNS] * 2
    assert [list(row) for row in server.rows("SELECT state, count(*), usd_sum(cost_usd) FROM requests GROUP BY 1")] == [
        ["settled", WRITERS * RUNS * CALLS, str(Decimal("0.01") * WRITERS * RUNS * CALLS)]
    ]
    assert server.rows("SELECT count(*) FROM attempts")[0][0] == WRITERS * RUNS * CALLS
    assert list(server.rows("SELECT sum(deferred), sum(priced), usd_sum(cost_usd) FROM tallies")[0]) == [
        WRITERS * RUNS, WRITERS * RUNS, str(Decimal("0.03") * WRITERS * RUNS)
    ]  # fmt: skip
    assert server.rows("SELECT count(DISTINCT who) FROM runs WHERE finished_at IS NOT NULL")[0][0] == WRITERS
    server.close()


def test_row_57_eight_machines_share_one_cap(database: Callable[[], str], tmp_path: Path) -> None:
    address = database()
    PostgresServer(address).close()
    cap = [Cap("team's day", usd(1), SINCE, team="core")]

    def spend(number: int) -> None:
        store = store_at(address, tmp_path / f"spool-{number}.db")
        ledger = Ledger(store, Patches(None), whose=Whose(f"w{number}", "core"))
        dice = random.Random(number)
        for _ in range(8):
            worst = Decimal(dice.randint(5, 40)) / 100
            try:
                reservation = ledger.reserve(f"r{number}", "p/m", usd(worst), cap)
            except BudgetFault:
                continue
            ledger.settle(reservation, dice.choice([None, usd(worst / 2)]))
        ledger.close()

    children = [forked(lambda n=number: spend(n)) for number in range(WRITERS)]  # type: ignore[misc]
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * WRITERS
    reader = Ledger(store_at(address, tmp_path / "spool.db"), Patches(None))
    assert Decimal("0.6") < reader.spent_under(cap[0]) <= 1
    reader.close()


class Deaf(PostgresServer):
    """Every second of its answers to COMMIT is lost: the transaction is carried out, and the connection gone."""

    commits = 0

    def commit(self) -> None:
        super().commit()
        Deaf.commits += 1
        if Deaf.commits % 2:
            self.close()
            raise StoreFault("the connection went away", lost=True)


def test_a_commit_whose_answer_was_lost_counts_once(database: Callable[[], str], tmp_path: Path) -> None:
    address = database()
    store = SpooledStore(lambda: Deaf(address), tmp_path / "spool.db", retry_s=0.0)
    ledger = Ledger(store, Patches(None), whose=Whose("ann"))
    ledger.listener(Started("r1", "x"))
    first = ledger.reserve("r1", "p/m", usd("0.5"), [Cap("day", usd("0.6"), SINCE)])
    ledger.settle(first, usd("0.25"))
    ledger.listener(Finished(replace(receipt(run_id="r1"), attempts=(attempt(1, DEFERRED, usd("0.25")),))))
    assert Deaf.commits > 4
    assert ledger.spent_usd() == usd("0.25")
    assert [row.run_id for row in ledger.history()] == ["r1"]
    assert sum(int(row[0]) for row in store.rows("SELECT deferred FROM tallies")) == 1
    ledger.close()


def test_two_processes_deliver_the_same_spool_while_a_third_fills_it(
    database: Callable[[], str], tmp_path: Path
) -> None:
    """The second takes all that waits from under the first, and new rows get the numbers that its rows had."""
    address, spool = database(), tmp_path / "spool.db"

    def fill(name: str) -> None:
        store = SpooledStore(unreachable, spool)
        for number in range(3):
            Ledger(store, Patches(None)).listener(Started(f"{name}-{number}", "x"))
        store.close()

    class Slow(PostgresServer):
        sent = 0

        def commit(self) -> None:
            super().commit()
            Slow.sent += 1
            if Slow.sent == 3:
                store_at(address, spool).rows("SELECT 1")
                fill("late")

    fill("early")
    first = SpooledStore(lambda: Slow(address), spool)
    first.rows("SELECT 1")
    first.close()
    last = store_at(address, spool)
    rows = [row[0] for row in last.rows("SELECT run_id FROM runs ORDER BY started_at")]
    assert rows == [f"{name}-{number}" for name in ("early", "late") for number in range(3)]
    assert last.waiting() == 0
    last.close()


def unreachable() -> PostgresServer:
    raise StoreFault("nobody answers", lost=True)


def test_row_52_a_spool_that_cannot_be_written_stops_nothing(database: Callable[[], str], tmp_path: Path) -> None:
    spool = tmp_path / "spool.db"
    SpooledStore(unreachable, spool).close()
    holder = sqlite3.connect(spool, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    address = database()
    for connect, lasts in ((lambda: PostgresServer(address), True), (unreachable, False)):
        ledger = Ledger(SpooledStore(connect, spool, busy_timeout_s=0.05), Patches(None))
        ledger.listener(Started("r1", "x"))
        assert [row.run_id for row in ledger.history()] == ["r1"]
        assert any("is not recorded" in reason.text for reason in ledger.warnings)
        assert bool(ledger.away) is not lasts
        ledger.close()
    holder.close()
    assert len(Ledger(store_at(address, spool), Patches(None)).history()) == 1
