"""Where a decision would turn: the nearest value of each figure at which another ladder is taken, all others held.

Nothing is phrased by rule: each figure is moved away from where it is, the decision is made anew by the very function
that made it, and where it comes out otherwise the place is found by halving.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from routecli.domain.explained import Turn
from routecli.domain.money import Usd
from routecli.routing.beliefs import Held, held, priors_of
from routecli.routing.beta import interval
from routecli.routing.economics import Power, Rung, choose
from routecli.routing.policies.facts import Facts

Ladder = tuple[str, ...]
_LOOKS = 6
"""Between a figure and the end of its range so many values are tried; a change there and back in between is missed."""
_HALVINGS = 12
_BELIEVED = 0.98
"""A tier's p is moved within so much of what is believed of it."""
_DEAREST = 4
"""A price is moved to a quarter of it and to so many times it."""
_DETECTION = (0.19, 1.0)
"""From what existing tests alone caught of a strong model's wrong patches to everything."""
_FALSE_ALARM = (0.0, 0.2)
_TOLERANCE = (0.0, 0.1)


def turns(believed: Sequence[Held], facts: Facts) -> tuple[Turn, ...]:
    """The turns of what the evidence says, those first that need the least of their range."""
    rungs = [one.rung for one in believed]

    def with_power(power: Power) -> Ladder:
        # The verdict's power also says how its words about past attempts are to be read, so all is believed anew.
        costs_usd = {f.tier: f.cost_usd for f in facts.forecasts}
        again = held([t.name for t in facts.tiers], costs_usd, facts.evidence, power, priors_of(facts.tiers))
        return _chosen([one.rung for one in again or ()], power, facts.tolerance)

    def at(place: int, moved: Callable[[Rung, float], Rung], value: float) -> Ladder:
        return _chosen(
            [moved(r, value) if n == place else r for n, r in enumerate(rungs)], facts.power, facts.tolerance
        )

    found: list[tuple[float, Turn]] = []
    for place, one in enumerate(believed):
        rung, price = one.rung, float(one.rung.cost_usd)
        look = _Look("right", rung.tier, rung.right, interval(one.belief.right, one.belief.wrong, _BELIEVED))
        found += look.turns(partial(at, place, _righter))
        look = _Look("price", rung.tier, price, (price / _DEAREST, price * _DEAREST))
        found += look.turns(partial(at, place, _dearer))
    d, f = facts.power.detection, facts.power.false_alarm
    found += _Look("detection", "", d, _DETECTION).turns(lambda value: with_power(Power(value, f)))
    found += _Look("false_alarm", "", f, _FALSE_ALARM).turns(lambda value: with_power(Power(d, value)))
    found += _Look("tolerance", "", facts.tolerance, _TOLERANCE).turns(lambda value: _chosen(rungs, facts.power, value))
    return tuple(turn for _, turn in sorted(found, key=lambda pair: pair[0]))


def _chosen(rungs: Sequence[Rung], power: Power, tolerance: float) -> Ladder:
    return choose(rungs, power, tolerance).chosen.tiers


def _righter(rung: Rung, right: float) -> Rung:
    """p of first attempts moved to `right`, and what was told from attempts after failures by as much."""
    climbing = None if rung.climbing is None else min(max(rung.climbing + right - rung.right, 0.0), 1.0)
    return replace(rung, right=right, climbing=climbing)


def _dearer(rung: Rung, price: float) -> Rung:
    factor = Decimal(str(price)) / rung.cost_usd if rung.cost_usd else Decimal(1)
    after = None if rung.cost_after_usd is None else Usd(rung.cost_after_usd * factor)
    return replace(rung, cost_usd=Usd(rung.cost_usd * factor), cost_after_usd=after)


class _Look:
    """One figure, `now`, which may plausibly be anywhere in `within`."""

    def __init__(self, what: str, tier: str, now: float, within: tuple[float, float]) -> None:
        self.what, self.tier, self.now, self.within = what, tier, now, within

    def turns(self, decide: Callable[[float], Ladder]) -> Iterator[tuple[float, Turn]]:
        """The nearest turn below and above, each with the share of the range on that side that it takes."""
        before = decide(self.now)
        low, high = min(self.within[0], self.now), max(self.within[1], self.now)
        for end in {low, high} - {self.now}:
            found = _nearest(decide, before, self.now, end)
            if found is not None:
                value, then = found
                share = abs((value - self.now) / (end - self.now))
                yield share, Turn(self.what, then, self.tier, self.now, value)


def _nearest(decide: Callable[[float], Ladder], before: Ladder, now: float, end: float) -> tuple[float, Ladder] | None:
    """The value nearest to `now`, on the way to `end`, at which `decide` answers otherwise, and what it answers."""
    same = now
    for look in range(1, _LOOKS + 1):
        other = now + (end - now) * look / _LOOKS
        then = decide(other)
        if then == before:
            same = other
            continue
        for _ in range(_HALVINGS):
            middle = (same + other) / 2
            answer = decide(middle)
            if answer == before:
                same = middle
            else:
                other, then = middle, answer
        return other, then
    return None
