from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.routing.beta import below, interval, quantile

COUNTS = st.floats(0.05, 2000)


@pytest.mark.parametrize(("right", "wrong"), [(1, 1), (3, 5), (8, 1), (40, 60)])
@pytest.mark.parametrize("value", [0.05, 0.3, 0.5, 0.9])
def test_whole_counts_follow_the_binomial(right: int, wrong: int, value: float) -> None:
    """DLMF 8.17.5: of n = a + b - 1 draws, the chance of at least a."""
    n = right + wrong - 1
    exact = sum(comb(n, k) * value**k * (1 - value) ** (n - k) for k in range(right, n + 1))
    assert below(value, right, wrong) == pytest.approx(exact, abs=1e-10)


@given(COUNTS, COUNTS, st.floats(0.01, 0.99))
def test_a_quantile_is_where_so_much_lies_below(right: float, wrong: float, share: float) -> None:
    value = quantile(share, right, wrong)
    assert 0 <= value <= 1
    if 1e-6 < value < 1 - 1e-6:
        assert below(value, right, wrong) == pytest.approx(share, abs=1e-4)


@given(COUNTS, COUNTS)
def test_both_sides_are_one(right: float, wrong: float) -> None:
    low, high = interval(right, wrong)
    assert low <= high
    assert interval(wrong, right) == pytest.approx((1 - high, 1 - low), abs=1e-6)


def test_the_ends() -> None:
    assert (below(0, 2, 3), below(1, 2, 3), below(-1, 2, 3)) == (0.0, 1.0, 0.0)
    assert interval(800, 200)[1] - interval(800, 200)[0] < interval(8, 2)[1] - interval(8, 2)[0]
