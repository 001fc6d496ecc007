"""Results of the checks on unpatched trees, kept between runs: they cost a whole test run to make again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from routecli.config.places import own_folder, read_small, write_atomically

_KEEP = 600
_KEEP_BYTES = 64_000_000
_ENTRY_BYTES = 16_000_000


class Baselines:
    """A cache of bytes by key in `folder` (None keeps nothing). A broken entry is no entry; nothing here raises."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def _file(self, key: str) -> Path | None:
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / name if self._folder else None

    def get(self, key: str) -> bytes | None:
        """What was put under `key`, if it is still there and whole."""
        file = self._file(key)
        try:
            content = read_small(file, limit_bytes=_ENTRY_BYTES) if file else None
            if file is None or content is None:
                return None
            os.utime(file)
        except OSError:
            return None
        digest, _, value = content.partition(b"\n")
        return value if digest == hashlib.sha256(value).hexdigest().encode() else None

    def put(self, key: str, value: bytes) -> None:
        """Keeps `value`; an old entry goes where there are too many. A value that is too large is not kept."""
        file = self._file(key)
        if file is None or len(value) > _ENTRY_BYTES - 100 or own_folder(file.parent, "cache").path is None:
            return
        try:
            write_atomically(file, hashlib.sha256(value).hexdigest().encode() + b"\n" + value, kept=False)
            self._prune(file.parent)
        except OSError:
            return  # a full or read-only disk: the next run measures again

    def _prune(self, folder: Path) -> None:
        found = sorted(((f.lstat(), f) for f in folder.iterdir()), key=lambda pair: pair[0].st_mtime_ns, reverse=True)
        total = 0
        for place, (stat, file) in enumerate(found):
            total += stat.st_size
            if place >= _KEEP or total > _KEEP_BYTES:
                file.unlink(missing_ok=True)
