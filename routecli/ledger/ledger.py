"""The ledger as the rest of the program sees it: a listener that never raises, and the questions it can answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from routecli.domain.events import Event
from routecli.domain.ladder import Reason
from routecli.domain.money import ZERO_USD, Usd
from routecli.domain.receipt import Receipt
from routecli.domain.receipt_json import from_json
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, UsageFault
from routecli.ledger import opinions
from routecli.ledger.exchanges import FOLDER, NOTHING_KEPT, Exchange, Exchanges, to_line
from routecli.ledger.experience import Experience
from routecli.ledger.flaky import FlakyTests
from routecli.ledger.patches import Patches
from routecli.ledger.recording import NOBODY, Recorder, Whose, text_of
from routecli.ledger.records import RUNS, Cap, DeliveredRun, RunRecord, RunRow, amount, request_row, run_row
from routecli.ledger.reserving import SPENT, Away, Reservations
from routecli.ledger.sqlite import SqliteStore
from routecli.ledger.store import BUSY_TIMEOUT_S, Row, Store, StoreFault
from routecli.ledger.tallies import retell

if TYPE_CHECKING:  # what few commands ask is loaded where it is asked
    from routecli.ledger.copying import Taken
    from routecli.ledger.keeping import Pruned
    from routecli.ledger.stats import Stats, Sums
    from routecli.ports import Secrets

FILE_NAME = "ledger.db"
PATCHES = "patches"
LAST = "last"


class Ledger(Experience):
    """Every request and every run. Made by `Ledger.open`."""

    def __init__(
        self,
        store: Store,
        patches: Patches,
        secrets: Secrets | None = None,
        on_warning: Callable[[Reason], None] | None = None,
        whose: Whose = NOBODY,
        when_away: Away = Away.REFUSE,
        exchanges: Exchanges = NOTHING_KEPT,
    ) -> None:
        super().__init__(store, secrets, on_warning)
        self._patches = patches
        self._exchanges = exchanges
        self._whose = whose
        self._reservations = Reservations(store, self._safely, whose, when_away)
        self._recorder = Recorder(store, self._clean, whose)

    @classmethod
    def open(
        cls,
        path: Path | None,
        *,
        secrets: Secrets | None = None,
        on_warning: Callable[[Reason], None] | None = None,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        whose: Whose = NOBODY,
    ) -> Ledger:
        """The ledger in the file `path` (None: in memory only), saved patches in `patches/` beside it.

        Never raises for the state of the file: see `warnings`. `on_warning` hears of what goes wrong later.
        """
        store = SqliteStore(path, busy_timeout_s=busy_timeout_s)
        beside = path.parent if path else None
        return cls(
            store, Patches(beside / PATCHES if beside else None), secrets, on_warning, whose,
            exchanges=Exchanges(beside / FOLDER if beside else None),
        )  # fmt: skip

    def listener(self, event: Event) -> None:
        """Hears the events of a run and records them (ports.Listener). Never raises: a ledger that cannot be written
        warns once, and the run goes on."""
        try:
            self._safely(lambda: self._recorder.record(event))
        except (StoreFault, ValueError, TypeError, OverflowError) as fault:
            self._store.warnings.append(Reason("ledger", f"an event could not be recorded: {fault}"))
            self._tell()

    def reserve(self, run_id: str, model: str, amount_usd: Usd | None, caps: Sequence[Cap] = ()) -> str:
        """Sets a call's worst case aside for all processes at once; the answer is for `settle`. Raises BudgetFault: see
        reserving.Reservations.reserve."""
        return self._reservations.reserve(run_id, model, amount_usd, caps)

    def check(self, model: str, amount_usd: Usd | None, caps: Sequence[Cap]) -> None:
        """What `reserve` would say, and nothing set aside. Raises BudgetFault."""
        self._reservations.check(model, amount_usd, caps)

    def spent_under(self, cap: Cap) -> Usd:
        """What counts against `cap`: bills, and the worst case of calls that have none yet."""
        return self._reservations.spent_under(cap)

    def settle(self, reservation: str, cost_usd: Usd | None) -> None:
        """Counts what was billed in place of the worst case. None: unknown, and the worst case stays counted."""
        self._reservations.settle(reservation, cost_usd)

    def spent_usd(self, since: datetime | None = None, *, repo_root: Path | None = None) -> Usd:
        """The sum of all calls asked since `since` (UTC-aware; None: ever), those without a bill at their worst case.

        Calls without a known price and without a worst case are in no sum: `history` shows them as unknown."""
        where = "" if repo_root is None else " AND run_id IN (SELECT run_id FROM runs WHERE repo_root = ?)"
        params = (text_of(since) if since else "", *((str(repo_root),) if repo_root is not None else ()))
        return amount(self._rows(SPENT + where, params)[0][0]) or ZERO_USD

    def history(self, limit: int = 20, *, repo_root: Path | None = None) -> tuple[RunRow, ...]:
        """The latest runs, newest first."""
        where = "" if repo_root is None else "WHERE repo_root = ?"
        params = (*((str(repo_root),) if repo_root is not None else ()), limit)
        rows = self._rows(f"{RUNS} {where} ORDER BY started_at DESC, run_id DESC LIMIT ?", params)
        return tuple(run_row(row) for row in rows)

    def receipts(self, since: datetime | None = None, *, limit: int = 100_000) -> tuple[Receipt, ...]:
        """The receipts of runs that began since `since` (UTC-aware; None: ever), newest first. Rows that cannot be read
        are left out."""
        sql = "SELECT receipt FROM runs WHERE receipt IS NOT NULL AND started_at >= ? ORDER BY started_at DESC LIMIT ?"
        rows = self._rows(sql, (text_of(since) if since else "", limit))
        found = (_receipt(row["receipt"]) for row in rows)
        return tuple(receipt for receipt in found if receipt is not None)

    def run(self, ref: str) -> RunRecord:
        """The run whose id is or begins with `ref`, or the latest (`last`). Raises UsageFault: none, or several."""
        row = self._find(ref)
        requests = self._rows("SELECT * FROM requests WHERE run_id = ? ORDER BY id", (row["run_id"],))
        receipt = _receipt(row["receipt"], self.patch(row["run_id"]) or "") if row["receipt"] else None
        return RunRecord(run_row(row), receipt, tuple(request_row(request) for request in requests))

    def _find(self, ref: str) -> Row:
        if ref == LAST:
            rows = self._rows(f"{RUNS} ORDER BY started_at DESC, run_id DESC LIMIT 1")
        else:
            rows = self._rows(f"{RUNS} WHERE run_id = ?", (ref,)) or self._rows(
                f"{RUNS} WHERE substr(run_id, 1, length(?1)) = ?1 ORDER BY started_at DESC LIMIT 6", (ref,)
            )
        if not ref or not rows:
            raise UsageFault(f"no run {one_line(ref, limit=60) or '(empty)'} in the ledger", hint="routecli history")
        if len(rows) > 1:
            raise UsageFault(
                f"{len(rows)} runs or more begin with {one_line(ref, limit=60)}",
                hint=f"routecli show {rows[0]['run_id']}",
            )
        return rows[0]

    def flaky_tests(self, repo_root: Path, keep_days: int) -> FlakyTests:
        """The flaky tests of a repository."""
        return FlakyTests(self._store, repo_root, keep_days)

    def stats(self, since: datetime | None = None, *, repo_root: Path | None = None) -> Stats:
        """What all runs since `since` (UTC-aware; None: ever) came to, by day, tier, kind, repository and model."""
        from routecli.ledger import keeping
        from routecli.ledger.stats import stats

        found = self._safely(lambda: stats(self._store, since, repo_root))
        return found if repo_root else self._safely(lambda: keeping.with_pruned(self._store, found, since))

    def by_user(self, since: datetime | None = None, *, repo_root: Path | None = None) -> Mapping[str, Sums]:
        """Sums by team and user; see users.by_user."""
        from routecli.ledger import users

        return self._safely(lambda: users.by_user(self._store, since, repo_root))

    def with_texts(self, before: datetime | None = None, *, limit: int | None = None) -> list[str]:
        """The runs that have ended and still have texts, the oldest first; in a ledger that others share, this user's
        own. See keeping.with_texts."""
        from routecli.ledger import keeping

        who = self._whose.who if self._store.shared else None
        return self._safely(lambda: keeping.with_texts(self._store, before, who, limit=limit or keeping.NO_LIMIT))

    def forget(self, run_ids: Sequence[str], folders: Sequence[Path]) -> None:
        """Takes out all texts of these runs; see keeping.forget. Raises ConfigFault: the server is away."""
        from routecli.ledger import keeping

        self._ask_server()
        self._safely(lambda: keeping.forget(self._store, run_ids, folders))

    def prune(self, before: datetime, folders: Sequence[Path]) -> Pruned:
        """Old runs become sums by day; see keeping.prune. Raises ConfigFault: the server is away."""
        from routecli.ledger import keeping

        self._ask_server()
        return self._safely(lambda: keeping.prune(self._store, before, folders))

    def audit(self) -> Sequence[str]:
        """What does not add up, a line each. Raises ConfigFault: the server is away."""
        from routecli.ledger import auditing

        self._ask_server()
        return self._safely(lambda: tuple(auditing.audit(self._store)))

    def take_in(self, file: Path) -> Taken:
        """Every run of the ledger in `file`, each once, however often this is done. Raises ConfigFault: the server is
        away, or `file` is no ledger that can be read."""
        from routecli.ledger import copying
        from routecli.ledger.inspection import inspect

        self._ask_server()
        fault = inspect(file).fault  # looked at first: to open a bad one is to move it aside
        if fault:
            raise ConfigFault(f"{file} is no ledger that can be read: {one_line(fault)}", hint=f"ls -l {file}")
        source = SqliteStore(file)
        try:
            ended = text_of(datetime.now(UTC) - timedelta(days=1))
            return self._safely(lambda: copying.take_in(self._store, source, self._whose, ended))
        finally:
            source.close()

    def _ask_server(self) -> None:
        if self.away:
            raise ConfigFault(f"the ledger's server is away: {self.away}", hint="routecli doctor")

    def tell_truth(self, ref: str, truth: str, source: str) -> RunRow:
        """What became known of the patch of the run `ref`: `truth` is good, bad or reverted, `source` who says so. The
        counts that routing reads follow. Raises UsageFault: no such run, or one whose patch was never accepted."""
        row = self._find(ref)
        record = self.run(row["run_id"])
        if record.receipt is None or record.row.outcome not in ("accepted", "not-written"):
            raise UsageFault(
                f"run {row['run_id']} has no accepted patch to speak of", hint=f"routecli show {row['run_id']}"
            )
        receipt = record.receipt

        def write() -> None:
            with self._store.writing() as connection:
                retell(connection, row, receipt, truth)
                opinions.retell(connection, row, truth)
                connection.execute(_TRUTH, (truth, source, row["run_id"]))

        self._safely(write)
        return record.row

    def delivered(self, repo_root: Path, since: datetime, most: int) -> tuple[DeliveredRun, ...]:
        """The latest `most` runs in `repo_root` since then (UTC-aware) whose patch was written, and of which no person
        spoke."""
        rows = self._rows(_DELIVERED, (str(repo_root), text_of(since), most))
        found = ((row, _receipt(row["receipt"])) for row in rows)
        return tuple(
            DeliveredRun(row["run_id"], receipt.task.base_commit, row["commit_id"], row["truth"])
            for row, receipt in found
            if receipt is not None
        )

    def inferred(self, since: datetime | None = None, *, repo_root: Path | None = None) -> int:
        """Of how many runs since then (UTC-aware; None: ever) git says, and nobody else, that their patch was wrong."""
        here = "AND repo_root = ?" if repo_root else ""
        params = (text_of(since) if since else "", *((str(repo_root),) if repo_root else ()))
        return int(self._rows(_INFERRED.format(here=here), params)[0][0])

    def overrule(self, run_id: str) -> None:
        """Notes that the patch of `run_id` was written although no verdict accepted it. Never raises."""
        sql = "UPDATE runs SET overruled = 'written' WHERE run_id = ? AND outcome NOT IN ('accepted', 'not-written')"

        def write() -> None:
            with self._store.writing() as connection:
                connection.execute(sql, (run_id,))

        self._quietly(write)

    def truths(self) -> Mapping[str, str]:
        """What became known of runs, by their ids: good, bad or reverted."""
        return {row[0]: row[1] for row in self._rows("SELECT run_id, truth FROM runs WHERE truth <> ''")}

    def save_patch(self, run_id: str, text: str) -> Path | None:
        """Keeps `text` (a unified diff) under the state folder; where, or None where it cannot be kept."""
        try:
            return self._patches.save(run_id, self._clean(text))
        except OSError as fault:
            self._store.warnings.append(Reason("patch-not-saved", f"the patch could not be saved: {fault.strerror}"))
            self._tell()
            return None

    def patch(self, run_id: str) -> str | None:
        """The saved patch of a run, by its full id."""
        return self._patches.read(run_id)

    def keep_exchange(self, run_id: str, exchange: Exchange) -> None:
        """Keeps what was asked and answered in a call, without keys. Never raises: what cannot be kept warns once."""
        try:
            self._exchanges.append(run_id, self._clean(to_line(exchange)))
        except OSError as fault:
            why = f"prompts and replies could not be kept: {fault.strerror}"
            if all(reason.text != why for reason in self._store.warnings):
                self._store.warnings.append(Reason("not-kept", why))
                self._tell()

    def exchanges(self, run_id: str) -> tuple[Exchange, ...]:
        """What was kept of a run, by its full id."""
        return self._exchanges.read(run_id)


def _receipt(text: str, patch: str = "") -> Receipt | None:
    try:
        return from_json({**json.loads(text), "patch": patch})
    except (KeyError, TypeError, ValueError):
        return None


_DELIVERED = """
SELECT run_id, commit_id, truth, receipt FROM runs
WHERE repo_root = ? AND started_at >= ? AND written <> 0 AND outcome = 'accepted' AND truth_source <> 'you'
    AND receipt IS NOT NULL ORDER BY started_at DESC LIMIT ?
"""
_INFERRED = "SELECT count(*) FROM runs WHERE truth_source = 'git' AND started_at >= ? {here}"
_TRUTH = "UPDATE runs SET truth = ?, truth_source = ? WHERE run_id = ?"
