"""The workspace of one run: makes twins of a snapshot, several at a time if need be, and removes them again."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from routecli.domain.command import Command
from routecli.domain.patch import Patch
from routecli.domain.receipt import NETWORK_WAS_THERE, Isolation
from routecli.domain.settings import SandboxSettings
from routecli.errors import RoutecliError, SandboxFault, UsageFault
from routecli.git.owners import owner_name, remove
from routecli.git.repository import Repository
from routecli.git.snapshot import Snapshot
from routecli.workspace import ignored, toolchain
from routecli.workspace.layered import FROM_FILES, LayeredTwin, can_layer
from routecli.workspace.probing import probe, why_not
from routecli.workspace.rooms import twin_folders
from routecli.workspace.sandbox import LEVELS
from routecli.workspace.trees import tree_with
from routecli.workspace.twin import SandboxedTwin, Surroundings, write_patch
from routecli.workspace.view import SYSTEM_PATH, environment

Bind = tuple[Path, Path]


class GitWorkspace:
    """Satisfies ports.Workspace for the content of `snapshot`. Raises SandboxFault at once where no level works.

    `isolation` overrides the probe: for the demonstration, which runs nothing but our own code, and for tests.
    """

    def __init__(
        self,
        repository: Repository,
        snapshot: Snapshot,
        settings: SandboxSettings,
        *,
        isolation: Isolation | None = None,
    ) -> None:
        self.repository = repository
        self.snapshot = snapshot
        self.settings = settings
        self._level = LEVELS[isolation] if isolation else probe(settings)
        self.isolation = self._level.isolation
        self.layers = self._can_layer(asked=isolation)
        if self.layers:
            self.isolation = Isolation.UNSHARE
            self._level = LEVELS[Isolation.UNSHARE]
        self._lock = threading.Lock()
        self._begun: _Begun | None = None

    def begin(self) -> None:
        """Starts to make what the first twin needs, beside what the caller does. `close` removes what no twin took."""
        if not self.layers:
            self._begun = _Begun(self._exported, self._ask_standing)

    def close(self) -> None:
        """Removes a folder that was begun and that no twin took."""
        place = self._taken()
        if place is not None:
            remove(place)

    def _taken(self) -> Path | None:
        """The folder that was begun, once; None where there is none, or where it could not be made."""
        begun, self._begun = self._begun, None
        return begun.place() if begun else None

    def _ask_standing(self) -> None:
        with suppress(RoutecliError, OSError):  # found again by the first command, which tells it
            _ = self._standing

    @property
    def isolation_note(self) -> str:
        """What the level does not cover, in one line; empty where it covers everything."""
        return "; ".join(filter(None, (self._level.note, self._network_note)))

    @property
    def _network_note(self) -> str:
        allowed = self.settings.network == "host" and self.isolation is not Isolation.NONE
        return f"{NETWORK_WAS_THERE}: sandbox.network in your configuration" if allowed else ""

    @contextmanager
    def twin(self, patch: Patch | None = None) -> Iterator[SandboxedTwin]:
        """The snapshot's files, with `patch` if there is one. Gone when the context ends, however it ends.

        Raises SandboxFault where there is no room for it, UsageFault where `patch` cannot be laid over the files.
        """
        layered = self._layered(patch) if self.layers else None
        place = layered.place if layered else self._taken() or self._exported()
        twin = layered or SandboxedTwin(place, self.snapshot, self._level, self._surroundings, patch)
        try:
            if patch is not None and layered is None:
                _lay_over(twin.tree, patch)
            twin.born_ns = _now_ns(twin.place)
            twin.network = self.settings.network == "host"
            yield twin
        finally:
            remove(twin.place)

    def _can_layer(self, asked: Isolation | None) -> bool:
        """A large repository is not copied where the kernel can lay our changes over it. Only `unshare` mounts layers:
        it is as full a level as bubblewrap, and the receipt names it."""
        if self.isolation not in (Isolation.BUBBLEWRAP, Isolation.UNSHARE) or asked is Isolation.BUBBLEWRAP:
            return False
        if not self.snapshot.on_disk:
            return False
        return len(self.snapshot.entries) > FROM_FILES and not why_not(LEVELS[Isolation.UNSHARE], layered=True)

    def _layered(self, patch: Patch | None) -> LayeredTwin | None:
        """None where no layer can be made: then the files are copied."""
        for folder in twin_folders(0):
            place = folder / f"{owner_name()}-{secrets.token_hex(4)}"
            if not can_layer(self.repository.root, place):
                continue
            twin = LayeredTwin(place, self.snapshot, self._level, self._surroundings, patch)
            try:
                twin.furnish()
                return twin
            except ValueError as fault:
                remove(place)
                raise UsageFault(str(fault)) from fault
            except OSError:
                remove(place)  # the next folder, or a copy
            except BaseException:
                remove(place)
                raise
        return None

    def tree_of(self, patch: Patch) -> str:
        """The id of the tree that `patch` makes of the snapshot's: what a verdict may be kept under."""
        return tree_with(self.snapshot, patch)

    def _exported(self) -> Path:
        """A new folder with the files in `tree` below it: in memory if there is plenty of it, else on disk."""
        said = ""
        for folder in twin_folders(len(self.snapshot.entries)):
            place = folder / f"{owner_name()}-{secrets.token_hex(4)}"
            try:
                said = self._export(place)
                if not said:
                    return place
            except BaseException:
                remove(place)
                raise
            remove(place)
        raise SandboxFault(f"the twin could not be made: {said or 'there is no folder for it'}", hint="df -h")

    def _export(self, place: Path) -> str:
        """What went wrong, in one line; empty where the files are there."""
        (place / "tree").mkdir(parents=True)
        place.chmod(0o700)
        words = ("checkout-index", "--all", "--force", "--quiet", f"--prefix={place}/tree/")
        done = self.snapshot.store.git(*words, index=self.snapshot.index)
        if done.exit_code != 0 and self.snapshot.mend():
            done = self.snapshot.store.git(*words, index=self.snapshot.index)
        if done.exit_code == 0:
            return ""
        return (done.stderr.decode("utf-8", "replace").strip().splitlines() or [str(done.exit_code)])[0]

    def _surroundings(self, command: Command) -> Surroundings:
        root, home = self.repository.root, Path.home()
        env = environment(os.environ, self.settings.env, command.env)
        program = Path(command.argv[0])
        found = toolchain.on_path(command.argv[0], os.environ, root) if "PATH" not in command.env else None
        if found is not None:
            env["PATH"] = f"{found.parent}:{SYSTEM_PATH}"
            program = found
        tools = []
        if program.is_absolute() and not program.is_relative_to(root):
            tools = list(toolchain.of_program(program, home))
        shown = [p for p in tools if p.is_dir() or not p.is_symlink()]
        places = [p for p in (*self.settings.binds, *command.binds, *shown) if p.exists() and not self._is_content(p)]
        links = [p for p in tools if p not in shown and not any(p.is_relative_to(place) for place in places)]
        return Surroundings(
            (*self._standing, *((p, p) for p in places)),
            tuple((str(p.readlink()), p) for p in dict.fromkeys(links)),
            env,
        )

    @property
    def _standing(self) -> tuple[Bind, ...]:
        with self._lock:  # two threads may ask at once, and the answer takes a git process
            return self._standing_binds

    @cached_property
    def _standing_binds(self) -> tuple[Bind, ...]:
        """What every command of this repository sees beside the tree."""
        root, home = self.repository.root, Path.home()
        binds: list[Bind] = []
        for name in ignored.needed(self.snapshot):
            path = root / name
            if not path.exists():
                continue
            binds.append((path, path))
            if ignored.is_environment(path):
                places = [*toolchain.of_environment(path, home), *([path.resolve()] if path.is_symlink() else [])]
                binds += [(p, p) for p in places if not p.is_relative_to(root)]
        return tuple(dict.fromkeys(binds))

    def _is_content(self, path: Path) -> bool:
        """Whether `path` is part of the tested tree: then the twin's own version is what counts."""
        root = self.repository.root
        if root.is_relative_to(path):
            return True
        if not path.is_relative_to(root):
            return False
        name = path.relative_to(root).as_posix()
        paths = self.snapshot.paths()
        return name in paths or any(p.startswith(f"{name}/") for p in paths)


class _Begun:
    """A twin's folder, made by a thread of its own by `make`; `after` is called when it is there."""

    def __init__(self, make: Callable[[], Path], after: Callable[[], None]) -> None:
        self._make = make
        self._after = after
        self._place: Path | None = None
        self._there = threading.Event()
        threading.Thread(target=self._work, name="routecli-twin", daemon=True).start()

    def _work(self) -> None:
        try:
            with suppress(RoutecliError, OSError):  # the caller makes its own then, and tells why it cannot
                self._place = self._make()
        finally:
            self._there.set()
        self._after()

    def place(self) -> Path | None:
        """The folder, waited for; None where it could not be made."""
        self._there.wait()
        return self._place


def _lay_over(tree: Path, patch: Patch) -> None:
    try:
        write_patch(tree, patch)
    except ValueError as fault:
        raise UsageFault(str(fault)) from fault
    except OSError as fault:
        raise UsageFault(f"the patch cannot be laid over the files: {fault.strerror}") from fault


def _now_ns(place: Path) -> int:
    """The file system's own time, which is coarser than the clock's: that of a file made now."""
    marker = place / "born"
    marker.touch()
    return marker.stat().st_ctime_ns
