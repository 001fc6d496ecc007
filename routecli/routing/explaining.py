"""What the evidence says of a task, under every policy: the figures of each tier and ladder, and what would turn it."""

from __future__ import annotations

from collections.abc import Sequence

from routecli.domain.evidence import Scope
from routecli.domain.explained import Assayed, Believed, Explained, Seen, Turn
from routecli.domain.money import Usd
from routecli.routing.beliefs import Held, held, priors_of
from routecli.routing.beta import interval
from routecli.routing.economics import Choice, choose, considered, spares, worth
from routecli.routing.policies import Advice, Facts, Policy
from routecli.routing.policies.auto import ENOUGH_ATTEMPTS
from routecli.routing.rule_turning import rule_turns
from routecli.routing.turning import turns


def explained(policy: Policy | None, facts: Facts, advice: Advice, power: Assayed, *, waits: bool = False) -> Explained:
    """`policy` is what gave `advice`; None: the user named the tier, so no rule was asked. `waits`: it goes by the
    evidence as soon as there is enough."""
    costs_usd = {f.tier: f.cost_usd for f in facts.forecasts}
    believed = held([t.name for t in facts.tiers], costs_usd, facts.evidence, facts.power, priors_of(facts.tiers))
    by_rule = rule_turns(policy, facts) if policy is not None and advice.choice is None else ()
    if believed is None:
        unknown = ", ".join(t.name for t in facts.tiers if costs_usd.get(t.name) is None)
        why_not = f"no price is known for {unknown}: nothing can be weighed"
        return Explained(False, power, facts.tolerance, turns=by_rule, why_not=why_not)
    choice = choose([one.rung for one in believed], facts.power, facts.tolerance)
    later = _by_evidence(facts, advice, choice) if policy is not None and waits and advice.choice is None else ()
    return Explained(
        decides=_decides(facts, advice, choice),
        power=power,
        tolerance=facts.tolerance,
        tiers=tuple(_believed(one, believed, choice, facts) for one in believed),
        ladders=considered(choice),
        turns=(*by_rule, *later, *turns(believed, facts)),
    )


def _decides(facts: Facts, advice: Advice, choice: Choice) -> bool:
    """Whether the ladder is the evidence's own: a trial is, one whose start something else moved is not."""
    if advice.choice is None:
        return False
    return advice.explores or choice.chosen.tiers == tuple(facts.tiers[place].name for place in advice.places)


def _by_evidence(facts: Facts, advice: Advice, choice: Choice) -> tuple[Turn, ...]:
    """When `auto` begins to go by it, where that is another ladder."""
    if choice.chosen.tiers == tuple(facts.tiers[place].name for place in advice.places):
        return ()
    return (Turn("attempts", choice.chosen.tiers, now=facts.evidence.attempts, at=ENOUGH_ATTEMPTS),)


def _believed(one: Held, every: Sequence[Held], choice: Choice, facts: Facts) -> Believed:
    rung, evidence = one.rung, facts.evidence
    low, high = interval(one.belief.right, one.belief.wrong)
    places = {other.rung.tier: place for place, other in enumerate(every)}
    above = [o.rung for o in every[places[rung.tier] + 1 :] if o.rung.tier in choice.chosen.tiers]
    spared = Usd(spares(rung, worth(above, facts.power), facts.power)) if above else None
    seen = tuple(
        Seen(scope.value, *(evidence.of(rung.tier, scope, after=after).attempts for after in (False, True)))
        for scope in (Scope.HERE, Scope.KIND, Scope.ALL)
    )
    own = next(tier.prior for tier in facts.tiers if tier.name == rung.tier) is not None
    return Believed(
        rung.tier, rung.right, low, high, one.prior.mean, seen, one.cost, one.cost_after, rung.climbing, spared, own
    )
