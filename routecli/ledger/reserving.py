"""The caps that all processes and machines share, held in the ledger: set aside in one transaction, then settled."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from routecli.domain.money import ZERO_USD, Usd
from routecli.domain.receipt_json import money
from routecli.errors import BudgetFault
from routecli.ledger.recording import Whose, new_ref, now, text_of
from routecli.ledger.records import Cap, amount
from routecli.ledger.store import Params, Store, storable

_T = TypeVar("_T")
SPENT = "SELECT usd_sum(coalesce(cost_usd, reserved_usd)) FROM requests WHERE asked_at >= ?"


class Safely(Protocol):
    """Carries out a read or a write, whatever state the store is in: once more, or on what takes its place."""

    def __call__(self, work: Callable[[], _T], /) -> _T: ...


class Away(StrEnum):
    """What becomes of calls under a cap while the server that counts for all is away (`ledger_away`)."""

    REFUSE = "refuse"
    LOCAL_CAP = "local-cap"


class Reservations:
    """What is set aside for calls."""

    def __init__(self, store: Store, safely: Safely, whose: Whose, when_away: Away) -> None:
        self._store = store
        self._safely = safely
        self._whose = whose
        self._when_away = when_away
        self._noted: dict[str, tuple[str, int]] = {}

    def reserve(self, run_id: str, model: str, amount_usd: Usd | None, caps: Sequence[Cap] = ()) -> str:
        """Sets a call's worst case aside for all processes at once; the answer is for `settle`.

        `model` is `provider/model`. One transaction reads every cap and writes the row, so that processes side by
        side cannot overspend (security.md row 57). Raises BudgetFault: a cap could be exceeded.
        """

        known: dict[str, str] = {}
        ref = new_ref()  # one for all tries: a transaction that was lost while it was committed counts once

        def write() -> str:
            with self._store.writing(alone=True) as connection:
                for cap in caps:
                    if cap.repo_root:  # its run's own row may not say yet where it runs
                        connection.execute(_PLACE, (cap.repo_root, run_id))
                    spent = amount(connection.execute(*_spent_of(cap, but=ref)).fetchone()[0]) or ZERO_USD
                    spent = self._with_known(cap, spent, hold=True)
                    _check(cap, spent, model, amount_usd)
                    known[_name_of(cap)] = str(money(Usd(spent + (amount_usd or 0))))
                whose = (self._whose.who, self._whose.team)
                connection.execute(_RESERVE, (ref, run_id, now(), model, money(amount_usd), *map(storable, whose)))
                return ref

        reservation = self._safely(write)
        if known and not self._store.away:
            self._store.remember(known)
        self._note(reservation, datetime.now(UTC).strftime("%Y-%m-%d"), amount_usd or ZERO_USD)
        return reservation

    def _note(self, reservation: str, day: str, amount_usd: Usd) -> None:
        """What this machine spends, for its prompt: as the rows say it, whatever server they lie at."""
        microusd = round(amount_usd * 1_000_000)
        before = self._noted.get(reservation, ("", 0))[1]
        self._noted[reservation] = day, microusd
        if microusd != before:
            self._store.note_spent(day, microusd - before)

    def _with_known(self, cap: Cap, spent_usd: Usd, *, hold: bool = False) -> Usd:
        """While the ledger's server is away: what waits here, and what was known of all the others at the last contact.
        Raises BudgetFault where that is not enough to `hold` a cap by."""
        if not self._store.away:
            return spent_usd
        if hold and self._when_away is not Away.LOCAL_CAP:
            raise BudgetFault(
                f"the {cap.name}'s cap cannot be held: the ledger's server is away ({self._store.away})",
                hint="ROUTECLI_LEDGER_AWAY=local-cap routecli run …   (counts what this machine knows)",
            )
        return Usd(spent_usd + (amount(self._store.remembered(_name_of(cap))) or ZERO_USD))

    def check(self, model: str, amount_usd: Usd | None, caps: Sequence[Cap]) -> None:
        """What `reserve` would say, and nothing set aside. Raises BudgetFault."""
        for cap in caps:
            _check(cap, self._with_known(cap, self._spent(cap), hold=True), model, amount_usd)

    def spent_under(self, cap: Cap) -> Usd:
        """What counts against `cap`: bills, and the worst case of calls that have none yet."""
        return self._with_known(cap, self._spent(cap))

    def _spent(self, cap: Cap) -> Usd:
        return amount(self._safely(lambda: self._store.rows(*_spent_of(cap)))[0][0]) or ZERO_USD

    def settle(self, reservation: str, cost_usd: Usd | None) -> None:
        """Counts what was billed in place of the worst case. None: unknown, and the worst case stays counted."""

        def write() -> None:
            with self._store.writing() as connection:
                connection.execute(_SETTLE, (now(), money(cost_usd), reservation))

        self._safely(write)
        if cost_usd is not None and reservation in self._noted:
            self._note(reservation, self._noted[reservation][0], cost_usd)


def _spent_of(cap: Cap, *, but: str = "") -> tuple[str, Params]:
    where = SPENT
    params: list[str | int] = [text_of(cap.since)]
    if but:
        where += " AND ref <> ?"
        params.append(but)
    if cap.repo_root:
        where += " AND run_id IN (SELECT run_id FROM runs WHERE repo_root = ?)"
        params.append(cap.repo_root)
    if cap.provider:
        where += " AND substr(model, 1, ?) = ?"
        params += [len(cap.provider) + 1, f"{cap.provider}/"]
    if cap.who:
        where += " AND who = ?"
        params.append(storable(cap.who))
    if cap.team:
        where += " AND team = ?"
        params.append(storable(cap.team))
    return where, tuple(params)


def _name_of(cap: Cap) -> str:
    """What its sum is remembered under."""
    return json.dumps([cap.name, text_of(cap.since), cap.repo_root, cap.provider, cap.who, cap.team])


def _check(cap: Cap, spent_usd: Usd, model: str, amount_usd: Usd | None) -> None:
    if spent_usd + (amount_usd or 0) > cap.cap_usd:
        left = max(cap.cap_usd - spent_usd, ZERO_USD)
        raise BudgetFault(
            f"a call to {model} could cost ${money(amount_usd)}, and ${money(left)} of the "
            f"{cap.name}'s ${money(cap.cap_usd)} is left",
            hint="routecli budget",
        )


_RESERVE = """
INSERT INTO requests (ref, run_id, state, asked_at, model, reserved_usd, who, team)
VALUES (?, ?, 'reserved', ?, ?, ?, ?, ?) ON CONFLICT (ref) WHERE ref <> '' DO NOTHING
"""
_PLACE = "UPDATE runs SET repo_root = ? WHERE run_id = ? AND repo_root = ''"
# Nothing billed: the event that follows tells a free answer from none at all.
_SETTLE = """
UPDATE requests SET state = CASE WHEN ?2 = '0' THEN state ELSE 'settled' END, settled_at = ?1, cost_usd = ?2
WHERE ref = ?3
"""
