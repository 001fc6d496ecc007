"""What a python outside of the repository said of itself, kept until something that it depends on changes.

Asking starts that python: 15 to 40 ms of processor time, for each hook and each run. What is kept is the answer with
the state of the program, of every folder on its path and of the `.pth` files in them: who installs or removes a
package changes one of those. Only the answers of a real python are kept, not of a version switcher's stand-in, which
answers for whatever the folder, the environment and its own files say today.
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


def known(python: Path) -> Answer | None:
    """The answer that `python` gave, where it would give the same again; None where it has to be asked."""
    file = _file_of(python)
    try:
        raw = read_small(file) if file is not None else None
        if raw is None:
            return None
        kept = json.loads(raw)
        executable, prefix, base_prefix, modules = kept["answer"]
        fresh = 0 <= time.time() - kept["asked_at_s"] < KEPT_S
        if not fresh or kept["state"] != _state(python, kept["path"]):
            return None
        return str(executable), str(prefix), str(base_prefix), tuple(map(str, modules))
    except (OSError, ValueError, TypeError, LookupError):
        return None


def keep(python: Path, answer: Answer, path: Sequence[str]) -> None:
    """Keeps `answer` of `python`, which looks for modules in `path`, if it may be kept and there is a place."""
    file = _file_of(python)
    if file is None or own_folder(file.parent, "cache").path is None:
        return
    whole = {"answer": answer, "path": list(path), "state": _state(python, path), "asked_at_s": time.time()}
    try:
        write_atomically(file, json.dumps(whole).encode(), kept=False)
    except OSError:
        return  # a full or read-only disk: it is asked again


def _file_of(python: Path) -> Path | None:
    """Where the answer of `python` is kept; None for a stand-in, and where there is no cache folder."""
    try:
        real = python.resolve(strict=True)
        with real.open("rb") as stream:
            program = stream.read(4) == _ELF
    except (OSError, RuntimeError):
        return None
    cache = cache_place(os.environ).path if program and real.name.startswith("python") else None
    name = hashlib.sha256(os.fsencode(python)).hexdigest()[:24]
    return cache / FOLDER / f"{name}.json" if cache else None


def _state(python: Path, path: Sequence[str]) -> list[str]:
    """The program, what may make an environment of its folder, and each folder of its path with its `.pth` files."""
    folders = [Path(folder) for folder in path]
    links = [folder / name.name for folder in folders for name in _link_files(folder)]
    near = [python.parent / "pyvenv.cfg", python.parent.parent / "pyvenv.cfg"]
    return [_stamp(place) for place in (python, python.resolve(), *near, *folders, *links)]


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
