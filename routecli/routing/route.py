"""The ladder of one run: where it starts, how far it may climb, what is passed over, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field

from routecli.domain.classified import Classified
from routecli.domain.evidence import Evidence
from routecli.domain.explained import Explained
from routecli.domain.ladder import Forecast, ModelRef, Reason, Route, Tier
from routecli.domain.money import ZERO_USD, Usd
from routecli.domain.settings import Settings
from routecli.domain.task import Kind, Survey, Task
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, UsageFault
from routecli.nouns import dataclass
from routecli.routing.classifying import FORGETFUL, UNLEVELLED, Failed, classed, laned, past_failure
from routecli.routing.economics import considered
from routecli.routing.forecasting import Forecaster, fits, forecast, input_tokens_for
from routecli.routing.lanes import Lane, kept, lane_of
from routecli.routing.policies import POLICIES, Advice, Facts, Policy
from routecli.routing.power import assayed, power_of
from routecli.routing.resolving import PLANNING_HINTS, Flags, resolve, roles_of

TOOLS_TIER = Tier(name="tools", rank=0, models=(ModelRef("tools", "tools"),), repairs=0)
"""Tier 0: no model, no price. Its provider is called `tools`."""
_ZERO = ("tools", "tier0", "0")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user said about tiers: where to start (`tier`), where to stop (`max_tier`), what was hinted at; `again`:
    a past run's task is to be done once more."""

    tier: str | None = None
    max_tier: str | None = None
    hint: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows. `explored_usd` is what today's trials have cost; `seed` draws the trials; `throttled` are
    the tiers of which every model cools down; `failed`: the same task was deferred lately."""

    evidence: Evidence = field(default_factory=Evidence)
    explored_usd: Usd = ZERO_USD
    seed: int = 0
    throttled: frozenset[str] = frozenset()
    failed: Failed | None = None


def route(
    task: Task,
    survey: Survey,
    settings: Settings,
    forecaster: Forecaster,
    *,
    asked: Asked = Asked(),
    tools_can: Reason | None = None,
    known: Known = Known(),
    told: Classified | None = None,
    explain: bool = False,
) -> Route:
    """The decision before paying.

    The policy names the ladder, `told` (how hard the task is, where anybody was asked) and the lane move its start;
    `asked` overrules it. Tiers whose context is too small are passed over, and that is a reason too. `tools_can` is
    why tools may solve the task without a model: then tier 0 comes first. `explain`: what the evidence says is told
    with it, whoever decides.
    Raises UsageFault for a tier that is not there, for a `max_tier` below `tier`, and where no tier has the context
    (saying what to leave out); ConfigFault for a policy that is not there, and where no tier takes the task's kind.
    """
    every = tuple(sorted(settings.tiers, key=lambda t: t.rank))
    last = _place(asked.max_tier, every, "--max-tier") if asked.max_tier else len(every) - 1
    free = asked.tier is None
    if asked.tier in _ZERO or last < 0 or (settings.lane == "tools" and free):
        return _tools_only(settings, tools_can)
    told = told if free and settings.policy not in UNLEVELLED else None
    level = told.level if told is not None and told.obeyed else None
    lane, why_lane = lane_of(settings.lane, task.kind, settings.lanes, level, every)
    tiers, not_theirs = _taking(every, task.kind, lane, why_lane) if free else (every, ())
    last = sum(tier.rank <= every[last].rank for tier in tiers) - 1
    if last < 0:
        raise _nobody(task.kind, every)
    forecasts = forecast(tiers, task.kind, survey, forecaster)
    within = tiers[: last + 1]
    facts = _facts(task, survey, settings, within, forecasts, asked, known)
    policy = None
    if asked.tier is not None:
        advice = _asked(asked.tier, tiers, last)
    else:
        policy = _moving(settings, known, lane, told)
        advice = _noted(_resolved(policy(facts), within, settings, asked, known), tiers, last)
    chosen = tuple(tiers[place] for place in advice.places)
    ladder, passed_over = _fitting(chosen, survey, forecaster)
    if not ladder:
        raise _too_long(chosen, survey, forecaster)
    once_more = (Reason("again", "once more, as you asked"),) if asked.again else ()
    reasons = (*not_theirs, *advice.reasons, *once_more, *passed_over)
    if settings.tools and tools_can is not None and free:
        ladder = (TOOLS_TIER, *ladder)
        reasons = (tools_can, *reasons)
    return Route(
        first=ladder[0].name,
        ladder=ladder,
        policy=settings.policy if free else "asked",
        reasons=reasons,
        forecasts=forecasts,
        considered=considered(advice.choice) if advice.choice else (),
        explores=advice.explores,
        lane=lane.name if free else "",
        told=told,
        explained=_explained(policy, facts, advice, settings) if explain else None,
    )


def _moving(settings: Settings, known: Known, lane: Lane, told: Classified | None) -> Policy:
    """The configured policy, with what moves its start after it: how hard the task is, a failure before, the lane."""
    policy = _policy(settings)

    def advise(facts: Facts) -> Advice:
        advice = classed(policy(facts), told, facts.tiers)
        if settings.policy not in FORGETFUL:
            advice = past_failure(advice, known.failed, facts.tiers)
        return laned(advice, lane, told, facts.tiers)

    return advise


def _taking(
    tiers: Sequence[Tier], kind: Kind, lane: Lane, why_lane: Reason | None
) -> tuple[tuple[Tier, ...], tuple[Reason, ...]]:
    theirs, of_kind = taking(tiers, kind)
    found, of_lane = kept(lane, theirs)
    return found, (*((why_lane,) if why_lane else ()), *of_kind, *of_lane)


def taking(tiers: Sequence[Tier], kind: Kind) -> tuple[tuple[Tier, ...], tuple[Reason, ...]]:
    """The tiers that take tasks of `kind`, and one reason that names the others."""
    kept = tuple(tier for tier in tiers if not tier.kinds or kind.value in tier.kinds)
    names = ", ".join(tier.name for tier in tiers if tier not in kept)
    reasons = (Reason("kinds", f"{names} left out: not promoted at tasks of the kind {kind.value}"),) if names else ()
    return kept, reasons


def _nobody(kind: Kind, tiers: Sequence[Tier]) -> ConfigFault:
    return ConfigFault(
        f"no tier takes tasks of the kind {kind.value}: see `kinds` of your tiers",
        hint=f"--tier {tiers[-1].name}, or add {kind.value} to the kinds of a tier",
    )


def _asked(name: str, tiers: Sequence[Tier], last: int) -> Advice:
    first = _place(name, tiers, "--tier")
    if first > last:
        raise UsageFault(
            f"--max-tier {tiers[last].name} lies below --tier {tiers[first].name}",
            hint=f"--tier {tiers[last].name} or --max-tier {tiers[first].name}",
        )
    return Advice(tuple(range(first, last + 1)), (Reason("asked", f"you asked for {tiers[first].name}"),))


def _resolved(advice: Advice, tiers: Sequence[Tier], settings: Settings, asked: Asked, known: Known) -> Advice:
    """The policy's ladder, begun elsewhere where its first tier is throttled or the task is one of planning."""
    first = tiers[advice.places[0]].name
    planning = asked.hint.lower() in PLANNING_HINTS
    found = resolve(known.throttled, Flags(planning=planning), first, roles_of(settings), [t.name for t in tiers])
    if found is None or found.tier == first:
        return advice
    place = next(p for p, tier in enumerate(tiers) if tier.name == found.tier)
    above = [p for p in (advice.places[1:] if found.reason.code == "throttled" else range(len(tiers))) if p > place]
    return Advice((place, *above), (*advice.reasons, found.reason), advice.choice, advice.explores)


def _noted(advice: Advice, tiers: Sequence[Tier], last: int) -> Advice:
    """Says that the ladder was cut at the top, where it was."""
    if last == len(tiers) - 1:
        return advice
    capped = Reason("max-tier", f"not above {tiers[last].name}, as you asked")
    return Advice(advice.places, (*advice.reasons, capped), advice.choice, advice.explores)


def _policy(settings: Settings) -> Policy:
    policy = POLICIES.get(settings.policy)
    if policy is None:
        raise ConfigFault(
            f"there is no routing policy '{one_line(settings.policy)}'", hint=_did_you_mean(settings.policy, POLICIES)
        )
    return policy


def _facts(
    task: Task,
    survey: Survey,
    settings: Settings,
    tiers: tuple[Tier, ...],
    forecasts: tuple[Forecast, ...],
    asked: Asked,
    known: Known,
) -> Facts:
    left = Usd(max(settings.explore_usd_per_day - known.explored_usd, ZERO_USD))
    return Facts(
        task, survey, settings.thresholds, tiers, forecasts, known.evidence,
        power_of(task.kind, settings.detection, known.evidence), float(settings.tolerance_points) / 100,
        asked.hint, settings.fallback_tier or "", left, known.seed,
    )  # fmt: skip


def _explained(policy: Policy | None, facts: Facts, advice: Advice, settings: Settings) -> Explained:
    from routecli.routing.explaining import explained  # only who asks waits for it

    waits = settings.policy == "auto"
    return explained(policy, facts, advice, assayed(facts.task.kind, settings.detection, facts.evidence), waits=waits)


def _place(name: str, tiers: Sequence[Tier], flag: str) -> int:
    """The place of the tier called `name`; -1 for tier 0."""
    names = [t.name for t in tiers]
    if name in names:
        return names.index(name)
    if name in _ZERO:
        return -1
    raise UsageFault(f"{flag}: there is no tier '{one_line(name)}'", hint=_did_you_mean(name, names))


def _did_you_mean(name: str, names: Iterable[str]) -> str:
    import difflib  # only a refusal needs it

    known = list(names)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    listed = ", ".join(known)
    return f"did you mean {close[0]}? There are: {listed}" if close else f"there are: {listed}"


def _fitting(
    tiers: Sequence[Tier], survey: Survey, forecaster: Forecaster
) -> tuple[tuple[Tier, ...], tuple[Reason, ...]]:
    kept: list[Tier] = []
    reasons: list[Reason] = []
    for tier in tiers:
        needed = input_tokens_for(tier, survey, forecaster)
        if fits(tier, needed):
            kept.append(tier)
            continue
        text = (
            f"{tier.name} passed over: about {needed:,} tokens and an answer of up to {tier.max_output_tokens:,} "
            f"do not fit its {tier.context_limit_tokens:,}"
        )
        reasons.append(Reason("context", text))
    return tuple(kept), tuple(reasons)


def _too_long(tiers: Sequence[Tier], survey: Survey, forecaster: Forecaster) -> UsageFault:
    """Which files to leave out, the biggest first, until the roomiest of `tiers` would do."""
    roomiest = max(tiers, key=lambda t: t.context_limit_tokens or 0)
    limit = roomiest.context_limit_tokens or 0
    over = input_tokens_for(roomiest, survey, forecaster) + roomiest.max_output_tokens - limit
    left_out: list[str] = []
    for file in sorted(survey.text_files, key=lambda f: -f.tokens):
        if over <= 0:
            break
        left_out.append(f"{one_line(file.path)} ({file.tokens:,} tokens)")
        over -= forecaster.tokens(roomiest.models[0], file.tokens)
    what = f"{survey.context_tokens:,} tokens of files fit no tier; {roomiest.name} has the most room, {limit:,}"
    shown = ", ".join(left_out[:5]) + (f" and {len(left_out) - 5} more" if len(left_out) > 5 else "")
    return UsageFault(what, hint=f"leave out {shown}" if shown else "a tier with a larger context_limit_tokens")


def _tools_only(settings: Settings, tools_can: Reason | None) -> Route:
    if not settings.tools:
        raise UsageFault("tier 0 is switched off", hint="tools = true in your configuration")
    if tools_can is None:
        raise UsageFault(
            "tier 0 has no tool for this task",
            hint="leave --tier away; tools do lint errors, import order, formatting and renames",
        )
    return Route(first=TOOLS_TIER.name, ladder=(TOOLS_TIER,), policy="asked", reasons=(tools_can,))
