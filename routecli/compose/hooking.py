"""What is staged, or about to be pushed, judged: the repository, its two trees, their twins."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from routecli.config.load import Loaded
from routecli.config.places import cache_place, state_place
from routecli.config.trust import Trust
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault
from routecli.git import staged
from routecli.git.repository import Repository, open_repository
from routecli.git.staged import Staged, TreeSnapshot
from routecli.git.store import open_store
from routecli.ledger.baselines import Baselines
from routecli.nouns import dataclass
from routecli.verification.affected import Content, affected_tests
from routecli.verification.change import Change, ChangeJudge, Judged, Side
from routecli.workspace.workspace import GitWorkspace

BASELINES = "baselines"


@dataclass(frozen=True, slots=True)
class Weighed:
    """A change and what was found. `changed` is empty where the two trees are one: then nothing was run."""

    repository: Repository
    before_tree: str
    after_tree: str
    changed: frozenset[str]
    judged: Judged


class Scales:
    """Weighs changes of one repository with one configuration, within `deadline_s` from now. `seen` is what is staged,
    and `read` the content after it, where they were looked at already; the caller closes that.

    Raises UsageFault (no repository, conflicts), ConfigFault (commands that nobody trusted), SandboxFault."""

    def __init__(
        self,
        cwd: Path,
        loaded: Loaded,
        *,
        deadline_s: float,
        seen: Staged | None = None,
        read: TreeSnapshot | None = None,
    ) -> None:
        self.store = seen.store if seen else open_store(open_repository(cwd, amid=True))
        self.repository = self.store.repository
        self._seen = seen
        self._read = read
        self._cwd = cwd
        self._loaded = loaded
        self._deadline_s = deadline_s
        cache = cache_place(os.environ).path
        self._cache = Baselines(cache / BASELINES if cache else None)

    def staged(self) -> Weighed:
        """What is staged against HEAD. Of the tests, those that `hook.tests` says."""
        seen = self._seen or staged.look(self._cwd, os.environ)
        return self._weigh(seen, self._loaded.settings.hook.tests)

    def commit(self, commit: str, before: str | None) -> Weighed | None:
        """All of a commit's tests against those of `before` (None: nothing); None where it is no commit."""
        tree = staged.tree_of_commit(self.store, commit)
        if tree is None:
            return None
        known = staged.tree_of_commit(self.store, before) if before else None
        return self._weigh(staged.between(self.store, known or staged.empty_tree(self.store), tree), "all")

    def message(self) -> str:
        """What is staged in a few words, for the message of its commit; empty where nothing is."""
        from routecli.verification.wording import Moved, message_of  # reads syntax trees: slow, and rarely wanted

        seen = self._seen or staged.look(self._cwd, os.environ)
        moved = [Moved(*one) for one in staged.moved_between(self.store, seen.before, seen.after)]
        with ExitStack() as open_now:
            old, new = (staged.snapshot_of(self.store, tree) for tree in (seen.before, seen.after))
            open_now.callback(old.close)
            open_now.callback(new.close)
            return message_of(moved, old.read, new.read)

    def known_to_remotes(self, commit: str) -> str | None:
        """The newest commit before `commit` that some remote has already; None where none is known to have any."""
        return staged.known_to_remotes(self.repository, commit)

    def _weigh(self, seen: Staged, tests: str) -> Weighed:
        before, after, changed = seen.before, seen.after, seen.changed
        if not changed:
            return Weighed(self.repository, before, after, changed, Judged())
        self._ensure_trust()
        with ExitStack() as open_now:
            side, workspace = self._side(after, open_now)
            workspace.begin()
            verify = replace(self._loaded.settings.verify, tests=self._loaded.settings.verify.tests and tests != "off")
            judge = ChangeJudge(
                verify, cache=self._cache, isolation=workspace.isolation.value, deadline_s=self._deadline_s
            )
            change = Change(
                self.repository.root,
                side,
                lambda: self._side(before, open_now)[0],
                changed,
                self._affected(workspace, changed) if tests == "affected" and verify.tests else None,
            )
            return Weighed(self.repository, before, after, changed, judge.judge(change))

    def _side(self, tree: str, open_now: ExitStack) -> tuple[Side, GitWorkspace]:
        snapshot = self._read if self._read and self._read.tree == tree else staged.snapshot_of(self.store, tree)
        open_now.callback(snapshot.close)
        workspace = GitWorkspace(self.repository, snapshot, self._loaded.settings.sandbox)
        open_now.callback(workspace.close)
        return Side(snapshot, workspace.twin, tree), workspace

    def _affected(self, workspace: GitWorkspace, changed: frozenset[str]) -> tuple[str, ...] | None:
        snapshot = workspace.snapshot
        blobs = {path: entry.blob for path, entry in snapshot.entries.items()}
        content = Content(blobs, snapshot.read, snapshot.grep)
        return affected_tests(content, changed, self._cache, str(self.repository.root))

    def _ensure_trust(self) -> None:
        commands = self._loaded.repo_commands
        if not Trust(state_place(os.environ).path).is_trusted(self.repository.root, commands):
            listed = one_line("; ".join(f"{name} = {command}" for name, command in sorted(commands.items())))
            raise ConfigFault(f"this repository's configuration is not trusted: {listed}", hint="routecli trust add")


__all__ = ["Scales", "Weighed"]
