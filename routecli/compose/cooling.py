"""How the models are, as the ledger knows it, and which tier stands in for another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from routecli import routing
from routecli.compose.planning import Plan
from routecli.domain.ladder import ModelRef, Tier
from routecli.domain.receipt import Trouble
from routecli.errors import ProviderFault
from routecli.ledger.ledger import Ledger
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class LedgerHealth:
    """Satisfies ports.Health: cooldowns that all processes share."""

    ledger: Ledger

    def order(self, models: Sequence[ModelRef]) -> tuple[ModelRef, ...]:
        """See ports.Health.order. Where all of them cool down, whose time is up first is asked first: a cooldown never
        refuses anything."""
        cooling = self.ledger.cooling(datetime.now(UTC)) if len(models) > 1 else {}
        never = datetime.min.replace(tzinfo=UTC)
        return tuple(sorted(models, key=lambda m: cooling[str(m)].until if str(m) in cooling else never))

    def failed(self, model: ModelRef, fault: ProviderFault) -> None:
        """See ports.Health.failed."""
        self.ledger.cool(str(model), fault.kind, fault.wait_s, datetime.now(UTC))

    def answered(self, model: ModelRef) -> None:
        """See ports.Health.answered."""
        self.ledger.warm(str(model))


def detours_of(plan: Plan) -> routing.Detours:
    """The tiers that stand in for one that is down, refuses or is too dear: by the roles of the configuration, none
    above the dearest that the run may climb to."""
    settings, asked = plan.loaded.settings, plan.order
    top = asked.max_tier or settings.max_tier
    tiers = sorted(settings.tiers, key=lambda t: t.rank)
    last = next((t.rank for t in tiers if t.name == top), len(tiers))
    too_long = {f.tier for f in plan.route.forecasts if not f.fits_context}
    theirs, _ = (tiers, ()) if asked.tier else routing.taking(tiers, plan.task.kind)
    usable = [t for t in theirs if t.rank <= last and t.name not in too_long]

    def detours(trouble: Trouble, tier: Tier) -> Sequence[Tier]:
        return routing.detours(trouble, tier, usable, routing.roles_of(settings))

    return detours
