"""What `go test -json` says, as values. All of it is untrusted.

Format: `go doc test2json`. Failed builds are plain lines up to Go 1.23, and `build-output` events since.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from routecli.domain.command import Completed
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import tail
from routecli.nouns import dataclass
from routecli.verification.ecosystems.go_lines import lines_run
from routecli.verification.findings import Finding
from routecli.verification.json_rows import as_table, number, parsed, rows
from routecli.verification.report import TestOutcome, TestRecord, TestReport

OUTPUT = "go-test.json"
GOLANGCI_FILE = "golangci.json"
_DETAIL_BYTES = 8_000
_UNBUILT = re.compile(r"^FAIL\s+(\S+) \[(?:build|setup) failed\]")
_PLACE = re.compile(r"^\s+(\w[\w.-]*_test\.go):\d+: ", re.M)
_OUTCOMES = {"pass": TestOutcome.PASSED, "fail": TestOutcome.FAILED, "skip": TestOutcome.SKIPPED}
_WORDS = {"pass": "PASS", "fail": "FAIL", "skip": "SKIP"}
_COMPLETE = (0, 1, 2)
"""Exit codes of a `go test` that came to its end: all passed, some failed, some could not be built."""


@dataclass(slots=True)
class _Package:
    """What was heard of one package. `tests` maps a test to its last word and all that it printed."""

    said: dict[str, str] = field(default_factory=dict)
    printed: dict[str, list[str]] = field(default_factory=dict)
    ended: bool = False
    unbuilt: bool = False


@dataclass(frozen=True, slots=True)
class GoReport:
    """Reads the answer of a `go test -json` of `modules`, each with the folder that it stands in. `functions` says in
    which file each test function is, by `(folder, name)`; folders are relative to the repository's root."""

    modules: Mapping[str, RepoPath]
    functions: Mapping[tuple[RepoPath, str], RepoPath]

    def __call__(self, done: Completed) -> TestReport | None:
        """None where nothing was tested at all. A test that never said how it ended, or a package that did not, makes
        the run one that ended early: a process that exits in the midst of its tests ends so, with status 0."""
        packages: dict[str, _Package] = {}
        builds: list[str] = []
        for entry in _entries(done.report.get(OUTPUT, b"")):
            if isinstance(entry, str) or entry.get("Action") in ("build-output", "build-fail"):
                _build_line(entry, packages, builds)
            else:
                _hear(entry, packages)
        builds.append(done.stderr.decode("utf-8", "replace"))
        tests: dict[str, TestRecord] = {}
        ended = done.exit_code in _COMPLETE
        for name, package in packages.items():
            ended &= self._records(name, package, "".join(builds), tests)
        lines = lines_run(done.report, self._folder)
        loaded = frozenset(path for path, run in (lines or {}).items() if run)
        return TestReport(tests, ended, files=loaded, lines=lines) if packages else None

    def _records(self, name: str, package: _Package, builds: str, tests: dict[str, TestRecord]) -> bool:
        """Adds those of one package. True: it ended as it should."""
        folder = self._folder(name)
        if package.unbuilt:
            detail = tail(_of_package(builds, name), limit_bytes=_DETAIL_BYTES)
            for file in sorted({f for (at, _), f in self.functions.items() if at == folder}) or [folder]:
                place = f"{name} [{posixpath.basename(file)}]" if file != folder else name
                tests[place] = TestRecord(TestOutcome.FAILED, file, detail, collect=True)
            return True
        ended = package.ended
        for test, word in package.said.items():
            printed = "".join(package.printed.get(test, ()))
            if word not in _OUTCOMES or f"--- {_WORDS[word]}: {test} (" not in printed:
                ended = False  # a process that ended itself: test2json closes what is open with the package's own word
                if word != "fail":
                    continue
            outcome = _OUTCOMES[word]
            detail = tail(printed, limit_bytes=_DETAIL_BYTES) if outcome is TestOutcome.FAILED else ""
            tests[f"{name}.{test}"] = TestRecord(outcome, self._file(folder, test, printed), detail)
        return ended

    def _folder(self, package: str) -> RepoPath:
        within = [m for m in self.modules if f"{package}/".startswith(f"{m}/")]
        module = max(within, key=len, default="")
        inside = package.removeprefix(module).lstrip("/")
        at = posixpath.normpath(posixpath.join(self.modules.get(module, "."), inside))
        return "" if at == "." else at

    def _file(self, folder: RepoPath, test: str, printed: str) -> RepoPath:
        known = self.functions.get((folder, test.partition("/")[0]), "")
        place = _PLACE.search(printed)
        return known or (posixpath.join(folder, place[1]) if place else "")


@dataclass(frozen=True, slots=True)
class GolangciFindings:
    """Reads golangci-lint's JSON; its paths are absolute below `repo_root` (version 2), or relative to `folder`."""

    repo_root: Path
    folder: RepoPath

    def __call__(self, done: Completed) -> tuple[Finding, ...]:
        """Every issue; none where the file is broken: the exit status tells."""
        return tuple(self._all(done.report.get(GOLANGCI_FILE, b"")))

    def _all(self, body: bytes) -> Iterator[Finding]:
        for issue in rows(parsed(body), "Issues"):
            place = as_table(issue.get("Pos"))
            path = str(place.get("Filename") or "")
            file = posixpath.relpath(path, str(self.repo_root)) if path.startswith("/") else self._relative(path)
            yield Finding(
                file, number(place.get("Line")), str(issue.get("FromLinter") or ""), str(issue.get("Text") or "")
            )

    def _relative(self, path: str) -> RepoPath:
        return posixpath.normpath(posixpath.join(self.folder, path))


def _entries(body: bytes) -> Iterator[dict[str, Any] | str]:
    """Events, and as text what is none."""
    for line in body.decode("utf-8", "replace").splitlines():
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        yield entry if isinstance(entry, dict) else line


def _build_line(entry: dict[str, Any] | str, packages: dict[str, _Package], builds: list[str]) -> None:
    text = entry if isinstance(entry, str) else str(entry.get("Output") or "")
    unbuilt = _UNBUILT.match(text)
    if unbuilt:
        packages.setdefault(unbuilt[1], _Package()).unbuilt = True
    elif not isinstance(entry, str):
        builds.append(text)


def _hear(entry: Mapping[str, Any], packages: dict[str, _Package]) -> None:
    name, action, test = entry.get("Package"), entry.get("Action"), entry.get("Test")
    if not isinstance(name, str) or not isinstance(action, str):
        return
    package = packages.setdefault(name, _Package())
    output = str(entry.get("Output") or "")
    if not isinstance(test, str):
        package.ended |= action in _OUTCOMES
        package.unbuilt |= _UNBUILT.match(output) is not None
    elif action == "output":
        package.printed.setdefault(test, []).append(output)
    elif action == "run" or action in _OUTCOMES:
        package.said[test] = _worse(package.said.get(test, ""), action)


def _worse(before: str, now: str) -> str:
    """A later "pass" hides no failure."""
    return before if before == "fail" else now


def _of_package(text: str, name: str) -> str:
    """The lines of `text` below `# name`, as the compiler heads them; all where there is no such head."""
    parts = re.split(r"^(?=# )", text, flags=re.M)
    own = [p for p in parts if re.match(rf"# {re.escape(name)}(?:\s|_test|\.test)", p)]
    return "".join(own) or text
