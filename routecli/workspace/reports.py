"""What a command left in its report folder: untrusted, so only regular files, capped, and no link followed (row 33)."""

from __future__ import annotations

import os
from pathlib import Path

from routecli.git.reading import open_regular

MAX_FILES = 200
MAX_FILE_BYTES = 32_000_000
MAX_ALL_BYTES = 64_000_000


def read_report(folder: Path) -> dict[str, bytes]:
    """The files of `folder` by name; links, pipes and folders are passed over, and so is what exceeds a cap."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return {}
    found: dict[str, bytes] = {}
    room = MAX_ALL_BYTES
    try:
        for name in sorted(os.listdir(handle))[:MAX_FILES]:  # noqa: PTH208 - by descriptor
            content = _one(handle, os.fsencode(name), min(room, MAX_FILE_BYTES))
            if content is not None:
                found[name] = content
                room -= len(content)
    finally:
        os.close(handle)
    return found


def _one(folder: int, name: bytes, limit: int) -> bytes | None:
    try:
        handle = open_regular(folder, name)
    except OSError:
        return None
    if handle is None:
        return None
    with os.fdopen(handle, "rb") as stream:
        content = stream.read(limit + 1)
    return content if len(content) <= limit else None
