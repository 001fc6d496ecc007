"""Where a repository's hooks stand, whose each one is, and putting ours beside them: nothing of another's is lost.

A hook that was there keeps running, first, under the name `NAME.before-routecli`; taking ours away puts it back.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from routecli.config.places import write_atomically
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, UsageFault
from routecli.git.command import git
from routecli.git.repository import Repository
from routecli.nouns import dataclass

NAMES = ("pre-commit", "pre-merge-commit", "prepare-commit-msg", "pre-push")
MARK = b"# routecli hook: "
KEPT = ".before-routecli"
_MOVED, _ASIDE = ".legacy", ".old"
"""What pre-commit and lefthook call a hook that was there before theirs. The first runs it, the second does not."""
_MOST_BYTES = 1_000_000
_EXECUTABLE = 0o755


class Whose(StrEnum):
    """Whose hook a file is. MOVED and ASIDE: ours, under another name."""

    NOBODY = "none"
    OURS = "installed"
    BESIDE = "installed, after the hook that was there"
    MOVED = "installed, run by the tool that put it aside"
    ASIDE = "put aside by another tool, which does not run it"
    ANOTHER = "another's"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where git looks for hooks. `shared_by` says who else uses the folder, empty where only this repository does."""

    path: Path
    shared_by: str = ""


def folder_of(repository: Repository) -> Folder:
    """By `core.hooksPath` where one is configured, else the git folder's own, which linked work trees share."""
    own = repository.common_dir / "hooks"
    done = git(repository.root, "config", "--show-scope", "--type=path", "-z", "--get-all", "core.hooksPath")
    words = os.fsdecode(done.stdout).split("\0")
    said = [(scope, value) for scope, value in zip(words[::2], words[1::2], strict=False) if scope != "command"]
    if not said or not said[-1][1]:
        return Folder(own)
    scope, value = said[-1]
    path = Path(os.path.normpath(repository.root / value))
    if path == own:
        return Folder(own)
    if path.is_relative_to(repository.root / ".husky"):
        return Folder(path, "husky, which writes it anew at each install")
    if path.is_relative_to(repository.common_dir):
        return Folder(path)
    if path.is_relative_to(repository.root):
        return Folder(path, "everybody who works on this repository: it lies among its files")
    return Folder(path, f"every repository with this core.hooksPath ({scope} configuration)")


def whose(folder: Path, name: str) -> Whose:
    """Whose the hook `name` in `folder` is."""
    text = _text(folder / name)
    if text is not None and _is_ours(text):
        return Whose.BESIDE if os.access(folder / f"{name}{KEPT}", os.X_OK) else Whose.OURS
    for end, found in ((_MOVED, Whose.MOVED), (_ASIDE, Whose.ASIDE)):
        if _is_ours(_text(folder / f"{name}{end}") or b""):
            return found
    return Whose.NOBODY if text is None else Whose.ANOTHER


def install(folder: Path, name: str, script: Callable[[], str]) -> Whose:
    """Puts ours in place, executable; one that was there is kept and runs first. Raises ConfigFault: it cannot be
    written; UsageFault: what stands there is no file, or was put aside once already."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = whose(folder, name)
        place, kept = folder / name, folder / f"{name}{KEPT}"
        if found is Whose.MOVED:
            place = folder / f"{name}{_MOVED}"
        elif found in (Whose.ANOTHER, Whose.ASIDE) and os.path.lexists(place):
            if os.path.lexists(kept) and _text(kept) != _text(place):
                raise UsageFault(f"{kept} is there already", hint=f"look at both, then: rm {kept}")
            place.rename(kept)
        write_atomically(place, script().encode(), mode=_EXECUTABLE)
        place.chmod(_EXECUTABLE)
        if found is Whose.ASIDE:
            (folder / f"{name}{_ASIDE}").unlink()
        return whose(folder, name)
    except OSError as fault:
        raise ConfigFault(f"the hook cannot be written to {folder}: {fault.strerror}") from None


def uninstall(folder: Path, name: str) -> bool:
    """Takes ours away and puts back what was there; False where there was none of ours. Raises ConfigFault."""
    try:
        ours = [p for end in ("", _MOVED, _ASIDE) if _is_ours(_text(p := folder / f"{name}{end}") or b"")]
        for place in ours:
            place.unlink()
        kept = folder / f"{name}{KEPT}"
        if (
            ours
            and os.path.lexists(kept)
            and (_text(kept) == _text(folder / name) or not os.path.lexists(folder / name))
        ):
            kept.replace(folder / name)
        return bool(ours)
    except OSError as fault:
        raise ConfigFault(f"the hook cannot be taken out of {folder}: {fault.strerror}") from None


def is_current(folder: Path, name: str, script: Callable[[], str]) -> bool:
    """Whether one of ours is there and says what it would say if it were installed now."""
    return any(_text(folder / f"{name}{end}") == script().encode() for end in ("", _MOVED))


def _is_ours(text: bytes) -> bool:
    return MARK in text[:200]


def _text(path: Path) -> bytes | None:
    """The bytes of a hook, a link followed as git does; None where there is none. Raises UsageFault for a folder or a
    pipe in its place."""
    try:
        found = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise UsageFault(f"{one_line(str(path))} is no file", hint=f"ls -l {one_line(str(path))}")
    with path.open("rb") as stream:
        return stream.read(_MOST_BYTES)


__all__ = ["NAMES", "Folder", "Whose", "folder_of", "install", "is_current", "uninstall", "whose"]
