"""What eslint, biome and tsc say, as findings. Untrusted like every output."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from routecli.domain.command import Completed
from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.verification.findings import Finding

OUTPUT = "lint.out"
_ERROR = 2
_TSC = re.compile(r"^(?P<file>[^\s(][^(\n]*)\((?P<line>\d{1,9}),\d+\): error (?P<code>TS\d+): (?P<text>.*)$", re.M)
_BIOME = re.compile(
    r"^::error title=(?P<code>[^,\n]*),file=(?P<file>[^,\n]*),line=(?P<line>\d{1,9}),[^:\n]*::(?P<text>.*)$", re.M
)
_ESCAPES = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


def _said(done: Completed) -> str:
    return done.report.get(OUTPUT, b"").decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class EslintFindings:
    """Reads `eslint --format json`; the paths in it are absolute, below `repo_root`. Warnings count where the
    project's own command is `strict` about them."""

    repo_root: Path
    strict: bool = False

    def __call__(self, done: Completed) -> tuple[Finding, ...]:
        """None where the file is broken: the exit status tells."""
        try:
            files = json.loads(_said(done) or "[]")
        except (ValueError, RecursionError):
            return ()
        return tuple(self._read(files))

    def _read(self, files: object) -> Iterator[Finding]:
        for entry in files if isinstance(files, list) else ():
            if not isinstance(entry, dict):
                continue
            file = posixpath.relpath(str(entry.get("filePath") or "?"), str(self.repo_root))
            messages = entry.get("messages")
            for said in messages if isinstance(messages, list) else ():
                if isinstance(said, dict) and (self.strict or said.get("severity") == _ERROR):
                    yield _message(file, said)


def _message(file: RepoPath, said: dict[str, object]) -> Finding:
    line, rule = said.get("line"), str(said.get("ruleId") or "syntax")
    return Finding(file, line if isinstance(line, int) else 0, rule, str(said.get("message") or ""))


@dataclass(frozen=True, slots=True)
class BiomeFindings:
    """Reads `biome lint --reporter=github`, one line an error: the only report that 1 and 2 write alike. Its paths are
    absolute (2) or relative to the `folder` that it ran in (1)."""

    repo_root: Path
    folder: RepoPath

    def __call__(self, done: Completed) -> tuple[Finding, ...]:
        """Every error that names a file."""
        return tuple(self._read(m) for m in _BIOME.finditer(_said(done)))

    def _read(self, match: re.Match[str]) -> Finding:
        file, text = _plain(match["file"]), _plain(match["text"])
        whole = posixpath.join(str(self.repo_root), self.folder, file)
        return Finding(posixpath.relpath(whole, str(self.repo_root)), int(match["line"]), match["code"], text.strip())


def _plain(text: str) -> str:
    for escaped, plain in _ESCAPES:
        text = text.replace(escaped, plain)
    return text


@dataclass(frozen=True, slots=True)
class TscFindings:
    """Reads `tsc --pretty false`, whose paths are relative to the `folder` that it ran in."""

    folder: RepoPath

    def __call__(self, done: Completed) -> tuple[Finding, ...]:
        """Every error that names a file."""
        return tuple(
            Finding(
                posixpath.normpath(posixpath.join(self.folder, m["file"])), int(m["line"]), m["code"], m["text"].strip()
            )
            for m in _TSC.finditer(_said(done))
        )
