"""Which host folders a command needs to start: the installation behind a link, never a whole home (§3 of the design).

A virtual environment or a node under a hidden home is a chain of links; each hop's installation is shown read-only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64")
_HOPS = 16


def of_program(path: Path, home: Path) -> Iterator[Path]:
    """The installations of the program at `path` and of everything that it links to."""
    at = path
    for _ in range(_HOPS):
        yield from _installation(at, home)
        if not at.is_symlink():
            break
        at = Path(os.path.normpath(at.parent / at.readlink()))
    yield from _installation(Path(os.path.realpath(path)), home)


def of_environment(folder: Path, home: Path) -> Iterator[Path]:
    """What the Python virtual environment in `folder` was made from."""
    for name in ("python", "python3"):
        if (folder / "bin" / name).is_symlink():
            yield from of_program(folder / "bin" / name, home)
    try:
        text = (folder / "pyvenv.cfg").read_text("utf-8", "replace")
    except OSError:
        return
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "home" and value.strip().startswith("/"):
            yield from _installation(Path(value.strip()) / "python3", home)


def on_path(name: str, environ: Mapping[str, str], root: Path) -> Path | None:
    """The program `name` on the user's PATH, outside the system's folders and outside the repository at `root`."""
    if "/" in name:
        return None
    for folder in environ.get("PATH", "").split(os.pathsep):
        path = Path(folder) / name
        if folder.startswith("/") and os.access(path, os.X_OK) and path.is_file():
            outside = not _is_system(path) and not path.is_relative_to(root)
            return path if outside else None
    return None


def _installation(program: Path, home: Path) -> Iterator[Path]:
    """The folder above `bin`, unless that would lay a home open: then the file alone. Of npm's, its packages."""
    if _is_system(program) or not program.exists():
        return
    prefix = program.parent.parent
    packages = next((above for above in reversed(program.parents) if above.name == "node_modules"), None)
    if packages is not None:
        yield packages  # a package of npm finds the others that it needs beside it, not below
    elif program.parent.name in ("bin", "sbin") and not _too_wide(prefix, home):
        yield prefix
    elif program.is_file():
        yield program


def _too_wide(folder: Path, home: Path) -> bool:
    if len(folder.parts) < 2 or home.is_relative_to(folder):
        return True
    if not folder.is_relative_to(home):
        return False
    below = folder.relative_to(home).parts
    return len(below) == 1 and below[0].startswith(".")


def _is_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in _SYSTEM)
