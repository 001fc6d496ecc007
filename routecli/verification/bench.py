"""The user's own `--bench` command: it has to take less time with the patch than without it, and say the same.

Both sides run in turns, on twins of their own, so that what else the machine does falls on both. Faster means: by a
one-sided test of ranks (Mann and Whitney 1947, exact, at most 0.5 %) and by at least 5 % of the median.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import field
from enum import StrEnum
from functools import lru_cache
from math import comb
from statistics import median

from routecli.domain.command import Completed
from routecli.domain.patch import Patch
from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass
from routecli.ports import Twin, Workspace
from routecli.verification.baseline import last_line
from routecli.verification.integrity import Split
from routecli.verification.planned import PlannedCheck

ROUNDS = (5, 10, 15)
"""After so many runs of each side it is looked whether they can be told apart."""
MOST_S = 300.0
"""No further round begins after this long."""
LEAST_GAIN = 0.05
CHANCE = 0.005
"""The most that a gain may be owed to chance; five runs that are all faster are just within it (1 in 252)."""
_FOLDERS = re.compile(r"(^|/)(bench|benches|benchmark|benchmarks|perf)(/|[_-][\w-]*\.|\.)")


class Speed(StrEnum):
    """What the times say."""

    FASTER = "faster"
    NO_FASTER = "no faster"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Benched:
    """`before_s` and `after_s` are the times of the command without and with the patch, seconds, in order. `fault`:
    it cannot run without the patch. `broke`: it fails with it. `differs`: it says something else with it. `unstable`:
    what it says differs from run to run even without, so it was not compared whole. `silent`: it says nothing."""

    before_s: tuple[float, ...] = ()
    after_s: tuple[float, ...] = ()
    fault: str = ""
    broke: str = ""
    differs: str = ""
    unstable: bool = False
    silent: bool = False

    @property
    def against(self) -> str:
        """What stands against the patch, in one line; empty where nothing does."""
        if self.broke:
            return f"the benchmark fails with the patch: {self.broke}"
        if self.differs:
            return f"the benchmark says something else with the patch: {self.differs}"
        return f"the benchmark is no faster: {self}" if self.speed is Speed.NO_FASTER and not self.fault else ""

    @property
    def speed(self) -> Speed:
        """FASTER only beyond chance and by LEAST_GAIN; UNCLEAR where the medians say so and chance is not ruled out."""
        if not self.before_s or not self.after_s:
            return Speed.UNCLEAR
        gains = median(self.after_s) <= (1 - LEAST_GAIN) * median(self.before_s)
        if not gains:
            return Speed.NO_FASTER
        return Speed.FASTER if chance(self.before_s, self.after_s) <= CHANCE else Speed.UNCLEAR

    def __str__(self) -> str:
        """The two medians in words."""
        if not self.after_s or not self.before_s:
            return "it takes too long to be run often enough"
        runs = f"medians of {len(self.after_s)} runs each"
        return f"{median(self.after_s):.3g} s, {median(self.before_s):.3g} s before ({runs})"


def chance(before: Sequence[float], after: Sequence[float]) -> float:
    """The share of all orders of these times in which `after` would be at least as far ahead by chance: the exact
    one-sided test of ranks; equal times count half, rounded against `after`."""
    lost = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a in after for b in before)
    lost_pairs = int(lost + 0.5)
    ways = sum(_ways(len(after), len(before), u) for u in range(lost_pairs + 1))
    return ways / comb(len(after) + len(before), len(after))


@lru_cache(maxsize=4096)
def _ways(m: int, n: int, u: int) -> int:
    """In how many orders of m and n values exactly u pairs are the wrong way round."""
    if u < 0 or m < 0 or n < 0:
        return 0
    if m == 0 or n == 0:
        return 1 if u == 0 else 0
    return _ways(m - 1, n, u - n) + _ways(m, n - 1, u)


def measured_by(patch: Patch, parts: Split, check: PlannedCheck) -> Patch:
    """`patch` without edits of tests, and of what the command itself is: it is measured as it was."""
    words = {word.removeprefix("./") for word in check.argv}
    edits = tuple(e for e in parts.guarded.edits if e.path not in words and not _FOLDERS.search(e.path))
    return Patch(edits) if len(edits) < len(patch.edits) else patch


def fault_of(workspace: Workspace, check: PlannedCheck) -> str:
    """Why the command cannot run without the patch, in one line; empty where it can. Raises SandboxFault."""
    with workspace.twin() as twin:
        return _failed(twin.run(check.command))


def measure(workspace: Workspace, check: PlannedCheck, patch: Patch) -> Benched:
    """Runs the command on both sides until they can be told apart. Raises SandboxFault."""
    with workspace.twin() as plain, workspace.twin(patch) as patched:
        return _Rounds(check, plain, patched).run()


@dataclass(slots=True)
class _Rounds:
    check: PlannedCheck
    plain: Twin
    patched: Twin
    before: list[Completed] = field(default_factory=list)
    after: list[Completed] = field(default_factory=list)

    def run(self) -> Benched:
        ends = time.monotonic() + MOST_S
        for side in (self.plain, self.patched):  # what is compiled and cached once is paid here
            failed = _failed(side.run(self.check.command))
            if failed:
                return Benched(broke=failed) if side is self.patched else Benched(fault=failed)
        found = Benched()
        for rounds in ROUNDS:
            while len(self.after) < rounds and time.monotonic() < ends:
                failed_one = self._round(len(self.after))
                if failed_one is not None:
                    return failed_one
            found = self._found()
            enough = rounds > ROUNDS[0] and found.speed is Speed.NO_FASTER
            if enough or found.differs or found.speed is Speed.FASTER:
                break
        return found

    def _round(self, number: int) -> Benched | None:
        """Both once, in turns first; a result where one failed."""
        for side, kept in ((self.plain, self.before), (self.patched, self.after))[:: 1 if number % 2 == 0 else -1]:
            done = side.run(self.check.command)
            failed = _failed(done)
            if failed:
                return Benched(broke=failed) if side is self.patched else Benched(fault=failed)
            kept.append(done)
        return None

    def _found(self) -> Benched:
        said = [c.stdout.decode("utf-8", "replace").split() for c in self.before]
        unstable = any(words != said[0] for words in said)
        differs = next((d for c in self.after if (d := _differs(said, c))), "")
        times = [tuple(c.wall_s for c in side) for side in (self.before, self.after)]
        return Benched(times[0], times[1], differs=differs, unstable=unstable, silent=not any(said))


def _failed(done: Completed) -> str:
    if done.died or done.not_found:
        return done.died or f"{done.argv[0]} is not installed"
    if done.timed_out:
        return done.stopped or "it does not end in time"
    if done.exit_code != 0:
        return one_line(f"exit {done.exit_code}: {last_line(done.text)}")
    return ""


def _differs(before: list[list[str]], after: Completed) -> str:
    """The first word that is another with the patch and was the same in each run without it; empty where none is. Where
    even the number of words changes from run to run, nothing can be compared."""
    if not before or len({len(words) for words in before}) > 1:
        return ""
    now = after.stdout.decode("utf-8", "replace").split()
    if len(now) != len(before[0]):
        return f"{len(now)} words, {len(before[0])} before"
    for words in zip(*before, now, strict=True):
        if len(set(words[:-1])) == 1 and words[-1] != words[0]:
            return one_line(f"{words[-1]}, {words[0]} before", limit=120)
    return ""
