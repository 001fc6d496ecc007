"""Keeps the store's own objects within bounds: the content of earlier days goes, that of the kept indexes stays.

Every snapshot leaves the bytes of changed files behind, and nothing but a kept index ever asks for them again. Now and
then they are counted; beyond the limit, what no kept index names is removed, when no other run uses the store. Trees
go as well, since git makes them again from an index. The user's own objects are never looked at.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from routecli.errors import UsageFault
from routecli.git.store import Store

MAX_OBJECTS_BYTES = 500_000_000
"""What the store's objects may come to before they are pruned."""
COUNTED_EVERY_S = 3600
"""Counting looks at every object, which a run should not wait for each time."""
INDEX_KEPT_S = 30 * 24 * 3600
"""A kept index that was not replaced for so long is made again: its work tree may be gone."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOSE = re.compile(r"[0-9a-f]{2}")
MOST_S = 1.0
"""How long a start may be held up: other runs wait for the lock. Removing 50,000 files took minutes on a busy disk."""
_KEPT_INDEX = re.compile(r"index-[0-9a-f]{12}")


def hold(store: Store) -> int | None:
    """A descriptor that keeps the store from being pruned until it is closed. Waits while it is; None where the file
    system knows no locks: there nothing is pruned at all."""
    return _locked(store, fcntl.LOCK_SH)


def prune(store: Store) -> int:
    """Removes what nothing names any more if it is time, there is too much, and no other run holds the store. How many
    bytes went. What cannot be removed stays."""
    counted = store.git_dir / "counted"
    if not _is_due(counted):
        return 0
    lock = _locked(store, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if lock is None:
        return 0
    try:
        counted.touch()
        if sum(size for _, _, _, size in _objects(store)) <= MAX_OBJECTS_BYTES:
            return 0
        return _prune(store)
    except OSError:
        return 0  # a link where a folder of ours should be, or no right to it: the snapshot says so if it matters
    finally:
        os.close(lock)


def _is_due(counted: Path) -> bool:
    try:
        return not 0 <= time.time() - counted.lstat().st_mtime < COUNTED_EVERY_S
    except OSError:
        return True


def _locked(store: Store, how: int) -> int | None:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        handle = os.open(store.git_dir / "in-use", flags, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(handle, how)
    except OSError:
        os.close(handle)
        return None
    except BaseException:
        os.close(handle)
        raise
    return handle


def _prune(store: Store) -> int:
    """The order matters: whenever this is cut off, what is left belongs together."""
    wanted = _wanted(store)
    for note in store.git_dir.glob("index-*.note"):
        note.unlink()  # it names a tree
    _flush(store.git_dir)
    unwanted_packs = _unwanted_packs(store, wanted)
    removed, ends = 0, time.monotonic() + MOST_S
    for folder, handle, name, size in _objects(store):
        if time.monotonic() > ends:
            (store.git_dir / "counted").unlink(missing_ok=True)  # the next start goes on
            break
        if name.partition(".")[0] in unwanted_packs if folder == "pack" else folder + name not in wanted:
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=handle)
                removed += size
    return removed


def _wanted(store: Store) -> set[str]:
    """The ids of all files of the kept indexes. One that is old or cannot be read is removed."""
    found = set[str]()
    for index in store.git_dir.glob("index-*"):
        if not _KEPT_INDEX.fullmatch(index.name):
            continue
        try:
            old = time.time() - index.lstat().st_mtime > INDEX_KEPT_S
            raw = b"" if old else store.git_ok("ls-files", "-s", "-z", index=index)
        except UsageFault:
            old = True
        if old:
            index.unlink()
        else:
            found.update(line[7:].partition(" ")[0] for line in raw.decode("utf-8", "replace").split("\0"))
    return found


def _unwanted_packs(store: Store, wanted: set[str]) -> set[str]:
    """git packs a file at once where it is very large: the names, without their endings, of packs of nothing wanted.
    What a killed git left there counts as one."""
    folder = store.git_dir / "objects" / "pack"
    names = {path.name.partition(".")[0] for path in folder.iterdir()}
    for index in folder.glob("*.idx"):
        listed = store.git("show-index", index=store.index, stdin=index.read_bytes())
        ids = {line.split(" ")[1] for line in listed.stdout.decode().splitlines()}
        if listed.exit_code != 0 or not wanted.isdisjoint(ids):
            names.discard(index.stem)
    return names


def _objects(store: Store) -> Iterator[tuple[str, int, str, int]]:
    """`(folder, its descriptor, name, bytes)` of every file that holds objects. By descriptor: a link in the place of a
    folder may lead to the user's own objects. Raises OSError for one."""
    top = os.open(store.git_dir / "objects", _FOLDER)
    try:
        for folder in os.listdir(top):  # noqa: PTH208 - by descriptor
            if folder == "pack" or _LOOSE.fullmatch(folder):
                handle = os.open(folder, _FOLDER, dir_fd=top)
                try:
                    yield from _files_in(folder, handle)
                finally:
                    os.close(handle)
    finally:
        os.close(top)


def _files_in(folder: str, handle: int) -> Iterator[tuple[str, int, str, int]]:
    for name in os.listdir(handle):
        found = os.stat(name, dir_fd=handle, follow_symlinks=False)
        if stat.S_ISREG(found.st_mode):
            yield folder, handle, name, found.st_size


def _flush(folder: Path) -> None:
    handle = os.open(folder, _FOLDER)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


__all__ = ["hold", "prune"]
