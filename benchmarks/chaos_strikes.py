"""The strikes of benchmarks/chaos.py: what befalls a process at a system call of its own, or from outside at a time."""

from __future__ import annotations

import ctypes
import errno
import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from routecli.workspace import renaming

_CALLS = ("open", "rename", "replace", "mkdir", "unlink", "link", "fsync", "write", "rmdir", "fchmod", "close")
FOLDERS = (".", "sub", "sub/deep", "even/deep", ".git/routecli", ".git/routecli/pending", ".git/routecli/deliveries")
_SAVED = ("a.py", "sub/b.py", "z.txt", "even/deep/only.py", "odd/only.py")
_OVERRIDE = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, see capabilities(7): with them, permissions mean nothing to root."""


class Kind(StrEnum):
    """What happens. SAVE is an editor that saves a touched file, and a kill a little later."""

    NONE = "nothing"
    KILL = "kill -9"
    TERM = "SIGTERM"
    FULL = "disk full"
    LOCKED = "folder read-only"
    SAVE = "save, kill -9"


class Moment(StrEnum):
    """When."""

    CALL = "at a call"
    TIME = "at a time"


@dataclass(frozen=True, slots=True)
class Strike:
    """A strike in the repository `root`; `mark` is the file that tells afterwards that it happened, and for a save
    what was saved. `at_call` counts from 0; -1: not by this process."""

    kind: Kind
    root: Path
    mark: Path
    at_call: int = -1
    seed: float = 0.0


def arm(plan: Strike) -> None:
    """In the child: makes its system calls count. Of Kind.NONE: writes a byte to the mark for each."""
    if plan.kind is Kind.LOCKED:
        _obey_permissions()
    count = 0
    kill_at = -1
    busy = False

    def called() -> None:
        nonlocal count, busy, kill_at
        if busy:
            return
        busy = True
        now, count = count, count + 1
        try:
            if plan.kind is Kind.NONE:
                with plan.mark.open("ab") as stream:
                    stream.write(b".")
            elif now == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            elif now == plan.at_call:
                kill_at = now + random.Random(plan.seed).randrange(1, 30) if plan.kind is Kind.SAVE else -1
                strike(plan, os.getpid())
        finally:
            busy = False  # the handler of a signal has raised

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **named: Any) -> Any:
            called()
            return real(*words, **named)

        return call

    if plan.kind is not Kind.NONE and plan.at_call < 0:
        return
    for name in _CALLS:
        setattr(os, name, counting(getattr(os, name)))
    renaming._renameat2 = counting(renaming._renameat2)


def strike(plan: Strike, pid: int) -> None:
    """Does it, to process `pid` or to its disk."""
    chance = random.Random(plan.seed)
    match plan.kind:
        case Kind.KILL | Kind.TERM:
            plan.mark.touch()
            os.kill(pid, signal.SIGKILL if plan.kind is Kind.KILL else signal.SIGTERM)
        case Kind.FULL:
            plan.mark.touch()
            _fill(plan.root.parent / "filler", leave_bytes=4096 * chance.choice((0, 0, 1, 3, 9)))
        case Kind.LOCKED:
            plan.mark.touch()
            folder = plan.root / chance.choice(FOLDERS)
            if folder.is_dir():
                folder.chmod(chance.choice((0o555, 0o000)))
            state = plan.root.parent / "state"
            if state.is_dir():
                state.chmod(0o555)
        case Kind.SAVE:
            _save(plan, chance)
            if pid != os.getpid():
                os.kill(pid, signal.SIGKILL)


def lift(plan: Strike) -> None:
    """The user makes room, and gives the permissions back."""
    (plan.root.parent / "filler").unlink(missing_ok=True)
    for folder in (plan.root, *(plan.root / name for name in FOLDERS), plan.root.parent / "state"):
        if folder.is_dir():
            folder.chmod(0o700 if ".git" in folder.parts or folder.name == "state" else 0o755)


def _save(plan: Strike, chance: random.Random) -> None:
    """As editors do: a file beside it, and a rename. Not where the folder is gone."""
    path = chance.choice(_SAVED)
    text = f"saved {plan.seed}"
    beside = plan.root / ".git" / "beside"
    beside.write_text(text)
    try:
        beside.replace(plan.root / path)
    except FileNotFoundError:
        beside.unlink()
        plan.mark.touch()
        return
    plan.mark.write_text(f"{path}\n{text}\n")


def _fill(filler: Path, leave_bytes: int) -> None:
    handle = os.open(filler, os.O_WRONLY | os.O_CREAT, 0o600)
    size = 0
    try:
        while True:
            size += os.write(handle, b"x" * 65536)
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
    os.ftruncate(handle, max(0, size - leave_bytes))
    os.close(handle)


def _obey_permissions() -> None:
    """Root without the right to pass over permissions: version 3 of capset(2), the first 32 of its bits."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    if libc.capget(header, data) == 0:
        for which in (0, 1):  # effective and permitted
            data[which] &= ~_OVERRIDE
        if libc.capset(header, data) == 0:
            return
    raise OSError(ctypes.get_errno(), "capset")
