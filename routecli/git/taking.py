"""How the tree of the current content is made: a kept index for tracked files, and this run's own for the rest.

The kept index holds the paths that the user's index holds, but the bytes on disk and file times of its own. It is
replaced as a whole, never written in place, so runs side by side need no lock.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Collection, Iterable
from pathlib import Path

from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line
from routecli.errors import UsageFault
from routecli.git.command import git, git_ok
from routecli.git.repository import Repository
from routecli.git.store import Store
from routecli.nouns import dataclass

MAX_UNTRACKED_BYTES = 100_000_000
"""An untracked file above this is left out of the tree, and named."""
NEVER_CONTENT = frozenset((
    "node_modules", ".venv", ".tox", ".nox", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache",
    ".hypothesis", ".eggs",
))  # fmt: skip
"""Untracked folders of these names are installed or made by tools, even where no ignore file says so."""
_LEFT_OUT = tuple(word for name in sorted(NEVER_CONTENT) for word in ("-x", f"{name}/"))
ENVIRONMENT_MARK = b"pyvenv.cfg"
_LIST = ("ls-files", "-v", "-s", "-o", "-m", "-d", "--exclude-standard", *_LEFT_OUT, "-z")
IGNORED_LIST = ("ls-files", "-o", "-i", "--exclude-standard", *_LEFT_OUT, "--directory", "-z")
_UPDATE = ("update-index", "--add", "--remove", "--replace", "-z", "--stdin")
_FORGET = ("update-index", "--force-remove", "-z", "--stdin")
_SHOW = ("update-index", "--no-assume-unchanged", "--no-skip-worktree", "-z", "--stdin")


@dataclass(frozen=True, slots=True)
class Taken:
    """`index` is a file of this run's own; `listing` is what `ls-files -v -s -z` says of it (and may say more, under
    other letters than H and S)."""

    index: Path
    tree: str
    listing: bytes
    left_out: tuple[RepoPath, ...]
    environments: tuple[RepoPath, ...] = ()


@dataclass(frozen=True, slots=True)
class _Note:
    """What was true of the kept index when it was last replaced: its checksum, its tree ("" if nobody asked), and
    the checksum of the user's index that it follows."""

    index: str = ""
    tree: str = ""
    users: str = ""


@dataclass(slots=True)
class _Listing:
    """One look at index and disk: `changed` of the tracked, `others` untracked, `hidden` those that git was told not
    to look at and that are there all the same."""

    raw: bytes
    changed: set[bytes]
    others: set[bytes]
    hidden: set[bytes]


def take_index(store: Store) -> Taken:
    """Brings the kept index up to date and returns this run's own. Raises UsageFault."""
    mine = store.new_index()
    if not store.index.exists():
        _seed(store)
    os.link(store.index, mine)
    try:
        return _taken(store, mine)
    except BaseException:
        mine.unlink(missing_ok=True)
        raise


def _taken(store: Store, mine: Path) -> Taken:
    users = checksum(store.repository.git_dir / "index")
    note = _note(store)
    if note.index != checksum(mine):
        note = _Note()
    seen = _look(store, mine)
    changed = set(seen.changed)
    if seen.hidden:
        _feed(store, mine, _SHOW, seen.hidden)
        changed |= seen.hidden
    forgotten = set[bytes]()
    if note.users != users:
        added, forgotten = _follow(store, mine, seen)
        changed = (changed | added) - forgotten
    if special := {path for path in changed if _is_special(store.repository.root / os.fsdecode(path))}:
        _feed(store, mine, _FORGET, special)  # a pipe where a file was: git would refuse to look at it
        forgotten |= special
        changed -= special
    if changed:
        _bring(store, mine, changed)
    if changed or forgotten:
        seen = _look(store, mine)
    others, environments = _without_environments(seen.others)
    wanted, left_out = _bearable(store.repository.root, others)
    if not wanted:
        known = note.tree if note.users == users and not changed and not forgotten else ""
        tree = known or _write_tree(store, mine)
        _keep(store, mine, note, _Note(checksum(mine), tree, users))
        return Taken(mine, tree, seen.raw, left_out, environments)
    _keep(store, mine, note, _Note(checksum(mine), "" if changed or forgotten else note.tree, users))
    _feed(store, mine, _UPDATE, wanted)
    tree = _write_tree(store, mine)
    return Taken(mine, tree, store.git_ok("ls-files", "-v", "-s", "-z", index=mine), left_out, environments)


def checksum(index: Path) -> str:
    """The checksum that git writes at the end of an index; empty where there is none."""
    try:
        with index.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - 32))
            return stream.read().hex()
    except OSError:
        return ""


def _look(store: Store, index: Path) -> _Listing:
    raw = store.git_ok(*_LIST, index=index)
    seen = _Listing(raw, set(), set(), set())
    if raw.count(b"\0H ") + raw.startswith(b"H ") == raw.count(b"\0"):
        return seen  # nothing but plain entries: no loop over them
    for line in raw.split(b"\0"):
        letter = line[:1]
        if letter in (b"H", b""):
            continue
        if letter == b"?":
            seen.others.add(line[2:])
            continue
        path = line.partition(b"\t")[2]
        if letter == b"M":
            raise UsageFault(
                f"{one_line(os.fsdecode(path))} has conflicts that are not resolved",
                hint="git status; git add the file",
            )
        if letter in (b"C", b"R"):
            seen.changed.add(path)
        elif letter == b"h" or os.path.lexists(store.repository.root / os.fsdecode(path)):
            seen.hidden.add(path)
    return seen


def _feed(store: Store, index: Path, command: tuple[str, ...], paths: Iterable[bytes]) -> None:
    store.git_ok(*command, index=index, stdin=b"".join(path + b"\0" for path in sorted(paths)))


def _bring(store: Store, index: Path, tracked: Collection[bytes]) -> None:
    """Brings `tracked` paths up to what the disk holds. `git update-index` refuses a folder that is no repository:
    where a submodule was never fetched, its entry is taken over from the user's index; where a file was, it is gone."""
    root = store.repository.root
    bare = {path for path in tracked if _is_bare_folder(root / os.fsdecode(path))}
    _feed(store, index, _UPDATE, set(tracked) - bare)
    if not bare:
        return
    listed = git_ok(root, "ls-files", "-s", "-z", "--", *(os.fsdecode(path) for path in sorted(bare))).split(b"\0")
    links = {line.partition(b"\t")[2]: line for line in listed if line.startswith(b"160000 ")}
    _feed(store, index, _FORGET, bare - links.keys())
    info = b"".join(line + b"\0" for line in links.values())
    store.git_ok("update-index", "-z", "--index-info", index=index, stdin=info)


def _is_bare_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not os.path.lexists(path / ".git")


def _write_tree(store: Store, index: Path) -> str:
    return store.git_ok("write-tree", index=index).decode().strip()


def _follow(store: Store, mine: Path, seen: _Listing) -> tuple[set[bytes], set[bytes]]:
    """What the user's index tracks anew, and what it no longer does: that is forgotten here too."""
    users = _tracked(store.repository)
    ours = {line.partition(b"\t")[2] for line in seen.raw.split(b"\0") if line[:1] not in (b"?", b"")}
    if gone := ours - users:
        _feed(store, mine, _FORGET, gone)
    return users - ours, gone


def _tracked(repository: Repository) -> set[bytes]:
    return set(git_ok(repository.root, "ls-files", "-z").split(b"\0")) - {b""}


def _is_special(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode))


def _without_environments(others: set[bytes]) -> tuple[set[bytes], tuple[RepoPath, ...]]:
    """`others` without untracked virtual environments, whatever they are called, and their folders."""
    marks = [path for path in others if path.endswith(b"/" + ENVIRONMENT_MARK)]
    folders = tuple(mark[: -len(ENVIRONMENT_MARK)] for mark in marks)
    if not folders:
        return others, ()
    kept = {path for path in others if not path.startswith(folders)}
    return kept, tuple(sorted(os.fsdecode(folder.rstrip(b"/")) for folder in folders))


def _bearable(root: Path, others: Iterable[bytes]) -> tuple[set[bytes], tuple[RepoPath, ...]]:
    """The untracked files that go into the tree, and those that are too big or cannot be read. A folder is another
    repository: no file of this one."""
    wanted: set[bytes] = set()
    left_out = []
    for path in others:
        if path.endswith(b"/"):
            continue
        whole = root / os.fsdecode(path)
        try:
            found = os.lstat(whole)
        except OSError:
            continue
        regular = stat.S_ISREG(found.st_mode)
        if regular and (found.st_size > MAX_UNTRACKED_BYTES or not os.access(whole, os.R_OK)):
            left_out.append(os.fsdecode(path))
        elif regular or stat.S_ISLNK(found.st_mode):
            wanted.add(path)
    return wanted, tuple(sorted(left_out))


def _seed(store: Store) -> None:
    """The first kept index. The user's, with its file times, if its blobs are the bytes on disk; else by its paths."""
    fresh = store.new_index()
    users = store.repository.git_dir / "index"
    if users.exists() and not store.converts and not _may_convert(users) and _copied(store, users, fresh):
        fresh.replace(store.index)
        return
    fresh.unlink(missing_ok=True)
    store.git_ok("read-tree", "--empty", index=fresh)
    if paths := _tracked(store.repository):
        _bring(store, fresh, paths)
    fresh.replace(store.index)


def _may_convert(index: Path) -> bool:
    """Whether the index names an attributes file. Version 4 shortens names, so there any tail of it counts."""
    raw = index.read_bytes()
    return b".gitattributes" in raw or (raw[7:8] == b"\4" and b"tes\0" in raw)


def _copied(store: Store, users: Path, fresh: Path) -> bool:
    """Copies the index with its time (git compares file times with it). A split one is joined by git, in the copy."""
    shutil.copyfile(users, fresh)
    found = users.stat()
    os.utime(fresh, ns=(found.st_atime_ns, found.st_mtime_ns))
    if store.git("ls-files", "-s", "-z", index=fresh).exit_code == 0:
        return True
    env = {"GIT_INDEX_FILE": str(fresh)}
    joined = git(store.repository.root, "update-index", "--no-split-index", config=("core.splitIndex=false",), env=env)
    return joined.exit_code == 0 and store.git("ls-files", "-s", "-z", index=fresh).exit_code == 0


def _note(store: Store) -> _Note:
    try:
        words = _note_file(store).read_text().split(" ")
    except OSError:
        return _Note()
    return _Note(*words) if len(words) == 3 else _Note()


def _note_file(store: Store) -> Path:
    return store.index.with_name(f"{store.index.name}.note")


def _keep(store: Store, mine: Path, before: _Note, now: _Note) -> None:
    """Makes `mine` the kept index, and notes what is true of it."""
    if now == before:
        return
    aside = store.new_index()
    if not (store.index.exists() and mine.samefile(store.index)):  # rename does nothing between names of one file
        os.link(mine, aside)
        aside.replace(store.index)
    noted = store.new_index()
    noted.write_text(f"{now.index} {now.tree} {now.users}")
    noted.replace(_note_file(store))
