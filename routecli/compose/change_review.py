"""A change of a repository as a question: which of its files may be shown, and how it is asked about."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from routecli import survey
from routecli.compose.inquiring import model_tokens
from routecli.compose.planning import Order, Plan, plan_on
from routecli.config.load import Loaded
from routecli.domain import globs
from routecli.domain.ladder import Reason
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import FileRole, Kind, RepoPath
from routecli.domain.untrusted import one_line
from routecli.errors import UsageFault
from routecli.git import staged
from routecli.git.changes import STAGED, is_range, trees_of
from routecli.git.repository import open_repository
from routecli.git.staged import TreeSnapshot
from routecli.git.store import open_store
from routecli.ledger.ledger import Ledger
from routecli.nouns import dataclass
from routecli.prompting.about_change import AboutChange
from routecli.prompting.findings import ChangeReview

_About = TypeVar("_About", bound=AboutChange)
_NONE_STAGED = "git add -p, or: routecli review main..HEAD"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be reviewed. `words` are as typed: a range or a commit may come first, the others are paths relative
    to `cwd`, all of them where `scope` is given."""

    words: tuple[str, ...]
    cwd: Path
    scope: str = ""
    tier: str | None = None
    max_tier: str | None = None
    hint: str = ""


def plan_review(wanted: Wanted, loaded: Loaded, ledger: Ledger) -> tuple[Plan, ChangeReview]:
    """Surveys and routes a review. See `plan_about`."""
    return plan_about(wanted, loaded, ledger, Kind.REVIEW, ChangeReview)


def plan_about(wanted: Wanted, loaded: Loaded, ledger: Ledger, kind: Kind, about: type[_About]) -> tuple[Plan, _About]:
    """Surveys and routes what is asked about a change. The caller closes the Plan.

    Raises UsageFault: nothing is staged, there is no such commit, nothing of the change may be shown or all of it is
    too long; and what planning raises."""
    repository = open_repository(wanted.cwd, amid=True)
    store = open_store(repository)
    scope, words = wanted.scope, wanted.words
    if not scope:
        ranged = bool(words) and not (wanted.cwd / words[0]).exists() and is_range(store, words[0])
        scope, words = (words[0], words[1:]) if ranged else (STAGED, words)
    before_tree, after_tree = trees_of(store, scope, os.environ)
    changed = sorted(staged.changed_between(store, before_tree, after_tree)) if before_tree != after_tree else []
    chosen = _within(changed, words, wanted.cwd, repository.root)
    if not chosen:
        raise _nothing(scope, words)
    with ExitStack() as at_fault:
        before = staged.snapshot_of(store, before_tree)
        after = staged.snapshot_of(store, after_tree)
        at_fault.callback(after.close)
        try:
            paths = tuple(path for path in chosen if after.mode(path).startswith("100"))
            if not paths:
                raise UsageFault(f"{_said(scope)} only takes files away: there is nothing to read in it")
            order = Order(f"{kind} {scope}", paths, repository.root, kind, wanted.tier, wanted.max_tier, wanted.hint)
            plan = plan_on(order, loaded, ledger, after)
            patch, unshown = _patch(plan, chosen, before, after, loaded)
        finally:
            before.close()
        question = _question(plan, patch, scope, about)
        unshown += [edit.path for edit in patch.edits if edit.path not in question.shown.lines]
        at_fault.pop_all()
    if unshown:
        named = ", ".join(one_line(path) for path in unshown[:5]) + (" …" if len(unshown) > 5 else "")
        plan = replace(plan, notes=(*plan.notes, Reason("not-reviewed", f"not reviewed: {named}")))
    return plan, question


def _question(plan: Plan, patch: Patch, scope: str, about: type[_About]) -> _About:
    counter = survey.Counter(plan.remembered)
    question = about(patch, scope, counter, model_tokens, plan.loaded.secrets.values())
    if not any(question.shown.lines.values()):
        raise UsageFault(f"{_said(scope)} has no text that can be shown at once", hint=f"routecli review {scope} FILE")
    return question


def _patch(
    plan: Plan, chosen: Sequence[RepoPath], before: TreeSnapshot, after: TreeSnapshot, loaded: Loaded
) -> tuple[Patch, list[RepoPath]]:
    """The files that may be shown on both sides, and those that may not. Of a file that is gone only its name and
    length are shown."""
    after_ok = set(plan.task.paths)
    before_ok = _sendable([path for path in chosen if path in before.entries], before, plan, loaded)
    edits, barred = [], []
    for path in chosen:
        if path in after.entries:
            shown = path in after_ok and (path not in before.entries or path in before_ok)
        else:
            shown = path in before_ok
        if shown:
            edits.append(FileEdit(path, before.read(path), after.read(path)))
        else:
            barred.append(path)
    return Patch(tuple(edits)), barred


def _sendable(paths: Sequence[RepoPath], content: TreeSnapshot, plan: Plan, loaded: Loaded) -> set[RepoPath]:
    """Those of `paths` whose text in `content` a model may be shown."""
    settings = loaded.settings
    chosen = [survey.Chosen(path, "changed") for path in paths]
    if not chosen:
        return set()
    try:
        found = survey.take("", chosen, content, settings.context, plan.remembered, settings.verify.holdout)
    except UsageFault:
        return set()  # not one of them may be sent
    return {file.path for file in found.files if file.role is FileRole.TEXT}


def _within(changed: Sequence[RepoPath], words: Sequence[str], cwd: Path, root: Path) -> list[RepoPath]:
    """The changed files that `words` mean; all without any."""
    if not words:
        return list(changed)
    wanted = [os.path.relpath(os.path.normpath(cwd / word), root) for word in words]
    return [
        path
        for path in changed
        if any(w in (".", path) or path.startswith(f"{w}/") or globs.matches(w, path) for w in wanted)
    ]


def _nothing(scope: str, words: Sequence[str]) -> UsageFault:
    where = f" in {one_line(' '.join(words), limit=120)}" if words else ""
    if scope == STAGED:
        return UsageFault(f"nothing is staged{where}", hint=_NONE_STAGED)
    return UsageFault(f"{one_line(scope, limit=120)} changes nothing{where}", hint=f"git diff --stat {scope}")


def _said(scope: str) -> str:
    return "what is staged" if scope == STAGED else one_line(scope, limit=120)
