"""Full isolation without bubblewrap: `unshare` of util-linux makes the namespaces, `inside/mounts.py` furnishes them.

`setpriv --pdeathsig` ends it with us, `--kill-child` ends the whole process namespace with it. The command runs as
the namespace's user 0 with no capability at all.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from routecli.workspace import view as seen
from routecli.workspace.view import View

Step = tuple[str, str, str, int | None]

_NEEDED = ("unshare", "setpriv")
_SEARCHED = "/usr/sbin:/usr/bin:/sbin:/bin"
_READ_ONLY = 1
_KEPT_FLAGS = ((os.ST_NOSUID, 2), (os.ST_NODEV, 4), (os.ST_NOEXEC, 8), (os.ST_NOATIME, 1024), (os.ST_RELATIME, 1 << 21))
"""`statvfs` flags and what `mount` calls them (sys/mount.h)."""
_OCTAL = re.compile(r"\\([0-7]{3})")
PROGRAM = Path(__file__).parent.parent / "inside" / "mounts.py"


def program() -> str | None:
    """The path of `unshare`; None where it or `setpriv` is missing."""
    if all(shutil.which(name, path=_SEARCHED) for name in _NEEDED):
        return shutil.which("unshare", path=_SEARCHED)
    return None


def words(view: View, status_fd: int | None) -> list[str]:
    """The command line. The program inside writes to `status_fd` once everything is in place."""
    namespaces = ["--user", "--map-root-user", "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"]
    if view.network:
        namespaces.remove("--net")
    steps = list(_steps(view))
    plan = {
        "root": _empty_folder(view),
        "cwd": str(view.cwd),
        "status": status_fd,
        "steps": steps,
        "settings": seen.KERNEL_SETTINGS,
    }
    argv = ["setpriv", "--pdeathsig", "KILL", "unshare", *namespaces, "--fork", "--kill-child", "--"]
    argv += [sys.executable, "-I", "-S", str(PROGRAM), json.dumps(plan), "--"]
    return [*argv, *view.gated]


def _empty_folder(view: View) -> str:
    """Where the new root is mounted: the twin's neighbour, hidden by that mount."""
    folder = view.tree.parent / "root"
    folder.mkdir(exist_ok=True)
    return str(folder)


def _steps(view: View) -> Iterator[Step]:
    for path in seen.system_binds():
        yield from _read_only(path, path)
    for path in seen.NAMES_OF_HOSTS if view.network else ():
        if path.exists():
            yield from _read_only(path, path)
    for target, link in seen.system_links():
        yield "link", target, link, None
    yield from _devices()
    for folder in (*seen.EMPTY_FOLDERS, "/dev/shm"):
        yield "tmpfs", f"mode=1777,size={seen.TMP_BYTES}", folder, None
    yield "link", "/run", "/var/run", None
    yield "dir", "", seen.HOME, None
    for source, place in view.binds_outside:
        yield from _read_only(source, place)
    for target, link_place in view.links:
        yield "link", target, str(link_place), None
    if view.layer_work is None:
        yield "bind", str(view.tree), str(view.root), None
    else:
        layers = f"lowerdir={view.root},upperdir={view.tree},workdir={view.layer_work},userxattr"
        yield "layers", layers, str(view.root), None
    for source, place in view.binds_inside:
        yield from _read_only(source, place)
    if view.report is not None:
        yield "bind", str(view.report), seen.REPORT_DIR, None


def _devices() -> Iterator[Step]:
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        yield "bind", f"/dev/{name}", f"/dev/{name}", None
    yield "link", "/proc/self/fd", "/dev/fd", None
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        yield "link", f"/proc/self/fd/{number}", f"/dev/{name}", None


def _read_only(source: Path, place: Path) -> Iterator[Step]:
    real = source.resolve()
    yield "bind", str(real), str(place), _flags(real)
    for below in _mounted_below(real):
        yield "remount", "", str(place / below.relative_to(real)), _flags(below)


def _flags(path: Path) -> int:
    """Read-only, and what the mount has already: the kernel lets no namespace drop these."""
    found = os.statvfs(path).f_flag
    kept = _READ_ONLY
    for bit, flag in _KEPT_FLAGS:
        if found & bit:
            kept |= flag
    return kept


def _mounted_below(folder: Path) -> list[Path]:
    places = []
    for line in Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines():
        escaped = line.split(" ")[4]
        place = Path(_OCTAL.sub(lambda found: chr(int(found[1], 8)), escaped))
        if place != folder and place.is_relative_to(folder):
            places.append(place)
    return sorted(places)
