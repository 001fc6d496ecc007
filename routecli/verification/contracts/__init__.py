"""What a kind of task promises, decided by the syntax tree: one file and one row each.

A contract that holds proves the patch without any test; one that is broken defers it. Undecided says nothing, and the
tests decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from routecli.domain.task import Kind
from routecli.verification.contracts import (
    dead_code,
    dependency,
    docs,
    docstring,
    format,
    imports,
    refactor,
    rename,
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


def rule(change: Change) -> Ruling:
    """The contract of the task's kind on its patch; undecided where the kind has none."""
    contract = CONTRACTS.get(change.task.kind)
    return Ruling(*contract(change)) if contract else UNDECIDED


__all__ = ["CONTRACTS", "UNDECIDED", "Change", "Contract", "Ruling", "rule"]
