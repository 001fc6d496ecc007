"""Which Python runs a project's checks, found without running anything of the repository's on the host.

Order: the repository's `.venv` or `venv`, the active environment, those that tools keep for the project
(environments.py), a python on PATH that has the runner, routecli's own. Environments are looked at as files (a
repository may hold a hostile `bin/python`); only pythons on PATH outside the repository are asked. An environment that
the repository itself holds as content is not used at all.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from pathlib import Path

from routecli import process
from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.verification.asked import Answer, keep, known
from routecli.verification.environments import SHOWN_ANYWAY, places

_ASK = (
    "import importlib.util as u, json, sys; print(json.dumps([sys.executable, sys.prefix, sys.base_prefix, "
    "[m for m in sys.argv[1:] if u.find_spec(m)], sys.path]))"
)
_MODULES = ("pytest", "mypy", "flake8", "ruff")
_SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/sbin", "/etc")
_asking = threading.Lock()
ON_PATH = "python on PATH"
OWN = "routecli's own python"
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python. `why` says where it was found; `modules` are the runners that it has; `binds` the host folders and
    files that it needs to start; `fingerprint` changes when packages are installed or removed. `copies`: it may hold
    the project as a copy, so the files here have to come first."""

    python: Path
    prefix: Path
    why: str
    modules: frozenset[str]
    binds: tuple[Path, ...]
    fingerprint: str
    copies: bool = False

    @property
    def env(self) -> dict[str, str]:
        """What a command run by it finds in its environment."""
        env = {"PATH": f"{self.python.parent}:{SYSTEM_PATH}"}
        if (self.prefix / "pyvenv.cfg").is_file():
            env["VIRTUAL_ENV"] = str(self.prefix)
        return env

    def program(self, name: str) -> Path | None:
        """Its own `bin/name`, if it has one."""
        path = self.python.parent / name
        return path if path.is_file() else None


def interpreters(
    repo_root: Path, project: Path, environ: Mapping[str, str], held: Collection[RepoPath] = ()
) -> Iterator[Interpreter]:
    """Candidates in order of preference, each once, lazily: asking a python on PATH costs some 20 ms. `held` are the
    repository's own files: an environment among them came with the repository and is passed over."""
    seen: set[Path] = set()
    for found in chain(environments(repo_root, project, environ, held), _elsewhere(repo_root, environ)):
        if found is not None and found.python not in seen:
            seen.add(found.python)
            yield found


def environments(
    repo_root: Path, project: Path, environ: Mapping[str, str], held: Collection[RepoPath] = ()
) -> Iterator[Interpreter]:
    """The project's own candidates, each place that holds one. Runs nothing."""
    for place in places(repo_root, project, environ):
        found = environment(place.folder, place.why, repo_root)
        if found is not None and not _is_content(place.folder, repo_root, held):
            yield replace(found, copies=place.copies)


def _is_content(folder: Path, repo_root: Path, held: Collection[RepoPath]) -> bool:
    """Whether the repository itself holds `folder`."""
    if not folder.is_relative_to(repo_root):
        return False
    inside = f"{folder.relative_to(repo_root).as_posix()}/"
    return any(path.startswith(inside) for path in held)


def preload(repo_root: Path, environ: Mapping[str, str]) -> None:
    """Asks the first python on PATH ahead of time, where `repo_root` has no environment that comes before it: through
    a version switcher the answer takes up to a quarter of a second. Raises RoutecliError once the run was stopped."""
    if next(environments(repo_root, repo_root, environ), None) is None:
        next(_elsewhere(repo_root, environ), None)


def _elsewhere(repo_root: Path, environ: Mapping[str, str]) -> Iterator[Interpreter | None]:
    for folder_name in environ.get("PATH", "").split(os.pathsep):
        folder = Path(folder_name)
        if not folder.is_absolute() or folder.is_relative_to(repo_root):
            continue
        for name in ("python3", "python"):
            if (folder / name).is_file():
                yield _asked(folder / name, ON_PATH, repo_root)
                break
    yield _asked(Path(sys.executable), OWN, repo_root)


def environment(folder: Path, why: str, repo_root: Path) -> Interpreter | None:
    """The virtual or conda environment in `folder`, looked at as files; None where there is none."""
    folder = Path(os.path.normpath(folder))
    python, config = folder / "bin" / "python", folder / "pyvenv.cfg"
    if not python.is_file() or not (config.is_file() or (folder / "conda-meta").is_dir()):
        return None
    packages = [p for p in sorted(folder.glob("lib*/python3*/site-packages")) if p.is_dir()]
    modules = frozenset(m for m in _MODULES if any((p / m).is_dir() or (p / f"{m}.py").is_file() for p in packages))
    binds = [*_start_binds(python), *_home_bind(config), *_path_binds(packages)]
    if not folder.is_relative_to(repo_root):
        binds.insert(0, folder)
    kept = _bindable(binds, repo_root)
    if folder.is_relative_to(repo_root) and folder.name not in SHOWN_ANYWAY:
        kept = (folder, *kept)
    return Interpreter(python, folder, why, modules, kept, _fingerprint(python, packages))


def _asked(python: Path, why: str, repo_root: Path) -> Interpreter | None:
    answer = _ask(str(python), str(repo_root))
    if answer is None:
        return None
    executable, prefix, base_prefix, modules = answer
    if Path(prefix, "pyvenv.cfg").is_file():
        return environment(Path(prefix), why, repo_root)
    packages = [p for p in sorted(Path(prefix).glob("lib*/python3*/*-packages")) if p.is_dir()]
    binds = [*_start_binds(Path(executable)), Path(prefix), Path(base_prefix)]
    kept = _bindable(binds, repo_root)
    print_ = _fingerprint(Path(executable), packages)
    return Interpreter(Path(executable), Path(prefix), why, frozenset(modules), kept, print_)


def _ask(python: str, cwd: str) -> Answer | None:
    """`(executable, prefix, base_prefix, modules)` as that python says itself; isolated (-I), so nothing of the
    working folder is imported. The folder matters to version switchers only. A second caller waits for the first."""
    with _asking:
        return _answer(python, cwd)


@lru_cache(maxsize=64)
def _answer(python: str, cwd: str) -> Answer | None:
    before = known(Path(python), Path(cwd))
    if before is not None:
        return before
    kept = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME") or n.startswith("PYENV_")}
    done = process.run([python, "-I", "-c", _ASK, *_MODULES], cwd=Path(cwd), env=kept, timeout_s=20)
    if done.exit_code != 0:
        return None
    try:
        executable, prefix, base_prefix, modules, path = json.loads(done.stdout)
    except ValueError:
        return None
    answer = str(executable), str(prefix), str(base_prefix), tuple(modules)
    keep(Path(python), Path(cwd), answer, path)
    return answer


def _start_binds(python: Path) -> Iterator[Path]:
    """Every link from `python` to the real program, and the installation that this belongs to."""
    at = python
    for _ in range(16):
        if not at.is_symlink():
            break
        at = at.parent / at.readlink()
        if at.name.startswith("python"):
            yield at
    real = python.resolve()
    prefix = real.parent.parent
    if any(prefix.glob("lib*/python3*/os.py")):
        yield prefix


def _home_bind(config: Path) -> Iterator[Path]:
    if not config.is_file():
        return
    for line in config.read_text("utf-8", "replace").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "home" and value.strip():
            prefix = Path(value.strip()).parent
            if any(prefix.glob("lib*/python3*/os.py")):
                yield prefix


def _path_binds(packages: list[Path]) -> Iterator[Path]:
    """Folders that `.pth` files put on the path: editable installs of neighbours."""
    for folder in packages:
        for pth in sorted(folder.glob("*.pth")):
            for line in pth.read_text("utf-8", "replace").splitlines():
                path = Path(line.strip())
                hidden = any(part.startswith(".") for part in path.parts) and "site-packages" not in path.parts
                if line.startswith("/") and not hidden and path.is_dir():
                    yield path


def _bindable(paths: list[Path], repo_root: Path) -> tuple[Path, ...]:
    """`paths` without what every sandbox has, what lies in the repository or below another one of them, and what
    would lay a home open."""
    home = Path.home()
    kept = []
    for path in dict.fromkeys(Path(os.path.normpath(p)) for p in paths):
        system = any(path.is_relative_to(s) for s in _SYSTEM)
        wide = home.is_relative_to(path) or repo_root.is_relative_to(path)
        if not system and not wide and not path.is_relative_to(repo_root) and path.exists():
            kept.append(path)
    return tuple(p for p in kept if not any(p != outer and p.is_relative_to(outer) for outer in kept))


def _fingerprint(python: Path, packages: list[Path]) -> str:
    """Installing or removing a package changes the time of its site-packages folder."""
    real = python.resolve()
    stamps = [f"{p}@{p.stat().st_mtime_ns}" for p in packages]
    size = real.stat().st_size if real.exists() else 0
    return "|".join([str(real), str(size), *stamps])
