"""Whether a file of the user's still is what a patch was made for, and can be replaced by a rename (rows 61, 64)."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from routecli.domain.patch import FileEdit
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line
from routecli.errors import DeliveryFault
from routecli.git.reading import open_folder, open_regular, parts_of


def fault(path: RepoPath, why: str, hint: str = "") -> DeliveryFault:
    """A DeliveryFault about one file."""
    return DeliveryFault(f"{one_line(path)} {why}", hint=hint)


def check(root: Path, edit: FileEdit, *, since: str = "it was read") -> os.stat_result | None:
    """The file's status if it still is what `edit` was made for and can be replaced; None for a new file. `since` says
    in the error since when it changed.

    Raises DeliveryFault: changed meanwhile, a link, hard-linked, read-only, another user's, or in the way.
    """
    *above, name = parts_of(edit.path)
    try:
        folder = _nearest(root, above) if edit.before is None else open_folder(root, above)
    except FileNotFoundError:
        raise fault(edit.path, "is gone meanwhile") from None
    except OSError:
        raise fault(edit.path, "is behind a link, or a file is where its folder should be") from None
    try:
        if not os.access(".", os.W_OK | os.X_OK, dir_fd=folder):
            raise fault(edit.path, "is in a folder that cannot be written")
        if edit.before is None:
            if exists(folder, name) and _depth_reached(root, above):
                raise fault(edit.path, "exists meanwhile")
            return None
        return _check_old(folder, name, edit, since)
    except OSError as problem:
        raise fault(edit.path, f"cannot be read: {problem.strerror}") from None
    finally:
        os.close(folder)


def _check_old(folder: int, name: bytes, edit: FileEdit, since: str) -> os.stat_result:
    try:
        handle = open_regular(folder, name)
    except FileNotFoundError:
        raise fault(edit.path, "is gone meanwhile") from None
    except OSError as problem:
        if problem.errno == errno.ELOOP:
            raise fault(edit.path, "is a symbolic link") from None
        raise fault(edit.path, f"cannot be read: {problem.strerror}") from None
    if handle is None:
        raise fault(edit.path, "is no regular file")
    with os.fdopen(handle, "rb") as stream:
        found = os.fstat(handle)
        content = stream.read()
    if content != edit.before:
        raise fault(edit.path, f"changed since {since}", "look at it, then routecli apply --run ID")
    if found.st_nlink > 1:
        raise fault(edit.path, "is hard-linked: a rename would part it from its other names")
    if not found.st_mode & stat.S_IWUSR or not os.access(name, os.W_OK, dir_fd=folder, follow_symlinks=False):
        raise fault(edit.path, "is read-only")
    if found.st_uid != os.geteuid() and os.geteuid() != 0:
        raise fault(edit.path, "belongs to another user")
    return found


def _nearest(root: Path, parts: list[bytes]) -> int:
    """The deepest folder of `parts` that exists. Raises OSError for a link or a file on the way."""
    for depth in range(len(parts), -1, -1):
        try:
            return open_folder(root, parts[:depth])
        except FileNotFoundError:
            continue
    raise FileNotFoundError(root)


def _depth_reached(root: Path, parts: list[bytes]) -> bool:
    try:
        os.close(open_folder(root, parts))
    except OSError:
        return False
    return True


def exists(folder: int, name: bytes) -> bool:
    """Whether the open folder has anything of that name."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
