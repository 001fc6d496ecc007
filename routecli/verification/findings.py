"""What linters say, in a form in which two runs can be compared although lines moved."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable

from routecli.domain.task import RepoPath
from routecli.nouns import dataclass

_LINE = re.compile(
    r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+)(?::(?P<column>\d+))?:\s*(?:(?P<level>error|warning|note|info)(?::|\b)\s*)?(?P<rest>\S.*)$"
)
_LEADING_CODE = re.compile(r"^(?P<code>[A-Z]{1,6}\d{1,5}|[a-z]+(?:-[a-z]+)+):?\s+(?P<text>.*)$")
_ALWAYS = ("E9", "F4", "F5", "F6", "F7", "F8", "invalid-syntax", "Lint/Syntax")
_TRAILING_CODE = re.compile(r"^(?P<text>.*?)\s*\[(?P<code>[a-z][a-z0-9-]*)\]$")


@dataclass(frozen=True, slots=True)
class Finding:
    """One complaint. `line` counts from 1 and is for people: it takes no part in a comparison."""

    file: RepoPath
    line: int
    code: str
    text: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same when lines move: file, code, and the text without its numbers."""
        return self.file, self.code, re.sub(r"\d+", "N", self.text)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {f'{self.code} ' if self.code else ''}{self.text}"


def read_findings(text: str, cwd: str = ".") -> tuple[Finding, ...]:
    """Every `file:line[:column]: …` line of `text`; notes are left out, as they belong to the line before."""
    found = []
    for line in text.splitlines():
        match = _LINE.match(line.rstrip())
        if match is None or match["level"] in ("note", "info"):
            continue
        code, said = _code(match["rest"])
        file = posixpath.normpath(posixpath.join(cwd, match["file"]))
        found.append(Finding(file, int(match["line"]), code, said.replace("[*] ", "", 1)))
    return tuple(found)


def _code(rest: str) -> tuple[str, str]:
    match = _LEADING_CODE.match(rest) or _TRAILING_CODE.match(rest)
    return (match["code"], match["text"]) if match else ("", rest)


def added(before: Iterable[Finding], after: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of `after` beyond as many equal ones in `before`; of equal ones the last in the file are taken."""
    spare = Counter(f.key for f in before)
    fresh = []
    for finding in after:
        if spare[finding.key] > 0:
            spare[finding.key] -= 1
        else:
            fresh.append(finding)
    return tuple(fresh)


def enforced(before: Iterable[Finding], fresh: Iterable[Finding]) -> tuple[Finding, ...]:
    """`fresh`, of a linter of another version than the project's. Where the code was not clean under it, it has rules
    that the project does not keep: then only errors of syntax and of names (E9, F, Lint/Syntax) count."""
    clean = all(f.code.startswith(_ALWAYS) for f in before)
    return tuple(f for f in fresh if clean or f.code.startswith(_ALWAYS))
