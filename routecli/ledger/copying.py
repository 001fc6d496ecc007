"""The rows of a ledger's file taken into another store: as often as one likes, each counts once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from routecli.domain.receipt import Receipt
from routecli.domain.receipt_json import from_json
from routecli.ledger.recording import Whose
from routecli.ledger.sqlite import SqliteStore
from routecli.ledger.store import Row, Store, Writing, storable
from routecli.ledger.tallies import count, retell
from routecli.nouns import dataclass

_AT_ONCE = 100
_RUNS = """
SELECT * FROM runs WHERE run_id > ? AND (outcome IS NOT NULL OR started_at < ?) ORDER BY run_id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """How many runs there were to take, and how many were not there yet."""

    runs: int
    new: int


def take_in(target: Store, source: SqliteStore, whose: Whose, ended_before: str) -> Taken:
    """Copies every run that has ended (or began before `ended_before`: a time as the ledger has it) with all that
    belongs to it; rows without a name become `whose`. Raises StoreFault; what was taken till then stays."""
    last, runs, new = "", 0, 0
    while rows := source.rows(_RUNS, (last, ended_before, _AT_ONCE)):
        belonging = {table: _of(source, table, rows) for table in ("requests", "attempts", "moves", "opinions")}
        with target.writing() as connection:
            new += sum(_take(connection, _named(row, whose), belonging, whose) for row in rows)
        runs += len(rows)
        last = rows[-1]["run_id"]
    with target.writing() as connection:
        for row in source.rows("SELECT * FROM flaky_tests"):
            _insert(connection, "flaky_tests", _dict(row))
        mark = hashlib.sha256(f"{os.uname().nodename} {source.path}".encode()).hexdigest()[:16]
        for row in source.rows("SELECT * FROM days"):
            _take_day(connection, _named(row, whose) | {"source": row["source"] or mark})
    return Taken(runs, new)


def _take(
    connection: Writing, run: Mapping[str, Any], belonging: Mapping[str, Mapping[str, list[Row]]], whose: Whose
) -> bool:
    """One run and what belongs to it; False where it was there."""
    if not _insert(connection, "runs", run):
        return False
    for table, by_run in belonging.items():
        for row in by_run.get(run["run_id"], ()):
            values = {name: value for name, value in _dict(row).items() if name != "id"}
            _insert(connection, table, _whose(values, whose) if table == "requests" else values)
    receipt = _receipt(run["receipt"])
    if receipt is not None:
        count(connection, receipt, run["size"])
        retell(connection, {**run, "truth": ""}, receipt, run["truth"])
    return True


def _of(source: SqliteStore, table: str, runs: Sequence[Row]) -> dict[str, list[Row]]:
    marks = ", ".join("?" * len(runs))
    found: dict[str, list[Row]] = {}
    for row in source.rows(f"SELECT * FROM {table} WHERE run_id IN ({marks})", tuple(r["run_id"] for r in runs)):
        found.setdefault(row["run_id"], []).append(row)
    return found


def _insert(connection: Writing, table: str, values: Mapping[str, Any]) -> bool:
    columns, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    sql = f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"
    return connection.execute(sql, values).rowcount == 1


def _take_day(connection: Writing, values: Mapping[str, Any]) -> None:
    """The same day of the same ledger again: its sums as they are now."""
    keys = ("day", "who", "team", "source")
    columns, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    sets = ", ".join(f"{name} = excluded.{name}" for name in values if name not in keys)
    sql = f"INSERT INTO days ({columns}) VALUES ({marks}) ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sets}"
    connection.execute(sql, values)


def _named(row: Row, whose: Whose) -> dict[str, Any]:
    return _whose(_dict(row), whose)


def _whose(values: dict[str, Any], whose: Whose) -> dict[str, Any]:
    return values | {"who": values["who"] or storable(whose.who), "team": values["team"] or storable(whose.team)}


def _dict(row: Row) -> dict[str, Any]:
    return dict(_pairs(row))


def _pairs(row: Row) -> Iterator[tuple[str, Any]]:
    for name in row.keys():  # noqa: SIM118 - a row iterates over its values
        yield name, row[name]


def _receipt(text: str | None) -> Receipt | None:
    try:
        return from_json({**json.loads(text), "patch": ""}) if text else None
    except (KeyError, TypeError, ValueError):
        return None
