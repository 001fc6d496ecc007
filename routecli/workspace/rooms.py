"""Where twins live on the host: in memory if there is plenty, else in the cache folder, else in the temporary one.

Making a file costs 10 µs in memory and up to 400 µs on a busy disk (measured, ext4): for a twin that is all its cost.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from routecli.config.places import cache_place, own_folder
from routecli.git.owners import sweep

MEMORY = Path("/dev/shm")
MIN_FREE_BYTES = 1024**3
MAX_FILES = 20_000
"""A tree of more files is likely too big to hold in memory; one that turns out so is made on disk."""


def twin_folders(files: int) -> Iterator[Path]:
    """Folders of ours to try in turn for a twin of `files` files. What dead runs left there is gone."""
    if files <= MAX_FILES and _has_room(MEMORY) and (place := _swept(MEMORY / f"routecli-{os.geteuid()}")):
        yield place
    cache = cache_place(os.environ).path
    if cache and (place := _swept(cache / "twins")):
        yield place
    if place := _swept(Path(tempfile.gettempdir()) / f"routecli-{os.geteuid()}"):
        yield place


def _has_room(folder: Path) -> bool:
    """Whether `folder` has plenty of room and lets programs run (some systems forbid that)."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize >= MIN_FREE_BYTES and not found.f_flag & os.ST_NOEXEC


@lru_cache(maxsize=8)
def _swept(folder: Path) -> Path | None:
    """`folder` as ours alone, or None; swept the first time that it is asked for."""
    place = own_folder(folder, "twins").path
    if place is not None:
        sweep(place)
    return place
