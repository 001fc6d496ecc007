"""Where the tools that make Python environments put them: places by name alone, nothing of them is run.

Each tool's own rule is restated here, from its documentation and its public source (2026): uv, pdm and poetry name a
folder by a hash of the project's own, hatch by one of its root, pipenv by one of its Pipfile; tox and nox keep theirs
in the project.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from routecli.nouns import dataclass

SHOWN_ANYWAY = (".venv", "venv")
"""Environments of these names in a repository are shown to every command in its sandbox."""
_MOST = 12
_PYTHON_FIRST = re.compile(r"\.?(?:py|python|test)[\w.\-]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that may be an environment. `why` says whose it is. `copies`: its tool installs the project as a copy,
    not in place."""

    folder: Path
    why: str
    copies: bool = False


def places(repo_root: Path, project: Path, environ: Mapping[str, str]) -> Iterator[Place]:
    """Where an environment for `project` (a folder of the repository) may be, in the order in which one is taken: in
    the project, the active one, then those that tools keep for it elsewhere, then those of tox and nox."""
    folders = tuple(dict.fromkeys((project, repo_root)))
    for folder in folders:
        yield from _inside(folder)
    yield from _active(environ)
    for name, rule in _RULES.items():
        for folder in folders:
            for found in rule(folder, environ):
                yield Place(found, f"{name}'s environment of this project")
    for folder in folders:
        for name in (".tox", ".nox"):
            for found in _sessions(folder / name):
                yield Place(found, f"{name[1:]}'s environment {found.name}", copies=True)


def _inside(folder: Path) -> Iterator[Place]:
    for name in SHOWN_ANYWAY:
        yield Place(folder / name, f"the repository's {name}")


def _active(environ: Mapping[str, str]) -> Iterator[Place]:
    if active := environ.get("VIRTUAL_ENV"):
        yield Place(Path(active), "$VIRTUAL_ENV")
    conda = environ.get("CONDA_PREFIX")
    if conda and environ.get("CONDA_DEFAULT_ENV") != "base":  # which is everybody's, and on PATH anyway
        yield Place(Path(conda), "$CONDA_PREFIX")


def _sessions(folder: Path) -> list[Path]:
    """Those named after a Python or tests first, the newest first."""
    try:
        found = [f for f in folder.iterdir() if (f / "pyvenv.cfg").is_file()]
        return sorted(found, key=lambda f: (not _PYTHON_FIRST.fullmatch(f.name), -f.stat().st_mtime_ns))[:_MOST]
    except OSError:
        return []


def _uv(project: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """`UV_PROJECT_ENVIRONMENT`, relative to the project; its usual `.venv` is found by name."""
    if named := environ.get("UV_PROJECT_ENVIRONMENT"):
        yield project / named


def _pixi(project: Path, environ: Mapping[str, str]) -> Iterator[Path]:  # noqa: ARG001 - one shape for all
    yield project / ".pixi/envs/default"


def _poetry(project: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """`NAME-HASH-pyX.Y` below its cache, or where `virtualenvs.path` says."""
    if not (project / "pyproject.toml").is_file():
        return
    home = _home(environ)
    config = home / ".config" if not environ.get("XDG_CONFIG_HOME") else Path(environ["XDG_CONFIG_HOME"])
    settings = _toml(Path(environ.get("POETRY_CONFIG_DIR") or config / "pypoetry") / "config.toml")
    cache = environ.get("POETRY_CACHE_DIR") or settings.get("cache-dir") or str(_cache(environ) / "pypoetry")
    table = settings.get("virtualenvs")
    set_path = table.get("path") if isinstance(table, dict) else None
    path = environ.get("POETRY_VIRTUALENVS_PATH") or set_path or "{cache-dir}/virtualenvs"
    folder = Path(str(path).replace("{cache-dir}", str(cache))).expanduser()
    yield from _newest(folder, f"*-{folder_hash('poetry', project)}-py*")


def _pdm(project: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """`NAME-HASH-X.Y` below its data folder, where `venv.in_project` is off."""
    folder = Path(environ.get("PDM_VENV_LOCATION") or _data(environ) / "pdm/venvs")
    yield from _newest(folder, f"*-{folder_hash('pdm', project)}-*")


def _hatch(project: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """`env/virtual/NAME/HASH/ENVIRONMENT` below its data folder: those for tests first, then the default one."""
    base = environ.get("HATCH_ENV_TYPE_VIRTUAL_PATH")
    found = list(_newest(Path(base), "*")) if base else []
    folder = Path(environ.get("HATCH_DATA_DIR") or _data(environ) / "hatch") / "env/virtual"
    found += _newest(folder, f"*/{folder_hash('hatch', project)}/*")
    yield from sorted(found, key=lambda f: "test" not in f.name)


def _pipenv(project: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """`NAME-HASH` below `WORKON_HOME` or its data folder, the hash that of the Pipfile's path."""
    if not (project / "Pipfile").is_file():
        return
    folder = Path(environ.get("WORKON_HOME") or _data(environ) / "virtualenvs").expanduser()
    yield from _newest(folder, f"*-{folder_hash('pipenv', project)}*")


_RULES: dict[str, Callable[[Path, Mapping[str, str]], Iterator[Path]]] = {
    "uv": _uv,
    "pixi": _pixi,
    "poetry": _poetry,
    "pdm": _pdm,
    "hatch": _hatch,
    "pipenv": _pipenv,
}


def folder_hash(tool: str, project: Path) -> str:
    """The eight characters by which `tool` (hatch, pdm, pipenv, poetry) tells the folder of `project` from others."""
    text = os.fsencode(project)
    if tool == "poetry":
        text = os.fsencode(os.path.normcase(os.path.realpath(project)))
    elif tool == "pipenv":
        text = os.fsencode(project / "Pipfile")
    digest = hashlib.md5(text, usedforsecurity=False) if tool == "pdm" else hashlib.sha256(text)
    return base64.urlsafe_b64encode(digest.digest()).decode()[:8]


def _newest(folder: Path, pattern: str) -> Iterator[Path]:
    """What matches, the newest first. A hash may hold no sign that a pattern would read."""
    try:
        found = [f for f in folder.glob(pattern) if f.is_dir()]
        yield from sorted(found, key=lambda f: -f.stat().st_mtime_ns)[:_MOST]
    except OSError:
        return


def _toml(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())


def _cache(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("XDG_CACHE_HOME") or _home(environ) / ".cache")


def _data(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("XDG_DATA_HOME") or _home(environ) / ".local/share")
