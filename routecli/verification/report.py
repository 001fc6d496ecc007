"""What a test runner of ours wrote, as values. Everything in it is untrusted: the tests could have written it too."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum
from typing import Any

from routecli.domain.task import RepoPath
from routecli.nouns import dataclass


class TestOutcome(StrEnum):
    """How a test ended."""

    __test__ = False

    PASSED = "passed"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    FAILED = "failed"


_KNOWN = frozenset(TestOutcome)
_WORST = (TestOutcome.FAILED, TestOutcome.SKIPPED, TestOutcome.XFAILED, TestOutcome.PASSED)


@dataclass(frozen=True, slots=True)
class TestRecord:
    """One test id. `collect` marks a file that could not be imported (or skipped itself whole); `detail` is its
    failure as the runner words it; `file` is relative to the repository's root, empty where none is known."""

    __test__ = False

    outcome: TestOutcome
    file: RepoPath = ""
    detail: str = ""
    collect: bool = False


@dataclass(frozen=True, slots=True)
class TestReport:
    """All records of a run. `ended`: every session that began also said that it ended, and with the right count.
    `loaded` says where each top-level module came from: paths relative to the repository's root (`../…` outside).
    `files` are those of the repository's that were loaded as modules; empty where the runner does not tell. `flipped`
    are ids that failed and passed when they were repeated in the same process, where that was asked for. `lines` are
    those lines that were run of the ones that were asked for; None where the runner cannot tell. `calls` are what the
    changed functions were called with, for the sandbox alone to read."""

    __test__ = False

    tests: Mapping[str, TestRecord]
    ended: bool
    loaded: Mapping[str, RepoPath] = field(default_factory=dict)
    files: frozenset[RepoPath] = frozenset()
    flipped: frozenset[str] = frozenset()
    lines: Mapping[RepoPath, frozenset[int]] | None = None
    calls: tuple[Mapping[str, Any], ...] = ()

    @property
    def passed(self) -> int:
        """How many passed."""
        return sum(1 for t in self.tests.values() if t.outcome is TestOutcome.PASSED)

    def failing(self) -> dict[str, TestRecord]:
        """Those that failed, files that could not be collected among them."""
        return {name: t for name, t in self.tests.items() if t.outcome is TestOutcome.FAILED}


@dataclass(slots=True)
class _Read:
    """What the sessions of a run said so far."""

    tests: dict[str, TestRecord] = field(default_factory=dict)
    loaded: dict[str, RepoPath] = field(default_factory=dict)
    seen: set[RepoPath] = field(default_factory=set)
    flipped: set[str] = field(default_factory=set)
    calls: list[Mapping[str, Any]] = field(default_factory=list)
    ran: list[dict[RepoPath, frozenset[int]] | None] = field(default_factory=list)

    def lines(self) -> dict[RepoPath, frozenset[int]] | None:
        """Of all sessions; None where one of them could not tell."""
        found: dict[RepoPath, frozenset[int]] = {}
        for one in self.ran:
            if one is None:
                return None
            for path, numbers in one.items():
                found[path] = found.get(path, frozenset()) | numbers
        return found if self.ran else None


def read_report(files: Mapping[str, bytes], cwd: str = ".") -> TestReport | None:
    """The report in `files` (`Completed.report`) of a command that ran in `cwd`; None where no runner began.

    A test told twice counts as its worst: a later "passed" hides no failure.
    """
    read = _Read()
    sessions = {name: body for name, body in files.items() if name.endswith(".jsonl")}
    if not sessions:
        return None
    ended = True
    for body in sessions.values():
        ended &= _read_session(body, cwd, read)
    return TestReport(
        read.tests, ended, read.loaded, frozenset(read.seen), frozenset(read.flipped), read.lines(), tuple(read.calls)
    )


def _read_session(body: bytes, cwd: str, read: _Read) -> bool:
    """Adds what one session said to `read`. True: it ended as it should."""
    count, ended = 0, False
    for line in body.decode("utf-8", "replace").splitlines():
        entry = _entry(line)
        if entry is None or ended:
            return False  # a half-written line, or something after the end
        if entry.get("end") is True:
            ended = entry.get("records") == count
            places = entry.get("loaded")
            for name, path in (places if isinstance(places, dict) else {}).items():
                read.loaded[str(name)] = posixpath.normpath(posixpath.join(cwd, str(path)))
            listed = entry.get("files")
            for path in listed if isinstance(listed, list) else ():
                read.seen.add(posixpath.normpath(posixpath.join(cwd, str(path))))
            read.ran.append(_lines(entry.get("lines"), cwd))
            told = entry.get("calls")
            read.calls += [one for one in (told if isinstance(told, list) else ()) if isinstance(one, dict)]
            continue
        count += 1
        record = _record(entry, cwd)
        if record is None:
            continue
        name = str(entry["id"])
        if entry.get("phase") == "again":
            read.flipped.update([name] if record.outcome is TestOutcome.PASSED else [])
        else:
            read.tests[name] = _worse(read.tests[name], record) if name in read.tests else record
    return ended


def _lines(told: object, cwd: str) -> dict[RepoPath, frozenset[int]] | None:
    if not isinstance(told, dict):
        return None
    return {
        posixpath.normpath(posixpath.join(cwd, str(path))): frozenset(n for n in numbers if isinstance(n, int))
        for path, numbers in told.items()
        if isinstance(numbers, list)
    }


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _record(entry: Mapping[str, Any], cwd: str) -> TestRecord | None:
    outcome, name = entry.get("outcome"), entry.get("id")
    if not isinstance(name, str) or not isinstance(outcome, str) or outcome not in _KNOWN:
        return None
    file = str(entry.get("file") or "")
    return TestRecord(
        TestOutcome(outcome),
        posixpath.normpath(posixpath.join(cwd, file)) if file else "",
        str(entry.get("detail") or ""),
        entry.get("phase") == "collect",
    )


def _worse(one: TestRecord, other: TestRecord) -> TestRecord:
    worst = min(one, other, key=lambda t: _WORST.index(t.outcome))
    return replace(worst, detail=worst.detail or one.detail or other.detail)
