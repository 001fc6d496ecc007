"""Temporary things carry the process that made them in their name, so that the next start can tell what is dead.

A process is its id, the time it started (an id alone is given out again), and where ids mean the same: this boot of
this machine, in this process namespace. A shared home or a container must not sweep another's (security.md row 49).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

STRANGERS_KEPT_S = 7 * 24 * 3600
"""What another machine, boot or container left is swept when it is as old as this."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def owner_name() -> str:
    """`pid-starttime-scope` of this process."""
    return f"{os.getpid()}-{start_time(os.getpid()) or 0}-{_scope()}"


@lru_cache(maxsize=1)
def _scope() -> str:
    """Where process ids mean what they mean here; empty where that cannot be told."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
    return hashlib.sha256(f"{boot} {namespace}".encode()).hexdigest()[:8]


def start_time(pid: int) -> int | None:
    """When `pid` started, in clock ticks since the machine did; None where there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    return int(text.rpartition(b")")[2].split()[19])


def is_dead(name: str) -> bool:
    """Whether the process that made a thing called `pid-starttime-scope-…` here is gone. False for any other name."""
    pid, started, scope, *_ = [*name.split("-"), "", "", ""]
    if not (pid.isdecimal() and started.isdecimal() and scope and scope == _scope()):
        return False
    return start_time(int(pid)) != int(started)


def _is_forgotten(entry: os.DirEntry[str]) -> bool:
    """A thing of ours from another scope that is days old."""
    pid, started, *_ = [*entry.name.split("-"), "", ""]
    if not (pid.isdecimal() and started.isdecimal()):
        return False
    try:
        return time.time() - entry.stat(follow_symlinks=False).st_mtime > STRANGERS_KEPT_S
    except OSError:
        return False


def sweep(folder: Path) -> int:
    """Removes what dead processes left in `folder`; how many things. Never follows a link, never touches a thing
    whose name is not ours."""
    removed = 0
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return 0
    for entry in entries:
        if is_dead(entry.name) or (_scope() not in entry.name.split("-") and _is_forgotten(entry)):
            remove(Path(entry.path))
            removed += 1
    return removed


def remove(path: Path) -> None:
    """Removes a file or a whole folder, folders without permissions included, however deep; what cannot be removed
    stays."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    with suppress(RecursionError):  # nested on purpose
        shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        _flatten(path)
        shutil.rmtree(path, ignore_errors=True)


def _flatten(path: Path) -> None:
    """Removes what is below `path` folder by folder: the folders in one are moved up beside it first, so that neither
    depth nor permissions matter. Descriptors, so that no link is followed."""
    path.chmod(0o700)
    top = os.open(path, _FOLDER)
    try:
        waiting = os.listdir(top)  # noqa: PTH208 - by descriptor
        moved = 0
        while waiting:
            name = waiting.pop()
            with suppress(OSError):
                if not _is_folder(top, name):
                    os.unlink(name, dir_fd=top)
                    continue
                os.chmod(name, 0o700, dir_fd=top)
                for below, handle in _folders_in(top, name):
                    moved += 1
                    os.chmod(below, 0o700, dir_fd=handle)  # its entry for the folder above changes as well
                    os.rename(below, f"moved-{moved}-{time.time_ns()}", src_dir_fd=handle, dst_dir_fd=top)
                os.rmdir(name, dir_fd=top)
            if not waiting and moved:
                waiting, moved = os.listdir(top), 0  # noqa: PTH208
    finally:
        os.close(top)


def _folders_in(top: int, name: str) -> Iterator[tuple[str, int]]:
    """The folders in the folder `name`, with its descriptor; everything else in it is removed."""
    handle = os.open(name, _FOLDER, dir_fd=top)
    try:
        for below in os.listdir(handle):  # noqa: PTH208
            if _is_folder(handle, below):
                yield below, handle
            else:
                os.unlink(below, dir_fd=handle)
    finally:
        os.close(handle)


def _is_folder(above: int, name: str) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=above, follow_symlinks=False).st_mode)
