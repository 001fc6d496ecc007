"""What an attempt of each tier would cost: an estimate, and named as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from routecli.domain.answered import ANSWERS
from routecli.domain.ladder import Forecast, ModelRef, Tier
from routecli.domain.money import Usage, UsageSource, Usd
from routecli.domain.task import Kind, Survey
from routecli.nouns import dataclass

PROMPT_TOKENS = 450
"""Rules, format instructions and fences around the files (a test keeps the real prompt below it)."""
_LEAST_OUTPUT_TOKENS = 200
_ANSWER_TOKENS = 600
"""Of a question or a review: forty lines of prose."""
_REWRITES = frozenset({Kind.DOCSTRING, Kind.TYPES, Kind.FORMAT, Kind.TESTS, Kind.REFACTOR, Kind.ARCHITECTURE})


@dataclass(frozen=True, slots=True)
class Forecaster:
    """What a forecast is made with, handed in since other rooms own it. `tokens` turns o200k_base tokens into the
    model's; `cost` prices a usage, None where no price is known. `prompt_tokens` is the prompt beside the files."""

    tokens: Callable[[ModelRef, int], int]
    cost: Callable[[ModelRef, Usage], Usd | None]
    prompt_tokens: int = PROMPT_TOKENS
    recorded: Callable[[Tier], tuple[Usd | None, Usd | None] | None] = lambda _tier: None
    """Of a tier whose cost no tokens tell (an agent's): what it is expected to cost, None where nothing is known, and
    the most. None: tokens tell."""


def output_tokens_for(kind: Kind, context_tokens: int) -> int:
    """Expected output in o200k_base tokens: a tenth of the files for an edit, half of them for a kind that touches
    most lines, never under 200; an answer in prose is as long whatever the files. A rule of thumb until the ledger
    knows better."""
    if kind in ANSWERS:
        return _ANSWER_TOKENS
    share = Decimal("0.5") if kind in _REWRITES else Decimal("0.1")
    return max(_LEAST_OUTPUT_TOKENS, int(context_tokens * share))


def input_tokens_for(tier: Tier, survey: Survey, forecaster: Forecaster) -> int:
    """The prompt of a first attempt as the tier's first model counts it."""
    return forecaster.tokens(tier.models[0], survey.context_tokens + forecaster.prompt_tokens)


def fits(tier: Tier, input_tokens: int) -> bool:
    """Whether prompt and the longest allowed answer fit the tier's context."""
    limit = tier.context_limit_tokens
    return limit is None or input_tokens + tier.max_output_tokens <= limit


def forecast(tiers: Sequence[Tier], kind: Kind, survey: Survey, forecaster: Forecaster) -> tuple[Forecast, ...]:
    """One forecast for each model tier, of its first model, one attempt. The worst case is an answer as long as the
    tier allows."""
    return tuple(_one(tier, kind, survey, forecaster) for tier in tiers if not tier.is_tools and tier.models)


def _one(tier: Tier, kind: Kind, survey: Survey, forecaster: Forecaster) -> Forecast:
    model = tier.models[0]
    asked = input_tokens_for(tier, survey, forecaster)
    expected = forecaster.tokens(model, output_tokens_for(kind, survey.context_tokens))
    answered = min(expected, tier.max_output_tokens)
    worst = _usage(asked, tier.max_output_tokens)
    recorded = forecaster.recorded(tier)
    cost, most = recorded or (forecaster.cost(model, _usage(asked, answered)), forecaster.cost(model, worst))
    return Forecast(
        tier=tier.name,
        model=str(model),
        input_tokens=asked,
        output_tokens=answered,
        cost_usd=cost,
        worst_cost_usd=most,
        fits_context=fits(tier, asked),
    )


def _usage(asked: int, answered: int) -> Usage:
    return Usage(input_tokens=asked, output_tokens=answered, source=UsageSource.ESTIMATED)
