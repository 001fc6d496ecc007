"""One thing to run, why, and how its answer is read."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from routecli.domain.command import Command, Completed
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line, tail
from routecli.domain.verdict import CheckOutcome, CheckResult
from routecli.nouns import dataclass
from routecli.ports import Twin
from routecli.verification.changed_lines import Spots, Watch
from routecli.verification.findings import Finding, read_findings
from routecli.verification.report import TestReport, read_report

INSIDE = Path(__file__).parent / "inside"
"""The folder of our plugin and runner: bound read-only into the sandbox."""
PLUGIN = "plugin_routecli"
OUTPUT_TAIL_BYTES = 4_000


class Role(StrEnum):
    """What a check is for."""

    TESTS = "tests"
    LINT = "lint"
    ACCEPT = "accept"
    BENCH = "bench"


class Reading(StrEnum):
    """How an answer is read: records per test id, findings, or the exit code and nothing else."""

    IDS = "ids"
    FINDINGS = "findings"
    EXIT = "exit code only"


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of a check said, and when it began (UTC). `fault` is set where the machine is to blame, in one line;
    `stopped` is the limit of memory or disk at which it was ended, and counts as a time-out."""

    exit_code: int | None
    wall_s: float
    output_tail: str
    timed_out: bool = False
    limit_s: float = 0.0
    fault: str = ""
    report: TestReport | None = None
    findings: tuple[Finding, ...] = ()
    cached: bool = False
    stopped: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """A check before it runs. `why` says in one line how it was found and who runs it. Satisfies ports.Check.

    `environment` names everything outside the tree that its answer depends on. `takes_files`: test files may be
    appended to run only these. `takes_folders`: its last word names folders, and theirs may stand in its place.
    `narrowed` is how many words at the end say which part is run. `clean_codes` are exit codes after which the findings
    are complete. `foreign`: the program is not the project's own, so its version may have rules that the project never
    agreed to. `reads` is how the report of a runner is read that our recorders do not sit in (None: they do), `finds`
    how a linter's complaints are where it does not say `file:line: text`. `unable` is what its output says where the
    machine cannot run it: a package or a toolchain that is not there; `breaks` is what a runner says that broke while
    it looked for tests, and so has not found that there are none. `watch` is how it is asked which of the changed
    lines it ran. `followed`: affected.py can tell which of its test files a change reaches.
    """

    name: str
    role: Role
    reading: Reading
    command: Command
    why: str
    environment: str = ""
    takes_files: bool = False
    takes_folders: bool = False
    narrowed: int = 0
    clean_codes: tuple[int, ...] = (0, 1)
    foreign: bool = False
    reads: Callable[[Completed], TestReport | None] | None = None
    finds: Callable[[Completed], tuple[Finding, ...]] | None = None
    unable: re.Pattern[str] | None = None
    breaks: re.Pattern[str] | None = None
    watch: Watch | None = None
    followed: bool = False

    @property
    def argv(self) -> tuple[str, ...]:
        """The command's words."""
        return self.command.argv

    @property
    def narrows(self) -> bool:
        """Whether it can be told to run a part of the tests."""
        return self.takes_files or self.takes_folders

    def covers(self, file: RepoPath, files: Collection[RepoPath]) -> bool:
        """Whether `only(files)` runs the tests of `file`."""
        if self.takes_folders:
            return posixpath.dirname(file) in {posixpath.dirname(f) for f in files}
        return file in files

    def only(self, files: tuple[RepoPath, ...]) -> PlannedCheck:
        """The same for `files` (relative to the repository's root), where it can be told so; else itself."""
        if not self.narrows or not files:
            return self
        prefix = "" if self.command.cwd == "." else f"{self.command.cwd}/"
        inside = tuple(f.removeprefix(prefix) for f in files if f.startswith(prefix))
        if len(inside) < len(files):
            return self
        if self.takes_folders:
            inside = tuple(dict.fromkeys(posixpath.join(".", posixpath.dirname(f)) for f in inside))
        dropped = self.narrowed or int(self.takes_folders)
        argv = (*self.argv[: len(self.argv) - dropped], *inside)
        return replace(self, command=replace(self.command, argv=argv), narrowed=len(inside))

    def watching(self, edits: Iterable[FileEdit], *, keeping: bool = False) -> PlannedCheck:
        """The same, told to say which of the lines that `edits` change it runs, where it can."""
        if self.watch is None:
            return self
        held = tuple(edits)
        looking = self.looking_for({e.path: found for e in held if (found := self.watch.spots_of(e))})
        if looking is self or not keeping or self.watch.keeping is None:
            return looking
        return replace(looking, command=self.watch.keeping(looking.command, Patch(held)))

    def looking_for(self, spots: Spots) -> PlannedCheck:
        """The same, told to say which of these lines it runs, where it can."""
        if self.watch is None or not spots:
            return self
        return replace(self, command=self.watch.watching(self.command, spots))

    def within(self, timeout_s: float) -> PlannedCheck:
        """The same with another time-out."""
        return replace(self, command=replace(self.command, timeout_s=timeout_s))

    def measure(self, twin: Twin) -> Measured:
        """Runs it. Raises SandboxFault where the sandbox itself cannot run."""
        at = datetime.now(UTC)
        done = twin.run(self.command)
        text = done.text
        shown = tail(text, limit_bytes=OUTPUT_TAIL_BYTES)
        limit_s = self.command.timeout_s
        measured = Measured(done.exit_code, done.wall_s, shown, done.timed_out, limit_s, stopped=done.stopped, at=at)
        if done.died:
            return replace(measured, fault=f"the sandbox died: {done.died}")
        if done.not_found:
            return replace(measured, fault=f"{self.argv[0]} is not installed")
        if self.reading is Reading.IDS:
            report = self.reads(done) if self.reads else read_report(done.report, self.command.cwd)
            return replace(measured, report=report, fault="" if report else self._inability(text))
        if self.role is Role.LINT:
            return self._lint(done, measured)
        return measured

    def _inability(self, text: str) -> str:
        said = [line.strip() for line in text.splitlines() if self.unable is not None and self.unable.search(line)]
        return one_line(f"{self.name} cannot run here: {said[0]}") if said else ""

    def _lint(self, done: Completed, measured: Measured) -> Measured:
        found = self.finds(done) if self.finds else read_findings(done.text, self.command.cwd)
        if not found and done.exit_code != 0 and (unable := self._inability(done.text)):
            return replace(measured, fault=unable)
        if not done.timed_out and self.reading is Reading.FINDINGS and done.exit_code not in self.clean_codes:
            lines = [line for line in done.text.splitlines() if line.strip()]
            return replace(measured, fault=f"{self.name} could not run: {lines[-1] if lines else done.exit_code}")
        return replace(measured, findings=found)

    def run(self, twin: Twin) -> CheckResult:
        """Runs alone, uncompared (ports.Check)."""
        got = self.measure(twin)
        outcome = CheckOutcome.PASSED if got.exit_code == 0 else CheckOutcome.FAILED
        if got.timed_out:
            outcome = CheckOutcome.TIMED_OUT
        elif got.fault:
            outcome = CheckOutcome.ENVIRONMENT
        passed = got.report.passed if got.report else 0
        summary = got.fault or (f"{passed} passed" if got.report else f"exit {got.exit_code}")
        return CheckResult(
            self.name, self.argv, outcome, summary, passed=passed, wall_s=got.wall_s, output_tail=got.output_tail
        )


def reporting(env: Mapping[str, str]) -> dict[str, str]:
    """`env` with our folder first on PYTHONPATH."""
    there = env.get("PYTHONPATH", "")
    return {**env, "PYTHONPATH": f"{INSIDE}:{there}" if there else str(INSIDE)}
