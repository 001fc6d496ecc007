"""Which tier takes a request right now: a published rule (B), in its order.

Throttled → the fallback tier; complex planning → the deep one; a refusal or a safety filter → the refusal tier; else
the hint; an unknown hint → the fallback tier. Pure: who is throttled goes in, a tier comes out, the caller remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from routecli.domain.ladder import Reason, Tier
from routecli.domain.receipt import Trouble
from routecli.domain.settings import Settings
from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass

Detours = Callable[[Trouble, Tier], Sequence[Tier]]
PLANNING_HINTS = frozenset({"planning", "plan"})
"""Hints that are no tier's name: the task is to think before anything is written."""


@dataclass(frozen=True, slots=True)
class Roles:
    """The tiers by what they are for. Empty: none is named. `deep` has a default: the last tier."""

    fallback: str = ""
    deep: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Flags:
    """What is known of the request: it is about planning; the last answer was a refusal."""

    planning: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Resolution:
    """The tier that takes the request, and why."""

    tier: str
    reason: Reason


def resolve(
    throttled: Collection[str], flags: Flags, hint: str, roles: Roles, tiers: Sequence[str]
) -> Resolution | None:
    """The tier for a request that `hint` (a tier's name, or anything) would lead to. `throttled` are the tiers of which
    no model may be asked now; `tiers` all that there are, cheapest first. None: nothing here has a word to say: the
    hint is empty or names no tier, and no fallback tier is named."""
    there = frozenset(tiers)
    fallback = roles.fallback if roles.fallback in there else ""
    deep = roles.deep if roles.deep in there else (tiers[-1] if tiers else "")
    refusal = roles.refusal if roles.refusal in there else ""
    wanted = [
        (flags.planning and deep, Reason("planning", f"a task of planning: {deep}")),
        (flags.refused and refusal, Reason("refused", f"the model refused: {refusal}")),
        (hint if hint in there else "", Reason("hint", f"{hint}: as hinted")),
    ]
    tier, reason = next(((name, why) for name, why in wanted if name), ("", None))
    asked = hint if hint in there else tier
    if fallback and fallback not in throttled and (asked in throttled or tier in throttled):
        down = one_line(asked if asked in throttled else tier)
        return Resolution(fallback, Reason("throttled", f"{down} is throttled or down: the fallback tier {fallback}"))
    if tier and reason is not None:
        return Resolution(tier, reason)
    if not fallback:
        return None
    said = f"no tier is called {one_line(hint, limit=60)}" if hint else "no hint"
    return Resolution(fallback, Reason("hint", f"{said}: the fallback tier {fallback}"))


def roles_of(settings: Settings) -> Roles:
    """The roles as the configuration names them."""
    return Roles(settings.fallback_tier or "", settings.deep_tier or "", settings.refusal_tier or "")


def detours(trouble: Trouble, tier: Tier, tiers: Sequence[Tier], roles: Roles) -> tuple[Tier, ...]:
    """The tiers that stand in for `tier`, best first: by the roles where it is down or refuses, and where money is
    short the cheaper ones, the dearest of them first. `tiers` are all that may be used, cheapest first."""
    if trouble is Trouble.BUDGET:
        return tuple(reversed([t for t in tiers if t.rank < tier.rank]))
    names = [t.name for t in tiers]
    if trouble is Trouble.REFUSED:
        found = resolve((), Flags(refused=True), tier.name, roles, names)
        code = "refused"
    else:
        found = resolve((tier.name,), Flags(), tier.name, roles, names)
        code = "throttled"
    if found is None or found.reason.code != code or found.tier == tier.name:
        return ()
    return tuple(t for t in tiers if t.name == found.tier)
