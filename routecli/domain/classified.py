"""How hard a task is taken to be, and by whom."""

from __future__ import annotations

from enum import StrEnum

from routecli.nouns import dataclass

PURPOSE = "classification"
"""The `purpose` of the attempt that asks a model."""


class Level(StrEnum):
    """A published shadow router's three words (E)."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


@dataclass(frozen=True, slots=True)
class Classified:
    """One answer. `by` is `complexity` or `provider/model`; `obeyed` False: written down, and the policy went on
    without it. `why` is one line for people."""

    level: Level
    by: str
    why: str
    obeyed: bool = True


def place_of(level: Level, tiers: int) -> int:
    """Where `level` leads among `tiers` tiers, cheapest first: the first, the middle one (rounded up), the last."""
    return {Level.LOW: 0, Level.MEDIUM: tiers // 2, Level.HIGH: tiers - 1}[level]
