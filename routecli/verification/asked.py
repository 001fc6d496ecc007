"""What a python outside of the repository said of itself, kept until something that it depends on changes.

Asking starts that python: 15 to 40 ms of processor time, for each hook and each run. What is kept is the answer with
the state of the program, of every folder on its path and of the `.pth` files in them: who installs or removes a
package changes one of those. pyenv's stand-in is a program that looks for the real one, 45 ms more: its answer is kept
for one folder, with the state of all that pyenv chooses by, as it documents that. Those of other version switchers are
not kept: they answer for whatever the folder, the environment and their own files say today.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from routecli.config.places import cache_place, own_folder, read_small, write_atomically

FOLDER = "pythons"
KEPT_S = 24 * 3600
"""No answer is older, whatever did not change."""
_ELF = b"\x7fELF"
Answer = tuple[str, str, str, tuple[str, ...]]


def known(python: Path, folder: Path) -> Answer | None:
    """The answer that `python` gave in `folder`, where it would give the same again; None where it has to be asked."""
    file = _file_of(python, folder)
    try:
        raw = read_small(file) if file is not None else None
        if raw is None:
            return None
        kept = json.loads(raw)
        executable, prefix, base_prefix, modules = kept["answer"]
        fresh = 0 <= time.time() - kept["asked_at_s"] < KEPT_S
        if not fresh or kept["state"] != _state(python, folder, str(executable), kept["path"]):
            return None
        return str(executable), str(prefix), str(base_prefix), tuple(map(str, modules))
    except (OSError, ValueError, TypeError, LookupError):
        return None


def keep(python: Path, folder: Path, answer: Answer, path: Sequence[str]) -> None:
    """Keeps `answer` of `python` in `folder`, which looks for modules in `path`, if it may be kept and there is a
    place."""
    file = _file_of(python, folder)
    if file is None or own_folder(file.parent, "cache").path is None:
        return
    state = _state(python, folder, answer[0], path)
    whole = {"answer": answer, "path": list(path), "state": state, "asked_at_s": time.time()}
    try:
        write_atomically(file, json.dumps(whole).encode(), kept=False)
    except OSError:
        return  # a full or read-only disk: it is asked again


def _file_of(python: Path, folder: Path) -> Path | None:
    """Where the answer of `python` is kept; None for what is no python, and where there is no cache folder."""
    try:
        real = python.resolve(strict=True)
        with real.open("rb") as stream:
            program = stream.read(4) == _ELF
    except (OSError, RuntimeError):
        return None
    switched = not program and _is_pyenvs(python)
    if not (program and real.name.startswith("python")) and not switched:
        return None
    cache = cache_place(os.environ).path
    key = f"{python}\n{folder}" if switched else str(python)
    name = hashlib.sha256(os.fsencode(key)).hexdigest()[:24]
    return cache / FOLDER / f"{name}.json" if cache else None


def _is_pyenvs(python: Path) -> bool:
    """Whether it is pyenv's stand-in: a small script in its `shims` that hands on to pyenv."""
    if python.parent.name != "shims" or not (python.parent.parent / "versions").is_dir():
        return False
    try:
        text = read_small(python) or b""
    except OSError:
        return False
    return text.startswith(b"#!") and b"/pyenv" in text


def _state(python: Path, folder: Path, executable: str, path: Sequence[str]) -> list[str]:
    """The program, what may make an environment of its folder, and each folder of its path with its `.pth` files; for a
    stand-in what it chooses by as well."""
    folders = [Path(folder) for folder in path]
    links = [folder / name.name for folder in folders for name in _link_files(folder)]
    real = Path(executable)
    near = [home / "pyvenv.cfg" for one in (python, real) for home in (one.parent, one.parent.parent)]
    chosen = _chosen_by(python, folder) if _is_pyenvs(python) else []
    stamps = [_stamp(place) for place in (python, python.resolve(), real, real.resolve(), *near, *folders, *links)]
    return [*stamps, *chosen]


def _chosen_by(python: Path, folder: Path) -> list[str]:
    """What pyenv chooses a version by: variables, then the nearest `.python-version`, then its own file; and PATH,
    where that says `system`."""
    root = python.parent.parent
    told = [
        f"{name}={value}" for name, value in sorted(os.environ.items()) if name == "PATH" or name.startswith("PYENV_")
    ]
    files = [place / ".python-version" for place in (folder, *folder.parents)]
    return [*told, *(_stamp(file) for file in (*files, root / "version", root / "versions"))]


def _link_files(folder: Path) -> list[Path]:
    if not folder.name.endswith("-packages"):
        return []
    return sorted(file for file in folder.iterdir() if file.suffix == ".pth") if folder.is_dir() else []


def _stamp(place: Path) -> str:
    try:
        found = place.stat()
    except OSError:
        return f"{place}@"
    return f"{place}@{found.st_mtime_ns}:{found.st_ino}:{found.st_size}"


__all__ = ["Answer", "keep", "known"]
