"""The static rule for added lines of JavaScript and TypeScript that are no tests (security.md row 9).

Read off the text without its comments, since there is no grammar at hand: what a quote holds is looked at too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from routecli.domain.task import RepoPath
from routecli.verification.ecosystems.javascript_lines import without_comments

_SCRIPT = re.compile(r".*\.[cm]?[jt]sx?")
_RUNNERS = r"node:test(?:/\w+)?|vitest(?:/\w+)?|mocha|jest|@jest/[\w-]+|jest-[\w-]+|@vitest/[\w-]+|chai"
_GLOBALS = r"expect|assert|it|test|describe|beforeEach|afterEach|beforeAll|afterAll|jest|vi"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple((re.compile(pattern), what) for pattern, what in (
    (rf"(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['\"`](?P<word>{_RUNNERS})['\"`]",
     "is the test runner, and this is no test"),
    (rf"\b(?:globalThis|global|window)\s*(?:\.\s*|\[\s*['\"`])(?P<word>{_GLOBALS})(?:['\"`]\s*\])?\s*=(?![=>])",
     "of the test runner is put out of the way"),
    (r"\b(?P<word>(?:assert|expect)(?:\s*\.\s*\w+)+)\s*=(?![=>])", "of the test runner is put out of the way"),
    (r"\b(?P<word>asymmetricMatch|\$\$typeof\s*:\s*Symbol\.for\(['\"]jest)", "makes a value equal to every other"),
    (r"\bprocess\s*\.\s*(?P<word>reallyExit|binding|_linkedBinding)\b", "ends or bends the process without a word"),
    (r"(?P<word>JEST_WORKER_ID|VITEST_WORKER_ID|VITEST_POOL_ID|NODE_TEST_CONTEXT|NODE_V8_COVERAGE)",
     "is the test runner's"),
    (r"(?P<word>ROUTECLI_\w+|(?:reporter|writer|start|lines|coverage)_(?:routecli|jest|mocha|node|vitest)\b)",
     "is routecli's own"),
))  # fmt: skip


def is_script(path: RepoPath) -> bool:
    """Whether `path` is JavaScript or TypeScript by its name."""
    return _SCRIPT.fullmatch(path) is not None


def suspicious_lines(source: bytes, added: frozenset[int]) -> Iterator[tuple[int, str]]:
    """`(line, what)` of each of the lines `added`, counted from 1, that reaches for the runner."""
    within = False
    for number, line in enumerate(source.decode("utf-8", "replace").splitlines(), 1):
        text, within = without_comments(line, within=within)
        if number not in added:
            continue
        for rule, what in _RULES:
            found = rule.search(text)
            if found is not None:
                yield number, f"{found['word']} {what}"
                break


def hides_a_package(path: RepoPath) -> bool:
    """Whether a new file would stand in the place of an installed package."""
    return "node_modules" in path.split("/")[:-1]
