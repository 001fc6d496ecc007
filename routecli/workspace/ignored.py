"""Ignored things of the user's tree that tests need: environments, installed packages, generated code.

They are shown read-only at their own place. Other ignored files stay out: they are where secrets live.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from pathlib import Path

from routecli.git.snapshot import Snapshot

FOLDERS = (".venv", "venv", "node_modules")
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
MAX_BINDS = 200


def needed(snapshot: Snapshot) -> Iterator[Path]:
    """Paths relative to the root, folders and files, of what is ignored and needed; submodules with their content."""
    listed = snapshot.store.git_ok(
        "ls-files", "-o", "-i", "--exclude-standard", "--directory", "-z", index=snapshot.index
    )
    found = 0
    for name in listed.decode("utf-8", "surrogateescape").split("\0"):
        if name and _is_needed(name) and found < MAX_BINDS:
            found += 1
            yield Path(name)
    for path in snapshot.submodules:
        yield Path(path)


def _is_needed(name: str) -> bool:
    last = name.rstrip("/").rpartition("/")[2]
    if name.endswith("/"):
        return last in FOLDERS or any(fnmatch.fnmatch(last, pattern) for pattern in METADATA)
    return any(fnmatch.fnmatch(last, pattern) for pattern in FILES)
