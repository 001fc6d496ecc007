"""What a kind of task promises, decided by the syntax tree: one file and one row each.

A contract that holds proves the patch without any test; one that is broken defers it. Undecided says nothing, and the
tests decide.
"""

from __future__ import annotations

from collections.abc import Callable

from routecli.domain.patch import Patch
from routecli.domain.task import Kind, Task
from routecli.nouns import dataclass
from routecli.verification.contracts import (
    dead_code,
    dependency,
    docs,
    docstring,
    format,
    imports,
    refactor,
    rename,
    syntax,
    types,
)
from routecli.verification.contracts.change import Answer, Change


@dataclass(frozen=True, slots=True)
class Ruling:
    """`holds` None: undecided. `why` is one line."""

    holds: bool | None
    why: str


UNDECIDED = Ruling(None, "")

Contract = Callable[[Change], Answer]

CONTRACTS: dict[Kind, Contract] = {
    Kind.FORMAT: format.holds,
    Kind.DOCSTRING: docstring.holds,
    Kind.IMPORTS: imports.holds,
    Kind.RENAME: rename.holds,
    Kind.TYPES: types.holds,
    Kind.DEAD_CODE: dead_code.holds,
    Kind.DEPENDENCY: dependency.holds,
    Kind.DOCS: docs.holds,
    Kind.REFACTOR: refactor.holds,
}
"""Kinds with a contract; docs/verification.md has a line for each."""
_READS_OTHERS = frozenset({Kind.FORMAT, Kind.DOCSTRING, Kind.DOCS, Kind.RENAME})
"""Those that read other languages than Python, with the extra `map`."""


def rule(change: Change) -> Ruling:
    """The contract of the task's kind on its patch; undecided where the kind has none."""
    contract = CONTRACTS.get(change.task.kind)
    return Ruling(*contract(change)) if contract else UNDECIDED


def undecided(task: Task, patch: Patch, ruling: Ruling) -> str:
    """What to say of a contract that could not be decided, in one line: why, or what would decide it. Empty where the
    kind has none."""
    if ruling.holds is not None or task.kind not in CONTRACTS or task.kind is Kind.REFACTOR:
        return ""
    if ruling.why:
        return f"the contract of {task.kind.value} is undecided: {ruling.why}"
    other = next((p for p in patch.paths if syntax.is_known(p) and not syntax.language_of(p)), "")
    why = f": pip install 'routecli[map]' to read {other}" if other and task.kind in _READS_OTHERS else ""
    return f"the contract of {task.kind.value} is undecided{why}"


__all__ = ["CONTRACTS", "UNDECIDED", "Change", "Contract", "Ruling", "rule", "undecided"]
