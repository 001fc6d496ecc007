"""What eslint and tsc say, as findings. Untrusted like every output."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from routecli.domain.command import Completed
from routecli.domain.task import RepoPath
from routecli.verification.findings import Finding

ESLINT_FILE = "eslint.json"
_TSC = re.compile(r"^(?P<file>[^\s(][^(\n]*)\((?P<line>\d+),\d+\): error (?P<code>TS\d+): (?P<text>.*)$", re.M)


@dataclass(frozen=True, slots=True)
class EslintFindings:
    """Reads `eslint --format json` from its file; the paths in it are absolute, below `repo_root`."""

    repo_root: Path

    def __call__(self, done: Completed) -> tuple[Finding, ...]:
        """None where the file is broken: the exit status tells."""
        try:
            files = json.loads(done.report.get(ESLINT_FILE, b"[]"))
        except (ValueError, RecursionError):
            return ()
        found: list[Finding] = []
        for entry in files if isinstance(files, list) else ():
            if not isinstance(entry, dict):
                continue
            file = posixpath.relpath(str(entry.get("filePath")), str(self.repo_root))
            messages = entry.get("messages")
            found.extend(_message(file, m) for m in (messages if isinstance(messages, list) else ()))
        return tuple(found)


def _message(file: RepoPath, said: object) -> Finding:
    entry = said if isinstance(said, dict) else {}
    line = entry.get("line")
    rule, text = str(entry.get("ruleId") or "syntax"), str(entry.get("message") or "")
    return Finding(file, line if isinstance(line, int) else 0, rule, text)


@dataclass(frozen=True, slots=True)
class TscFindings:
    """Reads `tsc --pretty false`, whose paths are relative to the `folder` that it ran in."""

    folder: RepoPath

    def __call__(self, done: Completed) -> tuple[Finding, ...]:
        """Every error that names a file."""
        text = done.stdout.decode("utf-8", "replace")
        return tuple(
            Finding(
                posixpath.normpath(posixpath.join(self.folder, m["file"])), int(m["line"]), m["code"], m["text"].strip()
            )
            for m in _TSC.finditer(text)
        )
