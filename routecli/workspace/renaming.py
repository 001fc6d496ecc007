"""Two renames that the kernel does in one step: swap two names, and rename without replacing.

`renameat2` is called by ctypes, imported when first needed: it costs ten milliseconds that no other command should pay.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from functools import lru_cache

_EXCHANGE, _NO_REPLACE = 2, 1


def exchange(folder: int, one: bytes, other: bytes) -> None:
    """Swaps two names. On a file system that cannot, `one` replaces `other`, which was compared just before."""
    if _renameat2(folder, one, other, _EXCHANGE):
        return
    os.replace(one, other, src_dir_fd=folder, dst_dir_fd=folder)


def rename_new(folder: int, one: bytes, other: bytes) -> bool:
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
