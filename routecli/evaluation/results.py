"""What each tier made of each task: one line a try, appended, so that a stopped evaluation goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from os import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO

from routecli.domain.money import ZERO_USD, Usd
from routecli.errors import UsageFault
from routecli.evaluation.suite import SuiteTask
from routecli.nouns import dataclass

FILE_NAME = "results.jsonl"


class Ending(StrEnum):
    """SOLVED and NOT_SOLVED count. INVALID: the task cannot be judged here, whoever tries. UNFINISHED: a cap, a
    provider or a signal ended it, so it is tried again."""

    SOLVED = "solved"
    NOT_SOLVED = "not-solved"
    INVALID = "invalid"
    UNFINISHED = "unfinished"


JUDGED = (Ending.SOLVED, Ending.NOT_SOLVED)


@dataclass(frozen=True, slots=True)
class Result:
    """`digest` is that of the task's file, `models` those of the tier then: where either changed, it is tried again.
    `cost_usd` None: unknown."""

    task: str
    digest: str
    tier: str
    models: tuple[str, ...]
    ending: Ending
    cost_usd: Usd | None
    wall_s: float
    why: str
    at: datetime
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """What a tier did in all: counts of tasks, and what it cost."""

    tier: str
    solved: int
    tried: int
    invalid: int
    cost_usd: Usd
    wall_s: float


def append(folder: Path, result: Result) -> None:
    """Adds `result` to the suite's results. Raises UsageFault: it cannot be written."""
    line = json.dumps({**asdict(result), "cost_usd": None if result.cost_usd is None else str(result.cost_usd),
                       "at": result.at.isoformat()})  # fmt: skip
    try:
        with (folder / FILE_NAME).open("ab+") as stream:
            stream.write((_closing(stream) + line + "\n").encode())
    except OSError as fault:
        raise UsageFault(f"{folder / FILE_NAME} cannot be written: {fault.strerror}") from None


def _closing(stream: BinaryIO) -> str:
    """A line end, if the last line has none: a process that was killed left half of it, and what followed would be lost
    with it, and paid again."""
    if not stream.seek(0, SEEK_END):
        return ""
    stream.seek(-1, SEEK_END)
    return "" if stream.read(1) == b"\n" else "\n"


def read(folder: Path) -> tuple[Result, ...]:
    """All results, a half-written line left out."""
    try:
        lines = (folder / FILE_NAME).read_text("utf-8", "replace").splitlines()
    except OSError:
        return ()
    return tuple(found for line in lines if (found := _result(line)) is not None)


def _result(line: str) -> Result | None:
    try:
        whole: dict[str, Any] = json.loads(line)
        cost = whole.pop("cost_usd")
        return Result(
            **{**whole, "models": tuple(whole["models"]), "ending": Ending(whole["ending"]),
               "at": datetime.fromisoformat(whole["at"]).astimezone(UTC)},
            cost_usd=None if cost is None else Usd(Decimal(cost)),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidOperation):
        return None


def current(results: Iterable[Result], tasks: Sequence[SuiteTask], models: dict[str, tuple[str, ...]]) -> list[Result]:
    """The last finished result of each task and tier that still says what is: same file, same models."""
    digests = {task.name: task.digest for task in tasks}
    kept: dict[tuple[str, str], Result] = {}
    for one in results:
        same = digests.get(one.task) == one.digest and models.get(one.tier) == one.models
        if same and one.ending is not Ending.UNFINISHED:
            kept[one.task, one.tier] = one
    return list(kept.values())


def rates(results: Iterable[Result], tiers: Sequence[str]) -> tuple[Rate, ...]:
    """One for each of `tiers`, in that order. What is invalid counts for nobody."""
    own = list(results)
    found = []
    for tier in tiers:
        mine = [r for r in own if r.tier == tier]
        valid = [r for r in mine if r.ending in (Ending.SOLVED, Ending.NOT_SOLVED)]
        cost = sum((r.cost_usd or ZERO_USD for r in mine), ZERO_USD)
        solved = sum(r.ending is Ending.SOLVED for r in valid)
        found.append(
            Rate(tier, solved, len(valid), len(mine) - len(valid), Usd(Decimal(cost)), sum(r.wall_s for r in mine))
        )
    return tuple(found)
