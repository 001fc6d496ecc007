"""Cases for benchmarks/detection.py, made from the histories of real projects.

    python benchmarks/detection_cases.py CLONE… --out CASES.jsonl [--each N] [--wrong N]

A clone is one of your own with the project's environment in `.venv`: it is checked out from commit to commit. A case is
a commit that changes code and tests, whose tests fail on its parent and pass with its code. Written down are the
commit, the ids of these tests, one of them shortened to one assertion (what a reproduction test would be), and wrong
patches: slips in the commit's own code, and its hunks left out one by one. Wrong means that the commit's tests fail
with it; those that pass are equal or unknown and are only counted. Nothing runs outside the sandbox.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from detection_ground import Change, Ground, checkout
from history import Commit, commits
from mutants import Slip, added_lines, chosen, partial_reverts, slips
from reproduction import NAME, shortened

from routecli.domain.money import usd
from routecli.domain.task import Kind, Task
from routecli.errors import RoutecliError
from routecli.routing.kinds import classify
from routecli.verification.integrity import is_protected, is_test_module
from routecli.verification.planned import PlannedCheck
from routecli.verification.report import TestOutcome, TestReport

MOST_LINES = 80
MOST_FILES = 3
TRIES = 3
LONGEST_S = 900.0


@dataclass
class Case:
    """One commit as a task. `wrong` are slips by file in the right version; `equal` counts those that were tried and
    that no test of the commit tells from the right one."""

    project: str
    sha: str
    parent: str
    subject: str
    kind: str
    code: list[str]
    tests: list[str]
    failing: list[str]
    reproduction: dict[str, str] | None = None
    wrong: list[dict[str, Any]] = field(default_factory=list)
    equal: int = 0

    def write(self) -> str:
        return json.dumps(asdict(self))


def slip_to_json(path: str, slip: Slip) -> dict[str, Any]:
    new = base64.b64encode(slip.new).decode()
    return {"how": slip.how, "path": path, "start": slip.start, "end": slip.end, "new": new}


def slip_from_json(row: dict[str, Any]) -> Slip:
    return Slip(row["how"], row["start"], row["end"], base64.b64decode(row["new"]))


def with_slip(right: Change, path: str, slip: Slip) -> dict[str, tuple[bytes | None, bytes | None]]:
    """The right change with one slip in it."""
    before, after = right[path]
    assert after is not None
    return {**right, path: (before, slip.on(after))}


def parts(commit: Commit) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """`(code, tests)` of a commit that has both and is of ordinary size."""
    task = Ground.task
    del task
    tests = {p: c for p, c in commit.change.items() if is_test_module(p) and c[1] is not None}
    code = {p: c for p, c in commit.change.items() if not _judges(p)}
    rest = set(commit.change) - set(tests) - set(code)
    if not tests or not code or rest or len(code) > MOST_FILES or any(a is None for _, a in code.values()):
        return None
    lines = sum(len(added_lines(b, a)) for b, a in code.values() if a is not None)
    return (code, tests) if 0 < lines <= MOST_LINES else None


def _judges(path: str) -> bool:
    return is_protected(path, Task("-", Kind.FIX, "-", Path("/"), None, (), usd(1)))


def failing(report: TestReport | None) -> set[str]:
    return set(report.failing()) if report else set()


def passing(report: TestReport | None) -> set[str]:
    return {n for n, t in report.tests.items() if t.outcome is TestOutcome.PASSED} if report else set()


class Miner:
    """One clone."""

    def __init__(self, root: Path, wrong: int, known: set[str]) -> None:
        self.root = root
        self.wrong = wrong
        self.known = known

    def cases(self) -> Iterator[Case]:
        for commit in commits(self.root):
            split = parts(commit) if commit.sha not in self.known else None
            if split is None:
                continue
            try:
                case = self._case(commit, *split)
            except RoutecliError as fault:
                print(f"{self.root.name} {commit.sha[:10]}: {fault}", file=sys.stderr)
                continue
            if case is not None:
                yield case

    def _case(self, commit: Commit, code: Change, tests: Change) -> Case | None:
        checkout(self.root, commit.parent)
        ground = Ground(self.root)
        check = ground.test_check()
        if check is None or not check.takes_files:
            return None
        files = tuple(sorted(tests))
        before = ground.tests(tests, check, files)
        if not failing(before):
            return None
        after = ground.tests({**tests, **code}, check, files)
        fixed = failing(before) & passing(after) | {n for n in passing(after) if _unread(before, after, n)}
        if not fixed or failing(after) - failing(before):
            return None
        kind = classify(commit.subject)[0]
        case = Case(str(self.root), commit.sha, commit.parent, commit.subject, kind.value, sorted(code), list(files),
                    sorted(fixed))  # fmt: skip
        case.reproduction = self._reproduction(ground, check, code, tests, sorted(fixed))
        self._add_wrong(case, ground, check, code, tests, passing(after))
        return case

    def _reproduction(
        self, ground: Ground, check: PlannedCheck, code: Change, tests: Change, fixed: list[str]
    ) -> dict[str, str] | None:
        for test_id in fixed[:TRIES]:
            path = test_id.partition("::")[0]
            if path not in tests:
                continue
            before, after = tests[path]
            assert after is not None
            place = str(PurePosixPath(path).parent / NAME)
            for text in shortened(after, before, test_id):
                alone: Change = {place: (None, text.encode())}
                base = ground.tests(alone, check, (place,))
                if base is None or not any(not t.collect for t in base.failing().values()):
                    continue
                right = ground.tests({**alone, **code}, check, (place,))
                if passing(right) and not failing(right):
                    return {place: text}
        return None

    def _add_wrong(
        self, case: Case, ground: Ground, check: PlannedCheck, code: Change, tests: Change, good: set[str]
    ) -> None:
        """Reverted hunks first, then slips, until there are enough or twice as many were tried."""
        random_ = random.Random(case.sha)
        for path, slip in islice(_candidates(code, self.wrong, random_), 2 * self.wrong):
            if len(case.wrong) >= self.wrong:
                return
            report = ground.tests({**tests, **with_slip(code, path, slip)}, check, tuple(case.tests))
            if report is not None and good <= passing(report):
                case.equal += 1
            else:
                case.wrong.append(slip_to_json(path, slip))


def _unread(before: TestReport | None, after: TestReport | None, name: str) -> bool:
    """A test of a file that could not be imported before."""
    if before is None or after is None or name in before.tests:
        return False
    file = after.tests[name].file
    return any(t.collect and t.file == file and t.outcome is TestOutcome.FAILED for t in before.tests.values())


def _candidates(code: Change, count: int, random_: random.Random) -> Iterator[tuple[str, Slip]]:
    hunks: list[tuple[str, Slip]] = []
    other: list[tuple[str, Slip]] = []
    for path, (before, after) in sorted(code.items()):
        assert after is not None
        if before is not None:
            hunks.extend((path, s) for s in partial_reverts(before, after))
        found = slips(after, added_lines(before, after))
        if found:
            other.extend((path, s) for s in chosen(after, found, 2 * count, random_))
    random_.shuffle(hunks)
    random_.shuffle(other)
    yield from hunks[:1]
    yield from other
    yield from hunks[1:]


def mine(root: Path, each: int, wrong: int, out: Path) -> None:
    """Appends the clone's cases to `out`, one by one; commits that are in it already count and are not made again."""
    warnings.simplefilter("ignore")  # what `ast` says of old code
    begun = time.monotonic()
    known = {row["sha"] for row in map(json.loads, out.read_text().splitlines()) if row["project"] == str(root)}
    made = len(known)
    for case in Miner(root, wrong, known).cases() if made < each else ():
        with out.open("a") as held:
            held.write(f"{case.write()}\n")
        made += 1
        if made >= each or time.monotonic() - begun > LONGEST_S:
            break
    print(f"{root.name}: {made} cases, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("clones", nargs="+", type=Path)
    words.add_argument("--out", type=Path, required=True, help="is appended to")
    words.add_argument("--each", type=int, default=25, help="cases from each clone")
    words.add_argument("--wrong", type=int, default=3, help="wrong patches in each case")
    words.add_argument("--jobs", type=int, default=2)
    asked = words.parse_args()
    asked.out.touch()
    with ProcessPoolExecutor(asked.jobs) as pool:
        pending = [pool.submit(mine, c.resolve(), asked.each, asked.wrong, asked.out) for c in asked.clones]
    for future in pending:
        future.result()
    return 0


if __name__ == "__main__":
    sys.exit(main())
