"""Full isolation by util-linux alone: `unshare`, mounts made by a shell script, `pivot_root`, `setpriv`.

The script runs as the namespace's root, so it gives up every capability and all right to new namespaces before the
command starts. `setpriv --pdeathsig` ends it with us, `--kill-child` ends the whole process namespace with it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from routecli.workspace import view as seen
from routecli.workspace.view import View

_NEEDED = ("unshare", "setpriv", "mount", "umount", "pivot_root")
_SEARCHED = "/usr/sbin:/usr/bin:/sbin:/bin"
_FLAGS = ((os.ST_NOSUID, "nosuid"), (os.ST_NODEV, "nodev"), (os.ST_NOEXEC, "noexec"), (os.ST_NOATIME, "noatime"))

SCRIPT = """\
set -e
PATH=/usr/sbin:/usr/bin:/sbin:/bin
new=$1 cwd=$2 status=$3; shift 3
mount --make-rprivate /
mount -t tmpfs -o mode=0755,size=64m tmpfs "$new"
while [ "$1" != -- ]; do
    kind=$1 source=$2 place=$new$3 options=$4; shift 4
    case $kind in
    link) mkdir -p "${place%/*}"; ln -s "$source" "$place"; continue ;;
    tmpfs) mkdir -p "$place"; mount -t tmpfs -o "$options" tmpfs "$place"; continue ;;
    dir) mkdir -p "$place"; continue ;;
    remount) mount -o "remount,bind,$options" "$place"; continue ;;
    esac
    if [ -d "$source" ]; then mkdir -p "$place"; else mkdir -p "${place%/*}"; [ -e "$place" ] || : > "$place"; fi
    mount --rbind "$source" "$place"
    [ -z "$options" ] || mount -o "remount,bind,$options" "$place"
done
shift
mkdir -p "$new/proc" "$new/.old"
mount -t proc -o nosuid,nodev,noexec proc "$new/proc"
echo 0 > /proc/sys/user/max_user_namespaces
cd "$new"
pivot_root . .old
umount -l /.old
rmdir /.old
mount -o remount,ro,bind /
cd "$cwd"
[ "$status" = - ] || eval "echo started >&$status; exec $status>&-"
exec setpriv --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all -- "$@"
"""


def program() -> str | None:
    """The path of `unshare`; None where it or one of the programs beside it is missing."""
    if all(shutil.which(name, path=_SEARCHED) for name in _NEEDED):
        return shutil.which("unshare", path=_SEARCHED)
    return None


def words(view: View, status_fd: int | None) -> list[str]:
    """The command line. The script writes to `status_fd` once everything is in place."""
    namespaces = ("--user", "--map-root-user", "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup")
    argv = ["setpriv", "--pdeathsig", "KILL", "unshare", *namespaces, "--fork", "--kill-child", "--"]
    argv += ["/bin/sh", "-c", SCRIPT, "sh", _empty_folder(view), str(view.cwd)]
    argv.append("-" if status_fd is None else str(status_fd))
    for kind, source, place, options in _mounts(view):
        argv += [kind, source, place, options]
    return [*argv, "--", *view.launched]


def _empty_folder(view: View) -> str:
    """Where the new root is mounted: the twin's neighbour, hidden by that mount."""
    folder = view.tree.parent / "root"
    folder.mkdir(exist_ok=True)
    return str(folder)


def _mounts(view: View) -> Iterator[tuple[str, str, str, str]]:
    """`(kind, source, place, options)` in order. Bound folders keep the flags that their mount has: the kernel does
    not let a namespace drop them."""
    for path in seen.system_binds():
        yield from _read_only(path, path)
    for target, link in seen.system_links():
        yield "link", target, link, ""
    for folder in seen.EMPTY_FOLDERS:
        yield "tmpfs", "", folder, f"mode=1777,size={seen.TMP_BYTES},nosuid,nodev"
    yield "tmpfs", "", "/dev/shm", f"mode=1777,size={seen.TMP_BYTES},nosuid,nodev"
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        yield "bind", f"/dev/{name}", f"/dev/{name}", ""
    yield "link", "/proc/self/fd", "/dev/fd", ""
    yield "link", "/run", "/var/run", ""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        yield "link", f"/proc/self/fd/{number}", f"/dev/{name}", ""
    yield "dir", "", seen.HOME, ""
    for source, place in view.binds_outside:
        yield from _read_only(source, place)
    yield "bind", str(view.tree), str(view.root), ""
    for source, place in view.binds_inside:
        yield from _read_only(source, place)
    if view.report is not None:
        yield "bind", str(view.report), seen.REPORT_DIR, ""


def _read_only(source: Path, place: Path) -> Iterator[tuple[str, str, str, str]]:
    real = source.resolve()
    yield "bind", str(real), str(place), _options(real)
    for below in _mounted_below(real):
        yield "remount", "", str(place / below.relative_to(real)), _options(below)


def _options(path: Path) -> str:
    flags = os.statvfs(path).f_flag
    return ",".join(["ro", *(name for bit, name in _FLAGS if flags & bit)])


def _mounted_below(folder: Path) -> list[Path]:
    places = []
    for line in Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines():
        escaped = line.split(" ")[4]
        place = Path(escaped.encode("utf-8", "surrogateescape").decode("unicode_escape"))
        if place != folder and place.is_relative_to(folder):
            places.append(place)
    return sorted(places)
