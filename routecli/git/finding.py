"""Where a repository is, told from its files alone: no process, nothing heavy imported, a few looks at the disk.

Good enough to find our own folder at every start. Whoever works on a repository asks git (`open_repository`).
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from routecli.nouns import dataclass

_MOST_BYTES = 16_384
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Found:
    """A work tree and the git folder that it shares with its linked work trees."""

    root: Path
    common_dir: Path


def find(start: Path) -> Found | None:
    """The repository around the absolute folder `start`; None outside of one, and for one that is another user's."""
    for root in (start, *start.parents):
        try:
            dot_git = os.lstat(root / ".git")
        except OSError:
            continue
        common_dir = common_dir_of(root) if dot_git.st_uid == os.geteuid() else None
        return Found(root, common_dir) if common_dir is not None else None
    return None


def common_dir_of(root: Path) -> Path | None:
    """The shared git folder of the work tree whose root is `root`; None where it is no work tree, or `.git` a link.

    `.git` is that folder, or a file `gitdir: …`; in a linked work tree `commondir` there leads on: see
    gitrepository-layout(5).
    """
    dot_git = root / ".git"
    try:
        kind = os.lstat(dot_git).st_mode
        if stat.S_ISDIR(kind):
            return dot_git
        said = _line(dot_git)
        if said is None or not said.startswith("gitdir: "):
            return None
        git_dir = root / said.removeprefix("gitdir: ")
        shared = _line(git_dir / "commondir")
        common_dir = (git_dir if shared is None else git_dir / shared).resolve()
        return common_dir if os.path.lexists(common_dir / "HEAD") else None
    except (OSError, ValueError):
        return None


def _line(path: Path) -> str | None:
    """The text of a small regular file without its line end; None where there is none."""
    try:
        handle = os.open(path, _OPEN)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        return os.fsdecode(stream.read(_MOST_BYTES)).removesuffix("\n").removesuffix("\r")


__all__ = ["Found", "common_dir_of", "find"]
