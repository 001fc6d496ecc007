"""What a classifier goes by: the past and the surroundings of the files, and whom a shadow asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from routecli import routing, survey
from routecli.cascade import Classifying
from routecli.compose.answering_tiers import that_answers
from routecli.compose.planning import Plan, level_counts
from routecli.domain.ladder import ModelRef, Reason, Tier
from routecli.domain.reply import Prompt
from routecli.domain.settings import Settings
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault
from routecli.prompting import classifying as prompt
from routecli.survey import tokens as tokenizer


def shadow_of(plan: Plan) -> Classifying | None:
    """Who is asked how hard the task is; None where nobody is: by configuration, by a tier that was asked for, or
    because one model tier is all that there is. Raises ConfigFault: there is no such tier."""
    settings = plan.loaded.settings
    if not asks(settings, plan.order.tier):
        return None
    tier = _asked(settings)
    if tier is None:
        return None
    counts = routing.measured(plan.task, plan.survey, plan.history)
    return Classifying(
        tier,
        lambda model: _prompt(plan, model, counts),
        prompt.level_in,
        plan.reroute,
        settings.classifier.obeyed,
        settings.classifier.timeout_s,
    )


def asks(settings: Settings, tier: str | None) -> bool:
    """Whether a model is asked how hard a task is."""
    return settings.classifier.how == "shadow" and level_counts(settings, tier) and len(settings.tiers) > 1


def _asked(settings: Settings) -> Tier | None:
    """The tier, with an answer of five tokens and without agents, who answer nobody."""
    named = settings.classifier.tier
    for tier in sorted(settings.tiers, key=lambda t: t.rank):
        answering = that_answers(tier, settings)
        if answering is not None and named in (None, tier.name):
            return replace(answering, max_output_tokens=prompt.MOST_OUTPUT_TOKENS)
    if named is None:
        return None
    known = ", ".join(t.name for t in settings.tiers)
    raise ConfigFault(
        f"routing.classifier_tier: no tier {one_line(named)} that could say how hard a task is",
        hint=f"one of: {known}",
    )


def _prompt(plan: Plan, model: ModelRef, counts: Mapping[str, int]) -> Prompt:
    draft = prompt.classification(plan.task.instruction, counts, plan.loaded.secrets.values())
    counted = draft.tokens(survey.Counter(plan.remembered))
    return Prompt(draft.messages, "", tokenizer.for_model(counted, model.model))


def who_classifies(plan: Plan) -> tuple[tuple[str, Reason], ...]:
    """For `estimate`, which asks nobody: whom a run would ask."""
    settings = plan.loaded.settings
    if not asks(settings, plan.order.tier) or (tier := _asked(settings)) is None:
        return ()
    obeyed = "" if settings.classifier.obeyed else ", written down and not obeyed"
    text = f"{tier.name} {tier.models[0]} is asked first how hard it is{obeyed}; here the words decided"
    return (("classifier", Reason("shadow", text)),)
