"""The ground of benchmarks/chaos.py: a repository whose every state is known, and the user's own work in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from routecli.domain.patch import FileEdit, Patch
from routecli.git.repository import Repository, open_repository
from routecli.workspace.delivery import deliver

FIRST, LAST = 0, 20
"""The turns of the template: after them there is one delivery more than is kept, so that each next one prunes."""
_MODES = {"run.sh": 0o755}
_ALWAYS = ("a.py", "run.sh", "sub/b.py", "sub/c.py", "sub/deep/d.bin", "z.txt")
_MINE = {"tracked.txt": "edited, not committed\n", "mine.txt": "mine\n", "sub/mine.txt": "m", "ignored.log": "log\n"}


def state(turn: int) -> dict[str, tuple[int, bytes]]:
    """Every file that deliveries touch, as it is after `turn`: path → (permissions, bytes)."""
    paths = (*_ALWAYS, "odd/only.py" if turn % 2 else "even/deep/only.py")
    sizes = {path: 1 + 37 * number * (turn % 3 + 1) for number, path in enumerate(paths)}
    return {p: (_MODES.get(p, 0o644), b"turn %d of %s\n" % (turn, p.encode()) * sizes[p]) for p in paths}


def patch(old: int, new: int) -> Patch:
    before, after = state(old), state(new)
    return Patch(
        tuple(
            FileEdit(
                path,
                before[path][1] if path in before else None,
                after[path][1] if path in after else None,
                "100755" if path in _MODES else "100644",
            )
            for path in sorted({*before, *after})
        )
    )


def make_template(root: Path) -> Repository:
    """A repository with 21 deliveries behind it, and with a user's own work beside them."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(root.parent), "GIT_CONFIG_NOSYSTEM": "1"}
    named = ("-c", "user.name=x", "-c", "user.email=x@x")

    def git(*words: str) -> None:
        subprocess.run(["git", *named, *words], cwd=root, check=True, env=environ, stdout=subprocess.DEVNULL)

    root.mkdir(parents=True)
    git("init", "-q", "--template=")
    write(root, {path: content for path, (_, content) in state(FIRST).items()})
    for path, mode in _MODES.items():
        (root / path).chmod(mode)
    write(root, {"tracked.txt": b"committed\n", ".gitignore": b"*.log\n"})
    git("add", "-A")
    git("commit", "-q", "-m", "all")
    write(root, {path: content.encode() for path, content in _MINE.items()})
    repository = open_repository(root)
    for turn in range(FIRST, LAST):
        deliver(patch(turn, turn + 1), repository)
    return repository


def write(root: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def look(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of the user's, and the index and HEAD: path → (permissions, bytes)."""
    files = {}
    for folder, folders, names in os.walk(root):
        if Path(folder) == root and ".git" in folders:
            folders.remove(".git")
        for name in names:
            path = Path(folder, name)
            files[str(path.relative_to(root))] = (path.lstat().st_mode & 0o7777, path.read_bytes())
    for name in ("index", "HEAD"):
        files[f".git/{name}"] = (0, (root / ".git" / name).read_bytes())
    return files


def turn_of(content: bytes) -> int:
    return int(content.split(maxsplit=2)[1])


@contextmanager
def small_disk(base: Path) -> Iterator[Path | None]:
    """A file system of 6 MB; None without the right to mount one."""
    place = base / "small"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(words, check=False, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        mounted = False
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)
