"""The runs of one's own ledger under another configuration: what they would have been expected to cost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from routecli import routing
from routecli.compose.agent_costs import AgentCosts
from routecli.compose.planning import forecaster_of
from routecli.domain.evidence import size_class
from routecli.domain.money import ZERO_USD, Usd
from routecli.domain.receipt import Receipt
from routecli.domain.task import FileRole, Survey, SurveyedFile
from routecli.errors import RoutecliError
from routecli.nouns import dataclass
from routecli.routing.beliefs import priors_of, rungs_of
from routecli.routing.economics import worth
from routecli.routing.power import power_of

if TYPE_CHECKING:
    from routecli.config.load import Loaded
    from routecli.ledger.ledger import Ledger
    from routecli.pricebook import Pricebook


@dataclass(frozen=True, slots=True)
class Again:
    """One run again. `would_usd` is an expectation; None: a price is unknown, or no tier can take the task (`why`).
    `quality` is the expected share right, `ladder` the tiers that it would have climbed."""

    run_id: str
    was_usd: Usd
    would_usd: Usd | None
    quality: float
    ladder: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Whatif:
    """All of them. Sums are over the runs that could be priced both ways."""

    runs: tuple[Again, ...]

    @property
    def priced(self) -> tuple[Again, ...]:
        """Those that count."""
        return tuple(r for r in self.runs if r.would_usd is not None)

    @property
    def was_usd(self) -> Usd:
        """What they did cost."""
        return Usd(sum((r.was_usd for r in self.priced), Decimal(0)))

    @property
    def would_usd(self) -> Usd:
        """What they would be expected to cost."""
        return Usd(sum((r.would_usd or ZERO_USD for r in self.priced), Decimal(0)))


def whatif(receipts: Sequence[Receipt], loaded: Loaded, prices: Pricebook, ledger: Ledger) -> Whatif:
    """`receipts` under the configuration `loaded`. Each is surveyed again from what its receipt says: its paths, and
    the tokens that were sent."""
    return Whatif(tuple(_again(receipt, loaded, prices, ledger) for receipt in receipts if receipt.attempts))


def _again(receipt: Receipt, loaded: Loaded, prices: Pricebook, ledger: Ledger) -> Again:
    task, survey = receipt.task, _survey(receipt)
    was = receipt.cost_usd or ZERO_USD
    evidence = ledger.evidence(task.repo_root, task.kind.value, size_class(survey))
    try:
        known = routing.Known(evidence)
        route = routing.route(
            task, survey, loaded.settings, forecaster_of(prices, AgentCosts(loaded.settings, ledger)), known=known
        )
    except RoutecliError as fault:
        return Again(receipt.run_id, was, None, 0.0, (), fault.what)
    tiers = [tier.name for tier in route.ladder if not tier.is_tools]
    power = power_of(task.kind, loaded.settings.detection, evidence)
    rungs = rungs_of(tiers, {f.tier: f.cost_usd for f in route.forecasts}, evidence, power, priors_of(route.ladder))
    if not rungs:
        return Again(receipt.run_id, was, None, 0.0, tuple(tiers), "a tier of this ladder has no known price")
    figures = worth(rungs, power)
    return Again(receipt.run_id, was, figures.cost_usd, figures.quality, figures.tiers)


def _survey(receipt: Receipt) -> Survey:
    sent = max((a.usage.input_tokens for a in receipt.attempts[:1]), default=0)
    context = max(sent - routing.PROMPT_TOKENS, 0)
    paths = receipt.task.paths or ("",)
    files = tuple(SurveyedFile(p, "", 0, context // len(paths), FileRole.TEXT, "from the receipt") for p in paths)
    return Survey("", files, context, "as billed", len(files))
