"""Spend never passes the cap, whatever calls cost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.budget import RunBudget
from routecli.domain.money import Cost, Usd, usd
from routecli.errors import BudgetFault

amounts = st.decimals(min_value=0, max_value=10, places=6, allow_nan=False)


@given(cap=amounts, calls=st.lists(st.tuples(amounts, st.floats(0, 1)), max_size=30))
def test_row_57_spend_stays_within_the_cap(cap: Decimal, calls: list[tuple[Decimal, float]]) -> None:
    worst = Decimal(0)
    budget = RunBudget(usd(cap), lambda p, m, i, o: Cost(usd(worst)))
    for worst, share in calls:
        try:
            reserved = budget.reserve("p", "m", 1, 1)
        except BudgetFault:
            assert budget.spent_usd + worst > cap
            continue
        budget.settle(reserved, usd(worst * Decimal(str(round(share, 6)))))
    assert budget.spent_usd <= cap
    assert budget.left_usd >= 0


def test_an_unknown_bill_counts_as_its_worst_case() -> None:
    budget = RunBudget(usd(1), lambda p, m, i, o: Cost(usd("0.4")))
    budget.settle(budget.reserve("p", "m", 1, 1), None)
    assert budget.spent_usd == Decimal("0.4")


def test_two_calls_under_way_share_the_cap() -> None:
    budget = RunBudget(usd(1), lambda p, m, i, o: Cost(usd("0.6")))
    budget.reserve("p", "m", 1, 1)
    with pytest.raises(BudgetFault, match=r"p/m could cost \$0\.6000, and \$0\.4000 of the budget of \$1\.00 is left"):
        budget.reserve("p", "m", 1, 1)


def test_the_hint_names_a_cap_that_is_enough() -> None:
    budget = RunBudget(usd("0.001"), lambda p, m, i, o: Cost(usd("0.0123")))
    with pytest.raises(BudgetFault) as refused:
        budget.reserve("p", "m", 1, 1)
    assert "--budget 0.02" in refused.value.hint


def test_an_unknown_price_is_refused_and_only_a_flag_allows_it() -> None:
    unknown = Cost(None, why_unknown="no such model")
    with pytest.raises(BudgetFault, match="unknown: no such model"):
        RunBudget(usd(1), lambda p, m, i, o: unknown).reserve("p", "m", 1, 1)
    assert RunBudget(usd(1), lambda p, m, i, o: unknown, allow_unpriced=True).reserve("p", "m", 1, 1) is None


class Shared:
    """Two runs at one till, as the ledger keeps it."""

    def __init__(self, cap: Decimal) -> None:
        self.cap, self.held = cap, dict[str, Decimal]()

    def check(self, provider: str, model: str, amount_usd: Usd | None) -> None:
        if sum(self.held.values()) + (amount_usd or 0) > self.cap:
            raise BudgetFault(f"{provider}/{model}")

    def set_aside(self, provider: str, model: str, amount_usd: Usd | None) -> str:
        self.check(provider, model, amount_usd)
        self.held[f"{len(self.held)}"] = Decimal(amount_usd or 0)
        return f"{len(self.held) - 1}"

    def settle(self, reservation: str, cost_usd: Usd | None) -> None:
        if cost_usd is not None:
            self.held[reservation] = cost_usd


@given(cap=amounts, calls=st.lists(st.tuples(st.booleans(), amounts, st.floats(0, 1), st.booleans()), max_size=30))
def test_row_57_runs_that_share_a_cap_stay_within_it(
    cap: Decimal, calls: list[tuple[bool, Decimal, float, bool]]
) -> None:
    till, worst = Shared(cap), Decimal(0)
    runs = [RunBudget(usd(1000), lambda p, m, i, o: Cost(usd(worst)), till=till) for _ in range(2)]
    for which, worst, share, known in calls:
        run = runs[which]
        try:
            reserved = run.reserve("p", "m", 1, 1)
        except BudgetFault:
            with pytest.raises(BudgetFault):
                run.foresee("p", "m", 1, 1)
            continue
        run.settle(reserved, usd(worst * Decimal(str(round(share, 6)))) if known else None)
        assert runs[0].spent_usd + runs[1].spent_usd == sum(till.held.values()) <= cap


def test_a_look_ahead_sets_nothing_aside() -> None:
    budget = RunBudget(usd(1), lambda p, m, i, o: Cost(usd("0.6")), till=Shared(Decimal(1)))
    assert budget.foresee("p", "m", 1, 1) == budget.foresee("p", "m", 1, 1) == Decimal("0.6")
    assert budget.left_usd == 1
