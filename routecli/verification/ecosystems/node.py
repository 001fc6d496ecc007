"""Which node runs a package's checks, and where its programs are; nothing of the repository's is started for it."""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from routecli import process
from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.verification.programs import installation
from routecli.verification.project import Project

_SYSTEM = ("/usr", "/bin", "/lib")
_NATIVE = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_SWITCHERS = ("NVM_", "FNM_", "VOLTA_", "ASDF_", "MISE_", "NODENV_", "N_")


@dataclass(frozen=True, slots=True)
class Node:
    """A node. `binds` is what it needs to start, `stamp` changes with it."""

    path: Path
    binds: tuple[Path, ...]
    stamp: str


def find_node(environ: Mapping[str, str], repo_root: Path) -> Node | None:
    """The first `node` on PATH that lies outside the repository. One that is a version switcher's is asked for the
    real one; nothing else is started."""
    for name in environ.get("PATH", "").split(os.pathsep):
        found = Path(name) / "node"
        if not found.is_absolute() or not os.access(found, os.X_OK) or not found.is_file():
            continue
        real = Path(os.path.realpath(found))
        if not (real.name in ("node", "nodejs") and _is_native(real)):
            real = Path(_asked(str(found), str(repo_root)) or found)
        if real.is_file() and _is_native(real) and not real.is_relative_to(repo_root):
            binds = () if str(real).startswith(_SYSTEM) else (installation(real),)
            return Node(real, binds, f"{real}@{real.stat().st_mtime_ns}")
    return None


def _is_native(program: Path) -> bool:
    """Whether it is a program itself and no script."""
    with program.open("rb") as stream:
        return stream.read(4) in _NATIVE


@lru_cache(maxsize=16)
def _asked(switcher: str, cwd: str) -> str:
    """The node that a version switcher means in `cwd`; empty where it means none. `-p` reads no file of the folder."""
    kept = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME") or n.startswith(_SWITCHERS)}
    done = process.run([switcher, "-p", "process.execPath"], cwd=Path(cwd), env=kept, timeout_s=20)
    said = done.stdout.decode("utf-8", "replace").strip()
    return said if done.exit_code == 0 and said.startswith("/") else ""


def installed(project: Project, folder: RepoPath, package: str, program: str = "") -> Path | None:
    """The script that starts `program` of the npm package `package`, in the nearest node_modules at or above `folder`.
    One that the repository holds as content is passed over: a patch could change it."""
    at = "" if folder == "." else folder
    while True:
        place = posixpath.join(at, "node_modules", package)
        script = _script(project.repo_root / place, program or package)
        if script is not None and not any(p.startswith(f"{place}/") for p in project.files.paths()):
            return script
        if not at:
            return None
        at = posixpath.dirname(at)


def _script(package: Path, program: str) -> Path | None:
    try:
        told = json.loads((package / "package.json").read_bytes())["bin"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    path = told.get(program) if isinstance(told, dict) else told
    if not isinstance(path, str):
        return None
    script = package / path
    return script if ".." not in Path(path).parts and script.is_file() else None


def installed_stamp(project: Project) -> str:
    """Changes when packages are installed or removed for the project."""
    stamps = []
    for folder in sorted({project.repo_root, project.repo_root / project.folder}):
        for name in ("node_modules", "node_modules/.package-lock.json", "node_modules/.modules.yaml"):
            if (folder / name).exists():
                stamps.append(f"{folder / name}@{(folder / name).stat().st_mtime_ns}")
    return "|".join(stamps)
