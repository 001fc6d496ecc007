"""The verdict's own time on the tiny repository: all of it but the commands that it runs, tests and linters.

    python benchmarks/verdict.py [--runs 15] [--profile]

*own* is the wall time of `judge`, after the baseline, less the time in which a command of the project's was running,
its sandbox's start included; *cpu* is this process's processor time in it, the watching of those commands included.
Copying the files, laying the patch over them, git, reading reports, contracts, rules and words are all in it.
`--profile` prints where it goes.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import tiny_repository as tiny

from routecli.domain.command import Command, Completed
from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings, VerifySettings
from routecli.domain.task import Kind, Task
from routecli.git.repository import open_repository
from routecli.git.snapshot import take
from routecli.ports import Twin
from routecli.verification.verifier import ProjectVerifier
from routecli.workspace.workspace import GitWorkspace

GOAL_MS = 150
_TEST = "\n\ndef test_more() -> None:\n    assert total_cents(1000, 19) == 1190\n"


@dataclass
class Timed:
    """A twin whose commands are timed."""

    twin: Twin
    spent: list[float]
    isolation: Isolation = Isolation.NONE

    def run(self, command: Command) -> Completed:
        done = self.twin.run(command)
        self.spent.append(done.wall_s)
        return done

    def changes(self) -> tuple[FileEdit, ...]:
        return self.twin.changes()


@dataclass
class TimedWorkspace:
    """ports.Workspace over the real one. `spent` are the seconds of each command."""

    real: GitWorkspace
    spent: list[float] = field(default_factory=list)

    @property
    def isolation(self) -> Isolation:
        return self.real.isolation

    @contextmanager
    def twin(self, patch: Patch | None = None) -> Iterator[Timed]:
        with self.real.twin(patch) as twin:
            yield Timed(twin, self.spent, self.real.isolation)


@dataclass
class Case:
    """A patch of the tiny repository: what it changes, by file, and as what kind of task."""

    name: str
    kind: Kind
    after: dict[str, tuple[str, str]]
    own_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    commands: int = 0


FIX = {tiny.FILE: (tiny.BEFORE, tiny.AFTER)}
CASES = (
    Case("a fix", Kind.FIX, FIX),
    Case("a fix with a test", Kind.FIX, FIX | {"test_invoice.py": ("== 125\n", f"== 125\n{_TEST}")}),
    Case("a wrong feature", Kind.FEATURE, {tiny.FILE: ("/ 100", "/ 10")}),
    Case("a docstring", Kind.DOCSTRING, {tiny.FILE: ("VAT included.", "VAT included, in cents.")}),
)


def judge_once(case: Case, root: Path, profile: cProfile.Profile | None) -> None:
    """One verdict on `case` in the repository at `root`, the baseline and the second look done before."""
    repository = open_repository(root)
    snapshot = take(repository)
    workspace = TimedWorkspace(GitWorkspace(repository, snapshot, SandboxSettings()))
    task = Task(tiny.TASK, case.kind, "given", root, repository.head, (tiny.FILE,), usd(1))
    verifier = ProjectVerifier(
        workspace, root, snapshot, task, VerifySettings(), listener=lambda _event: None, tree=snapshot.tree,
        environ={"VIRTUAL_ENV": sys.prefix, "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    verifier.prepare()
    verifier.look_again()
    workspace.spent.clear()
    edits = []
    for path, (old, new) in sorted(case.after.items()):
        before = (root / path).read_text()
        edits.append(FileEdit(path, before.encode(), before.replace(old, new).encode()))
    began, began_cpu = time.perf_counter(), time.process_time()
    if profile is not None:
        profile.enable()
    verifier.judge(Patch(tuple(edits)), 1)
    if profile is not None:
        profile.disable()
    case.own_ms.append((time.perf_counter() - began - sum(workspace.spent)) * 1000)
    case.cpu_ms.append((time.process_time() - began_cpu) * 1000)
    case.commands = len(workspace.spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    profile = cProfile.Profile() if options.profile else None
    with tempfile.TemporaryDirectory(prefix="routecli-verdict-") as name:
        root = tiny.make(Path(name).resolve() / "repository", 1)
        for number in range(options.runs + 1):
            for case in CASES:
                judge_once(case, root, profile if number else None)
                if number == 0:  # what is imported or compiled at first is not the verdict's
                    case.own_ms.clear()
                    case.cpu_ms.clear()
    sys.stdout.write(f"{'':<20}{'own':>8}{'least':>8}{'cpu':>8} ms{'commands':>10}\n")
    for case in CASES:
        own, least, cpu = statistics.median(case.own_ms), min(case.own_ms), statistics.median(case.cpu_ms)
        sys.stdout.write(f"{case.name:<20}{own:8.0f}{least:8.0f}{cpu:8.0f}   {case.commands:>10}\n")
    sys.stdout.write(f"goal {GOAL_MS} ms\n")
    if profile is not None:
        pstats.Stats(profile, stream=sys.stdout).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
