"""A mix of tiers, volumes and prices as a cost, beside all of it at the top tier. Published tables are named plans."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from routecli.domain.money import ZERO_USD, Usd
from routecli.domain.untrusted import one_line, said_by
from routecli.errors import UsageFault
from routecli.nouns import dataclass

PUBLISHED = Path(__file__).parent / "plans.toml"
_CENT = Decimal("0.01")
_NUMBERS = (
    "share", "input_mtok", "output_mtok", "input_usd_per_mtok", "output_usd_per_mtok", "tasks", "usd_per_task",
    "cost_usd",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One row of a mix: `share` of the tasks (0 to 1), and what it costs in all."""

    name: str
    share: Decimal
    cost_usd: Usd


@dataclass(frozen=True, slots=True)
class Mix:
    """A plan worked out. `published_*` are None for a plan of the user's own; `notes` say what the table leaves out and
    why our figures differ, where they do."""

    name: str
    title: str
    period: str
    parts: tuple[Part, ...]
    top: Part
    published_cost_usd: Usd | None = None
    published_top_cost_usd: Usd | None = None
    notes: tuple[str, ...] = ()

    @property
    def cost_usd(self) -> Usd:
        """The whole mix, to the cent."""
        return Usd(sum((p.cost_usd for p in self.parts), Decimal(0)).quantize(_CENT))

    @property
    def saved_share(self) -> float:
        """Against all of it at the top tier."""
        return float(1 - self.cost_usd / self.top.cost_usd) if self.top.cost_usd else 0.0

    @property
    def differs_usd(self) -> Usd | None:
        """Ours less the published one; None where nothing was published."""
        return None if self.published_cost_usd is None else Usd(self.cost_usd - self.published_cost_usd)


def names(path: Path = PUBLISHED) -> tuple[str, ...]:
    """The names of the plans in `path`. Raises UsageFault."""
    return tuple(_table(path))


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise UsageFault(f"{path} is no file of plans: {said_by(fault)}") from None


def read_mix(name: str, path: Path = PUBLISHED) -> Mix:
    """The plan `name` (capitals or not) of the file `path`. Raises UsageFault: no such plan, or a broken one."""
    table = _table(path)
    found = {key.lower(): key for key in table}
    if name.lower() not in found:
        raise UsageFault(f"no plan {one_line(name)}", hint=f"there are: {', '.join(table)}")
    record = table[found[name.lower()]]
    try:
        return _mix(found[name.lower()], record)
    except (KeyError, TypeError, AttributeError, InvalidOperation) as fault:
        raise UsageFault(f"{path}: the plan {one_line(name)} cannot be read: {one_line(str(fault))}") from None


def _mix(name: str, record: Mapping[str, Any]) -> Mix:
    def amount(key: str) -> Usd | None:
        return Usd(Decimal(record[key])) if key in record else None

    return Mix(
        name, str(record.get("title", "")), str(record.get("period", "month")),
        tuple(_part(row) for row in record["rows"]), _part(record["top"]),
        amount("published_cost_usd"), amount("published_top_cost_usd"), tuple(map(str, record.get("notes", ()))),
    )  # fmt: skip


def _part(row: Mapping[str, Any]) -> Part:
    n = {key: Decimal(row.get(key, 0)) for key in _NUMBERS}
    tokens = n["input_mtok"] * n["input_usd_per_mtok"] + n["output_mtok"] * n["output_usd_per_mtok"]
    return Part(str(row["name"]), n["share"], Usd(tokens + n["tasks"] * n["usd_per_task"] + n["cost_usd"]))


@dataclass(frozen=True, slots=True)
class Rates:
    """A tier of a plan of one's own: US dollars a million tokens, and the share of tasks that go there first."""

    name: str
    share: Decimal
    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal


def own_mix(tiers: Sequence[Rates], tasks: int, input_tokens: int, output_tokens: int, title: str) -> Mix:
    """`tasks` of so many tokens each, shared out over `tiers` (cheapest first, the top last), without escalations."""

    def part(tier: Rates, share: Decimal) -> Part:
        millions = share * tasks / 1_000_000
        rates = input_tokens * tier.input_usd_per_mtok + output_tokens * tier.output_usd_per_mtok
        return Part(tier.name, share, Usd(millions * rates))

    return Mix("own", title, "month", tuple(part(t, t.share) for t in tiers), part(tiers[-1], Decimal(1)))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a mix costs when tasks fail and climb: the sum over all tasks, and how often each tier was reached."""

    tasks: int
    cost_usd: Usd
    reached: tuple[int, ...]
    unsolved: int


def drawn(mix: Mix, right: Sequence[float], tasks: int, seed: int = 0) -> Drawn:
    """The volume of `mix` as `tasks` (at least 1) single tasks, each first to a part by its share, then one part up for
    each failure: `right` is each part's chance. A verdict that catches everything is assumed. What it costs above
    `mix.cost_usd` is what the published tables leave out."""
    source = random.Random(seed)
    draw = source.random
    per_task = [p.cost_usd / p.share / tasks if p.share else ZERO_USD for p in mix.parts]
    bounds: list[float] = []
    for part in mix.parts:
        bounds.append((bounds[-1] if bounds else 0.0) + float(part.share))
    last = len(mix.parts) - 1
    reached = [0] * len(mix.parts)
    unsolved = 0
    for _ in range(tasks):
        at, where = draw(), 0
        while where < last and at >= bounds[where]:
            where += 1
        reached[where] += 1
        while draw() >= right[where]:
            if where == last:
                unsolved += 1
                break
            where += 1
            reached[where] += 1
    cost = sum((Decimal(n) * c for n, c in zip(reached, per_task, strict=True)), Decimal(0))
    return Drawn(tasks, Usd(cost), tuple(reached), unsolved)
