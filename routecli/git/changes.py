"""A change as two trees: what is staged against HEAD, one commit against its parent, or one commit against another."""

from __future__ import annotations

from collections.abc import Mapping

from routecli.domain.untrusted import one_line
from routecli.errors import UsageFault
from routecli.git import staged
from routecli.git.command import git
from routecli.git.store import Store

STAGED = "staged"


def is_range(store: Store, word: str) -> bool:
    """Whether `word` can only be a range, or is the name of a commit."""
    return ".." in word.replace("../", "").removesuffix("/..") or _commit(store, word) is not None


def trees_of(store: Store, scope: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """The trees before and after. `scope` is `staged`, `A..B`, `A...B` (from where B left A) or a commit; `environ` may
    name the index, as git does for its hooks. Raises UsageFault: there is no such commit, conflicts are unresolved."""
    if scope == STAGED:
        head = store.repository.head
        before = staged.tree_of_commit(store, head) if head else None
        return before or staged.empty_tree(store), staged.staged_tree(
            store, staged.index_of_hook(store.repository, environ)
        )
    if "..." in scope:
        first, _, last = scope.partition("...")
        begin, end = _known(store, first or "HEAD"), _known(store, last or "HEAD")
        found = git(store.repository.root, "merge-base", begin, end)
        if found.exit_code != 0:
            raise UsageFault(f"{one_line(scope)}: the two have no commit in common", hint="routecli review A..B")
        return _tree(store, found.stdout.decode().strip()), _tree(store, end)
    if ".." in scope:
        first, _, last = scope.partition("..")
        return _tree(store, _known(store, first or "HEAD")), _tree(store, _known(store, last or "HEAD"))
    commit = _known(store, scope)
    parent = _commit(store, f"{commit}^")
    return _tree(store, parent) if parent else staged.empty_tree(store), _tree(store, commit)


def _commit(store: Store, name: str) -> str | None:
    if not name or name.startswith("-") or "\0" in name:
        return None
    # In the repository itself: our own git folder has its objects, and none of its names.
    root = store.repository.root
    done = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    lines = done.stdout.decode("utf-8", "replace").split()
    return lines[-1] if done.exit_code == 0 and lines else None


def _known(store: Store, name: str) -> str:
    found = _commit(store, name)
    if found is None:
        raise UsageFault(f"there is no commit {one_line(name, limit=80)!r} here", hint="git log --oneline")
    return found


def _tree(store: Store, commit: str) -> str:
    found = staged.tree_of_commit(store, commit)
    if found is None:
        raise UsageFault(f"git has lost the tree of {commit}", hint="git fsck")
    return found
