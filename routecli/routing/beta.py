"""Quantiles of a Beta distribution: between which values a share lies that is only believed."""

from __future__ import annotations

from math import exp, lgamma, log

_HALVINGS = 40
_TERMS = 300
_TINY = 1e-300


def interval(right: float, wrong: float, mass: float = 0.9) -> tuple[float, float]:
    """The values that leave half of `1 - mass` of Beta(`right`, `wrong`) on either side; both counts above 0."""
    tail = (1 - mass) / 2
    return quantile(tail, right, wrong), quantile(1 - tail, right, wrong)


def quantile(share: float, right: float, wrong: float) -> float:
    """The value below which `share` (0 to 1) of Beta(`right`, `wrong`) lies, by halving."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle, right, wrong) < share else (low, middle)
    return (low + high) / 2


def below(value: float, right: float, wrong: float) -> float:
    """The share of Beta(`right`, `wrong`) below `value`: the regularised incomplete beta function by its continued
    fraction (DLMF 8.17.22), from the side on which that converges fast."""
    if value <= 0 or value >= 1:
        return float(value >= 1)
    if value > (right + 1) / (right + wrong + 2):
        return 1 - below(1 - value, wrong, right)
    front = lgamma(right + wrong) - lgamma(right) - lgamma(wrong) + right * log(value) + wrong * log(1 - value)
    return exp(front) / right / _fraction(value, right, wrong)


def _fraction(x: float, a: float, b: float) -> float:
    """1 + d1/(1 + d2/(1 + …)) by Lentz's method."""
    value, c, d = 1.0, 1.0, 0.0
    for term in range(1, _TERMS):
        m = term // 2
        if term % 2:
            factor = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            factor = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / (1 + factor * d or _TINY)
        c = 1 + factor / c or _TINY
        value *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return value
