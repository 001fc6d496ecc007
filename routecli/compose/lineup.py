"""The line-up looked at again: what became of its models in the price list, which later ones there are, what
evaluations and the ledger say of each, and what that asks of the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from routecli.compose.lineup_replay import Record, Recorded, Replay
from routecli.config import preset
from routecli.config.load import Loaded
from routecli.domain.ladder import ModelRef, Tier
from routecli.domain.task import Kind
from routecli.evaluation import results
from routecli.ledger.ledger import Ledger
from routecli.nouns import dataclass
from routecli.pricebook import Pricebook, Rates
from routecli.routing.power import power_of
from routecli.routing.standing import Share, share


@dataclass(frozen=True, slots=True)
class Later:
    """A later model of the same family. `dearer`: a token of it costs more, in or out. `recorded`: see Looked."""

    model: ModelRef
    rates: Rates | None
    dearer: bool
    solved: Share | None
    recorded: Recorded | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """One model of the ladder. `rates` None: no price is known. `was` are the list's rates on the day of the last
    review, where they were others. `solved` is what evaluations say, `verified` what the ledger does, `recorded` a file
    of outcomes; None: nothing."""

    tier: Tier
    model: ModelRef
    rates: Rates | None
    was: Rates | None
    retired: bool
    later: tuple[Later, ...]
    solved: Share | None
    verified: Share | None
    recorded: Recorded | None = None

    @property
    def state(self) -> str:
        """In one word, what matters most first."""
        if self.retired:
            return "retired"
        if self.rates is None:
            return "unknown"
        if self.was is not None:
            return "repriced"
        return "later" if self.later else "current"


@dataclass(frozen=True, slots=True)
class Review:
    """All of it. `preset` is the line-up that is compared with, `unnamed` are its models that the ladder does not name.
    `proposed` maps tiers to the models that they should have. `replays` are the ladders of first models over recorded
    outcomes: as it is, as it is proposed, and the best of them."""

    reviewed: date | None
    looked: tuple[Looked, ...]
    preset: str
    unnamed: tuple[str, ...]
    proposed: Mapping[str, tuple[str, ...]]
    replays: tuple[Replay, ...] = ()
    replayed_on: int = 0


def review(
    loaded: Loaded, prices: Pricebook, ledger: Ledger, suites: Sequence[Path], outcomes: Path | None = None
) -> Review:
    """Reads the price list, the ledger, the results of `suites` and recorded `outcomes`; calls nobody. Raises
    UsageFault: no outcomes can be read there."""
    settings = loaded.settings
    solved = _solved(suites)
    sums = ledger.stats().by_model
    verified = {name: share(s.right, s.attempts) for name, s in sums.items() if s.attempts}
    looked = tuple(
        _look(tier, model, settings.lineup_reviewed, prices, solved, verified)
        for tier in settings.tiers
        for model in tier.models
    )
    named = {str(one.model) for one in looked}
    near, models = _nearest_preset(settings.preset, named)
    record = Record(outcomes) if outcomes else None
    if record is not None:
        looked = tuple(_recorded(one, record) for one in looked)
    wanted = {} if settings.preset else proposed(looked)
    return Review(
        settings.lineup_reviewed, looked, near, tuple(m for m in models if m not in named), wanted,
        _replays(loaded, record, wanted) if record else (), record.tasks if record else 0,
    )  # fmt: skip


def _recorded(one: Looked, record: Record) -> Looked:
    later = tuple(replace(other, recorded=record.of(str(other.model))) for other in one.later)
    return replace(one, recorded=record.of(str(one.model)), later=later)


def _replays(loaded: Loaded, record: Record, wanted: Mapping[str, tuple[str, ...]]) -> tuple[Replay, ...]:
    """The ladders of first models, under the verdict's power at a fix."""
    settings = loaded.settings
    now = [str(tier.models[0]) for tier in settings.tiers if tier.models]
    then = [wanted.get(tier.name, (str(tier.models[0]),))[0] for tier in settings.tiers if tier.models]
    power = power_of(Kind.FIX, settings.detection)
    ladders = {"now": now} if then == now else {"now": now, "proposed": then}
    return record.replays(ladders, power, float(settings.tolerance_points) / 100)


def _look(
    tier: Tier,
    model: ModelRef,
    reviewed: date | None,
    prices: Pricebook,
    solved: Mapping[str, Share],
    verified: Mapping[str, Share],
) -> Looked:
    rates = prices.rates(model.provider, model.model)
    then = prices.rates_on(model.provider, model.model, reviewed) if reviewed else None
    later = tuple(
        Later(other, others, _dearer(others, rates), solved.get(str(other)))
        for name in prices.later(model.provider, model.model)
        if (other := ModelRef(model.provider, name)) not in tier.models
        for others in (prices.rates(other.provider, other.model),)
    )
    was = then if then and rates and _figures(then) != _figures(rates) else None
    retired = prices.retired(model.provider, model.model)
    return Looked(tier, model, rates, was, retired, later, solved.get(str(model)), verified.get(str(model)))


def _figures(rates: Rates) -> tuple[object, ...]:
    return rates.input_usd_per_mtok, rates.output_usd_per_mtok


def _dearer(one: Rates | None, other: Rates | None) -> bool:
    if one is None or other is None:
        return True
    more_in = one.input_usd_per_mtok > other.input_usd_per_mtok
    return more_in or one.output_usd_per_mtok > other.output_usd_per_mtok


def proposed(looked: Iterable[Looked]) -> dict[str, tuple[str, ...]]:
    """New lists of models, by tier, where something speaks for one: a retired model gives way to the latest of its
    family; a later one that is not dearer comes first and the old one stays for failover, unless it solved less of the
    suite, or of the recorded tasks, than the old one did."""
    models: dict[str, list[str]] = {}
    changed: set[str] = set()
    for one in looked:
        mine = models.setdefault(one.tier.name, [])
        better = next((x for x in one.later if one.retired or (not x.dearer and not _worse(x, one))), None)
        if better is not None:
            mine.append(str(better.model))
            changed.add(one.tier.name)
        if better is None or not one.retired:
            mine.append(str(one.model))
    return {name: tuple(dict.fromkeys(mine)) for name, mine in models.items() if name in changed}


def _worse(candidate: Later, one: Looked) -> bool:
    """By the user's own suite, else by the record."""
    if candidate.solved is not None and one.solved is not None:
        return candidate.solved.value < one.solved.value
    if candidate.recorded is not None and one.recorded is not None:
        return candidate.recorded.solved.value < one.recorded.solved.value
    return False


def _solved(suites: Sequence[Path]) -> dict[str, Share]:
    """By `provider/model`: how many tasks it solved as the first model of a tier, the last try of each."""
    last: dict[tuple[str, str, str], bool] = {}
    for folder in suites:
        for one in results.read(folder):
            if one.ending in results.JUDGED and one.models:
                last[one.models[0], str(folder), one.task] = one.ending is results.Ending.SOLVED
    models = {key[0] for key in last}
    return {
        model: share(sum(v for k, v in last.items() if k[0] == model), sum(k[0] == model for k in last))
        for model in models
    }


def _nearest_preset(named: str, models: set[str]) -> tuple[str, tuple[str, ...]]:
    """The preset in use, else the one that has the most models in common."""
    each = {name: _models_of(name) for name in ([named] if named else preset.names())}
    best = max(each, key=lambda name: len(models & set(each[name])), default="")
    return (best, each[best]) if best and models & set(each[best]) else ("", ())


def _models_of(name: str) -> tuple[str, ...]:
    tiers = preset.preset_layer(name, "review").tiers or []
    return tuple(dict.fromkeys(model for tier in tiers for model in tier["models"].value))
