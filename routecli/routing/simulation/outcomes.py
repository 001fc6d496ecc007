"""Recorded outcomes of models on tasks, read from a file of the user's.

A CSV with at least the columns `task_id, model, resolved, cost_usd` (`dataset` and `trial` where there are several);
`resolved` is 1 or 0. docs/examples/outcomes.csv is a small one in this format.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from routecli.domain.money import ZERO_USD, Usd
from routecli.domain.untrusted import one_line, said_by
from routecli.errors import UsageFault
from routecli.nouns import dataclass

_COLUMNS = ("task_id", "model", "resolved", "cost_usd")
_MOST_USD = 1_000_000
_HINT = "a CSV with the columns task_id, model, resolved (1 or 0), cost_usd"


@dataclass(frozen=True, slots=True)
class Trial:
    """One model on one task."""

    resolved: bool
    cost_usd: Usd


@dataclass(frozen=True, slots=True)
class Outcomes:
    """`trials[model][task]`, only tasks that every model was tried on, in order."""

    tasks: tuple[str, ...]
    trials: Mapping[str, Mapping[str, Trial]]

    @property
    def models(self) -> tuple[str, ...]:
        """Cheapest on average first."""
        return tuple(sorted(self.trials, key=self.mean_cost_usd))

    def mean_cost_usd(self, model: str) -> Usd:
        """Of one model over all tasks."""
        total = sum((self.trials[model][t].cost_usd for t in self.tasks), Decimal(0))
        return Usd(total / len(self.tasks)) if self.tasks else ZERO_USD

    def resolved_share(self, model: str) -> float:
        """Of one model over all tasks."""
        return sum(self.trials[model][t].resolved for t in self.tasks) / len(self.tasks)

    def only(self, tasks: Iterable[str]) -> Outcomes:
        """The same models on some of the tasks."""
        return Outcomes(tuple(tasks), self.trials)


def read_outcomes(path: Path, *, dataset: str = "", models: Collection[str] = ()) -> Outcomes:
    """The outcomes in `path`: of `dataset` (empty: the one with most rows), of `models` (empty: all that were tried on
    every task of it). Several trials of one model on one task count by the first. Raises UsageFault."""
    rows = _rows(path)
    sets = [row.get("dataset", "") for row in rows]
    chosen = dataset or max(set(sets), key=lambda name: (sets.count(name), name))
    trials: dict[str, dict[str, Trial]] = {}
    for number, row in enumerate(rows, start=2):
        if row.get("dataset", "") == chosen and (not models or row["model"] in models):
            trials.setdefault(row["model"], {}).setdefault(row["task_id"], _trial(row, path, number))
    if not trials:
        known = ", ".join(sorted({one_line(r["model"]) for r in rows})[:30])
        raise UsageFault(f"{path} holds no outcome of what was asked for", hint=f"it has: {known}")
    missing = [m for m in models if m not in trials]
    if missing:
        raise UsageFault(f"{path}: no model {one_line(missing[0])}", hint=f"it has: {', '.join(sorted(trials))[:400]}")
    most = max(len(tried) for tried in trials.values())
    whole = {model: tried for model, tried in trials.items() if models or len(tried) == most}
    tasks = sorted(set.intersection(*(set(tried) for tried in whole.values())))
    if not tasks:
        raise UsageFault(f"{path}: no task was tried by all of these models", hint="--dataset NAME, or fewer models")
    return Outcomes(tuple(tasks), whole)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            absent = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if absent:
                raise UsageFault(f"{path}: no column {absent[0]}", hint=_HINT)
            rows = [{k: v or "" for k, v in row.items() if isinstance(k, str)} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise UsageFault(f"{path} cannot be read: {said_by(fault)}", hint=_HINT) from None
    if not rows:
        raise UsageFault(f"{path} holds no row", hint=_HINT)
    return rows


def _trial(row: Mapping[str, str], path: Path, number: int) -> Trial:
    try:
        cost = Decimal(row["cost_usd"] or "0")
        if not cost.is_finite() or not 0 <= cost < _MOST_USD or row["resolved"] not in ("0", "1"):
            raise InvalidOperation
    except InvalidOperation:
        raise UsageFault(f"{path}:{number}: resolved must be 1 or 0, and cost_usd an amount", hint=_HINT) from None
    return Trial(row["resolved"] == "1", Usd(cost))


def halves(tasks: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tasks to tune on and those to score on, by a hash of their names: the same halves on every machine."""
    first = tuple(t for t in tasks if hashlib.sha256(t.encode()).digest()[0] % 2 == 0)
    return first, tuple(t for t in tasks if t not in set(first))
