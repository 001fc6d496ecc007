"""Words in an order."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Rising(StrEnum):
    """Words of which each is more than those that are listed before it."""

    def reaches(self, asked: Self) -> bool:
        """Whether this is at least `asked`."""
        order = list(type(self))
        return order.index(self) >= order.index(asked)
