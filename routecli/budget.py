"""The caps on money: the worst case of a call is set aside before it is sent (security.md row 57)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from routecli.domain.money import ZERO_USD, Cost, Usd
from routecli.errors import BudgetFault

WorstCase = Callable[[str, str, int, int], Cost]
"""`(provider, model, input_tokens, max_output_tokens)` → the most that such a call can cost."""


class Till(Protocol):
    """The caps that all processes share, if there are any."""

    def set_aside(self, provider: str, model: str, amount_usd: Usd | None) -> str:
        """Counts `amount_usd` against every cap; the answer is for `settle`. Raises BudgetFault: it does not fit."""

    def check(self, provider: str, model: str, amount_usd: Usd | None) -> None:
        """Raises what `set_aside` would raise, and counts nothing."""

    def settle(self, reservation: str, cost_usd: Usd | None) -> None:
        """Counts the bill in its place; None: unknown, and the worst case stays."""


class RunBudget:
    """The cap of one run, and in `till` those that it shares. Satisfies ports.Purse."""

    def __init__(
        self, cap_usd: Usd, worst_case: WorstCase, *, allow_unpriced: bool = False, till: Till | None = None
    ) -> None:
        self._cap_usd = cap_usd
        self._worst_case = worst_case
        self._allow_unpriced = allow_unpriced
        self._till = till
        self._open: list[tuple[Usd | None, str]] = []
        self._reserved_usd: Usd = ZERO_USD
        self.spent_usd: Usd = ZERO_USD

    @property
    def left_usd(self) -> Usd:
        """What may still be set aside."""
        return Usd(self._cap_usd - self.spent_usd - self._reserved_usd)

    def reserve(self, provider: str, model: str, input_tokens: int, max_output_tokens: int) -> Usd | None:
        """See ports.Purse.reserve."""
        worst_usd = self._fitting(provider, model, input_tokens, max_output_tokens)
        if self._till is not None:
            self._open.append((worst_usd, self._till.set_aside(provider, model, worst_usd)))
        self._reserved_usd = Usd(self._reserved_usd + (worst_usd or ZERO_USD))
        return worst_usd

    def foresee(self, provider: str, model: str, input_tokens: int, max_output_tokens: int) -> Usd | None:
        """What `reserve` would answer or raise, and nothing is set aside."""
        worst_usd = self._fitting(provider, model, input_tokens, max_output_tokens)
        if self._till is not None:
            self._till.check(provider, model, worst_usd)
        return worst_usd

    def _fitting(self, provider: str, model: str, input_tokens: int, max_output_tokens: int) -> Usd | None:
        """The worst case, which fits into this run's own cap."""
        worst = self._worst_case(provider, model, input_tokens, max_output_tokens)
        if worst.amount_usd is None:
            if self._allow_unpriced:
                return None
            raise BudgetFault(
                f"the price of {provider}/{model} is unknown: {worst.why_unknown or 'it is in no price list'}",
                hint=f'add [prices."{provider}/{model}"] to your configuration, or pass --allow-unpriced',
                unpriced=True,
            )
        if worst.amount_usd > self.left_usd:
            raise BudgetFault(
                f"a call to {provider}/{model} could cost {_money(worst.amount_usd)}, and {_money(self.left_usd)} "
                f"of the budget of {_money(self._cap_usd)} is left",
                hint=f"routecli run --budget {_up(Decimal(self.spent_usd + worst.amount_usd))} …",
            )
        return worst.amount_usd

    def settle(self, reserved_usd: Usd | None, cost_usd: Usd | None) -> None:
        """See ports.Purse.settle."""
        held = reserved_usd or ZERO_USD
        self._reserved_usd = Usd(self._reserved_usd - held)
        self.spent_usd = Usd(self.spent_usd + (cost_usd if cost_usd is not None else held))
        place = next((i for i, (amount_usd, _) in enumerate(self._open) if amount_usd == reserved_usd), None)
        if self._till is not None and place is not None:
            self._till.settle(self._open.pop(place)[1], cost_usd)


def _money(amount: Decimal) -> str:
    """Two significant digits at least: what is left is never shown as nothing."""
    if amount >= 1 or not amount:
        return f"${amount:.2f}"
    return f"${amount:.{max(4, 1 - amount.adjusted())}f}"


def _up(amount: Decimal) -> str:
    """`amount` rounded up to a cent: a suggested cap must be enough."""
    return str(amount.quantize(Decimal("0.01"), rounding="ROUND_UP"))
