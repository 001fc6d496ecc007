"""A twin: the snapshot's files in a folder of their own, patched, without `.git`; commands see it at the
repository's own path."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path

from routecli.domain.command import Command, Completed
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Isolation
from routecli.errors import SandboxFault
from routecli.git.reading import open_folder, open_regular, parts_of
from routecli.git.snapshot import Snapshot
from routecli.git.taking import NEVER_CONTENT
from routecli.nouns import dataclass
from routecli.workspace import sandbox
from routecli.workspace.sandbox import Level
from routecli.workspace.view import REPORT_DIR, REPORT_VARIABLE, View

RELAY = Path(__file__).with_name("inside") / "relay.py"
MAX_CHANGED_BYTES = 64_000_000
"""A changed file above this is no source: `changes` refuses it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a command sees beside the tree, as in View."""

    read_only: tuple[tuple[Path, Path], ...]
    links: tuple[tuple[str, Path], ...]
    env: Mapping[str, str]


@dataclass(slots=True)
class SandboxedTwin:
    """Satisfies ports.Twin. `place` is this twin's folder on the host: the files are in `tree` below it.
    `surroundings` gives the read-only places and variables of a command."""

    place: Path
    snapshot: Snapshot
    level: Level
    surroundings: Callable[[Command], Surroundings]
    patch: Patch | None = None
    born_ns: int = 0
    network: bool = False
    isolation: Isolation = field(init=False)

    def __post_init__(self) -> None:
        self.isolation = self.level.isolation

    @property
    def tree(self) -> Path:
        """Where the files are on the host."""
        return self.place / "tree"

    def run(self, command: Command) -> Completed:
        """Runs `command` in the sandbox. Raises SandboxFault where the sandbox itself cannot run."""
        root = self.snapshot.repository.root
        cwd = Path(os.path.normpath(root / command.cwd))
        if not cwd.is_relative_to(root):
            raise SandboxFault(f"the folder {command.cwd} of {command.argv[0]} is outside the repository")
        around = self.surroundings(_through_door(command))
        env = dict(around.env)
        report = None
        if command.report:
            report = self.place / f"report-{secrets.token_hex(4)}"
            report.mkdir(mode=0o700)
            env[REPORT_VARIABLE] = REPORT_DIR
        view = View(
            self.tree,
            root,
            cwd,
            _relayed(command),
            env,
            around.read_only,
            around.links,
            report,
            layer_work=self.layer_work,
            network=self.network,
        )
        return replace(sandbox.run(self.level, view, timeout_s=command.timeout_s), argv=command.argv)

    @property
    def layer_work(self) -> Path | None:
        """Where `tree` is but a layer over the user's own: the folder that the kernel works in. Else None."""
        return None

    def changes(self) -> tuple[FileEdit, ...]:
        """What commands changed since the twin was made, ignored files left out, sorted by path. A link is an edit
        with mode 120000 and its target as bytes: policy refuses it. No git runs in the twin (row 33)."""
        modes = self._modes_at_birth()
        now: dict[str, str] = {}
        touched = []
        for path, found in walk(self.tree):
            if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
                continue
            now[path] = git_mode(found)
            if modes.get(path) != now[path] or found.st_ctime_ns >= self.born_ns:
                touched.append(path)
        ignored = set(self._ignored([path for path in touched if path not in modes]))
        kept = [path for path in touched if path not in ignored]
        gone = [path for path in modes if path not in now]
        return self._edits(modes, now, kept, gone)

    def _edits(
        self, modes: Mapping[str, str], now: Mapping[str, str], kept: Collection[str], gone: Collection[str]
    ) -> tuple[FileEdit, ...]:
        """The files `kept` as they are now and those that are `gone`, against what was there at birth, sorted by path.
        `modes` are git's modes at birth, `now` those in `tree`."""
        before = self._at_birth([*kept, *gone])
        edits = [
            FileEdit(
                path,
                before=before.get(path),
                after=content_of(self.tree, path, now[path]),
                mode=now[path],
                mode_before=modes[path] if modes.get(path, now[path]) != now[path] else "",
            )
            for path in kept
        ]
        edits += [FileEdit(path, before.get(path), None, modes[path]) for path in gone]
        changed = (e for e in edits if e.before != e.after or modes.get(e.path) != e.mode)
        return tuple(sorted(changed, key=lambda e: e.path))

    def _modes_at_birth(self) -> dict[str, str]:
        """The files that the twin was made with, by git's mode: the snapshot's on disk, and the patch's."""
        entries = self.snapshot.entries.items()
        modes = {p: e.mode for p, e in entries if e.mode != "160000" and p not in self.snapshot.absent}
        for edit in self.patch.edits if self.patch else ():
            modes.pop(edit.path, None)
            if edit.after is not None:
                modes[edit.path] = edit.mode
        return modes

    def _at_birth(self, paths: list[str]) -> dict[str, bytes]:
        """The bytes of `paths` when the twin was made, without those that were not there."""
        patched = {edit.path: edit.after for edit in (self.patch.edits if self.patch else ())}
        found = self.snapshot.blobs([path for path in paths if path not in patched])
        return found | {path: after for path in paths if (after := patched.get(path)) is not None}

    def _ignored(self, paths: Collection[str]) -> list[str]:
        """Those of `paths` that the user's own rules ignore, whatever the twin's say by now."""
        made = [p for p in paths if p.endswith(".pyc") or not NEVER_CONTENT.isdisjoint(p.split("/")[:-1])]
        return [*made, *self.snapshot.ignored([p for p in paths if p not in made])]


def _through_door(command: Command) -> Command:
    """`command` with what its way out needs to be seen inside."""
    if command.door is None:
        return command
    needed = (command.door.socket, RELAY, Path(sys.prefix), Path(sys.base_prefix))
    return replace(command, binds=tuple(dict.fromkeys((*command.binds, *needed))))


def _relayed(command: Command) -> tuple[str, ...]:
    """The words of `command`, behind the program that listens at its door."""
    door = command.door
    if door is None:
        return command.argv
    return (sys.executable, "-I", "-S", str(RELAY), str(door.socket), str(door.port), "--", *command.argv)


def walk(tree: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Everything below `tree` that is no folder, with its status. By descriptors: no link to a folder is entered.

    Raises SandboxFault where the folders are nested so deeply that it was done on purpose."""
    try:
        for folder, _, _, handle in os.fwalk(os.fsencode(tree), follow_symlinks=False):
            above = os.fsdecode(os.path.relpath(folder, os.fsencode(tree)))
            for name in os.listdir(handle):  # noqa: PTH208 - by descriptor
                found = os.stat(name, dir_fd=handle, follow_symlinks=False)
                if not stat.S_ISDIR(found.st_mode):
                    yield (name if above == "." else f"{above}/{name}"), found
    except RecursionError:
        raise SandboxFault("the folders in the twin are nested too deeply to be looked at") from None


def git_mode(found: os.stat_result) -> str:
    """Git's mode of a regular file or a link, as six digits."""
    if stat.S_ISLNK(found.st_mode):
        return "120000"
    return "100755" if found.st_mode & 0o100 else "100644"


def content_of(tree: Path, path: str, mode: str) -> bytes:
    """The bytes of `path` below `tree`; of a link its target. Follows no link. Raises SandboxFault: it is too big."""
    *above, name = parts_of(path)
    folder = open_folder(tree, above)
    try:
        if mode == "120000":
            return os.fsencode(os.readlink(name, dir_fd=folder))
        handle = open_regular(folder, name)
    finally:
        os.close(folder)
    if handle is None:
        raise SandboxFault(f"{path} changed its kind while it was looked at")
    with os.fdopen(handle, "rb") as stream:
        content = stream.read(MAX_CHANGED_BYTES + 1)
    if len(content) > MAX_CHANGED_BYTES:
        raise SandboxFault(f"{path} grew beyond {MAX_CHANGED_BYTES:,} bytes in the twin")
    return content


def write_patch(tree: Path, patch: Patch) -> None:
    """Writes the files of `patch` below `tree`, each from its own bytes. Raises ValueError for a path that leaves the
    tree, OSError where a link stands in the way."""
    for edit in patch.edits:
        *above, name = parts_of(edit.path)
        folder = _made_folder(tree, above) if edit.after is not None else open_folder(tree, above)
        try:
            _write(folder, name, edit)
        finally:
            os.close(folder)
        if edit.after is None:
            _prune(tree, above)


def _write(folder: int, name: bytes, edit: FileEdit) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        if edit.after is None:
            raise
    if edit.after is None:
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(name, flags, 0o755 if edit.mode == "100755" else 0o644, dir_fd=folder)
    with os.fdopen(handle, "wb") as stream:
        stream.write(edit.after)


def _made_folder(tree: Path, parts: list[bytes]) -> int:
    for depth in range(1, len(parts) + 1):
        handle = open_folder(tree, parts[: depth - 1])
        try:
            os.mkdir(parts[depth - 1], 0o755, dir_fd=handle)
        except FileExistsError:
            continue
        finally:
            os.close(handle)
    return open_folder(tree, parts)


def _prune(tree: Path, parts: list[bytes]) -> None:
    """Removes the folders that a deletion emptied, as git does."""
    for depth in range(len(parts), 0, -1):
        handle = open_folder(tree, parts[: depth - 1])
        try:
            os.rmdir(parts[depth - 1], dir_fd=handle)
        except OSError:
            return
        finally:
            os.close(handle)
