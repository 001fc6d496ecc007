"""A git folder of our own beside the user's: the same objects, a private index, none of the repository's settings.

Its attributes switch every conversion off, so a blob here is exactly the bytes on disk, and no `filter`, hook or
monitor that a repository configures can run (security.md rows 3, 25, 64). The user's index is only ever read.
Objects of uncommitted content land here, not in the user's object folder. All of it can be made again: `git.pruning`.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
import weakref
from pathlib import Path

from routecli.config.places import own_folder, write_atomically
from routecli.domain.command import Completed
from routecli.errors import UsageFault
from routecli.git.command import git, git_ok
from routecli.git.owners import owner_name, sweep
from routecli.git.repository import Repository
from routecli.nouns import dataclass

_VERSION = b"1"
_ATTRIBUTES = "* -text -ident -filter !working-tree-encoding\n"
_TAKEN_OVER = ("core.filemode", "core.ignorecase", "core.symlinks", "core.excludesfile", "core.precomposeunicode")
_CONVERTING = ("true", "input")
_SETTINGS = (
    "core.splitIndex=false",
    "core.looseCompression=0",
    "core.fsync=none",
    "core.sparseCheckout=false",
    "index.skipHash=false",
    "advice.addEmbeddedRepo=false",
    "core.safecrlf=false",
)


@dataclass(frozen=True, slots=True)
class Store:
    """The private git folder `git_dir`, for the work tree of `repository`. `converts`: blobs of the user's own index
    may differ from the bytes on disk (attributes or autocrlf), so it cannot be taken over with its file times."""

    repository: Repository
    git_dir: Path
    converts: bool

    @property
    def index(self) -> Path:
        """The index that is kept from run to run: the user's tracked files as bytes on disk."""
        key = hashlib.sha256(os.fsencode(self.repository.root)).hexdigest()[:12]
        return self.git_dir / f"index-{key}"

    @property
    def live(self) -> Path:
        """Indexes of runs that are under way."""
        return self.git_dir / "live"

    def new_index(self) -> Path:
        """A name for an index of this run's own."""
        return self.live / f"{owner_name()}-{secrets.token_hex(4)}"

    def git(self, *args: str, index: Path, stdin: bytes = b"", literal: bool = True) -> Completed:
        """git in this folder, on `index`. `literal` as of `git.command.git`."""
        root = self.repository.root
        return git(root, *args, config=_SETTINGS, env=self._env(index), stdin=stdin, literal=literal)

    def git_ok(self, *args: str, index: Path, stdin: bytes = b"") -> bytes:
        """The same; a failure is a UsageFault with git's own words."""
        return git_ok(self.repository.root, *args, config=_SETTINGS, env=self._env(index), stdin=stdin)

    def _env(self, index: Path) -> dict[str, str]:
        return {
            "GIT_DIR": str(self.git_dir),
            "GIT_WORK_TREE": str(self.repository.root),
            "GIT_INDEX_FILE": str(index),
            "GIT_ATTR_NOSYSTEM": "1",
        }


def open_store(repository: Repository) -> Store:
    """The store of `repository`, made or refreshed if need be. Where the repository's git folder cannot be written, a
    temporary one that ends with this process."""
    place = own_folder(repository.own_dir, "repository state")
    if place.path is None and repository.own_dir.is_symlink():
        raise UsageFault(f"{repository.own_dir} is a symbolic link", hint=f"rm {repository.own_dir}")
    folder = place.path / "store" if place.path else _temporary()
    if folder.is_symlink():
        raise UsageFault(f"{folder} is a symbolic link", hint=f"rm {folder}")
    stamp = _stamp(repository)
    try:
        kept = (folder / "stamp").read_bytes()
    except OSError:
        kept = b""
    if kept[:-1] != stamp:
        kept = stamp + (b"1" if _make(folder, repository) else b"0")
        write_atomically(folder / "stamp", kept)
    store = Store(repository, folder, converts=kept.endswith(b"1") or (repository.root / ".gitattributes").exists())
    sweep(store.live)
    return store


def discard(store: Store) -> None:
    """Throws the kept index and objects away: they could not be read."""
    for name in ("stamp", store.index.name, f"{store.index.name}.note"):
        (store.git_dir / name).unlink(missing_ok=True)


def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="routecli-store-"))
    weakref.finalize(_HELD, shutil.rmtree, str(folder), ignore_errors=True)
    return folder / "store"


class _Process:
    """Lives as long as this process."""


_HELD = _Process()


def _stamp(repository: Repository) -> bytes:
    """Changes when something changes that the store was made from."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path(os.environ.get("HOME", "/")) / ".config")
    looked_at = (
        repository.common_dir / "config",
        repository.git_dir / "config.worktree",
        repository.common_dir / "info" / "exclude",
        repository.common_dir / "info" / "attributes",
        Path(os.environ.get("HOME", "/")) / ".gitconfig",
        home / "git" / "config",
        home / "git" / "attributes",
        Path("/etc/gitconfig"),
    )
    marks = [_VERSION, os.fsencode(repository.common_dir)]
    for path in looked_at:
        try:
            found = path.stat()
            marks.append(f"{found.st_mtime_ns}:{found.st_size}:{found.st_ino}".encode())
        except OSError:
            marks.append(b"-")
    return hashlib.sha256(b"|".join(marks)).hexdigest().encode()


def _make(folder: Path, repository: Repository) -> bool:
    """Writes the folder's few files; whether conversions may apply in the user's repository."""
    common = repository.common_dir
    for name in ("objects", "objects/info", "objects/pack", "refs", "refs/heads", "info", "live"):
        if (folder / name).is_symlink():
            raise UsageFault(f"{folder / name} is a symbolic link", hint=f"rm {folder / name}")
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = _settings_of(repository)
    taken = "".join(f"\t{k.removeprefix('core.')} = {_quoted(settings[k])}\n" for k in _TAKEN_OVER if k in settings)
    version = "1" if repository.object_format != "sha1" else "0"
    extension = f"[extensions]\n\tobjectformat = {repository.object_format}\n" if version == "1" else ""
    config = f"[core]\n\trepositoryformatversion = {version}\n\tbare = false\n{taken}{extension}"
    exclude = common / "info" / "exclude"
    contents = {
        "HEAD": b"ref: refs/heads/none\n",
        "config": config.encode("utf-8", "surrogateescape"),
        "info/attributes": _ATTRIBUTES.encode(),
        "info/exclude": exclude.read_bytes() if exclude.is_file() else b"",
        "objects/info/alternates": os.fsencode(common / "objects") + b"\n",
    }
    for name, content in contents.items():
        write_atomically(folder / name, content)
    own_attributes = common / "info" / "attributes"
    return (
        settings.get("core.autocrlf", "").lower() in _CONVERTING
        or "core.attributesfile" in settings
        or (own_attributes.is_file() and own_attributes.stat().st_size > 0)
        or Path(os.environ.get("HOME", "/"), ".config/git/attributes").exists()
    )


def _settings_of(repository: Repository) -> dict[str, str]:
    listed = git_ok(repository.root, "config", "--list", "-z").decode("utf-8", "surrogateescape")
    pairs = (item.partition("\n") for item in listed.split("\0") if item)
    return {key: value for key, _, value in pairs}


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


__all__ = ["Store", "discard", "open_store"]
