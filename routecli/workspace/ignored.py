"""Ignored things of the user's tree that tests need: environments, installed packages, generated code.

They are shown read-only at their own place. Other ignored files stay out: they are where secrets live.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from pathlib import Path

from routecli.git.snapshot import Snapshot
from routecli.git.taking import IGNORED_LIST

FOLDERS = ("node_modules", "vendor", "bundle")
FILES = (
    "_version.py",
    "__version__.py",
    "version.py",
    "_version_info.py",
    "*_pb2.py",
    "*_pb2_grpc.py",
    "*.so",
    "*.pyd",
)
METADATA = ("*.egg-info", "*.dist-info")
SECRET = ("*secret*", "*credential*", "*password*")
MAX_BINDS = 200


def needed(snapshot: Snapshot) -> Iterator[Path]:
    """Paths relative to the root, folders and files, of what is ignored and needed; submodules with their content."""
    listed = snapshot.store.git_ok(*IGNORED_LIST, index=snapshot.index).decode("utf-8", "surrogateescape")
    names = [name for name in listed.split("\0") if name and _is_needed(name, snapshot.repository.root)]
    for name in (*names[:MAX_BINDS], *snapshot.environments, *snapshot.submodules):
        yield Path(name)


def is_environment(folder: Path) -> bool:
    """Whether `folder` is a Python virtual environment, whatever it is called."""
    return (folder / "pyvenv.cfg").is_file()


def _is_needed(name: str, root: Path) -> bool:
    last = name.rstrip("/").rpartition("/")[2]
    if name.endswith("/") or (root / name).is_dir():
        return last in FOLDERS or is_environment(root / name) or _matches(last, METADATA)
    return _matches(last, FILES) and not _matches(last, SECRET)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(name.casefold(), pattern) for pattern in patterns)
