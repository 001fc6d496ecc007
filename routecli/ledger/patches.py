"""Saved patches: one file a run, the newest kept."""

from __future__ import annotations

import re
from pathlib import Path

from routecli.config.places import own_folder, read_small, write_atomically

_KEEP = 200
_LIMIT_BYTES = 50_000_000
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,100}")


class Patches:
    """The folder of saved patches; `folder` None keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def _file(self, run_id: str) -> Path | None:
        return self._folder / f"{run_id}.patch" if self._folder and _RUN_ID.fullmatch(run_id) else None

    def save(self, run_id: str, text: str) -> Path | None:
        """Writes the patch (bytes that are no UTF-8 come in as surrogates and go out as they were). Raises OSError."""
        file = self._file(run_id)
        if file is None or own_folder(file.parent, "patches").path is None:
            return None
        write_atomically(file, text.encode("utf-8", "surrogateescape"))
        self._prune(file.parent)
        return file

    def read(self, run_id: str) -> str | None:
        """The patch as it was saved; None where there is none, or none that can be read."""
        file = self._file(run_id)
        try:
            content = read_small(file, limit_bytes=_LIMIT_BYTES) if file else None
        except OSError:
            return None
        return None if content is None else content.decode("utf-8", "surrogateescape")

    def _prune(self, folder: Path) -> None:
        files = sorted(folder.glob("*.patch"), key=lambda file: file.lstat().st_mtime_ns, reverse=True)
        for file in files[_KEEP:]:
            file.unlink(missing_ok=True)
