"""What a build by Maven or Gradle left behind, as values: its own words and the JUnit XML of its tests. All of it is
untrusted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

from routecli.domain.command import Completed
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import tail
from routecli.nouns import dataclass
from routecli.verification import junit
from routecli.verification.report import TestOutcome, TestRecord, TestReport

SAID = "build.txt"
CASES = "junit.xml"
"""Written by inside/build_java.sh."""
_DETAIL_BYTES = 8_000
_SOURCES = (".java", ".kt", ".groovy", ".scala")


@dataclass(frozen=True, slots=True)
class Tool:
    """How a build tool words things. `complete`: all tests were run to their end, whatever came of them; `broken`: a
    process of tests did not come to its end; `unbuilt`: the code could not be compiled, `because` of what begins here;
    `count` finds how many tests each module had, where the tool says it (None: it does not)."""

    complete: re.Pattern[str]
    broken: re.Pattern[str]
    unbuilt: re.Pattern[str]
    because: re.Pattern[str]
    count: re.Pattern[str] | None


MAVEN = Tool(
    complete=re.compile(r"^\[INFO\] BUILD SUCCESS$", re.M),
    broken=re.compile(
        r"forked VM terminated|Crashed tests:|error in the fork|The forked VM|Error occurred in starting fork"
    ),
    unbuilt=re.compile(r"^\[ERROR\] COMPILATION ERROR", re.M),
    because=re.compile(r"^\[ERROR\] COMPILATION ERROR", re.M),
    count=re.compile(r"^\[\w+\] Tests run: (\d+), Failures: \d+, Errors: \d+, Skipped: \d+(?:, Flakes: \d+)?$", re.M),
)
"""With `-Dmaven.test.failure.ignore`: failing tests end no build, so every module is tested."""
GRADLE = Tool(
    complete=re.compile(r"^BUILD SUCCESSFUL|There were failing tests", re.M),
    broken=re.compile(r"Could not complete execution for Gradle Test Executor|Test Executor \d+' finished with"),
    unbuilt=re.compile(r"Compilation failed; see the compiler|Compilation error\. See log"),
    because=re.compile(r"^(?:/.*:\d+: error: |e: )", re.M),
    count=None,
)


@dataclass(frozen=True, slots=True)
class JavaReport:
    """Reads the answer of a build by `tool`; `tests` are the repository's files of tests."""

    tool: Tool
    tests: tuple[RepoPath, ...]

    def __call__(self, done: Completed) -> TestReport | None:
        """None where nothing was compiled or tested. A process of tests that ended itself, or fewer records than tests
        were counted, make a run that ended early."""
        said = done.report.get(SAID, b"").decode("utf-8", "replace")
        body = done.report.get(CASES, b"")
        suites = [junit.read(document) for document in junit.documents(body)]
        cases = [case for suite in suites if suite is not None for case in suite.cases]
        unbuilt = self.tool.unbuilt.search(said)
        ended = (self.tool.complete.search(said) is not None or unbuilt is not None) and None not in suites
        ended &= self.tool.broken.search(said) is None and self._counted(said) <= len(cases)
        if not cases and unbuilt is None and done.exit_code != 0 and self.tool.broken.search(said) is None:
            return None
        tests = self._records(cases)
        if unbuilt is not None:
            because = self.tool.because.search(said) or unbuilt
            detail = said[because.start() :][:_DETAIL_BYTES]
            seen = {record.file for record in tests.values()}
            for file in self.tests:
                if file not in seen:
                    tests[f"{file} [build]"] = TestRecord(TestOutcome.FAILED, file, detail, collect=True)
        return TestReport(tests, ended and done.exit_code is not None)

    def _counted(self, said: str) -> int:
        return sum(int(n[:9]) for n in self.tool.count.findall(said)) if self.tool.count else 0

    def _records(self, cases: Sequence[junit.Case]) -> dict[str, TestRecord]:
        """A test told twice counts as its worst; one that passed only when it was run again is flaky by its own
        account, and counts as passed."""
        known = _by_class(self.tests)
        tests: dict[str, TestRecord] = {}
        for case in cases:
            name = f"{case.group}.{case.name}"
            if name in tests and tests[name].outcome is TestOutcome.FAILED:
                continue
            place = case.group.partition("$")[0].replace(".", "/")
            file = next((f for f in known.get(posixpath.basename(place), ()) if f"/{f}".endswith(_ends(place))), "")
            tests[name] = TestRecord(case.outcome, file, tail(case.detail, limit_bytes=_DETAIL_BYTES))
        return tests


def _ends(place: str) -> tuple[str, ...]:
    return tuple(f"/{place}{suffix}" for suffix in _SOURCES)


def _by_class(files: Sequence[RepoPath]) -> Mapping[str, list[RepoPath]]:
    found: dict[str, list[RepoPath]] = {}
    for file in files:
        found.setdefault(posixpath.splitext(posixpath.basename(file))[0], []).append(file)
    return found
