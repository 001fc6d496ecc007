"""Who may be asked for a second opinion in a run, and what a person is told of it beforehand."""

from __future__ import annotations

from dataclasses import replace

from routecli.cascade.opinions import Reviewers
from routecli.compose.answering_tiers import that_answers
from routecli.compose.classifying import who_classifies
from routecli.compose.planning import Plan
from routecli.domain.confidence import calibrated
from routecli.domain.families import family_of
from routecli.domain.ladder import Reason, Tier
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault
from routecli.ledger.ledger import Ledger

_MOST_OUTPUT_TOKENS = 4096
"""The form is a few lines; the rest is for models that think aloud."""


def reviewers_of(plan: Plan, ledger: Ledger) -> Reviewers:
    """The tier that the user named, else all up to the top of this run's ladder, cheapest first. Raises ConfigFault:
    there is no such tier."""
    verify, tiers = plan.loaded.settings.verify, plan.loaded.settings.tiers
    named = verify.second_opinion_tier
    top = max((tier.rank for tier in plan.route.ladder), default=0)
    chosen = (t for t in tiers if (t.name == named if named else t.rank <= top))
    found = tuple(_short(one) for tier in chosen if (one := that_answers(tier, plan.loaded.settings)))
    if named and not found and verify.second_opinion != "off":
        known = ", ".join(t.name for t in tiers)
        raise ConfigFault(
            f"verify.second_opinion_tier: no tier {one_line(named)} that could give one", hint=f"one of: {known}"
        )
    return Reviewers(verify.second_opinion, found, bool(named), lambda model: ledger.opinion_record(model).worthless)


def _short(tier: Tier) -> Tier:
    return replace(tier, max_output_tokens=min(tier.max_output_tokens, _MOST_OUTPUT_TOKENS))


def second_opinion(plan: Plan, ledger: Ledger) -> Reason:
    """Who would be asked about the first model tier's patch, and with what record; or why nobody."""
    reviewers = reviewers_of(plan, ledger)
    writer = next((t for t in plan.route.ladder if not t.is_tools and t.models), None)
    if reviewers.mode == "off" or writer is None:
        return Reason("second-opinion-off", "off")
    model = writer.models[0]
    last = writer is plan.route.ladder[-1]
    if reviewers.mode == "auto" and last:
        return Reason(
            "second-opinion-last", f"none: no tier is left that a doubt about {writer.name}'s patch could buy"
        )
    asked = reviewers.eligible(model, writer)
    if asked is not None:
        other = asked.models[0]
        where = "of each passing patch" if reviewers.mode == "on" else "where the acceptance is weak"
        who = f"{asked.name} {other} ({family_of(str(other)) or 'family unknown'})"
        return Reason("second-opinion", f"{who}, {where}; {ledger.opinion_record(str(other))}")
    own = family_of(str(model)) or "unknown"
    worthless = [
        f"{t.name}: {why}" for t in reviewers.tiers for m in t.models[:1] if (why := reviewers.worthless(str(m)))
    ]
    why = "; ".join(worthless) or f"no tier up to the next one is known to be of another family than {model} ({own})"
    return Reason("second-opinion-none", f"none: {why}")


def beside(plan: Plan, ledger: Ledger) -> tuple[tuple[str, Reason], ...]:
    """What a run would ask beside the task itself, by label."""
    return (
        *who_classifies(plan),
        ("second opinion", second_opinion(plan, ledger)),
        ("confidence", confidence(plan, ledger)),
    )


def confidence(plan: Plan, ledger: Ledger) -> Reason:
    """What the first model tier's own word on its patches was worth so far."""
    writer = next((t for t in plan.route.ladder if not t.is_tools and t.models), None)
    if writer is None:
        return Reason("confidence-none", "none: no model is asked")
    known = calibrated(ledger.confidences(str(writer.models[0])))
    code = "confidence-used" if known.predicts else "confidence-not-used"
    return Reason(code, f"{writer.name}'s own, 1 to 10, {known}")
