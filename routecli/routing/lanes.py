"""The lane of a task: by whom it may be answered first, for how long it may take. A published router's (D) three, and
tools. A lane chooses tiers; what becomes of a patch is the verdict's business in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from routecli.domain.classified import Level
from routecli.domain.ladder import Reason, Tier
from routecli.domain.task import Kind
from routecli.nouns import dataclass

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane. `begins`: the ladder begins at the cheapest tier of such a lane, where there is one; `leaves_out`:
    tiers of such a lane are not climbed to. Both name lanes of tiers: local, background, cloud."""

    name: str
    begins: tuple[str, ...]
    leaves_out: tuple[str, ...]
    text: str


LANES: Mapping[str, Lane] = {
    lane.name: lane
    for lane in (
        Lane("tools", (), ("local", "background", "cloud"), "tools alone, no model"),
        Lane("local", ("local",), ("background",), "a model of this machine first"),
        Lane("background", ("background",), (), "it may take a while: what is slow and cheap first"),
        Lane("real-time", (), ("background",), "somebody waits"),
    )
}
"""`routing.lane` by name, beside `auto`; a test compares it with the choices of the configuration's key."""


def lane_of(
    asked: str, kind: Kind, rules: Sequence[tuple[str, str]], level: Level | None, tiers: Sequence[Tier]
) -> tuple[Lane, Reason | None]:
    """The lane, and why where it is another than real time: what was `asked` for, else the first of `rules` (pairs of a
    kind and a lane) for the kind, else local for what is LOW where a tier is local."""
    if asked != AUTO:
        return LANES[asked], Reason("lane", f"lane {asked}: {LANES[asked].text}")
    ruled = next((lane for name, lane in rules if name == kind.value), None)
    if ruled is not None:
        return LANES[ruled], Reason("lane", f"lane {ruled} for the kind {kind.value}: {LANES[ruled].text}")
    if level is Level.LOW and any(tier.lane == "local" for tier in tiers):
        return LANES["local"], Reason("lane", f"lane local, the task is {level.value}: {LANES['local'].text}")
    return LANES["real-time"], None


def kept(lane: Lane, tiers: Sequence[Tier]) -> tuple[tuple[Tier, ...], tuple[Reason, ...]]:
    """The tiers that `lane` may climb to, and one reason that names the others. A lane that would leave nobody keeps
    all of them."""
    found = tuple(tier for tier in tiers if tier.lane not in lane.leaves_out)
    names = ", ".join(tier.name for tier in tiers if tier not in found)
    if not found or not names:
        return tuple(tiers), ()
    return found, (Reason("lane", f"{names} left out: of another lane than {lane.name}"),)


def beginning(lane: Lane, tiers: Sequence[Tier]) -> int | None:
    """The place of the tier at which `lane` begins; None: it has no such tier, or no wish."""
    return next((place for place, tier in enumerate(tiers) if tier.lane in lane.begins), None)
