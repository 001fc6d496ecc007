"""What `cargo test` prints, as values: cargo's own lines and those of each test program, in one stream. All of it is
untrusted.

Format: libtest's (`rustc --test`, `rustdoc --test`); its JSON is only for nightly compilers.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import field

from routecli.domain.command import Completed
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import tail
from routecli.nouns import dataclass
from routecli.verification.report import TestOutcome, TestRecord, TestReport

OUTPUT = "cargo-test.txt"
DETAIL_BYTES = 8_000
_COMPLETE = (0, 101)
"""Exit codes of a `cargo test` that came to its end: all passed; something failed or could not be built."""
_PROGRAM = re.compile(r"^\s+Running (?:unittests )?(?:(?P<path>\S+) )?\((?P<program>[^)]*)\)$")
_DOC_TESTS = re.compile(r"^\s+Doc-tests (?P<crate>\S+)$")
_RUNNING = re.compile(r"^running (\d+) tests?$")
_RESULT = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored; (\d+) measured; ")
_TEST = re.compile(r"^test (?P<name>.+?)(?: - should panic| - compile(?: fail)?)? \.\.\. (?P<word>.*)$")
_WORD = re.compile(r"^(?P<word>ok|FAILED|ignored)\b")
_FAILURE = re.compile(r"^---- (?P<name>.+?) stdout ----$")
_UNBUILT = re.compile(r"^error(?:\[E\d+\])?: (?:could not compile|.*build failed)", re.M)
_ERROR = re.compile(r"^error(?:\[E\d+\])?:", re.M)
_OUTCOMES = {"ok": TestOutcome.PASSED, "FAILED": TestOutcome.FAILED, "ignored": TestOutcome.SKIPPED}
_LINE = re.compile(r" \(line (\d+)\)$")


@dataclass(slots=True)
class _Section:
    """What one test program said. `said` maps a test to its word; `expected` and `counted` are what it said of itself
    at its begin and at its end."""

    title: str
    file: RepoPath
    said: list[tuple[str, str]] = field(default_factory=list)
    printed: dict[str, list[str]] = field(default_factory=dict)
    expected: list[int] = field(default_factory=list)
    counted: list[int] = field(default_factory=list)
    failed: bool = False

    @property
    def ended(self) -> bool:
        """Whether it told every test that it began with. A program with a harness of its own tells none."""
        if not self.expected:
            return not self.said
        return sum(self.expected) == len(self.said) == sum(self.counted) and len(self.expected) == len(self.counted)


@dataclass(frozen=True, slots=True)
class RustReport:
    """Reads the answer of a `cargo test`. `files` are the repository's Rust files, `crates` the folder of each package
    by its name in code; `tested` are the files that hold tests."""

    files: frozenset[RepoPath]
    crates: Mapping[str, RepoPath]
    tested: tuple[RepoPath, ...]

    def __call__(self, done: Completed) -> TestReport | None:
        """None where nothing was built or run at all. A program that does not tell all of its tests ended early: a
        process that exits in the midst of them ends so, with status 0."""
        text = done.report.get(OUTPUT, b"").decode("utf-8", "replace")
        sections = self._sections(text.splitlines())
        tests: dict[str, TestRecord] = {}
        ended = done.exit_code in _COMPLETE
        for section in sections:
            self._add(section, tests)
            ended &= section.ended
        if not sections:
            broken = unbuilt(text, self.tested)
            return TestReport(broken, ended) if broken else None
        return TestReport(tests, ended)

    def _sections(self, lines: list[str]) -> list[_Section]:
        sections: list[_Section] = []
        titles: Counter[str] = Counter()
        begun = failing = ""
        for line in lines:
            opened = self._opened(line)
            if opened is not None:
                titles[opened.title] += 1
                if titles[opened.title] > 1:
                    opened.title += f" ({titles[opened.title]})"
                sections.append(opened)
                begun = failing = ""
            elif sections:
                begun, failing = _hear(line, sections[-1], begun, failing)
        return sections

    def _opened(self, line: str) -> _Section | None:
        program = _PROGRAM.match(line)
        if program is not None:
            crate = re.sub(r"-[0-9a-f]{16}$", "", posixpath.basename(program["program"]))
            path = program["path"] or ""
            return _Section(f"{crate} {path}".strip(), self._root(crate, path))
        doc = _DOC_TESTS.match(line)
        return _Section(f"{doc['crate']} doc", "") if doc is not None else None

    def _root(self, crate: str, path: str) -> RepoPath:
        """The file that a test program was built from; cargo tells it relative to its package."""
        own = posixpath.normpath(posixpath.join(self.crates.get(crate, "."), path))
        if own in self.files:
            return own
        return next((f for f in sorted(self.files) if path and f"/{f}".endswith(f"/{path}")), "")

    def _add(self, section: _Section, tests: dict[str, TestRecord]) -> None:
        if not section.expected and not section.said:
            word = "FAILED" if section.failed else "ok"
            tests[section.title] = TestRecord(_OUTCOMES[word], section.file)
            return
        seen: Counter[str] = Counter()
        for name, word in sorted(section.said, key=_place):
            plain = _LINE.sub("", name)
            seen[plain] += 1
            numbered = f"{plain} ({seen[plain]})" if seen[plain] > 1 else plain
            printed = "\n".join(section.printed.get(name, ())) if word == "FAILED" else ""
            detail = tail(printed, limit_bytes=DETAIL_BYTES)
            record = TestRecord(_OUTCOMES[word], self._file(section, plain), detail)
            tests[f"{section.title}::{numbered}"] = record

    def _file(self, section: _Section, name: str) -> RepoPath:
        """The file of a test by its modules; of a documentation's example, the one it names."""
        path, dash, _ = name.partition(" - ")
        if dash and path.endswith(".rs"):
            return self._root("", path)
        return file_of(self.files, section.file, name)


def file_of(files: Collection[RepoPath], root: RepoPath, name: str) -> RepoPath:
    """The file of a test by its modules, as `mod` finds them from the `root` of its program."""
    folder, modules = posixpath.dirname(root), name.split("::")[:-1]
    for count in range(len(modules), 0, -1):
        at = posixpath.join(folder, *modules[:count])
        for candidate in (f"{at}.rs", f"{at}/mod.rs"):
            if candidate in files:
                return candidate
    return root


def unbuilt(text: str, tested: tuple[RepoPath, ...]) -> dict[str, TestRecord]:
    """A record for each file of tests where `text` says that something could not be compiled; else none."""
    if _UNBUILT.search(text) is None:
        return {}
    first = _ERROR.search(text)
    detail = text[first.start() if first else 0 :][:DETAIL_BYTES]
    return {f"{f} [build]": TestRecord(TestOutcome.FAILED, f, detail, collect=True) for f in tested}


def _hear(line: str, section: _Section, begun: str, failing: str) -> tuple[str, str]:
    """Takes a line of a program. The answer is `(the test that was begun and not yet told, the one whose output this
    is)`: where tests run one at a time, what a test's own child prints stands between its name and its word."""
    test = _TEST.match(line)
    result, running = _RESULT.match(line), _RUNNING.match(line)
    if test is not None and not failing:
        word = _WORD.match(test["word"])
        if word is None:
            return test["name"], failing
        section.said.append((test["name"], word["word"]))
        return "", failing
    if result is not None:
        section.counted.append(sum(int(n) for n in result.groups()))
        return "", ""
    if running is not None:
        section.expected.append(int(running[1]))
    elif (failure := _FAILURE.match(line)) is not None:
        section.printed.setdefault(failure["name"], [])
        return begun, failure["name"]
    elif line == "failures:":
        return begun, ""
    elif failing:
        section.printed[failing].append(line)
    elif begun and (word := _WORD.match(line)) is not None:
        section.said.append((begun, word["word"]))
        return "", failing
    section.failed |= line.startswith("error: test failed")
    return begun, failing


def _place(said: tuple[str, str]) -> tuple[str, int]:
    line = _LINE.search(said[0])
    return _LINE.sub("", said[0]), int(line[1]) if line else 0
