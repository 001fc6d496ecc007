"""Cases judged by the product's verifier, and which layer of it refused them."""

from __future__ import annotations

import json
import sys
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
from routecli.verification.verifier import ProjectVerifier

LAYERS = ("exit code", "test ids", "protected", "static rule", "linters", "contract", "reproduction", "second opinion")
"""In this order, each added to those before it."""
CONTRADICTED = "against the tests"
UNREPRODUCED = "without a reproduction test"


def append(results: Path, rows: Iterable[dict[str, object]]) -> None:
    """All rows of one case in one write: two processes append to the same file."""
    with results.open("a") as out:
        out.write("".join(f"{json.dumps(row)}\n" for row in rows))


@dataclass
class Row:
    """One patch and its verdict. `refused_by` names the layers that speak against it, the last one asked included;
    empty and accepted: let through."""

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
    strength: str = ""

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
    """A commit as a fix, its shortened test as the recorded reply of a tier that wrote one from the task; and patches
    of it. Where there is none (mostly what is tested cannot even be imported before), or where the product refuses it,
    the commit is a feature, and only the tests of before judge."""

    def __init__(self, case: Case, cache: DictCache) -> None:
        self.case = case
        root = Path(case.project)
        checkout(root, case.parent)
        self.right = change_of(case, case.code)
        self.last: Verdict
        self.ground = Ground(root, cache)
        self.recorded = RecordingWorkspace(self.ground.workspace)
        self.verifier = self._verifier(Kind.FIX)
        self.group = "fix" if self._reproduced() else UNREPRODUCED
        if self.group != "fix":
            self.verifier = self._verifier(Kind.FEATURE)

    def _verifier(self, kind: Kind) -> ProjectVerifier:
        self.task = self.ground.task(kind, self.case.subject, tuple(self.case.code))
        return ProjectVerifier(
            self.recorded, self.ground.repository.root, self.ground.snapshot, self.task,
            VerifySettings(timeout_s=TIMEOUT_S, reproduce="always"), listener=self.ground.events.append,
            cache=self.ground.cache, tree=self.ground.snapshot.tree, environ={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip

    def _reproduced(self) -> bool:
        """Whether the product takes the shortened test for a reproduction."""
        if not self.case.reproduction:
            return False
        self.verifier.prepare()
        asked = self.verifier.wants_reproduction()
        why = "none is wanted"
        if asked is not None:
            why = self.verifier.try_reproduction(asked, next(iter(self.case.reproduction.values())))
        if why:
            print(f"{self.ground.repository.root.name} {self.case.sha[:10]}: no reproduction: {why}", file=sys.stderr)
        return not why

    def rows(self) -> Iterator[Row]:
        """The right patch first, then each wrong one. Where the right one breaks nothing but tests that the commit
        itself changed, the repository's tests ask for the opposite of the task: a group of its own."""
        right = self._row("right", self.right, right=True, number=0)
        if right.verdict == "deferred" and self._contradicted():
            right.group = CONTRADICTED
        yield right
        for number, slip in enumerate(self.case.wrong, 1):
            change = with_slip(self.right, slip["path"], slip_from_json(slip))
            row = self._row(slip["how"], change, right=False, number=number)
            row.group = right.group
            yield row

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
            verdict.strength.value if isinstance(verdict, Accepted) and verdict.strength else "",
        )  # fmt: skip

    def _refused_by(self, verdict: Verdict, patch: Patch) -> list[str]:
        found: list[str] = []
        if cheats.flags(patch, self.task):
            found.append("static rule")
        suite = next((d for c, d in self.recorded.done if c.report), None)
        if suite is not None and suite.exit_code != 0:
            found.append("exit code")
        if isinstance(verdict, Deferred):
            found.append(self._layer_of(verdict))
        return found

    def _layer_of(self, verdict: Deferred) -> str:
        if verdict.reason is DeferralReason.TESTS_FAILED and not any(c.new_failures for c in verdict.checks):
            return "reproduction"
        by_reason = {
            DeferralReason.LINT_FAILED: "linters",
            DeferralReason.CONTRACT_BROKEN: "contract",
            DeferralReason.LOW_CONFIDENCE: "second opinion",
        }
        return by_reason.get(verdict.reason, "test ids")


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
