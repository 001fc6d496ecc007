"""Full isolation by bubblewrap 0.8 or later: namespaces for users, processes, network, IPC, host name and mounts."""

from __future__ import annotations

import shutil

from routecli.workspace import view as seen
from routecli.workspace.view import View

NAMESPACES = (
    "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
    "--disable-userns", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
)  # fmt: skip
WHERE = "/usr/bin/bwrap"
"""First: Ubuntu's AppArmor profile, which allows user namespaces, is attached to this path."""


def program() -> str | None:
    """The path of bubblewrap; None where it is not installed."""
    return shutil.which(WHERE) or shutil.which("bwrap")


def words(view: View, status_fd: int | None) -> list[str]:
    """The command line. bubblewrap writes to `status_fd` whether the command was started at all."""
    argv = [program() or WHERE, *(n for n in NAMESPACES if not (view.network and n == "--unshare-net"))]
    if status_fd is not None:
        argv += ["--json-status-fd", str(status_fd)]
    for path in seen.system_binds():
        argv += ["--ro-bind", str(path), str(path)]
    for target, link in seen.system_links():
        argv += ["--symlink", target, link]
    for path in seen.NAMES_OF_HOSTS if view.network else ():
        argv += ["--ro-bind-try", str(path), str(path)]
    argv += ["--dev", "/dev", "--proc", "/proc"]
    for name in seen.KERNEL_SETTINGS:
        argv += ["--ro-bind-try", f"/proc/{name}", f"/proc/{name}"]
    for folder in (*seen.EMPTY_FOLDERS, "/dev/shm"):
        argv += ["--size", str(seen.TMP_BYTES), "--tmpfs", folder]
    argv += ["--symlink", "/run", "/var/run", "--dir", seen.HOME]
    for source, place in view.binds_outside:
        argv += ["--ro-bind", str(source), str(place)]
    for target, link_place in view.links:
        argv += ["--symlink", target, str(link_place)]
    argv += ["--bind", str(view.tree), str(view.root)]
    for source, place in view.binds_inside:
        argv += ["--ro-bind", str(source), str(place)]
    if view.report is not None:
        argv += ["--bind", str(view.report), seen.REPORT_DIR]
    return [*argv, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(view.cwd), "--", *view.gated]
