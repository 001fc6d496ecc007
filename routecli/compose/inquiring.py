"""A Plan of a question becomes an Inquiry: the same survey, route, prices and caps as a task, and no twin at all."""

from __future__ import annotations

from collections.abc import Callable

from routecli import survey
from routecli.budget import RunBudget
from routecli.cascade import Limits, Run
from routecli.cascade.inquiry import Inquirers, Inquiry
from routecli.compose.caps import budget_of
from routecli.compose.cooling import LedgerHealth, detours_of
from routecli.compose.planning import Plan
from routecli.domain.ladder import ModelRef
from routecli.domain.money import Usd
from routecli.ledger.ledger import Ledger
from routecli.nouns import dataclass
from routecli.ports import Listener, Questioner
from routecli.prompting import Question
from routecli.survey import tokens as tokenizer


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The first call as it would be sent: counted, and the most that it can cost (None: no price is known)."""

    tier: str
    model: str
    input_tokens: int
    worst_cost_usd: Usd | None


@dataclass(frozen=True, slots=True)
class ReadyInquiry:
    """An inquiry and what it rests on."""

    plan: Plan
    inquiry: Inquiry
    questioner: Questioner
    budget: RunBudget
    emit: Listener

    def run(self) -> Run:
        """Tells what was decided, then asks."""
        self.plan.announce(self.emit)
        return self.inquiry.run()

    def foresee(self) -> Foreseen:
        """What would be sent first. Raises BudgetFault where it would not be."""
        tier = self.plan.route.ladder[0]
        model = tier.models[0]
        prompt = self.questioner.ask(model)
        worst = self.budget.foresee(model.provider, model.model, prompt.input_tokens, tier.max_output_tokens)
        return Foreseen(tier.name, str(model), prompt.input_tokens, worst)


def make_inquiry(
    plan: Plan,
    ledger: Ledger,
    emit: Listener,
    questioner: Questioner,
    *,
    hear: Callable[[str], None] = lambda _chunk: None,
) -> ReadyInquiry:
    """Wires the rooms for `plan`. `hear` is told each piece of a reply as it arrives. Nothing was spent."""
    settings = plan.loaded.settings
    budget = budget_of(plan, ledger)
    parts = Inquirers(
        providers=plan.providers, questioner=questioner, pricer=plan.prices, purse=budget, emit=emit,
        health=LedgerHealth(ledger), detours=detours_of(plan), hear=hear,
    )  # fmt: skip
    limits = Limits(
        calls=settings.max_calls, request_s=settings.request_timeout_s, patience=settings.patience, prose_tokens=0
    )
    return ReadyInquiry(plan, Inquiry(plan.run_id, plan.task, plan.route, parts, limits), questioner, budget, emit)


def question_of(plan: Plan) -> Question:
    """The question that `plan` is about."""
    return Question(plan.task.instruction, plan.task.paths, plan.files, survey.Counter(plan.remembered), model_tokens)


def model_tokens(model: ModelRef, count: int) -> int:
    """`count` tokens of the survey's tokenizer as tokens of `model`, by the table of ratios."""
    return tokenizer.for_model(count, model.model)
