"""The Wilson score interval (E. B. Wilson, 1927): honest at 0 of n and n of n, where the usual one has no width."""

from __future__ import annotations

import math

Z95 = 1.959964


def wilson(hits: int, of: int, z: float = Z95) -> tuple[float, float]:
    """The 95 % interval of a share, both ends in 0..1; (0, 1) where nothing was tried."""
    if of == 0:
        return 0.0, 1.0
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (0.0 if hits == 0 else max(0.0, middle - half)), (1.0 if hits == of else min(1.0, middle + half))


def shown(hits: int, of: int) -> str:
    """`12/40, 30.0 % [18.1, 45.4]`; two digits where the share is small."""
    if of == 0:
        return "–"
    low, high = wilson(hits, of)
    digits = 2 if hits / of < 0.01 else 1
    return f"{hits:,}/{of:,}, {hits / of * 100:.{digits}f} % [{low * 100:.{digits}f}, {high * 100:.{digits}f}]"
