from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from domain.receipts import events

from routecli.domain.events import Called, Calling, Finished, Started
from routecli.domain.money import Usage, usd
from routecli.ledger import sqlite
from routecli.ledger.ledger import Ledger
from routecli.ledger.sqlite import SqliteStore, on_network
from routecli.ledger.store import migrations


def record(ledger: Ledger) -> None:
    for event in events():
        ledger.listener(event)


def asides(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if ".corrupt-" in file.name)


def newer(path: Path) -> None:
    SqliteStore(path).close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")


def half_torn(path: Path) -> None:
    SqliteStore(path).close()
    with path.open("r+b") as file:
        file.seek(100)
        file.write(os.urandom(8000))


@pytest.mark.parametrize(
    "spoil",
    [lambda path: path.write_bytes(b"garbage " * 900), lambda path: path.write_bytes(b"x" * 600), newer, half_torn],
    ids=["garbage", "short", "newer", "torn"],
)
def test_row_52_a_bad_ledger_is_moved_aside_with_one_warning(tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "ledger.db"
    assert callable(spoil)
    spoil(path)
    ledger = Ledger.open(path)
    record(ledger)
    assert len(asides(tmp_path)) == 1
    assert [reason.code for reason in ledger.warnings] == ["ledger"]
    assert ledger.path == path
    ledger.close()
    assert Ledger.open(path).run("last").row.outcome == "accepted"


def test_row_52_a_good_ledger_stays(tmp_path: Path) -> None:
    for _ in range(2):
        ledger = Ledger.open(tmp_path / "ledger.db")
        record(ledger)
        ledger.close()
    assert asides(tmp_path) == []


def test_row_52_torn_in_the_middle_of_a_run(tmp_path: Path) -> None:
    heard: list[str] = []
    ledger = Ledger.open(tmp_path / "ledger.db", on_warning=lambda reason: heard.append(reason.text))
    ledger.listener(Started("r1", "x"))
    ledger.listener(Calling(1, "tier1", "p/m", 100, usd(1)))
    with (tmp_path / "ledger.db").open("r+b") as file:
        file.write(os.urandom(60_000))
    ledger.listener(Called(1, "tier1", "p/m", "m", Usage(7), usd("0.5"), 1.0, "end"))
    ledger.listener(events()[-1])
    assert len(heard) == 1
    found = ledger.run("r1")
    assert found.row.outcome == "accepted"
    assert [str(request.cost_usd) for request in found.requests] == ["0.5"]


@pytest.mark.parametrize("spoil", ["folder", "link", "fifo", "file as parent"])
def test_row_52_where_no_file_can_be_the_run_is_kept_in_memory(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "ledger.db"
    match spoil:
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(tmp_path / "elsewhere")
        case "fifo":
            os.mkfifo(path)
        case _:
            (tmp_path / "file").touch()
            path = tmp_path / "file" / "ledger.db"
    ledger = Ledger.open(path)
    record(ledger)
    assert ledger.path is None
    assert len(ledger.warnings) == 1
    assert ledger.run("last").row.outcome == "accepted"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("mode", [0o000, 0o400])
def test_row_52_unreadable_and_read_only(mode: int) -> None:
    with tempfile.TemporaryDirectory() as name:  # not below tmp_path, where another user may not go
        folder = Path(name)
        folder.chmod(0o777)

        def open_and_record() -> bool:
            path = folder / "ledger.db"
            Ledger.open(path).close()
            path.chmod(mode)
            ledger = Ledger.open(path)
            record(ledger)
            return ledger.path is None and len(ledger.warnings) == 1 and ledger.run("r1").row.outcome == "accepted"

        assert as_an_ordinary_user(open_and_record)
        assert asides(folder) == []


def as_an_ordinary_user(what: Callable[[], bool]) -> bool:
    """`what()` in a child of our own that is not root: root reads and writes what it likes."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            status = 0 if what() else 1
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "a" / "b" / "ledger.db")
    assert ledger.path is not None
    assert ledger.path.exists()


def test_row_52_locked_by_another_program(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    Ledger.open(path).close()
    heard: list[str] = []
    ledger = Ledger.open(path, busy_timeout_s=0.05, on_warning=lambda reason: heard.append(reason.text))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    record(ledger)
    assert len(heard) == 1
    assert "locked" in heard[0]
    assert ledger.history()[0].outcome == "accepted"
    late = Ledger.open(path, busy_timeout_s=0.05)
    record(late)
    assert late.path is None
    holder.execute("ROLLBACK")
    assert asides(tmp_path) == []


WRITER = """
import sys
from pathlib import Path
from routecli.domain.events import Started
from routecli.ledger.ledger import Ledger
ledger = Ledger.open(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    ledger.listener(Started(f"{sys.argv[2]}-{number}", "x"))
    print(f"{sys.argv[2]}-{number}", flush=True)
print(len(ledger.warnings), flush=True)
"""


def writer(path: Path, name: str, rows: int) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", WRITER, str(path), name, str(rows)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def test_row_51_eight_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    writers = [writer(path, str(number), 100) for number in range(8)]
    for process in writers:
        out, _ = process.communicate(timeout=100)
        assert process.returncode == 0
        assert out.splitlines()[-1] == "0"
    assert len(Ledger.open(path).history(1000)) == 800


def test_row_51_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    for turn in range(4):
        process = writer(path, str(turn), 100_000)
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(15 + 10 * turn)]
        process.send_signal(signal.SIGKILL)
        acknowledged += process.stdout.read().splitlines(keepends=False)
        process.wait()
        process.stdout.close()
        ledger = Ledger.open(path)
        there = {row.run_id for row in ledger.history(1_000_000)}
        assert set(acknowledged) <= there
        assert ledger.warnings == ()
        ledger.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from routecli.domain.events import Calling, Started
from routecli.domain.money import usd
from routecli.ledger.ledger import Ledger
ledger = Ledger.open(Path(sys.argv[1]))
ledger.listener(Started("killed", "x"))
ledger.listener(Calling(1, "tier1", "p/m", 100, usd("0.5")))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_row_51_a_killed_run_is_shown_with_its_worst_case(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    row = Ledger.open(path).history()[0]
    assert (row.run_id, row.outcome, str(row.cost_usd)) == ("killed", "interrupted", "0.5")
    assert row.cost_is_worst_case


SPENDER = """
import random, sys
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from routecli.domain.money import usd
from routecli.errors import BudgetFault
from routecli.ledger.ledger import Ledger
from routecli.ledger.records import Cap
ledger = Ledger.open(Path(sys.argv[1]))
cap = Cap("day", usd("1"), datetime(2020, 1, 1, tzinfo=timezone.utc))
dice = random.Random(int(sys.argv[2]))
for _ in range(25):
    worst = Decimal(dice.randint(1, 40)) / 100
    try:
        reservation = ledger.reserve(sys.argv[2], "p/m", usd(worst), [cap])
    except BudgetFault:
        continue
    ledger.settle(reservation, dice.choice([None, usd(worst * dice.randint(0, 100) / 100)]))
"""


def test_row_57_eight_processes_share_one_cap(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    processes = [subprocess.Popen([sys.executable, "-c", SPENDER, str(path), str(n)]) for n in range(8)]
    assert [process.wait(timeout=100) for process in processes] == [0] * 8
    assert 0 < Ledger.open(path).spent_usd() <= 1


def test_threads_may_share_a_ledger(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.db")
    threads = [
        threading.Thread(target=lambda: [ledger.reserve("r", "p/m", usd(1)) for _ in range(10)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.spent_usd() == 40


def test_row_51_the_journal_follows_the_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def journal(path: Path) -> str:
        opened = SqliteStore(path)
        mode = str(opened.rows("PRAGMA journal_mode")[0][0])
        opened.close()
        return mode

    assert journal(tmp_path / "a.db") == ("wal" if sqlite3.sqlite_version_info >= (3, 51, 3) else "delete")
    monkeypatch.setattr(sqlite, "_WAL_IS_SAFE_FROM", (3, 0, 0))
    assert journal(tmp_path / "a.db") == "wal"
    monkeypatch.setattr(sqlite, "_WAL_IS_SAFE_FROM", (99, 0, 0))
    assert journal(tmp_path / "a.db") == "delete"


def test_network_file_systems_are_recognised(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "30 20 0:50 / /home rw shared:1 - nfs4 server:/home rw\n"
        "31 30 8:2 / /home/local\\040disk rw - ext4 /dev/sdb rw\n"
    )
    assert on_network(Path("/home/me/ledger.db"), mounts)
    assert not on_network(Path("/homely/ledger.db"), mounts)
    assert not on_network(Path("/home/local disk/ledger.db"), mounts)
    assert not on_network(Path("/home/me"), tmp_path / "none")


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [number for number, _ in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_second_start_while_the_first_migrates(tmp_path: Path) -> None:
    processes = [writer(tmp_path / "ledger.db", str(n), 1) for n in range(6)]
    assert [process.communicate(timeout=60)[0].splitlines()[-1] for process in processes] == ["0"] * 6


def test_finished_alone_makes_the_run(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.db")
    final = events()[-1]
    assert isinstance(final, Finished)
    ledger.listener(final)
    assert ledger.run("last").row.started_at == final.receipt.started_at
