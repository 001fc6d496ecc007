"""What git tells of some files without reading them: how often they changed lately, and who else names them.

Figures for a classifier, no facts: a file may be named in a comment. Two processes, both with a short time limit; what
is not answered in time is not known.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path, PurePosixPath

from routecli.domain.task import RepoPath
from routecli.git.command import git

_TIMEOUT_S = 5.0
_MOST_FILES = 50
_ANY_NAME = frozenset({"__init__", "__main__", "index", "main", "mod", "lib"})
"""Stems that say nothing of their file: the folder's name stands for it."""


def changes(root: Path, paths: Collection[RepoPath], days: int) -> int | None:
    """How many commits of the last `days` days touch one of `paths`; None: not known."""
    if not paths or len(paths) > _MOST_FILES:
        return None
    done = git(root, "rev-list", "--count", f"--since={days}.days", "HEAD", "--", *sorted(paths), timeout_s=_TIMEOUT_S)
    said = done.stdout.decode("ascii", "replace").strip()
    return int(said) if done.exit_code == 0 and said.isdigit() else None


def named_in(root: Path, paths: Collection[RepoPath]) -> int | None:
    """How many other tracked files hold the name of one of `paths` as a word, without its ending; None: not known."""
    names = sorted({name for path in paths if (name := _name(path))})
    if not names or len(paths) > _MOST_FILES:
        return None
    words = [word for name in names for word in ("-e", name)]
    done = git(root, "grep", "-lwIFz", *words, timeout_s=_TIMEOUT_S)
    if done.exit_code not in (0, 1):
        return None
    found = set(done.stdout.decode("utf-8", "surrogateescape").split("\0")) - {""}
    return len(found - set(paths))


def _name(path: RepoPath) -> str:
    at = PurePosixPath(path)
    name = at.parent.name if at.stem in _ANY_NAME else at.stem
    return name if len(name) > 2 else ""
