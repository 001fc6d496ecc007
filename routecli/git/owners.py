"""Temporary things carry the process that made them in their name, so that the next start can tell what is dead.

A process is its id and the time it started: an id alone is given out again (security.md row 49).
"""

from __future__ import annotations

import os
import shutil
import stat
from functools import lru_cache
from pathlib import Path


def owner_name() -> str:
    """`pid-starttime` of this process."""
    return _name_of(os.getpid()) or f"{os.getpid()}-0"


@lru_cache(maxsize=8)
def _name_of(pid: int) -> str | None:
    started = start_time(pid)
    return None if started is None else f"{pid}-{started}"


def start_time(pid: int) -> int | None:
    """When `pid` started, in clock ticks since the machine did; None where there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    return int(text.rpartition(b")")[2].split()[19])


def is_dead(name: str) -> bool:
    """Whether the process that made a thing called `pid-starttime-…` is gone. False for any other name."""
    pid, _, rest = name.partition("-")
    started = rest.partition("-")[0]
    if not pid.isdecimal() or not started.isdecimal():
        return False
    if not Path("/proc/self/stat").exists():
        return False
    return start_time(int(pid)) != int(started)


def sweep(folder: Path) -> int:
    """Removes what dead processes left in `folder`; how many things. Never follows a link."""
    removed = 0
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return 0
    for entry in entries:
        if is_dead(entry.name):
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
