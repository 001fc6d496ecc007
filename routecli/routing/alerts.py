"""What in the last weeks says that the rules or the line-up are wrong: published thresholds, and a drift of a tier.

Thresholds are those of the published routers: the first tier under 70 %, more than 10 % from the second tier to the
third, the top tier above 15 % of the requests or its share of the spend above 5 %, a line-up that was last reviewed
over 90 days ago. Below LEAST runs nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from routecli.domain.money import ZERO_USD, Usd
from routecli.nouns import dataclass

LEAST = 20
FIRST_TIER_SUCCESS, SECOND_TO_THIRD, TOP_REQUESTS, TOP_SPEND, OVERRIDES = 0.70, 0.10, 0.15, 0.05, 0.20
REVIEW_DAYS = 90
PRICE_MOVE, STATED_PRICE_MOVE = 0.01, 0.10
DROP = 0.3
"""How much worse a tier has to get to be found: p falls by this share of 1."""
_YOUNG_TASKS, _OLD_TASKS = 90, 300
_YOUNG_ALARM, _OLD_ALARM = math.log(1400), math.log(150)
"""What the sum must pass, while little and once enough is known of what the tier was like. Both by simulation (2,000
tiers that do not change, 1,000 tasks each, right on 40 to 95 %): at most 0.9 false alarms in 1,000 tasks among the
first 100 tasks, the next 200 and all later ones."""
_TRAINING = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One model tier in one run: whether its last patch was accepted, and what it cost (None: unknown)."""

    tier: str
    accepted: bool
    cost_usd: Usd | None


@dataclass(frozen=True, slots=True)
class Past:
    """One run, in order of time: its tiers as they were climbed, and whether a person overruled it: named the tier, had
    it done again, or had a patch written that nothing verified."""

    steps: tuple[Step, ...]
    overruled: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to look at. `code` is stable for scripts; `value` and `limit` are shares, or days for `review`."""

    code: str
    text: str
    value: float
    limit: float


def alerts(runs: Sequence[Past], ladder: Sequence[str], reviewed: date | None, today: date) -> tuple[Alert, ...]:
    """Everything that is over its limit. `ladder` are the model tiers, cheapest first."""
    found = [*_shares(runs, ladder), *drifts(runs, ladder)]
    days = stale_days(reviewed, today)
    if days is not None:
        found.append(
            Alert("review", f"the line-up was last reviewed {days} days ago: routecli models review", days, REVIEW_DAYS)
        )
    return tuple(found)


def stale_days(reviewed: date | None, today: date) -> int | None:
    """How many days ago the line-up was reviewed, where that is over REVIEW_DAYS; None: not, or nobody knows."""
    days = (today - reviewed).days if reviewed is not None else 0
    return days if days > REVIEW_DAYS else None


def price_moved(model: str, factor: float, since: date, *, stated: bool) -> Alert | None:
    """`factor` is a call's cost now over what it was billed on `since`. What a service states itself (`stated`) goes by
    the upstream that answered, and has to move further."""
    limit = STATED_PRICE_MOVE if stated else PRICE_MOVE
    if abs(factor - 1) <= limit:
        return None
    text = f"{model} costs {factor:.2f} times what it was billed on {since.isoformat()}: routecli models review"
    return Alert("price", text, factor, 1 + limit)


def _shares(runs: Sequence[Past], ladder: Sequence[str]) -> list[Alert]:
    found: list[Alert] = []

    def over(code: str, part: int, whole: int, limit: float, text: str, *, below: bool = False) -> None:
        if whole < LEAST:
            return
        share = part / whole
        if (share < limit) if below else (share > limit):
            found.append(Alert(code, text.format(share=f"{share:.0%}", limit=f"{limit:.0%}"), share, limit))

    if not ladder:
        return found
    top = ladder[-1]
    firsts = [run.steps[0] for run in runs if run.steps and run.steps[0].tier == ladder[0]]
    over("first-tier", sum(s.accepted for s in firsts), len(firsts), FIRST_TIER_SUCCESS,
         f"{ladder[0]} succeeds on {{share}} of its tasks, under {{limit}}: wrong rules or a wrong model",
         below=True)  # fmt: skip
    if len(ladder) > 2:
        climbed = sum(_climbs(run, ladder[1], ladder[2]) for run in runs)
        over("second-to-third", climbed, len(runs), SECOND_TO_THIRD,
             f"{{share}} of the runs go from {ladder[1]} to {ladder[2]}, over {{limit}}")  # fmt: skip
    steps = [step for run in runs for step in run.steps]
    if len(ladder) > 1:
        over("top-requests", sum(s.tier == top for s in steps), len(steps), TOP_REQUESTS,
             f"{top} takes {{share}} of the attempts, over {{limit}}: wrong classes")  # fmt: skip
        spend = sum((s.cost_usd or ZERO_USD for s in steps), ZERO_USD)
        tops = sum((s.cost_usd or ZERO_USD for s in steps if s.tier == top), ZERO_USD)
        if spend and len(steps) >= LEAST and tops / spend > TOP_SPEND:
            share = float(tops / spend)
            text = f"{top} takes {share:.0%} of the spend, over {TOP_SPEND:.0%}"
            found.append(Alert("top-spend", text, share, TOP_SPEND))
    over("overrides", sum(run.overruled for run in runs), len(runs), OVERRIDES,
         "you overruled {share} of the runs, over {limit} (a tier named, done again, written unverified): the rules "
         "are not yours")  # fmt: skip
    return found


def _climbs(run: Past, lower: str, upper: str) -> bool:
    tiers = [step.tier for step in run.steps]
    return any(a == lower and b == upper for a, b in pairwise(tiers))


def drifts(runs: Sequence[Past], ladder: Sequence[str]) -> list[Alert]:
    """Each tier that got worse, told by its first attempts in `runs`, the oldest first."""
    found = []
    for tier in ladder:
        outcomes = [step.accepted for run in runs for step in run.steps[:1] if step.tier == tier]
        at = drift(outcomes)
        if at is not None:
            before, after = _mean(outcomes[:at]), _mean(outcomes[at:])
            text = f"{tier} got worse: {before:.0%} of its first attempts were accepted, {after:.0%} of the last"
            found.append(Alert("drift", f"{text} {len(outcomes) - at}", after, before))
    return found


def drift(outcomes: Sequence[bool], *, lasting: bool = True) -> int | None:
    """Where in `outcomes`, in order of time, a tier got worse by DROP; None where it did not.

    A cumulated sum of log likelihoods (Page's test) of p - DROP against p; it is started anew whenever it falls to
    nothing, and its last start is where the change is. p is that of everything before this start, not of the first 30
    alone: what chance did to those would stay in every later answer. `lasting`: an alarm counts only while what came
    since bears it out: over thousands of tasks chance raises one now and then, and a tier may recover."""
    if len(outcomes) <= _TRAINING:
        return None
    total, start, right = 0.0, _TRAINING, sum(outcomes[:_TRAINING])
    up, down = _steps(right, start)
    for place, accepted in enumerate(outcomes[_TRAINING:], start=_TRAINING):
        total += up if accepted else down
        if total <= 0:
            right += sum(outcomes[start : place + 1])
            total, start = 0.0, place + 1
            up, down = _steps(right, start)
        elif total > _alarm(place):
            if not lasting or _mean(outcomes[start:]) <= right / start - DROP / 2:
                return start
            right += sum(outcomes[start : place + 1])
            total, start = 0.0, place + 1
            up, down = _steps(right, start)
    return None


def _alarm(tasks: int) -> float:
    """The threshold after `tasks` tasks: while p is known badly, what chance did to it counts as a change too."""
    share = min(max((tasks - _YOUNG_TASKS) / (_OLD_TASKS - _YOUNG_TASKS), 0.0), 1.0)
    return _YOUNG_ALARM + (_OLD_ALARM - _YOUNG_ALARM) * share


def _steps(right: int, tasks: int) -> tuple[float, float]:
    """What an accepted and a refused attempt add to the sum, after `right` of `tasks`."""
    p = min(max((right + 0.5) / (tasks + 1), 0.05), 0.95)
    worse = max(p - DROP, 0.01)
    return math.log(worse / p), math.log((1 - worse) / (1 - p))


def _mean(outcomes: Sequence[bool]) -> float:
    return sum(outcomes) / len(outcomes) if outcomes else 0.0
