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
from routecli.ledger.tallies import count_all, retell
from routecli.nouns import dataclass

_Values = Mapping[str, Any]
_ByRun = Mapping[str, list[Row]]
_AT_ONCE = 200
_MOST_VALUES = 8000
"""In one statement; SQLite takes 32,766."""
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
        with target.writing(alone=True) as connection:  # so that no other adds what this one does not find
            new += _take(connection, [_named(row, whose) for row in rows], belonging, whose)
        runs += len(rows)
        last = rows[-1]["run_id"]
    with target.writing() as connection:
        _insert(connection, "flaky_tests", [_dict(row) for row in source.rows("SELECT * FROM flaky_tests")])
        mark = hashlib.sha256(f"{os.uname().nodename} {source.path}".encode()).hexdigest()[:16]
        for row in source.rows("SELECT * FROM days"):
            _take_day(connection, _named(row, whose) | {"source": row["source"] or mark})
    return Taken(runs, new)


def _take(
    connection: Writing,
    runs: Sequence[Mapping[str, Any]],
    belonging: Mapping[str, Mapping[str, list[Row]]],
    whose: Whose,
) -> int:
    """Runs and what belongs to them, a few statements for all: each is a way to the server and back. How many of them
    were not there."""
    marks = ", ".join("?" * len(runs))
    asked = f"SELECT run_id FROM runs WHERE run_id IN ({marks})"
    known = {row[0] for row in connection.execute(asked, tuple(run["run_id"] for run in runs)).fetchall()}
    fresh = [run for run in runs if run["run_id"] not in known]
    _insert(connection, "runs", fresh)
    for table, by_run in belonging.items():
        rows = [_dict(row) for run in fresh for row in by_run.get(run["run_id"], ())]
        plain = [{name: value for name, value in row.items() if name != "id"} for row in rows]
        _insert(connection, table, [_whose(row, whose) for row in plain] if table == "requests" else plain)
    receipts = [(run, receipt) for run in fresh if (receipt := _receipt(run["receipt"])) is not None]
    count_all(connection, ((receipt, run["size"]) for run, receipt in receipts))
    for run, receipt in receipts:
        if run["truth"]:
            retell(connection, {**run, "truth": ""}, receipt, run["truth"])
    return len(fresh)


def _of(source: SqliteStore, table: str, runs: Sequence[Row]) -> dict[str, list[Row]]:
    marks = ", ".join("?" * len(runs))
    found: dict[str, list[Row]] = {}
    for row in source.rows(f"SELECT * FROM {table} WHERE run_id IN ({marks})", tuple(r["run_id"] for r in runs)):
        found.setdefault(row["run_id"], []).append(row)
    return found


def _insert(connection: Writing, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with the same columns, as few statements as the number of a statement's values allows."""
    if not rows:
        return
    names = tuple(rows[0])
    row_marks = f"({', '.join('?' * len(names))})"
    at_once = max(1, _MOST_VALUES // len(names))
    for first in range(0, len(rows), at_once):
        some = rows[first : first + at_once]
        marks = ", ".join([row_marks] * len(some))
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES {marks} ON CONFLICT DO NOTHING"
        connection.execute(sql, tuple(row[name] for row in some for name in names))


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
