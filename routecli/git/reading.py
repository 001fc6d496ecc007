"""Reading a file of the repository without following any link on the way (security.md rows 21, 22, 28)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from routecli.domain.task import RepoPath

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def parts_of(path: RepoPath) -> list[bytes]:
    """The components of `path` as bytes. Raises ValueError for a path that leaves the repository."""
    parts = path.encode("utf-8", "surrogateescape").split(b"/")
    if any(part in (b"", b".", b"..") or b"\0" in part for part in parts):
        raise ValueError(f"not a path inside a repository: {path!r}")
    return parts


def open_folder(root: Path, parts: list[bytes]) -> int:
    """A descriptor of the folder `parts` below `root`, each component opened without following links. Raises OSError
    (a link, or nothing there)."""
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in parts:
        try:
            deeper = os.open(part, _FOLDER, dir_fd=handle)
        finally:
            os.close(handle)
        handle = deeper
    return handle


def open_regular(folder: int, name: bytes) -> int | None:
    """A descriptor of the regular file `name` in the open folder `folder`; None for anything else. Raises OSError."""
    handle = os.open(name, _FILE, dir_fd=folder)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    return None


def read_regular(root: Path, path: RepoPath) -> bytes | None:
    """The bytes of the regular file `path` below `root`; None where there is none, or a link on the way to it."""
    try:
        *above, name = parts_of(path)
        folder = open_folder(root, above)
    except (OSError, ValueError):
        return None
    return read_within(folder, name)


def read_within(folder: int, name: bytes) -> bytes | None:
    """The bytes of the regular file `name` in the open `folder`, which is closed; None where there is none."""
    try:
        handle = open_regular(folder, name)
    except OSError:
        return None
    finally:
        os.close(folder)
    if handle is None:
        return None
    with os.fdopen(handle, "rb") as stream:
        return stream.read()
