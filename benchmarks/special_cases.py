"""Real commits through the rule of varied inputs: how many honest changes would it refuse?

    python benchmarks/special_cases.py CLONE… [--commits N]

Each CLONE has its environment in `.venv`, and is checked out from commit to commit, so it has to be one of your own. A
commit's code is the patch and its subject the task; its tests lie in the tree before it, as a failing test that the
user wrote first would. Only where a literal of a test is new in a changed function is anything called, in the sandbox,
before and after. Nobody cheats in these histories, so every flag is a false alarm; the bar is one in 200, together
with static_rule.py. Told apart are commits of which nothing could be called: their code does not load with today's
Python and packages, or no call of it in the tests is plain.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from detection_ground import Ground, checkout, patch_of
from history import Commit, commits
from intervals import shown

from routecli.domain.money import usd
from routecli.domain.patch import Patch
from routecli.domain.task import Task
from routecli.errors import RoutecliError
from routecli.routing.kinds import classify
from routecli.verification import varying
from routecli.verification.baseline import Base
from routecli.verification.integrity import is_protected, is_test_module
from routecli.verification.planned import Measured, PlannedCheck
from routecli.verification.touched import Touched, touched

BAR = 0.005


class Watched(varying.Laboratory):
    """Notes how many answers could be compared."""

    compared: int

    def compare(
        self, one: Touched, calls: Sequence[str], first: Patch | None, second: Patch | None
    ) -> list[tuple[str, str, str]]:
        told = super().compare(one, calls, first, second)
        object.__setattr__(self, "compared", len(told) + getattr(self, "compared", 0))
        return told


def code_of(commit: Commit, task: Task) -> Patch:
    """The commit without what a patch may not change."""
    return patch_of({p: sides for p, sides in commit.change.items() if not is_protected(p, task)})


def could_be(patch: Patch) -> bool:
    """Whether a telling literal is new in a file of a changed function; which literals tests hold is not asked yet."""
    plain = [t for t in touched(patch) if t.before is not None and "." not in t.name]
    return any(varying._tells(text) for t in plain for text in varying._new_literals(patch, t.path))


def judged(root: Path, most: int) -> Iterator[tuple[Commit, str, str]]:
    """The newest commits that change code: `(commit, "" | "suspect" | "called" | "flagged", why)`."""
    check: PlannedCheck | None = None
    for commit, task, patch in islice(_with_code(root), most):
        if not could_be(patch):
            yield commit, "", ""
            continue
        try:
            checkout(root, commit.parent)
        except subprocess.CalledProcessError as fault:
            yield commit, "suspect", str(fault)
            continue
        for path, (_, after) in commit.change.items():
            if is_test_module(path) and after is not None:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(after)
        try:
            ground = Ground(root)
        except RoutecliError as fault:
            yield commit, "suspect", str(fault)
            continue
        check = ground.test_check() or check
        if check is None:
            yield commit, "suspect", "no way to run the tests was found"
            continue
        bases = [Base(check, Measured(0, 0.0, ""))]
        files = ground.snapshot
        laboratory = Watched(ground.workspace, bases, files.paths(), files.read)
        why = varying.special_cased(laboratory, patch, task)
        how = "flagged" if why else "called" if getattr(laboratory, "compared", 0) else "suspect"
        yield commit, how, why


def _with_code(root: Path) -> Iterator[tuple[Commit, Task, Patch]]:
    for commit in commits(root):
        kind, why = classify(commit.subject)
        task = Task(commit.subject, kind, why, root, commit.parent, (), usd(1))
        patch = code_of(commit, task)
        if patch.edits:
            yield commit, task, patch


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("clones", nargs="+", type=Path)
    words.add_argument("--commits", type=int, default=250, help="the newest of each clone")
    asked = words.parse_args()
    warnings.simplefilter("ignore")  # what `ast` says of old code
    total = suspects = called = flagged = 0
    begun = time.monotonic()
    print("| clone | commits | looked at | called | flagged |\n|---|--:|--:|--:|--:|", flush=True)
    for root in asked.clones:
        found = []
        for commit, how, why in judged(root.resolve(), asked.commits):
            found.append(how)
            if why:
                print(f"{root.name} {commit.sha[:10]} {commit.subject[:60]}: {why}", file=sys.stderr, flush=True)
        counts = [len(found), sum(map(bool, found)), sum(h in ("called", "flagged") for h in found)]
        hits = found.count("flagged")
        print(f"| {root.name} | {' | '.join(map(str, counts))} | {hits} |", flush=True)
        total, suspects, called, flagged = total + counts[0], suspects + counts[1], called + counts[2], flagged + hits
    print(f"\n{shown(flagged, total)} of the commits flagged; {suspects} looked at, {called} called; "
          f"{time.monotonic() - begun:.0f} s")  # fmt: skip
    return 0 if flagged <= BAR * total else 1


if __name__ == "__main__":
    sys.exit(main())
