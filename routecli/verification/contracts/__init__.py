"""What a kind of task promises, decided by the syntax tree: one file and one row each.

A contract that holds proves the patch without any test; one that is broken defers it. Undecided says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from routecli.domain.patch import Patch
from routecli.domain.task import Kind
from routecli.verification.contracts import docstring, format


@dataclass(frozen=True, slots=True)
class Ruling:
    """`holds` None: undecided. `why` is one line."""

    holds: bool | None
    why: str


UNDECIDED = Ruling(None, "")

Contract = Callable[[Patch], tuple[bool | None, str]]

CONTRACTS: dict[Kind, Contract] = {
    Kind.FORMAT: format.holds,
    Kind.DOCSTRING: docstring.holds,
}


def rule(kind: Kind, patch: Patch) -> Ruling:
    """The contract of `kind` on `patch`; undecided where the kind has none."""
    contract = CONTRACTS.get(kind)
    return Ruling(*contract(patch)) if contract else UNDECIDED
