"""One file of the user's changed by one rename, and put back: descriptors all the way, no link followed (rows 28, 64).

The new file is swapped with the old one where the kernel can (renameat2), so what was displaced can still be looked
at: a save in the last microsecond is noticed and put back, never lost.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from routecli.domain.patch import FileEdit
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line
from routecli.errors import DeliveryFault
from routecli.git.reading import open_folder, open_regular, parts_of

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_EXCHANGE, _NO_REPLACE = 2, 1


class Displaced(Exception):
    """The file was no longer what it should have been at the moment of the rename; it was put back."""


def fault(path: RepoPath, why: str, hint: str = "") -> DeliveryFault:
    """A DeliveryFault about one file."""
    return DeliveryFault(f"{one_line(path)} {why}", hint=hint)


def check(root: Path, edit: FileEdit) -> os.stat_result | None:
    """The file's status if it still is what `edit` was made for and can be replaced; None for a new file.

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
            if _exists(folder, name) and _depth_reached(root, above):
                raise fault(edit.path, "exists meanwhile")
            return None
        return _check_old(folder, name, edit)
    finally:
        os.close(folder)


def _check_old(folder: int, name: bytes, edit: FileEdit) -> os.stat_result:
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
        raise fault(edit.path, "changed since it was read", "look at it, then routecli apply --run ID")
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


def _exists(folder: int, name: bytes) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def missing_folders(root: Path, paths: list[RepoPath]) -> tuple[RepoPath, ...]:
    """The folders that new files need and that are not there, outer ones first."""
    needed = {"/".join(p.split("/")[:depth]) for p in paths for depth in range(1, p.count("/") + 1)}
    return tuple(sorted((f for f in needed if not os.path.lexists(root / f)), key=lambda f: (f.count("/"), f)))


def make_folders(root: Path, folders: tuple[RepoPath, ...]) -> None:
    """Makes `folders`. Raises OSError."""
    for folder in folders:
        *above, name = parts_of(folder)
        handle = open_folder(root, above)
        try:
            os.mkdir(name, dir_fd=handle)
            os.fsync(handle)
        except FileExistsError:
            continue  # another process was quicker; what is in it is checked file by file
        finally:
            os.close(handle)


def remove_empty(root: Path, folder: RepoPath) -> None:
    """Removes `folder` if it is there and empty."""
    *above, name = parts_of(folder)
    try:
        handle = open_folder(root, above)
    except OSError:
        return
    try:
        os.rmdir(name, dir_fd=handle)
    except OSError:
        return  # not empty, or gone
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class Target:
    """One file of a delivery and our temporary name beside it."""

    root: Path
    path: RepoPath
    temp: bytes

    def folder(self) -> int:
        """A descriptor of its folder. Raises OSError."""
        return open_folder(self.root, parts_of(self.path)[:-1])

    @property
    def name(self) -> bytes:
        """Its name in that folder."""
        return parts_of(self.path)[-1]

    def write_temp(
        self, content: bytes, executable: bool, like: os.stat_result | None, permissions: int | None = None
    ) -> None:
        """Writes the temporary file, with permissions, owner and attributes of the file it will replace (`like`), or
        with `permissions` where that is gone. Raises OSError."""
        folder = self.folder()
        try:
            handle = os.open(self.temp, _NEW, 0o777 if executable else 0o666, dir_fd=folder)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                if like is not None:
                    _make_alike(handle, like, executable)
                    _copy_attributes(folder, self.name, handle)
                elif permissions is not None:
                    os.fchmod(handle, permissions)
                stream.flush()
                os.fsync(handle)
        finally:
            os.close(folder)

    def drop_temp(self) -> None:
        """Removes the temporary file, if it is there."""
        try:
            folder = self.folder()
        except OSError:
            return
        try:
            os.unlink(self.temp, dir_fd=folder)
        except FileNotFoundError:
            return
        finally:
            os.close(folder)

    def read_temp(self) -> bytes | None:
        """The bytes under the temporary name; None without one."""
        return self._read(self.temp)

    def read(self) -> bytes | None:
        """The bytes of the file; None where there is no regular file, or a link on the way."""
        return self._read(self.name)

    def present(self) -> bool:
        """Whether there is anything of that name."""
        try:
            folder = self.folder()
        except OSError:
            return False
        try:
            return _exists(folder, self.name)
        finally:
            os.close(folder)

    def _read(self, name: bytes) -> bytes | None:
        try:
            folder = self.folder()
        except OSError:
            return None
        try:
            handle = open_regular(folder, name)
        except OSError:
            return None
        finally:
            os.close(folder)
        if handle is None:
            return None
        with os.fdopen(handle, "rb") as stream:
            return stream.read()

    def put(self, before: bytes | None) -> None:
        """Makes the temporary file the file; what it held stays under the temporary name, so that it can be put back
        without any room on the disk. Raises Displaced where that was anything but `before`; OSError."""
        self._swap(before, delete=False)

    def take_away(self, before: bytes) -> None:
        """Moves the file to the temporary name. Raises Displaced where it held anything but `before`; OSError."""
        self._swap(before, delete=True)

    def put_back(self, deleted: bool) -> None:
        """What is under the temporary name becomes the file again. Raises OSError."""
        folder = self.folder()
        try:
            if not deleted:
                os.replace(self.temp, self.name, src_dir_fd=folder, dst_dir_fd=folder)
            elif not _rename_new(folder, self.temp, self.name):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), self.path)
            os.fsync(folder)
        finally:
            os.close(folder)

    def status(self) -> os.stat_result:
        """Of the file itself. Raises OSError."""
        folder = self.folder()
        try:
            return os.stat(self.name, dir_fd=folder, follow_symlinks=False)
        finally:
            os.close(folder)

    def remove(self) -> None:
        """Removes the file. Raises OSError."""
        folder = self.folder()
        try:
            os.unlink(self.name, dir_fd=folder)
        finally:
            os.close(folder)

    def _swap(self, before: bytes | None, *, delete: bool) -> None:
        folder = self.folder()
        try:
            if before is None:
                fits = _rename_new(folder, self.temp, self.name)
            elif delete:
                os.rename(self.name, self.temp, src_dir_fd=folder, dst_dir_fd=folder)
                fits = self.read_temp() == before
                if not fits:
                    _rename_new(folder, self.temp, self.name)
            else:
                _exchange(folder, self.temp, self.name)
                fits = self.read_temp() in (before, None)  # None: no exchange here, nothing was kept
                if not fits:
                    _exchange(folder, self.temp, self.name)
            os.fsync(folder)
        finally:
            os.close(folder)
        if not fits:
            raise Displaced(self.path)


def _make_alike(handle: int, like: os.stat_result, executable: bool) -> None:
    permissions = stat.S_IMODE(like.st_mode)
    if executable != bool(permissions & stat.S_IXUSR):
        permissions = permissions | (permissions & 0o444) >> 2 if executable else permissions & ~0o111
    own = os.fstat(handle)
    if (own.st_uid, own.st_gid) != (like.st_uid, like.st_gid):
        os.fchown(handle, like.st_uid, like.st_gid)
    os.fchmod(handle, permissions)


def _copy_attributes(folder: int, name: bytes, handle: int) -> None:
    """Access lists and the user's own attributes. A file system without them has nothing to copy."""
    old = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        for attribute in os.listxattr(old):
            if attribute.startswith("user.") or attribute == "system.posix_acl_access":
                os.setxattr(handle, attribute, os.getxattr(old, attribute))
    except OSError as problem:
        if problem.errno not in (errno.ENOTSUP, errno.ENODATA, errno.ENOSYS):
            raise
    finally:
        os.close(old)


def _exchange(folder: int, one: bytes, other: bytes) -> None:
    """Swaps two names. On a file system that cannot, `one` replaces `other`, which was compared just before."""
    if _renameat2(folder, one, other, _EXCHANGE):
        return
    os.replace(one, other, src_dir_fd=folder, dst_dir_fd=folder)


def _rename_new(folder: int, one: bytes, other: bytes) -> bool:
    """Renames `one` to `other`; False where there is an `other` already."""
    try:
        if _renameat2(folder, one, other, _NO_REPLACE):
            return True
        os.link(one, other, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        return False
    os.unlink(one, dir_fd=folder)
    return True


def _renameat2(folder: int, one: bytes, other: bytes, flags: int) -> bool:
    """Whether the kernel did it; False where it or the file system knows no such call. Raises OSError."""
    import ctypes

    call = _libc_renameat2()
    if call is None:
        return False
    if call(folder, one, folder, other, flags) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), os.fsdecode(other))


@lru_cache(maxsize=1)
def _libc_renameat2() -> Callable[[int, bytes, int, bytes, int], int] | None:
    import ctypes

    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    call.restype = ctypes.c_int
    found: Callable[[int, bytes, int, bytes, int], int] = call
    return found
