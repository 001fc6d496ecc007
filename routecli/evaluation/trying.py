"""One tier on one task: `routecli run` itself, as a program of its own, in the repository as it was.

A program of its own because that is what is measured, and because its caps, its ledger and its sandbox are then the
very same as a person's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Condition, Lock
from typing import Any

from routecli import process
from routecli.domain.money import ZERO_USD, Usd
from routecli.domain.receipt import Outcome
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, ExitStatus, UsageFault
from routecli.evaluation.ground import ground
from routecli.evaluation.results import Ending, Result
from routecli.evaluation.suite import SuiteTask
from routecli.ledger.opening import PLACE_VARIABLE
from routecli.nouns import dataclass

Trusting = Callable[[SuiteTask, Path], AbstractContextManager[None]]
_LONGEST_S = 3 * 3600.0
_ENDINGS: dict[str, Ending] = {
    Outcome.ACCEPTED: Ending.SOLVED, Outcome.NOT_WRITTEN: Ending.SOLVED, Outcome.DEFERRED: Ending.NOT_SOLVED,
    Outcome.REFUSED: Ending.NOT_SOLVED, Outcome.NOTHING_TO_CHANGE: Ending.NOT_SOLVED,
    Outcome.UNVERIFIED: Ending.INVALID,
}  # fmt: skip
"""By the receipt's outcome; anything else is unfinished."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tier and the models that it has now."""

    tier: str
    models: tuple[str, ...]


class Money:
    """The cap of a whole evaluation, for `jobs` tries at once: each sets its own cap aside first, at most its share."""

    def __init__(self, total_usd: Decimal, each_usd: Decimal, jobs: int = 1) -> None:
        self._left = total_usd
        self._each = min(each_usd, total_usd / jobs)
        self._out = 0
        self._changed = Condition()

    def take(self) -> Decimal | None:
        """The cap of the next try; None where nothing is left. What others have set aside may come back: it waits."""
        with self._changed:
            self._changed.wait_for(lambda: self._left > 0 or not self._out)
            cap = min(self._each, self._left)
            if cap <= 0:
                return None
            self._left -= cap
            self._out += 1
            return cap

    def give_back(self, cap_usd: Decimal, cost_usd: Decimal | None) -> None:
        """What the try did not spend. An unknown cost counts as the whole cap."""
        with self._changed:
            self._left += cap_usd - (cap_usd if cost_usd is None else cost_usd)
            self._out -= 1
            self._changed.notify_all()


def try_all(
    wanted: Sequence[tuple[SuiteTask, Candidate]],
    money: Money,
    *,
    options: Sequence[str],
    environ: Mapping[str, str],
    jobs: int,
    tell: Callable[[Result], None],
    trusting: Trusting,
) -> int:
    """Tries each pair, `jobs` at once; `tell` hears each result, one at a time. `trusting` lets the
    repository's own commands run in the copy as far as they may in the repository. Returns how many were left because
    nothing was left of the money."""
    lock = Lock()
    left = 0

    def one(pair: tuple[SuiteTask, Candidate]) -> None:
        nonlocal left
        cap = money.take()
        if cap is None:
            with lock:
                left += 1
            return
        cost = None
        try:
            result = _tried(*pair, cap, options, environ, trusting)
            cost = result.cost_usd
        finally:
            money.give_back(cap, cost)
        with lock:
            tell(result)

    with ThreadPoolExecutor(jobs, thread_name_prefix="routecli-eval") as pool:
        for done in [pool.submit(one, pair) for pair in wanted]:
            done.result()
    return left


def _tried(
    task: SuiteTask,
    candidate: Candidate,
    cap_usd: Decimal,
    options: Sequence[str],
    environ: Mapping[str, str],
    trusting: Trusting,
) -> Result:
    try:
        with ground(task) as root, trusting(task, root):
            done = process.run(
                _argv(task, candidate, cap_usd, options), cwd=root, env=environment_of(task, environ),
                timeout_s=_LONGEST_S, output_bytes=None,
            )  # fmt: skip
    except UsageFault as fault:
        return _result(task, candidate, Ending.INVALID, ZERO_USD, 0.0, fault.what)
    except ConfigFault as fault:  # not trusted: tried again once it is
        return _result(task, candidate, Ending.UNFINISHED, ZERO_USD, 0.0, fault.what)
    receipt = _receipt(done.stdout)
    if receipt is None:
        said = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.startswith("error: ")]
        why = said[0].removeprefix("error: ") if said else f"exit {done.exit_code}"
        if done.exit_code == ExitStatus.USAGE:  # before anything was sent
            return _result(task, candidate, Ending.INVALID, ZERO_USD, done.wall_s, why)
        cost = ZERO_USD if done.exit_code == ExitStatus.CONFIG else None  # refused: nothing was sent
        return _result(task, candidate, Ending.UNFINISHED, cost, done.wall_s, why)
    cost = receipt.get("cost_usd")
    return _result(
        task, candidate, _ENDINGS.get(str(receipt.get("outcome")), Ending.UNFINISHED),
        None if cost is None else Usd(Decimal(str(cost))), done.wall_s, _why(receipt),
        str(receipt.get("run_id") or ""),
    )  # fmt: skip


def _why(receipt: Mapping[str, Any]) -> str:
    """Why it ended so: what the last attempt was refused for says more than that a person is needed."""
    tries = [a for a in receipt.get("attempts", ()) if not a.get("purpose")]
    deferred = receipt.get("outcome") == Outcome.DEFERRED and tries
    return str((tries[-1]["verdict"]["why"] if deferred else receipt.get("why")) or "")


def _argv(task: SuiteTask, candidate: Candidate, cap_usd: Decimal, options: Sequence[str]) -> list[str]:
    tier = ("--tier", candidate.tier, "--max-tier", candidate.tier)
    judged = ("--accept", task.accept) if task.accept else ()
    kind = ("--kind", task.kind) if task.kind else ()
    return [sys.executable, "-m", "routecli", "run", "--json", "--quiet", *tier, *judged, *kind, "--reproduce", "off",
            "--budget", format(cap_usd, "f"), *options, "--", task.task, *task.paths]  # fmt: skip


def environment_of(task: SuiteTask, environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's, with the environment of the task's own repository as the active one; the try counts for it."""
    own = next((f for f in (task.repository / ".venv", task.repository / "venv") if (f / "pyvenv.cfg").is_file()), None)
    place = {PLACE_VARIABLE: str(task.repository)}
    return {**environ, **place, **({"VIRTUAL_ENV": str(own)} if own else {})}


def _receipt(raw: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(raw)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "outcome" in found else None


def _result(
    task: SuiteTask,
    candidate: Candidate,
    ending: Ending,
    cost_usd: Usd | None,
    wall_s: float,
    why: str,
    run_id: str = "",
) -> Result:
    return Result(
        task.name, task.digest, candidate.tier, candidate.models, ending, cost_usd, wall_s, one_line(why),
        datetime.now(UTC), run_id,
    )  # fmt: skip


__all__ = ["Candidate", "Money", "environment_of", "try_all"]
