"""Builds a root of its own inside fresh namespaces, gives up every right, and becomes the command.

Run by `unshare` as `python -I -S mounts.py PLAN -- COMMAND…`. PLAN is JSON: `root` an empty folder, `steps` of
`[kind, source, place, flags]` in order, `cwd`, `settings` what of /proc is read-only, `status` a descriptor to say
`started` on. System calls by ctypes: a
`mount` program for each of some sixty places would cost half a second.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
from pathlib import Path

RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT = 1, 2, 4, 8, 32
BIND, REC, PRIVATE, DETACH = 4096, 16384, 1 << 18, 2
_PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP, _LAST_CAPABILITY = 38, 24, 63
_CAPABILITY_VERSION = 0x20080522
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1

libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str, place: str, kind: str, flags: int, data: str = "") -> None:
    words = (os.fsencode(source), os.fsencode(place), kind.encode() or None, ctypes.c_ulong(flags), data.encode())
    _checked(libc.mount(*words), place)


def _checked(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)


def bind(source: str, place: str, flags: int | None) -> None:
    """Shows `source` at `place`; `flags` None leaves it writable."""
    if os.path.isdir(source):  # noqa: PTH112 - strings from and to system calls
        os.makedirs(place, exist_ok=True)  # noqa: PTH103
    else:
        os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120
        if not os.path.lexists(place):
            Path(place).touch()
    mount(source, place, "", BIND | REC)
    if flags is not None:
        mount("none", place, "", REMOUNT | BIND | flags)


def build(new: str, steps: list[list[object]]) -> None:
    mount("none", "/", "", PRIVATE | REC)
    mount("tmpfs", new, "tmpfs", NOSUID | NODEV, "mode=0755,size=64m")
    for kind, source, place, flags in steps:
        where = f"{new}{place}"
        if kind == "link":
            os.makedirs(os.path.dirname(where), exist_ok=True)  # noqa: PTH103, PTH120
            os.symlink(str(source), where)  # noqa: PTH211
        elif kind == "dir":
            os.makedirs(where, exist_ok=True)  # noqa: PTH103
        elif kind == "tmpfs":
            os.makedirs(where, exist_ok=True)  # noqa: PTH103
            mount("tmpfs", where, "tmpfs", NOSUID | NODEV, str(source))
        elif kind == "layers":
            os.makedirs(where, exist_ok=True)  # noqa: PTH103
            mount("overlay", where, "overlay", NOSUID | NODEV, str(source))
        elif kind == "remount":
            mount("none", where, "", REMOUNT | BIND | int(str(flags)))
        else:
            bind(str(source), where, None if flags is None else int(str(flags)))


def enter(new: str, settings: list[str]) -> None:
    """The new root becomes the only one; the old one is let go of."""
    for name in ("proc", ".old"):
        os.makedirs(f"{new}/{name}", exist_ok=True)  # noqa: PTH103
    mount("proc", f"{new}/proc", "proc", NOSUID | NODEV | NOEXEC)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    for place in (f"{new}/proc/{name}" for name in settings):
        if os.path.exists(place):  # noqa: PTH110
            mount(place, place, "", BIND)
            mount("none", place, "", REMOUNT | BIND | RDONLY | NOSUID | NODEV | NOEXEC)
    os.chdir(new)
    _checked(libc.pivot_root(b".", b".old"), new)
    _checked(libc.umount2(b"/.old", DETACH), "/.old")
    Path("/.old").rmdir()
    mount("none", "/", "", REMOUNT | BIND | RDONLY | NOSUID | NODEV)


def loopback_up() -> None:
    """A new network namespace has its loopback down, and tests serve there. bubblewrap does the same."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        if not flags & _IFF_UP:
            fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def give_up_rights() -> None:
    """No capability is left, neither now nor after the next exec, and none can be had again."""
    for capability in range(_LAST_CAPABILITY + 1):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    _checked(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    header, nothing = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
    _checked(libc.capset(header, nothing), "capset")


def wait_for(child: int) -> int:
    """The exit status of `child` as a shell gives it. Being process 1, this one takes in every orphan meanwhile."""
    while True:
        ended, status = os.wait()
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def main() -> None:
    plan = json.loads(sys.argv[1])
    command = sys.argv[3:]
    try:
        build(plan["root"], plan["steps"])
        enter(plan["root"], plan["settings"])
        os.chdir(plan["cwd"])
        loopback_up()
        give_up_rights()
    except OSError as fault:
        sys.exit(f"the namespace could not be furnished: {fault.filename}: {fault.strerror}")
    if plan["status"] is not None:
        os.write(plan["status"], b"started")
        os.close(plan["status"])
    child = os.fork()  # a process 1 would not get the signals that it sends itself
    if child == 0:
        os.execv(command[0], command)
    os._exit(wait_for(child))


if __name__ == "__main__":
    main()
