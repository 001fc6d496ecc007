"""What `rubocop --format json` says, as findings. Untrusted like every output."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from routecli.domain.command import Completed
from routecli.nouns import dataclass
from routecli.verification.findings import Finding
from routecli.verification.json_rows import as_table, number, parsed, rows

RUBOCOP_FILE = "rubocop.json"


@dataclass(frozen=True, slots=True)
class RubocopFindings:
    """Reads the file that rubocop left; its paths are relative to the `folder` that it ran in."""

    folder: str

    def __call__(self, done: Completed) -> tuple[Finding, ...]:
        """Every offense; none where the file is broken: the exit status tells."""
        return tuple(self._all(done.report.get(RUBOCOP_FILE, b"")))

    def _all(self, body: bytes) -> Iterator[Finding]:
        for entry in rows(parsed(body), "files"):
            file = posixpath.normpath(posixpath.join(self.folder, str(entry.get("path"))))
            for offense in rows(entry, "offenses"):
                cop = str(offense.get("cop_name") or "")
                text = str(offense.get("message") or "").removeprefix(f"{cop}: ")
                yield Finding(file, number(as_table(offense.get("location")).get("line")), cop, text)
