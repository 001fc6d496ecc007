"""One file of the user's changed by one rename, and put back: descriptors all the way, no link followed (rows 28, 64).

The new file is swapped with the old one where the kernel can (renameat2), so what was displaced can still be looked
at: a save in the last microsecond is noticed and put back, never lost.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from routecli.domain.task import RepoPath
from routecli.git.reading import open_folder, open_regular, parts_of
from routecli.nouns import dataclass
from routecli.workspace.preimage import exists
from routecli.workspace.renaming import exchange, rename_new

_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)
"""Nothing of that name, or no regular file. Any other error says nothing about what is there."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Displaced(Exception):
    """The file was no longer what it should have been at the moment of the rename; it was put back."""


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
        """Writes the temporary file, with permissions, owner and attributes of the file it will replace (`like`);
        `permissions` win over its own. Raises OSError."""
        folder = self.folder()
        try:
            handle = os.open(self.temp, _NEW, 0o777 if executable else 0o666, dir_fd=folder)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                if like is not None:
                    _make_alike(handle, like, executable)
                    _copy_attributes(folder, self.name, handle)
                if permissions is not None:
                    os.fchmod(handle, permissions)
                stream.flush()
                os.fsync(handle)
        finally:
            os.close(folder)

    def drop_temp(self) -> None:
        """Removes the temporary file, if it is there. Raises OSError."""
        folder = self._folder_there()
        if folder is None:
            return
        try:
            os.unlink(self.temp, dir_fd=folder)
        except FileNotFoundError:
            return
        finally:
            os.close(folder)

    def read_temp(self) -> bytes | None:
        """The bytes under the temporary name; None without one. Raises OSError: it cannot be told."""
        return self._read(self.temp)

    def read(self) -> bytes | None:
        """The bytes of the file; None where there is no regular file, or a link on the way. Raises OSError: it cannot
        be told, which must not be taken for an answer."""
        return self._read(self.name)

    def present(self) -> bool:
        """Whether there is anything of that name. Raises OSError."""
        folder = self._folder_there()
        if folder is None:
            return False
        try:
            return exists(folder, self.name)
        finally:
            os.close(folder)

    def _folder_there(self) -> int | None:
        try:
            return self.folder()
        except OSError as problem:
            if problem.errno in _NOT_THERE:
                return None
            raise

    def _read(self, name: bytes) -> bytes | None:
        folder = self._folder_there()
        if folder is None:
            return None
        try:
            handle = open_regular(folder, name)
        except OSError as problem:
            if problem.errno in _NOT_THERE:
                return None
            raise
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
            elif not rename_new(folder, self.temp, self.name):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), self.path)
            os.fsync(folder)
        finally:
            os.close(folder)

    def flush_folder(self) -> None:
        """Makes renames in its folder durable. Raises OSError."""
        folder = self.folder()
        try:
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
                fits = rename_new(folder, self.temp, self.name)
            elif delete:
                os.rename(self.name, self.temp, src_dir_fd=folder, dst_dir_fd=folder)
                fits = self.read_temp() == before
                if not fits:
                    rename_new(folder, self.temp, self.name)
            else:
                exchange(folder, self.temp, self.name)
                fits = self.read_temp() in (before, None)  # None: no exchange here, nothing was kept
                if not fits:
                    exchange(folder, self.temp, self.name)
        finally:
            os.close(folder)
        if not fits:
            raise Displaced(self.path)


def with_bit(permissions: int, executable: bool) -> int:
    """`permissions` with git's executable bit so: whoever may read may then run, or nobody."""
    if executable == bool(permissions & stat.S_IXUSR):
        return permissions
    return permissions | (permissions & 0o444) >> 2 if executable else permissions & ~0o111


def _make_alike(handle: int, like: os.stat_result, executable: bool) -> None:
    permissions = with_bit(stat.S_IMODE(like.st_mode), executable)
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
