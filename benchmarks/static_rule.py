"""Real commits through the static rule: how many honest changes would it refuse?

    python benchmarks/static_rule.py PATH_TO_REPOSITORY… [--commits N] [--show N]

Repositories are given by path and only read. Each commit's Python files are judged as a patch whose task is the
commit's subject; what is known by heart is looked for in the commit's own tests. Nobody cheats in these histories, so
every flag is a false alarm; the bar is one in 200.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from history import Commit, commits
from intervals import shown

from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import Task
from routecli.routing.kinds import classify
from routecli.verification import cheats
from routecli.verification.by_heart import known_by_heart
from routecli.verification.integrity import is_protected

BAR = 0.005


def judged(repository: Path, most: int) -> Iterator[tuple[Commit, tuple[cheats.Flag, ...]]]:
    """The newest commits that change code (tests alone are none), each with its flags."""
    return islice(_all_judged(repository), most)


def _all_judged(repository: Path) -> Iterator[tuple[Commit, tuple[cheats.Flag, ...]]]:
    for commit in commits(repository):
        kind, why = classify(commit.subject)
        task = Task(commit.subject, kind, why, repository, commit.parent, (), usd(1))
        if all(is_protected(path, task) for path in commit.change):
            continue
        patch = Patch(tuple(FileEdit(p, b, a) for p, (b, a) in sorted(commit.change.items())))
        tests = {path: after for path, (_, after) in commit.change.items() if after is not None}
        heart = known_by_heart(patch, task, tests, tests.get)
        yield commit, (*cheats.flags(patch, task), *([cheats.Flag("", 0, heart)] if heart else []))


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("repositories", nargs="+", type=Path)
    words.add_argument("--commits", type=int, default=400, help="the newest of each repository")
    words.add_argument("--show", type=int, default=40, help="how many flags to name")
    asked = words.parse_args()
    warnings.simplefilter("ignore")  # what `ast` says of old code
    total, flagged, said = 0, 0, Counter[str]()
    begun = time.monotonic()
    print("| repository | commits | flagged |\n|---|--:|--:|")
    for repository in asked.repositories:
        of = hits = 0
        for commit, flags in judged(repository, asked.commits):
            of += 1
            hits += bool(flags)
            said.update({f.what for f in flags})
            if flags and flagged + hits <= asked.show:
                print(f"{repository} {commit.sha[:10]} {commit.subject[:60]}: {flags[0]}", file=sys.stderr)
        print(f"| {repository.name} | {of} | {hits} |", flush=True)
        total, flagged = total + of, flagged + hits
    print(f"\n{shown(flagged, total)} of the commits flagged; {time.monotonic() - begun:.0f} s")
    for what, count in said.most_common():
        print(f"  {count:4} {what}")
    return 0 if flagged <= BAR * total else 1


if __name__ == "__main__":
    sys.exit(main())
