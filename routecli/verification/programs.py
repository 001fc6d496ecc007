"""Programs of the user's that run a project's checks: found on PATH, and never one that the repository holds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from routecli.verification.interpreter import SYSTEM_PATH
from routecli.verification.project import Project

_SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/sbin", "/etc")


def on_path(project: Project, name: str) -> Path | None:
    """The program `name` as PATH names it, links not followed (some tell by their name what to be)."""
    found = shutil.which(name, path=project.environ.get("PATH", ""))
    if found is None or not Path(found).is_absolute():
        return None
    real = Path(os.path.realpath(found))
    return None if real.is_relative_to(project.repo_root) else Path(found)


def search_path(*programs: Path) -> str:
    """A PATH that begins with the folders of `programs`."""
    folders = dict.fromkeys([*(str(p.parent) for p in programs), *SYSTEM_PATH.split(":")])
    return ":".join(folders)


def outside(project: Project, places: Iterable[Path]) -> tuple[Path, ...]:
    """Those of `places` that exist and have to be shown to the sandbox: none of the system's, none of the
    repository's (these are in the copy, or stay out of it)."""
    kept = (p for p in places if p.exists() and not p.is_relative_to(project.repo_root))
    return tuple(dict.fromkeys(p for p in kept if not any(p.is_relative_to(s) for s in _SYSTEM)))


def installation(program: Path) -> Path:
    """What `program`, links followed, needs to start: the folder that its `bin` stands in, unless that would lay a home
    open (`~/bin`, `~/.local/bin`); then the program alone."""
    prefix, home = program.parent.parent, Path.home()
    hidden = prefix.parent == home and prefix.name.startswith(".")
    wide = program.parent.name != "bin" or home.is_relative_to(prefix) or hidden or len(prefix.parts) < len(("/", "a"))
    return program if wide else prefix


def home_of(project: Project) -> Path:
    """The user's home."""
    return Path(project.environ.get("HOME") or Path.home())


def stamp(*programs: Path) -> str:
    """What changes when one of `programs` does."""
    return " ".join(f"{p}@{p.stat().st_mtime_ns}" for p in programs)
