"""A control group for the memory of one command, where this user may make one: then the kernel keeps the limit.

Version 2 where memory is delegated to the group above ours (systemd's user slices), version 1 where its hierarchy may
be written (root, many containers). Anywhere else there is none, and `watching` looks some times a second instead.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from functools import lru_cache
from pathlib import Path

from routecli.git.owners import is_dead, owner_name
from routecli.nouns import dataclass

ROOT = Path("/sys/fs/cgroup")
_PREFIX = "routecli-"
_TRIES, _PAUSE_S = 20, 0.005


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """One group; `place` is its folder. `killed_in` is the file that counts what the kernel ended for its limit."""

    place: Path
    killed_in: str

    def take(self, pid: int) -> None:
        """Puts process `pid` into it, and with it all that it starts from now on. One that is gone is no fault."""
        with contextlib.suppress(OSError):
            (self.place / "cgroup.procs").write_text(str(pid))

    def killed(self) -> bool:
        """Whether the kernel ended a process of it for want of memory."""
        try:
            lines = (self.place / self.killed_in).read_text().splitlines()
        except OSError:
            return False
        return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)

    def close(self) -> None:
        """Removes it: its processes are gone, or just going."""
        for _ in range(_TRIES):
            try:
                self.place.rmdir()
                return
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(_PAUSE_S)


def make_group(limit_bytes: int, root: Path = ROOT) -> MemoryGroup | None:
    """A group of at most `limit_bytes`, swap included; None where this user may make none."""
    name = f"{_PREFIX}{owner_name()}-{secrets.token_hex(4)}"
    for parent, limits, killed_in in _parents(root):
        _sweep(parent)
        place = parent / name
        try:
            place.mkdir()
        except OSError:
            continue
        group = MemoryGroup(place, killed_in)
        try:
            for file, value in limits:
                if (place / file).exists():
                    (place / file).write_text(str(value if value is not None else limit_bytes))
            return group
        except OSError:
            group.close()
    return None


@lru_cache(maxsize=4)
def _sweep(parent: Path) -> None:
    """Groups that a killed run of ours left behind: empty, and their process is gone."""
    for left in parent.glob(f"{_PREFIX}*"):
        if is_dead(left.name.removeprefix(_PREFIX)):
            with contextlib.suppress(OSError):  # not empty: what is left in it is just going
                left.rmdir()


Limits = tuple[tuple[str, int | None], ...]


def _parents(root: Path) -> list[tuple[Path, Limits, str]]:
    """Where a group could be made: beside our own in version 2, below it in version 1."""
    found: list[tuple[Path, Limits, str]] = []
    try:
        own = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except OSError:
        return found
    for number, controllers, path in own:
        if number == "0":
            for top in (root, root / "unified"):
                above = (top / path.lstrip("/")).parent
                if "memory" in _words(above / "cgroup.subtree_control"):
                    found.append((above, (("memory.max", None), ("memory.swap.max", 0)), "memory.events"))
        elif "memory" in controllers.split(","):
            limits: Limits = (("memory.limit_in_bytes", None), ("memory.memsw.limit_in_bytes", None))
            found.append((root / "memory" / path.lstrip("/"), limits, "memory.oom_control"))
    return found


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []
