"""Survey and route: everything that is decided before anyone is paid. `estimate` stops here."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from routecli import providers, routing, survey
from routecli.compose.agent_costs import AgentCosts
from routecli.compose.answering_tiers import without_agents
from routecli.compose.cliffs import cliff_reasons, service_reasons
from routecli.compose.pinned import Pinned
from routecli.compose.selecting import selected
from routecli.compose.warming import Supplies, ask_interpreters, supply, warm_up
from routecli.config.load import Loaded
from routecli.config.places import cache_place
from routecli.domain.answered import ANSWERS
from routecli.domain.classified import Classified
from routecli.domain.events import Routed, Started, Surveyed, Warned
from routecli.domain.evidence import size_class
from routecli.domain.ladder import ModelRef, Reason, Route
from routecli.domain.money import ZERO_USD, Usage, Usd
from routecli.domain.settings import Settings
from routecli.domain.task import Kind, Survey, Task
from routecli.errors import ConfigFault, UsageFault
from routecli.git.repository import Repository, open_repository
from routecli.git.snapshot import Snapshot
from routecli.git.snapshot import take as take_snapshot
from routecli.git.surroundings import changes, named_in
from routecli.ledger.ledger import Ledger
from routecli.ledger.past import HISTORY_FOR
from routecli.nouns import dataclass
from routecli.ports import Listener, Provider
from routecli.pricebook import Pricebook
from routecli.survey import Remembered
from routecli.survey import tokens as tokenizer
from routecli.workspace.delivery import recover


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for. `paths` are as typed, relative to `cwd`; `kind` None: told from the words; `explain`:
    why, in figures; `again`: a past run's task once more."""

    instruction: str
    paths: tuple[str, ...]
    cwd: Path
    kind: Kind | None = None
    tier: str | None = None
    max_tier: str | None = None
    hint: str = ""
    explain: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything known and decided before the first call. `named` says that the task, not the person, named the
    files. `reroute` decides anew, once a model said how hard the task is; `history` is what was looked up for it.
    `recovered` are files that an interrupted delivery had left and that were put right."""

    run_id: str
    order: Order
    loaded: Loaded
    repository: Repository
    snapshot: Snapshot
    task: Task
    survey: Survey
    route: Route
    prices: Pricebook
    providers: Mapping[str, Provider]
    remembered: Remembered
    files: Pinned
    named: bool
    reroute: Callable[[Classified], Route]
    history: routing.History
    notes: tuple[Reason, ...] = ()

    def announce(self, emit: Listener) -> None:
        """Tells what was decided, before anything is sent."""
        emit(Started(self.run_id, self.task.instruction))
        for note in self.notes:
            emit(Warned(note))
        emit(Surveyed(self.task, self.survey))
        emit(Routed(self.route))

    def close(self) -> None:
        """Gives back the private index of the snapshot."""
        self.snapshot.close()


def make_plan(order: Order, loaded: Loaded, ledger: Ledger, *, calling: bool = False) -> Plan:
    """Surveys and routes. Raises UsageFault (exit 2) and ConfigFault (exit 3); nothing was spent.

    `ledger` is asked for what the tiers did before. `calling`: a model will be called next, so what that needs is
    loaded beside."""
    if not order.instruction.strip():
        raise UsageFault("the task is empty", hint='routecli run "fix the rounding in invoice totals" src/invoice.py')
    supplies = supply(loaded)
    repository = open_repository(order.cwd)
    if calling:
        kind = _kind(order)[0]
        if kind not in ANSWERS:
            ask_interpreters(repository.root, os.environ)
        warm_up(loaded, supplies, kind, order.tier)
    notes = _recovered(repository)
    snapshot = take_snapshot(repository)
    try:
        return _plan(order, loaded, ledger, supplies, repository, snapshot, notes)
    except BaseException:
        snapshot.close()
        raise


def plan_on(order: Order, loaded: Loaded, ledger: Ledger, snapshot: Snapshot) -> Plan:
    """`make_plan` for a content that is given: what is staged, say. The caller closes `snapshot`."""
    return _plan(order, loaded, ledger, supply(loaded), snapshot.repository, snapshot, ())


def _recovered(repository: Repository) -> tuple[Reason, ...]:
    """Puts right what an interrupted delivery left; the notes say what."""
    return tuple(
        Reason("recovered", f"an interrupted delivery was undone: {len(found.restored)} files are as they were before")
        for found in recover(repository)
    )


def _kind(order: Order) -> tuple[Kind, str]:
    return (order.kind, "you said so") if order.kind else routing.classify(order.instruction)


def _plan(
    order: Order,
    loaded: Loaded,
    ledger: Ledger,
    supplies: Supplies,
    repository: Repository,
    snapshot: Snapshot,
    notes: tuple[Reason, ...],
) -> Plan:
    kind, why = _kind(order)
    loaded = without_agents(loaded) if kind in ANSWERS else loaded
    settings, prices = loaded.settings, supplies.prices
    chosen = (
        survey.chosen_by_paths(order.paths, order.cwd, repository.root, snapshot)
        if order.paths
        else survey.chosen_by_task(order.instruction, kind, snapshot)
    )
    remembered = Remembered(cache_place(os.environ).path)
    found = survey.take(order.instruction, chosen, snapshot, settings.context, remembered, settings.verify.holdout)
    paths = tuple(file.path for file in found.text_files)
    task = Task(order.instruction, kind, why, repository.root, repository.head, paths, settings.budget_usd)
    known = _known(task, found, loaded, ledger, explain=order.explain)
    history = history_of(order, loaded, task, known.failed, ledger)
    decide = _deciding(order, loaded, ledger, prices, task, found, known)
    told = routing.complexity(task, found, history)[0] if settings.classifier.how == "complexity" else None
    route = decide(told and replace(told, obeyed=settings.classifier.obeyed))
    return Plan(
        new_run_id(), order, loaded, repository, snapshot, task, found, route, prices,
        supplies.providers, remembered, Pinned(snapshot, paths), named=not order.paths, reroute=decide, history=history,
        notes=notes,
    )  # fmt: skip


def _deciding(
    order: Order,
    loaded: Loaded,
    ledger: Ledger,
    prices: Pricebook,
    task: Task,
    found: Survey,
    known: routing.Known,
) -> Callable[[Classified | None], Route]:
    """What decides, for whatever a classifier says: all that is read is read once. Raises as `routing.route`, and
    ConfigFault: there is no tier."""
    settings = loaded.settings
    tiers, chosen_models = selected(settings, task.kind, found, prices, ledger)
    agents = AgentCosts(settings, ledger)
    forecaster = forecaster_of(prices, agents)
    asked = routing.Asked(order.tier, order.max_tier or settings.max_tier, order.hint, order.again)
    tools_can, inferred = _tools_can(task, loaded), _inferred(task, loaded, ledger)

    def decide(told: Classified | None) -> Route:
        route = routing.route(
            task, found, replace(settings, tiers=tiers), forecaster, asked=asked, tools_can=tools_can, known=known,
            told=told, explain=order.explain,
        )  # fmt: skip
        if not route.ladder:
            raise ConfigFault(loaded.no_tiers, hint=loaded.no_tiers_hint)
        beside = (
            *(reason for tier in route.ladder for reason in chosen_models.get(tier.name, ())),
            *agents.reasons(route.ladder),
            *cliff_reasons(route, prices),
            *service_reasons(route, prices, settings.providers),
            *inferred,
        )
        return replace(route, reasons=(*route.reasons, *beside))

    return decide


def level_counts(settings: Settings, tier: str | None) -> bool:
    """Whether how hard a task is can move its ladder: nobody named a `tier`, and the policy and the lane ask for it."""
    return tier is None and settings.policy not in routing.UNLEVELLED and settings.lane != "tools"


def history_of(
    order: Order, loaded: Loaded, task: Task, failed: routing.Failed | None, ledger: Ledger
) -> routing.History:
    """What a classifier goes by beside the task itself; nothing is looked up where none is asked."""
    failed_before = failed.run_id if failed else ""
    settings = loaded.settings
    if settings.classifier.how == "words" or not level_counts(settings, order.tier) or task.kind in ANSWERS:
        return routing.History(failed_before=failed_before)
    root = task.repo_root
    return routing.History(
        named_in(root, task.paths),
        changes(root, task.paths, HISTORY_FOR.days) if task.base_commit else 0,
        ledger.deferrals(root, task.paths),
        failed_before,
    )


def _inferred(task: Task, loaded: Loaded, ledger: Ledger) -> tuple[Reason, ...]:
    """That some of the evidence is nobody's word."""
    asks = loaded.settings.policy in routing.BY_EVIDENCE
    count = ledger.inferred(repo_root=task.repo_root) if asks else 0
    text = f"{count} accepted here count as wrong by what git shows, inferred: routecli feedback RUN good overrules it"
    return (Reason("inferred", text),) if count else ()


def _known(task: Task, found: Survey, loaded: Loaded, ledger: Ledger, *, explain: bool) -> routing.Known:
    """What the ledger has seen that bears on the task; of the tiers' record only what the policy or the person asks."""
    throttled = _throttled(loaded, ledger)
    failed = None if task.kind in ANSWERS else ledger.failed_before(task.repo_root, task.instruction)
    known = routing.Known(throttled=throttled, failed=routing.Failed(*failed) if failed else None)
    if loaded.settings.policy not in routing.BY_EVIDENCE and not explain:
        return known
    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    explores = loaded.settings.explore_usd_per_day > 0
    return replace(
        known,
        evidence=ledger.evidence(task.repo_root, task.kind.value, size_class(found)),
        explored_usd=ledger.explored_usd(today) if explores else ZERO_USD,
        seed=secrets.randbits(32) if explores else 0,
    )


def _throttled(loaded: Loaded, ledger: Ledger) -> frozenset[str]:
    """The tiers of which every model cools down. Asked only where a fallback tier is named: no other rule reads it."""
    if loaded.settings.fallback_tier is None:
        return frozenset()
    cooling = ledger.cooling(datetime.now(UTC))
    tiers = loaded.settings.tiers
    return frozenset(t.name for t in tiers if t.models and all(str(model) in cooling for model in t.models))


def _tools_can(task: Task, loaded: Loaded) -> Reason | None:
    """Why tools may do it; with no model configured, why nothing can."""
    can = providers.tools.can_do(task) if loaded.settings.tools and task.kind not in ANSWERS else None
    if can is None and not loaded.settings.tiers:
        raise ConfigFault(loaded.no_tiers, hint=loaded.no_tiers_hint)
    return can


def forecaster_of(prices: Pricebook, agents: AgentCosts) -> routing.Forecaster:
    """Forecasts with today's prices and the table of tokenizer ratios; an agent's by the record of its tier."""
    return routing.Forecaster(_model_tokens, lambda model, usage: _price(prices, model, usage), recorded=agents.of)


def _model_tokens(model: ModelRef, counted: int) -> int:
    return tokenizer.for_model(counted, model.model)


def _price(prices: Pricebook, model: ModelRef, usage: Usage) -> Usd | None:
    return prices.cost(model.provider, model.model, usage).amount_usd


def new_run_id() -> str:
    """A run's id: it sorts by time, and its beginning is enough to name it."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
