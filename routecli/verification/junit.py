"""JUnit's XML, as PHPUnit, Surefire, Gradle and nextest write it. Untrusted like every report: no entity of its own is
expanded.

There is no standard of it; what is read here is what these have in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import pairwise
from typing import TYPE_CHECKING

from routecli.nouns import dataclass
from routecli.verification.report import TestOutcome

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_FAILED = ("failure", "error")
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_PROLOG = re.compile(rb"<\?xml[^>]*\?>")


@dataclass(frozen=True, slots=True)
class Case:
    """One `testcase`. `file` is as the runner writes it, empty where it does not; `suite` is the name of what is around
    it; `again` says that it was run more than once, and passed in the end; `printed` is its standard output."""

    group: str
    name: str
    outcome: TestOutcome
    file: str = ""
    detail: str = ""
    suite: str = ""
    again: bool = False
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one document and how many of each it says that there are (`tests`, `failures`, `errors`, `skipped`;
    absent where it does not)."""

    cases: tuple[Case, ...]
    said: Mapping[str, int] = field(default_factory=dict)


def read(body: bytes) -> Suite | None:
    """What `body` holds; None where it is no whole document, or declares entities."""
    from xml.etree import ElementTree as Tree

    if _DECLARES.search(body):
        return None
    try:
        root = Tree.fromstring(body)
    except (Tree.ParseError, ValueError, LookupError, RecursionError):
        return None
    outer = list(root) if root.tag == "testsuites" else [root]
    said: dict[str, int] = {}
    for suite in outer:
        for name in ("tests", "failures", "errors", "skipped"):
            if (count := suite.get(name, "")).isdecimal() and len(count) < 10:
                said[name] = said.get(name, 0) + int(count)
    return Suite(tuple(case for suite in outer for case in _cases(suite)), said)


def documents(body: bytes) -> Iterator[bytes]:
    """The documents of a file in which several stand one after the other."""
    starts = [m.start() for m in _PROLOG.finditer(body)]
    for start, end in pairwise([*starts, len(body)]):
        yield body[start:end]


def _cases(top: Element) -> Iterator[Case]:
    """Nested suites without recursion: a hostile document may be deep."""
    left: list[tuple[Element, str]] = [(top, "")]
    while left:
        at, suite = left.pop()
        inner = at.get("name") or suite
        for child in reversed(at):
            left.append((child, inner))
        if at.tag == "testcase":
            yield _case(at, suite)


def _case(at: Element, suite: str) -> Case:
    outcome, detail = TestOutcome.PASSED, ""
    for child in at:
        if child.tag in _FAILED:
            outcome = TestOutcome.FAILED
            words = (child.get("message") or "", child.text or "")
            detail = "\n".join([detail, *(w for w in words if w.strip())]).strip()
        elif child.tag == "skipped" and outcome is TestOutcome.PASSED:
            outcome = TestOutcome.SKIPPED
    again = any(child.tag in ("flakyFailure", "flakyError") for child in at)
    group = at.get("class") or at.get("classname") or ""
    printed = "".join(child.text or "" for child in at if child.tag == "system-out")
    return Case(group, at.get("name") or "", outcome, at.get("file") or "", detail, suite, again, printed)
