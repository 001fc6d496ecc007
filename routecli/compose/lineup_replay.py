"""What recorded outcomes say of a line-up and of the models that could take its places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from routecli.domain.money import Usd
from routecli.nouns import dataclass
from routecli.routing.economics import Power
from routecli.routing.simulation.outcomes import Outcomes, read_outcomes
from routecli.routing.simulation.replay import Figures, over, summed
from routecli.routing.simulation.tuned import choose_seen
from routecli.routing.standing import Share, share

_APART = re.compile(r"[^a-z0-9]+")


_DATED = re.compile(r"-20\d{2}-?\d{2}-?\d{2}$")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One model of the record: by its name there, tasks solved, US dollars a task."""

    name: str
    solved: Share
    cost_usd: Usd


@dataclass(frozen=True, slots=True)
class Replay:
    """One ladder over the recorded tasks. `what` says which: now, proposed, or best of these."""

    what: str
    models: tuple[str, ...]
    figures: Figures


class Record:
    """A file of recorded outcomes, asked by `provider/model`. Raises UsageFault: it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._outcomes: Outcomes = read_outcomes(path)
        self._names = {_plain(name): name for name in self._outcomes.trials}

    @property
    def tasks(self) -> int:
        """How many tasks every recorded model was tried on."""
        return len(self._outcomes.tasks)

    def of(self, model: str) -> Recorded | None:
        """What the record holds of `provider/model`: by that name, by the model's own, or by one that ends in it
        (records put a scaffold before it, a date before or after). None: nothing, or several."""
        name = self._name(model)
        if name is None:
            return None
        solved = round(self._outcomes.resolved_share(name) * self.tasks)
        return Recorded(name, share(solved, self.tasks), self._outcomes.mean_cost_usd(name))

    def replays(self, ladders: Mapping[str, Sequence[str]], power: Power, tolerance: float) -> tuple[Replay, ...]:
        """Each of `ladders` (by what it is, cheapest first) whose models are all on record, and the best ladder out of
        all of them: cheapest within `tolerance` of the last one's top."""
        found = []
        known: list[str] = []
        for what, models in ladders.items():
            names = [self._name(model) for model in models]
            if models and all(names):
                mine = tuple(name for name in names if name)
                known += [name for name in mine if name not in known]
                found.append(Replay(what, mine, summed(what, over(self._outcomes, mine, power))))
        if found:
            top = found[-1].models[-1]
            below = sorted((n for n in known if n != top), key=self._outcomes.mean_cost_usd)
            best = choose_seen(self._outcomes, (*below, top), power, tolerance).chosen.tiers
            found.append(Replay("best of these", best, summed("best", over(self._outcomes, best, power))))
        return tuple(found)

    def _name(self, model: str) -> str | None:
        own = _plain(model.rpartition("/")[2])
        exact = self._names.get(_plain(model)) or self._names.get(own)
        if exact is not None:
            return exact
        ends = [name for plain, name in self._names.items() if f"-{_DATED.sub('', plain)}".endswith(f"-{own}")]
        return ends[0] if len(ends) == 1 else None


def _plain(name: str) -> str:
    return _APART.sub("-", name.lower()).strip("-")
