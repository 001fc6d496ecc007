"""One commit of chosen files by plumbing: other staged changes stay staged, no hook and no filter runs.

The tree is HEAD's plus these files, made in a private index. The user's index gets the same entries, by git itself.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from routecli.domain.patch import FileEdit
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line
from routecli.errors import DeliveryFault, UsageFault
from routecli.git.command import git, git_ok
from routecli.git.proving import changed_by
from routecli.git.repository import Repository
from routecli.git.status import changed_paths, without_filters

_HINT = "commit it yourself: the files are named above"


def check_committable(repository: Repository, paths: Collection[RepoPath]) -> None:
    """Raises DeliveryFault where a commit of `paths` would hold more than the patch, or could not be made: one of
    them has uncommitted changes, the index is locked, a filter would have to run, nobody is named as author."""
    if (repository.git_dir / "index.lock").exists():
        raise DeliveryFault(f"another git command holds {repository.git_dir / 'index.lock'}", hint="wait for it")
    changed = changed_paths(repository)
    dirty = sorted(p for p in paths if p in changed)
    if dirty:
        raise DeliveryFault(
            f"{one_line(dirty[0])} has uncommitted changes: a commit would hold them too",
            hint="commit or stash them first, or leave out --commit",
        )
    if filtered := _filtered(repository, paths):
        raise DeliveryFault(f"{one_line(filtered)} goes through a git filter, and none is run for you", hint=_HINT)
    if git(repository.root, "var", "GIT_COMMITTER_IDENT").exit_code != 0:
        raise DeliveryFault("git does not know your name", hint='git config --global user.name "Your Name"')


def commit(repository: Repository, edits: Sequence[FileEdit], message: str) -> str:
    """The id of a new commit on HEAD's branch that changes only `edits`. Raises DeliveryFault; then HEAD and index are
    as they were."""
    try:
        return _commit(repository, edits, message)
    except UsageFault as fault:
        raise DeliveryFault(f"the commit could not be made: {fault.what}", hint=_HINT) from fault


def _commit(repository: Repository, edits: Sequence[FileEdit], message: str) -> str:
    root, head = repository.root, repository.head
    env = without_filters(repository)
    lines = _index_lines(repository, edits, env)
    with tempfile.TemporaryDirectory(prefix="routecli-") as name:
        private = env | {"GIT_INDEX_FILE": str(Path(name) / "index")}
        git_ok(root, "read-tree", head or "--empty", env=private)
        git_ok(root, "update-index", "--replace", "-z", "--index-info", env=private, stdin=lines)
        tree = git_ok(root, "write-tree", env=private).decode().strip()
    parents = ["-p", head] if head else []
    text = message.encode("utf-8", "surrogateescape")
    new = git_ok(root, "commit-tree", tree, *parents, "-F", "-", env=env, stdin=text).decode().strip()
    if strangers := changed_by(repository, new) - {e.path for e in edits}:
        raise DeliveryFault(f"the commit would have changed {one_line(min(strangers))} as well", hint=_HINT)
    before = _entries(repository, [e.path for e in edits])
    git_ok(root, "update-index", "--replace", "-z", "--index-info", env=env, stdin=lines)
    old = head or "0" * len(new)
    moved = git(root, "update-ref", "-m", "commit: routecli", "HEAD", new, old)
    if moved.exit_code != 0:
        git_ok(root, "update-index", "--replace", "-z", "--index-info", env=env, stdin=before)
        raise DeliveryFault("HEAD moved meanwhile: the files are written, but not committed", hint=_HINT)
    return new


def _index_lines(repository: Repository, edits: Sequence[FileEdit], env: dict[str, str]) -> bytes:
    """`edits` for `update-index --index-info`. Line ends are converted as the repository wants them committed."""
    lines = []
    for edit in edits:
        path = os.fsencode(edit.path)
        if edit.after is None:
            lines.append(b"0 " + b"0" * (64 if repository.object_format == "sha256" else 40) + b"\t" + path)
            continue
        words = ("hash-object", "-w", "--stdin", f"--path={edit.path}")
        blob = git_ok(repository.root, *words, config=("core.safecrlf=false",), env=env, stdin=edit.after)
        lines.append(edit.mode.encode() + b" " + blob.strip() + b"\t" + path)
    return b"".join(line + b"\0" for line in lines)


def _entries(repository: Repository, paths: Sequence[RepoPath]) -> bytes:
    """The index's own lines for `paths`, so that they can be put back; those that are missing, as removals."""
    listed = git_ok(repository.root, "ls-files", "-s", "-z", "--", *paths)
    held = {line.partition(b"\t")[2] for line in listed.split(b"\0")}
    zero = b"0" * (64 if repository.object_format == "sha256" else 40)
    missing = [b"0 " + zero + b"\t" + os.fsencode(p) + b"\0" for p in paths if os.fsencode(p) not in held]
    return listed + b"".join(missing)


def _filtered(repository: Repository, paths: Collection[RepoPath]) -> str:
    """The first of `paths` that has a `filter` attribute; empty without one."""
    asked = b"".join(os.fsencode(p) + b"\0" for p in paths)
    fields = git_ok(repository.root, "check-attr", "-z", "--stdin", "filter", stdin=asked).split(b"\0")
    for path, value in zip(fields[::3], fields[2::3], strict=False):
        if value not in (b"unspecified", b"unset"):
            return os.fsdecode(path)
    return ""
