"""Whether a command takes more of the machine than it may: memory of its processes, room on the twin's disk (row 39).

There is no limit of the kernel's that a user may always set: RLIMIT_AS breaks node, RLIMIT_DATA counts each process
alone, and a control group needs a delegation that many machines lack. Where there is one it keeps the limit; everywhere
it is looked at, and stopped.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from routecli.domain.command import Completed
from routecli.workspace.memory_group import make_group

MEMORY_SHARE = 0.6
"""Of the machine's memory, for the processes of one command together."""
DISK_SHARE = 0.1
"""Of the twin's file system: what stays free, or half of what was free at the start where that is less."""
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Watch:
    """Looked at by `process.run` some times a second. `memory_bytes` None: MEMORY_SHARE of the machine's.

    Memory is the sum of what each process alone would set free (PSS: shared pages are divided among their owners).
    It is summed only while the whole machine uses that much: otherwise a look costs one small file.
    """

    def __init__(self, tree: Path, memory_bytes: int | None = None) -> None:
        self._tree = tree
        total = os.sysconf("SC_PHYS_PAGES") * _PAGE_BYTES
        self._memory_bytes = memory_bytes or int(MEMORY_SHARE * total)
        self._group = make_group(self._memory_bytes)
        self._taken = False
        found = os.statvfs(tree)
        self._least_blocks = min(DISK_SHARE * found.f_blocks, found.f_bavail / 2)
        self._least_files = min(DISK_SHARE * found.f_files, found.f_favail / 2)

    def __call__(self, pid: int) -> str:
        """Why the command with the process `pid` must end, in one line; empty where it may go on."""
        if self._group is not None and not self._taken:
            self._group.take(pid)
            self._taken = True
        found = os.statvfs(self._tree)
        if found.f_bavail < self._least_blocks or found.f_favail < self._least_files:
            return "it nearly filled the disk that its files are on"
        if _used_bytes() > self._memory_bytes and _held_bytes(pid) > self._memory_bytes:
            return self._too_much
        if self._group is not None and self._group.killed():
            return self._too_much  # the kernel was quicker, and what it left may wait for ever
        return ""

    @property
    def _too_much(self) -> str:
        return f"its processes held more than {self._memory_bytes / 1e9:.1f} GB of memory"

    def settled(self, done: Completed) -> Completed:
        """`done`, told as stopped where the kernel ended one of its processes at the limit."""
        if self._group is None or not self._group.killed() or done.stopped:
            return done
        return replace(done, exit_code=None, timed_out=True, stopped=self._too_much)

    def close(self) -> None:
        """The last use of a watch."""
        if self._group is not None:
            self._group.close()


def _used_bytes() -> int:
    """What the whole machine uses, caches that can be dropped left out (/proc/meminfo)."""
    lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
    kib = {words[0]: int(words[1]) for words in lines}
    return 1024 * (kib["MemTotal:"] - kib.get("MemAvailable:", kib["MemFree:"]))


def _held_bytes(pid: int) -> int:
    """PSS of `pid` and of all that descend from it: orphans of a sandbox stay below its process 1."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(place.read_bytes().rpartition(b")")[2].split()[1])
        except (OSError, IndexError):
            continue  # gone meanwhile
        children.setdefault(parent, []).append(int(place.parent.name))
    held, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        held += _pss_bytes(one)
        waiting += children.get(one, [])
    return held


def _pss_bytes(pid: int) -> int:
    """As the kernel sums it; of a process that may not be looked into, what it has resident (statm)."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return 1024 * int(line.split()[1])
    except OSError:
        pass
    try:
        return _PAGE_BYTES * int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
