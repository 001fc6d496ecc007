"""Cases judged by the product's verifier, and which layer of it refused them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from detection_cases import Case, slip_from_json, with_slip
from detection_ground import TIMEOUT_S, Change, DictCache, Ground, checkout, git, patch_of
from history import Blobs

from routecli.domain.command import Command, Completed
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Isolation
from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Unverified, Verdict
from routecli.ports import Twin, Workspace
from routecli.verification import cheats
from routecli.verification.report import TestReport, read_report
from routecli.verification.verifier import ProjectVerifier

LAYERS = ("exit code", "test ids", "protected", "static rule", "linters", "contract", "reproduction", "second opinion")
"""In this order, each added to those before it."""
CONTRADICTED = "against the tests"
UNREPRODUCED = "without a reproduction test"
UNCOLLECTED = "reproduction test not collected"
"""The project's own settings name the files of tests, and a new file is none of them."""


def append(results: Path, rows: Iterable[dict[str, object]]) -> None:
    """All rows of one case in one write: two processes append to the same file."""
    with results.open("a") as out:
        out.write("".join(f"{json.dumps(row)}\n" for row in rows))


@dataclass
class Row:
    """One patch and its verdict. `refused_by` names every layer that speaks against it, when asked alone; empty and
    accepted: let through."""

    key: str
    project: str
    group: str
    kind: str
    how: str
    right: bool
    verdict: str
    reason: str
    why: str
    refused_by: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


class RecordingWorkspace:
    """ports.Workspace: the real one, remembering how the commands of the last patched twins ended."""

    def __init__(self, real: Workspace) -> None:
        self._real = real
        self.isolation: Isolation = real.isolation
        self.done: list[tuple[Command, Completed]] = []

    @contextmanager
    def twin(self, patch: Patch | None = None) -> Iterator[Twin]:
        with self._real.twin(patch) as twin:
            yield _RecordingTwin(twin, self.done) if patch is not None else twin


class _RecordingTwin:
    def __init__(self, real: Twin, done: list[tuple[Command, Completed]]) -> None:
        self._real = real
        self._done = done
        self.isolation = real.isolation

    def run(self, command: Command) -> Completed:
        completed = self._real.run(command)
        self._done.append((command, completed))
        return completed

    def changes(self) -> tuple[FileEdit, ...]:
        return self._real.changes()


def verdict_words(verdict: Verdict) -> tuple[str, str]:
    match verdict:
        case Accepted():
            return "accepted", ""
        case Deferred(reason=reason):
            return "deferred", reason.value
        case Unverified():
            return "unverified", ""


class FixJudge:
    """A commit as a fix whose reproduction test lies in the tree, and patches of it. Where there is none (mostly what
    is tested cannot even be imported before), it is a feature, and only the tests of before judge."""

    def __init__(self, case: Case, cache: DictCache) -> None:
        self.case = case
        root = Path(case.project)
        checkout(root, case.parent)
        self.right = change_of(case, case.code)
        self.last: Verdict
        for path, text in (case.reproduction or {}).items():
            (root / path).write_text(text)
        self.ground = Ground(root, cache)
        self.kind = Kind.FIX if case.reproduction else Kind.FEATURE
        self.group = "fix" if case.reproduction else UNREPRODUCED
        self.task = self.ground.task(self.kind, case.subject, tuple(case.code))
        self.recorded = RecordingWorkspace(self.ground.workspace)
        self.verifier = ProjectVerifier(
            self.recorded, self.ground.repository.root, self.ground.snapshot, self.task,
            VerifySettings(timeout_s=TIMEOUT_S), listener=self.ground.events.append, cache=cache,
            tree=self.ground.snapshot.tree, environ={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip

    def rows(self) -> Iterator[Row]:
        """The right patch first, then each wrong one. Where the right one breaks nothing but tests that the commit
        itself changed, the repository's tests ask for the opposite of the task: a group of its own."""
        right = self._row("right", self.right, right=True, number=0)
        if right.verdict == "deferred" and self._contradicted():
            right.group = CONTRADICTED
        elif self.case.reproduction and right.verdict == "unverified" and not self._collected():
            right.group = UNCOLLECTED
        yield right
        for number, slip in enumerate(self.case.wrong, 1):
            change = with_slip(self.right, slip["path"], slip_from_json(slip))
            row = self._row(slip["how"], change, right=False, number=number)
            row.group = right.group
            yield row

    def _collected(self) -> bool:
        reports = [read_report(d.report, c.cwd) for c, d in self.recorded.done if c.report]
        files = {t.file for r in reports if r is not None for t in r.tests.values()}
        return bool(files & set(self.case.reproduction or {}))

    def _contradicted(self) -> bool:
        """Whether the tests that stand against the last patch pass, or are gone, once the commit's tests are in."""
        against = {n for c in self.last.checks for n in c.new_failures}
        tests = change_of(self.case, self.case.tests)
        check = self.ground.test_check()
        files = {n.partition("::")[0] for n in against if "::" in n}
        if check is None or not against or not files <= set(tests):
            return False
        report = self.ground.tests({**self.right, **tests}, check, tuple(self.case.tests))
        return report is not None and not against & set(report.failing())

    def _row(self, how: str, change: Change, *, right: bool, number: int) -> Row:
        patch = patch_of(change)
        self.recorded.done.clear()
        verdict = self.last = self.verifier.judge(patch, 1)
        word, reason = verdict_words(verdict)
        return Row(
            f"fix:{self.case.sha}:{number}", Path(self.case.project).name, self.group, self.case.kind, how, right, word,
            reason, verdict.why, list(dict.fromkeys(self._refused_by(verdict, patch))),
        )  # fmt: skip

    def _refused_by(self, verdict: Verdict, patch: Patch) -> list[str]:
        found: list[str] = []
        if cheats.flags(patch, self.task):
            found.append("static rule")
        first = next(((c, d) for c, d in self.recorded.done if c.report), None)
        if first is not None:
            self._by_run(found, *first)
        if isinstance(verdict, Deferred):
            found.append(self._layer_of(verdict))
        return found

    def _layer_of(self, verdict: Deferred) -> str:
        if any(c.wanted for c in verdict.checks) and not any(c.new_failures for c in verdict.checks):
            return "reproduction"
        by_reason = {
            DeferralReason.LINT_FAILED: "linters",
            DeferralReason.CONTRACT_BROKEN: "contract",
            DeferralReason.LOW_CONFIDENCE: "second opinion",
        }
        return by_reason.get(verdict.reason, "test ids")

    def _by_run(self, found: list[str], command: Command, done: Completed) -> None:
        """What the exit code alone would have said without the reproduction test, and whether that test passes."""
        report = read_report(done.report, command.cwd)
        if done.exit_code != 0 and not self._only_reproduction(report, done):
            found.append("exit code")
        if report is not None and self._reproduction_fails(report):
            found.append("reproduction")

    def _only_reproduction(self, report: TestReport | None, done: Completed) -> bool:
        if report is None or not report.ended or done.exit_code != 1:
            return False
        return all(t.file in (self.case.reproduction or {}) for t in report.failing().values())

    def _reproduction_fails(self, report: TestReport) -> bool:
        return any(t.file in (self.case.reproduction or {}) for t in report.failing().values())


def change_of(case: Case, paths: list[str]) -> dict[str, tuple[bytes | None, bytes | None]]:
    """What the commit made of `paths`."""
    root = Path(case.project)
    blobs = Blobs(root)
    found: dict[str, tuple[bytes | None, bytes | None]] = {}
    for path in paths:
        sides = []
        for sha in (case.parent, case.sha):
            listed = git(root, "ls-tree", sha, "--", path).split()
            sides.append(blobs.read(listed[2]) if listed else None)
        found[path] = (sides[0], sides[1])
    blobs.close()
    return found
