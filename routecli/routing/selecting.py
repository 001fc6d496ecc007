"""Which model of a tier is asked first: by its place, its price, its speed, or both at what an hour of a wait is worth.

Pure: prices, medians and queues go in, an order with its reason comes out. A model that was never timed is taken to be
a little faster than the fastest that was, so that it is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from routecli.domain.ladder import ModelRef, Reason
from routecli.domain.money import Usd
from routecli.nouns import dataclass

_HOUR_S = 3600.0
_UNTIMED = 0.9


@dataclass(frozen=True, slots=True)
class Contender:
    """One model of a tier, as it is now. `cost_usd` is what an attempt is expected to cost, `first_token_s` and
    `total_s` are medians over its last calls (None: it has none), `waiting` the requests before ours (None: nobody
    says). `under_way` is set for a server of one's own that tells no queue: how many calls of routecli itself have no
    answer from it yet, which is the least that may be before ours."""

    model: ModelRef
    cost_usd: Usd | None
    first_token_s: float | None
    total_s: float | None
    waiting: int | None = None
    under_way: int | None = None

    @property
    def before_ours(self) -> int:
        """Requests that are to be expected before ours, as far as anybody knows."""
        return (self.under_way if self.waiting is None else self.waiting) or 0


def select(
    how: str, contenders: Sequence[Contender], hour_usd: float
) -> tuple[tuple[ModelRef, ...], tuple[Reason, ...]]:
    """The models in the order in which to ask them, and why. `how` is order, price, latency or balanced; `hour_usd` is
    what an hour of waiting is worth, for balanced. Equal ones keep their places."""
    written = tuple(c.model for c in contenders)
    score = _score(how, contenders, hour_usd)
    if score is None or len(contenders) < 2:
        return written, ()
    ranked = sorted(contenders, key=score)
    told = "; ".join(_told(c) for c in contenders)
    first = ranked[0].model
    reason = Reason("select", f"by {how}: {first} ({told})")
    return tuple(c.model for c in ranked), (reason,)


def expected_s(contender: Contender, fastest_s: float) -> float:
    """Seconds until the answer is there: the median, as often again as there are requests before ours."""
    total_s = _UNTIMED * fastest_s if contender.total_s is None else contender.total_s
    return total_s * (1 + contender.before_ours)


def _score(how: str, contenders: Sequence[Contender], hour_usd: float) -> Callable[[Contender], float] | None:
    known_s = [c.total_s for c in contenders if c.total_s is not None]
    fastest_s = min(known_s, default=1.0)
    known_usd = [float(c.cost_usd) for c in contenders if c.cost_usd is not None]
    dearest_usd = max(known_usd, default=0.0)

    def usd(contender: Contender) -> float:
        # An unknown price is no bargain: behind every known one.
        return dearest_usd + 1.0 if contender.cost_usd is None else float(contender.cost_usd)

    match how:
        case "price":
            return usd
        case "latency":
            return lambda c: expected_s(c, fastest_s)
        case "balanced":
            return lambda c: usd(c) + expected_s(c, fastest_s) / _HOUR_S * hour_usd
        case _:
            return None


def _told(contender: Contender) -> str:
    figures = [f"${contender.cost_usd:f}" if contender.cost_usd is not None else "price unknown"]
    if contender.total_s is None:
        figures.append("never timed")
    else:
        first = f", first word {contender.first_token_s:.1f} s" if contender.first_token_s is not None else ""
        figures.append(f"{contender.total_s:.1f} s{first}")
    if contender.waiting:
        figures.append(f"{contender.waiting} waiting")
    if contender.waiting is None and contender.under_way is not None:
        mine = f", {contender.under_way} of your own under way" if contender.under_way else ""
        figures.append(f"queue unknown{mine}")
    return f"{contender.model}: {', '.join(figures)}"
