"""Red tests whose failure is not about the change, as far as its words tell: looked at only where something else proves
a fix."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator, Mapping

from routecli.domain.task import RepoPath
from routecli.verification.report import TestOutcome, TestRecord

_ERROR = re.compile(r"^(?:E\s+)?((?:\w+\.)*\w*(?:Error|Exception|Interrupt|Exit|Warning)\b(?::.*)?)$")
_FRAME = re.compile(r"""(?P<file>[^\s"':]+\.py)(?:"?, line |:)(?P<line>\d+)""")
"""A line of a traceback, as pytest words it (`calc.py:3: in add`) and as Python does (`File "calc.py", line 3`)."""
_STALE = re.compile(r"\bcannot import name '\w+' from '(?P<module>\w+)[\w.]*'")
_RUNNER = re.compile(
    r"\bUnexpected keyword arguments? passed to pytest\.|\b(?:module|class) 'pytest' has no attribute "
)
_FILES = 3
"""In so many files of tests the same words are the state of the tree and of the machine, not one bug's."""


def error_of(detail: str) -> str:
    """The exception that a failure ends with, in its own words; empty for an assertion."""
    for line in reversed(detail.splitlines()):
        found = _ERROR.match(line.strip())
        if found is not None:
            return "" if found[1].startswith("AssertionError") else found[1]
    return ""


def shared_errors(tests: Mapping[str, TestRecord]) -> frozenset[str]:
    """Exceptions that red tests of many files have word for word."""
    files: dict[str, set[RepoPath]] = {}
    for record in tests.values():
        if record.outcome is TestOutcome.FAILED and (said := error_of(record.detail)):
            files.setdefault(said, set()).add(record.file)
    return frozenset(said for said, where in files.items() if len(where) >= _FILES)


def is_unrelated(
    record: TestRecord, before: Collection[TestRecord], shared: frozenset[str], changed: Collection[RepoPath]
) -> bool:
    """Whether a test fails as it did before, word for word, outside of the `changed` files, and either as tests all
    over the tree do or by what only the test itself asks of Python or of its runner."""
    said = error_of(record.detail)
    if not said or not any(error_of(one.detail) == said for one in before):
        return False
    places = {place for place, _ in frames(record.detail)}
    own = {place for place in places if is_at(place, record.file)}
    if any(is_at(place, path) for place in places - own for path in changed):
        return False
    stale = _STALE.search(said)
    asks_too_much = _RUNNER.search(said) or (stale is not None and stale["module"] in sys.stdlib_module_names)
    return said in shared or (bool(asks_too_much) and places == own)


def frames(detail: str) -> Iterator[tuple[str, int]]:
    """Each file and line that a failure passes through, as it words them."""
    return ((match["file"], int(match["line"])) for match in _FRAME.finditer(detail))


def is_at(place: str, path: RepoPath) -> bool:
    """Whether a frame's file is the repository's `path`."""
    return place == path or place.endswith(f"/{path}")
