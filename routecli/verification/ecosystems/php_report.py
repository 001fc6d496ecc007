"""What PHPUnit and PHPStan say, as values. All of it is untrusted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from routecli.domain.command import Completed
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import tail
from routecli.nouns import dataclass
from routecli.verification import junit
from routecli.verification.findings import Finding
from routecli.verification.json_rows import as_table, number, parsed, rows
from routecli.verification.report import TestOutcome, TestRecord, TestReport

PHPUNIT_FILE = "phpunit.xml"
PHPSTAN_FILE = "phpstan.json"
_DETAIL_BYTES = 8_000
_UNREADABLE = re.compile(r"^.*(?:ParseError|Parse error): .*$", re.M)
_COMPLETE = (0, 1, 2)
"""Exit codes of a PHPUnit that came to its end: all passed, some failed, some ended with an error."""


@dataclass(frozen=True, slots=True)
class PhpunitReport:
    """Reads the log of a PHPUnit that ran in a repository at `repo_root`; `tests` are the files of tests."""

    repo_root: Path
    tests: tuple[RepoPath, ...]

    def __call__(self, done: Completed) -> TestReport | None:
        """None where nothing was run. PHPUnit writes its log when it ends: an empty or broken one is a run that ended
        early. Where a file cannot be read it runs nothing at all, so every file of tests failed."""
        body = done.report.get(PHPUNIT_FILE)
        unreadable = _UNREADABLE.search(done.text)
        if not body and unreadable is not None and done.exit_code not in (0, None):
            record = TestRecord(TestOutcome.FAILED, "", unreadable[0][:_DETAIL_BYTES], collect=True)
            files = self.tests or ("",)
            whole = {f"{f} [load]": TestRecord(record.outcome, f, record.detail, collect=True) for f in files}
            return TestReport(whole, ended=True)
        if body is None:
            return None
        suite = junit.read(body)
        if suite is None:
            return TestReport({}, ended=False)
        tests: dict[str, TestRecord] = {}
        for case in suite.cases:
            detail = tail(case.detail, limit_bytes=_DETAIL_BYTES)
            tests[f"{case.group}::{case.name}"] = TestRecord(case.outcome, self._file(case.file), detail)
        complete = len(suite.cases) == suite.said.get("tests", 0) and done.exit_code in _COMPLETE
        return TestReport(tests, complete)

    def _file(self, path: str) -> RepoPath:
        return posixpath.relpath(path, str(self.repo_root)) if path.startswith("/") else path


@dataclass(frozen=True, slots=True)
class PhpstanFindings:
    """Reads `phpstan analyse --error-format=json`; the paths in it are absolute, below `repo_root`."""

    repo_root: Path

    def __call__(self, done: Completed) -> tuple[Finding, ...]:
        """Every complaint with a place; none where the file is broken: the exit status tells."""
        return tuple(self._all(done.report.get(PHPSTAN_FILE, b"")))

    def _all(self, body: bytes) -> Iterator[Finding]:
        for path, entry in as_table(as_table(parsed(body)).get("files")).items():
            file = posixpath.relpath(path, str(self.repo_root)) if path.startswith("/") else path
            for message in rows(entry, "messages"):
                code = str(message.get("identifier") or "")
                yield Finding(file, number(message.get("line")), code, str(message.get("message") or ""))
