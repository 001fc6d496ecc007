"""What cargo-nextest says, as values: its JUnit report (https://nexte.st/docs/machine-readable/junit/). Untrusted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from routecli.domain.command import Completed
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import tail
from routecli.nouns import dataclass
from routecli.verification import junit
from routecli.verification.ecosystems.rust_report import DETAIL_BYTES, file_of, unbuilt
from routecli.verification.report import TestOutcome, TestRecord, TestReport

NEXTEST_FILE, NEXTEST_OUTPUT = "nextest.xml", "nextest.txt"
_NO_TESTS = 4
_COMPLETE = (0, 100, _NO_TESTS)
"""Exit codes of a nextest that came to its end: all passed, some failed, there was none."""
_WORD = re.compile(r"^test result: ok\. 1 passed; ", re.M)
_FOLDERS = {"bin": "src/bin", "example": "examples", "bench": "benches"}


@dataclass(frozen=True, slots=True)
class NextestReport:
    """Reads the answer of a `cargo nextest run`. `files` are the repository's Rust files, `crates` the folder of each
    package by its name in code; `tested` are the files that hold tests."""

    files: frozenset[RepoPath]
    crates: Mapping[str, RepoPath]
    tested: tuple[RepoPath, ...]

    def __call__(self, done: Completed) -> TestReport | None:
        """None where nothing was built or run at all. The report is written at the end: without it, or with fewer tests
        than it counts, the run ended early."""
        body = done.report.get(NEXTEST_FILE, b"")
        if not body:
            text = done.report.get(NEXTEST_OUTPUT, b"").decode("utf-8", "replace")
            broken = unbuilt(text, self.tested) if done.exit_code is not None else {}
            if broken or done.exit_code in (*_COMPLETE, None):
                return TestReport(broken, ended=bool(broken) or done.exit_code == _NO_TESTS)
            return None
        suite = junit.read(body)
        if suite is None:
            return TestReport({}, ended=False)
        tests = {_name(case): self._record(case) for case in suite.cases}
        whole = len(suite.cases) == suite.said.get("tests", 0) and done.exit_code in _COMPLETE
        return TestReport(tests, ended=whole)

    def _record(self, case: junit.Case) -> TestRecord:
        crate, _, program = case.group.partition("::")
        folder = self.crates.get(crate.replace("-", "_"), ".")
        file = file_of(self.files, self._root(folder, program), case.name)
        return TestRecord(case.outcome, file, tail(case.detail, limit_bytes=DETAIL_BYTES))

    def _root(self, folder: RepoPath, program: str) -> RepoPath:
        """The file that a test program was built from: `calc` is a library, `calc::outside` a file of tests and
        `calc::bin/tool` a program."""
        kind, _, name = program.rpartition("/")
        places = ["src/lib.rs", "src/main.rs"]
        if program:
            inside = _FOLDERS.get(kind, "tests")
            places = [f"{inside}/{name}.rs", f"{inside}/{name}/main.rs", *(places if kind else ())]
        whole = [posixpath.normpath(posixpath.join(folder, place)) for place in places]
        return next((path for path in whole if path in self.files), "")


def _name(case: junit.Case) -> str:
    """A test that passed without libtest's word for it is another one than the same with it: where it had the word
    before, its process was ended from within."""
    silent = case.outcome is TestOutcome.PASSED and _WORD.search(case.printed) is None
    return f"{case.group}::{case.name}{' (it never said so)' if silent else ''}"
