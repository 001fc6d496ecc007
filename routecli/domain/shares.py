"""Shares with their intervals."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959964
"""Of a normal distribution 95 % lie within so many deviations."""


def wilson(hits: int, of: int, z: float = Z95) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927): 95 % unless `z` says otherwise. Without any case it is all of it."""
    if of <= 0:
        return 0.0, 1.0
    p = hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def interval_text(hits: int, of: int) -> str:
    """`7 of 9, 78 % [45, 94]`."""
    low, high = wilson(hits, of)
    share = f", {hits / of:.0%}" if of else ""
    return f"{hits} of {of}{share} [{low * 100:.0f}, {high * 100:.0f}]"
