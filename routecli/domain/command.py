"""A command to run and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class Door:
    """A way out of a sandbox that has no network: what connects to `port` of its loopback comes out at the Unix socket
    `socket` of the host, where a program of ours decides what may leave."""

    socket: Path
    port: int


@dataclass(frozen=True, slots=True)
class Command:
    """A command for a twin. `cwd` is relative to the repository's root. `env` is added to the sandbox's allow-list.
    `binds` are host paths that it needs to read beside the tree (an interpreter's prefix, a plugin of ours).

    With `report`, the command finds an empty writable folder, outside the tree, named by `ROUTECLI_REPORT_DIR`;
    what it leaves there comes back in `Completed.report`. `door` is its only way to the network, where it has one.
    """

    argv: tuple[str, ...]
    cwd: str = "."
    timeout_s: float = 600.0
    env: Mapping[str, str] = field(default_factory=dict)
    binds: tuple[Path, ...] = ()
    report: bool = False
    door: Door | None = None


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended. `exit_code` is None where it was killed at its time-out or never started (`not_found`).
    `stdout` and `stderr` are the last bytes of each, capped. `died` names a sandbox that was killed itself:
    such a run says nothing about the code. `stopped` says in one line what limit of memory or disk it was ended at;
    then `timed_out` is set too: like time, it is what the code took too much of."""

    argv: tuple[str, ...]
    exit_code: int | None
    stdout: bytes
    stderr: bytes
    wall_s: float
    timed_out: bool = False
    not_found: bool = False
    truncated: bool = False
    died: str = ""
    stopped: str = ""
    report: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Both streams as text, for people: still untrusted."""
        return (self.stdout + self.stderr).decode("utf-8", "replace")
