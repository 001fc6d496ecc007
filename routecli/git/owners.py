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
from functools import lru_cache
from pathlib import Path

STRANGERS_KEPT_S = 7 * 24 * 3600
"""What another machine, boot or container left is swept when it is as old as this."""


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
    """Removes a file or a whole folder, folders without permissions included; what cannot be removed stays."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        _open_up(path)
        shutil.rmtree(path, ignore_errors=True)


def _open_up(path: Path) -> None:
    """Gives the owner the run of every folder below `path`. Descriptors, so that no link is followed."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    path.chmod(0o700)
    for _, folders, _, handle in os.fwalk(path, follow_symlinks=False, onerror=lambda _: None):
        for name in folders:
            if not stat.S_ISDIR(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode):
                continue
            os.chmod(name, 0o700, dir_fd=handle)
            os.close(os.open(name, flags, dir_fd=handle))
