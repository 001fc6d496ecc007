"""What a run of an agent may cost: by the ledger's own record of its tier, and never above the limit of its money.

It asks as often as it likes, ten to forty times the tokens of one request with the same files (docs/performance.md):
no count of tokens tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from statistics import median, quantiles

from routecli.domain.ladder import Reason, Tier
from routecli.domain.money import Usd
from routecli.domain.settings import Settings
from routecli.ledger.ledger import Ledger
from routecli.nouns import dataclass

LEAST = 3
"""Runs below which a record says nothing."""


@dataclass(frozen=True, slots=True)
class AgentCosts:
    """The agents of a ladder."""

    settings: Settings
    ledger: Ledger

    def of(self, tier: Tier) -> tuple[Usd | None, Usd | None] | None:
        """See routing.Forecaster.recorded: the median of the record, and the limit."""
        if not self._is_agent(tier):
            return None
        spent = self._spent(tier)
        return (Usd(median(spent)) if len(spent) >= LEAST else None), self._limit(tier)

    def reasons(self, tiers: Sequence[Tier]) -> tuple[Reason, ...]:
        """One for each of `tiers` that is an agent: what it has cost, over how many runs."""
        return tuple(Reason("agent-cost", f"{tier.name}: {self._told(tier)}") for tier in tiers if self._is_agent(tier))

    def _told(self, tier: Tier) -> str:
        spent, limit = self._spent(tier), self._limit(tier)
        most = f"at most {_dollars(limit)}, the limit of its money"
        if len(spent) < LEAST:
            seen = "no run" if not spent else f"{len(spent)} of {LEAST} runs"
            return f"an agent asks as often as it likes, and {seen} of it is on record; {most}"
        nine = quantiles(spent, n=10, method="inclusive")[-1]
        about = f"{_dollars(median(spent))} (median), nine in ten below {_dollars(nine)}"
        return f"{about}, over its last {len(spent)} runs; {most}"

    def _spent(self, tier: Tier) -> tuple[Usd, ...]:
        return self.ledger.spent(tier.name, str(tier.models[0]))

    def _limit(self, tier: Tier) -> Usd:
        declared = self.settings.providers[tier.models[0].provider].run_usd
        return self.settings.budget_usd if declared is None else Usd(declared)

    def _is_agent(self, tier: Tier) -> bool:
        found = self.settings.providers.get(tier.models[0].provider) if tier.models else None
        return found is not None and found.api == "agent"


def _dollars(amount: Decimal) -> str:
    """To a millionth: the last digits of a quantile mean nothing."""
    return f"${round(amount, 6).normalize():f}"
