"""Where routecli keeps its own things, and how it writes them: no torn file, nobody else's eyes, no link followed.

A folder that cannot be had is a warning, never the end of a run: with no home, or a home that is read-only, the run
goes on and only remembers less (security.md rows 28, 53, 67).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from routecli.domain.ladder import Reason
from routecli.domain.settings import STATE_VARIABLE
from routecli.nouns import dataclass

CACHE_VARIABLE = "ROUTECLI_CACHE_DIR"
CONFIG_VARIABLE = "ROUTECLI_CONFIG"
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of our own, or why there is none (`path` None, `warning` set)."""

    path: Path | None
    warning: Reason | None = None


def user_config_file(environ: Mapping[str, str]) -> Path:
    """The user's configuration file, whether it exists or not. `ROUTECLI_CONFIG` names another."""
    named = environ.get(CONFIG_VARIABLE)
    return Path(named).expanduser() if named else Path(platformdirs.user_config_dir("routecli")) / "config.toml"


def state_place(environ: Mapping[str, str]) -> Place:
    """The folder of the ledger, saved patches and trust; made if need be, mode 0700."""
    named = environ.get(STATE_VARIABLE)
    return own_folder(Path(named) if named else Path(platformdirs.user_state_dir("routecli")), "state")


def cache_place(environ: Mapping[str, str]) -> Place:
    """The folder of what can be computed again; made if need be, mode 0700."""
    named = environ.get(CACHE_VARIABLE)
    return own_folder(Path(named) if named else Path(platformdirs.user_cache_dir("routecli")), "cache")


def own_folder(path: Path, what: str) -> Place:
    """`path` as a folder that is ours alone, made if need be. A link at `path` itself is refused."""
    try:
        path = path.absolute()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, _DIRECTORY)
    except (OSError, ValueError) as fault:
        said = getattr(fault, "strerror", None) or str(fault)
        return Place(None, Reason(f"no-{what}-folder", f"the {what} folder {path} cannot be used: {said}"))
    try:
        found = os.fstat(handle)
        if found.st_uid != os.geteuid():
            return Place(None, Reason(f"no-{what}-folder", f"the {what} folder {path} belongs to another user"))
        if stat.S_IMODE(found.st_mode) & 0o077:
            os.fchmod(handle, 0o700)
    except OSError as fault:
        return Place(None, Reason(f"no-{what}-folder", f"the {what} folder {path} cannot be used: {fault.strerror}"))
    finally:
        os.close(handle)
    if not os.access(path, os.W_OK | os.X_OK):
        return Place(None, Reason(f"no-{what}-folder", f"the {what} folder {path} is read-only"))
    return Place(path)


def write_atomically(path: Path, content: bytes, *, mode: int = 0o600, kept: bool = True) -> None:
    """Replaces `path` as a whole: a reader sees the old or the new bytes, a crash leaves one of them.

    Temporary file beside it, fsync, rename, fsync of the folder (security.md row 53). `kept` False leaves the two
    fsyncs out, up to 5 ms each: for what can be made again, and whose reader sees that it is torn. Raises OSError.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            if kept:
                stream.flush()
                os.fsync(stream.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if not kept:
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_small(path: Path, *, limit_bytes: int = 1_000_000) -> bytes | None:
    """The bytes of a regular file that is no link; None where there is none. Never waits on a pipe.

    Raises OSError where it cannot be read, is no regular file, or is larger than `limit_bytes`.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with os.fdopen(handle, "rb") as stream:
        found = os.fstat(stream.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{path} is no regular file")
        if found.st_size > limit_bytes:
            raise OSError(f"{path} is larger than {limit_bytes} bytes")
        return stream.read(limit_bytes)
