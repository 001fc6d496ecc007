"""The requests of an agent, each paid for as it is sent: its worst case set aside, its bill an event and a ledger row.

So an agent can not spend past a cap between two looks, and what it cost is known to the request.
"""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal

from routecli.domain.events import Called, Calling
from routecli.domain.ladder import ModelRef, Tier
from routecli.domain.money import ZERO_USD, Cost, Usage, UsageSource, Usd
from routecli.domain.reply import Reply
from routecli.nouns import dataclass
from routecli.ports import Listener, Pricer, Purse


@dataclass(slots=True)
class RunMeter:
    """Satisfies ports.Meter for one call of `model`, the attempt `number`."""

    tier: Tier
    model: ModelRef
    number: int
    purse: Purse
    pricer: Pricer
    emit: Listener
    _reserved_usd: Usd | None = None
    _bills: list[tuple[Usage, Cost]] = field(default_factory=list)

    def reserve(self, input_tokens: int, max_output_tokens: int) -> None:
        """See ports.Meter.reserve."""
        model = self.model
        self._reserved_usd = self.purse.reserve(model.provider, model.model, input_tokens, max_output_tokens)
        self.emit(Calling(self.number, self.tier.name, str(model), input_tokens, self._reserved_usd))

    def bill(self, reply: Reply | None) -> None:
        """See ports.Meter.bill."""
        if reply is None:
            self.purse.settle(self._reserved_usd, ZERO_USD)
            return
        cost = self.pricer.cost(self.model.provider, self.model.model, reply.usage)
        self.purse.settle(self._reserved_usd, cost.amount_usd)
        self._bills.append((reply.usage, cost))
        self.emit(
            Called(
                self.number, self.tier.name, str(self.model), reply.model_served, reply.usage, cost.amount_usd,
                reply.latency_s, reply.stop.value, reply.request_id,
            )
        )  # fmt: skip

    @property
    def paid(self) -> bool:
        """Whether anything was billed: then the call has an answer, however it ended."""
        return any(usage.input_tokens or usage.output_tokens for usage, _ in self._bills)

    @property
    def usage(self) -> Usage:
        """All requests together: reported where each of them was."""
        usages = [usage for usage, _ in self._bills]
        reported = all(usage.source is UsageSource.REPORTED for usage in usages)
        return Usage(
            sum(u.input_tokens for u in usages),
            sum(u.cache_read_tokens for u in usages),
            sum(u.cache_write_tokens for u in usages),
            sum(u.output_tokens for u in usages),
            sum(u.reasoning_tokens for u in usages),
            UsageSource.REPORTED if reported else UsageSource.ESTIMATED,
            {"requests": [u.raw for u in usages]},
        )

    @property
    def cost(self) -> Cost:
        """The sum of the bills: each request has its own price, since a cliff is one prompt's."""
        amounts = [cost.amount_usd for _, cost in self._bills]
        known = [amount for amount in amounts if amount is not None]
        as_of = max((cost.prices_as_of for _, cost in self._bills if cost.prices_as_of), default=None)
        if len(known) < len(amounts):
            return Cost(None, as_of, next(cost.why_unknown for _, cost in self._bills if cost.amount_usd is None))
        return Cost(Usd(sum(known, Decimal(0))), as_of)
