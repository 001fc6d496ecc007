"""Who is asked for a second opinion of an accepted patch, when, and what becomes of the verdict.

An opinion can only take an acceptance back: what a task, a file or a diff may talk a reviewer into is either nothing,
or a dearer tier within the same caps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from routecli.domain.families import family_of
from routecli.domain.ladder import ModelRef, Tier
from routecli.domain.opinion import Opinion
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Strength, Unverified, Verdict
from routecli.nouns import dataclass


def _unknown(_model: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Reviewers:
    """`mode` is off, auto or on; `tiers` may be asked, cheapest first, and are the user's own choice where `named`.
    `worthless` says of `provider/model` why it is not to be asked in `auto`; empty: it may be."""

    mode: str = "off"
    tiers: tuple[Tier, ...] = ()
    named: bool = False
    worthless: Callable[[str], str] = _unknown

    def reviewer(
        self, verdict: Verdict, writer: ModelRef, tier: Tier, *, last: bool, unsure: bool = False
    ) -> Tier | None:
        """The tier to ask about a patch of `writer`'s, its models of the writer's own family left out; None: nobody.

        In `auto` only where a doubt can buy something (a dearer tier is left) and where it is needed: the acceptance is
        weak, or unproven and the writer likely wrong by its own word (`unsure`). A reviewer dearer than the next tier
        is passed over: for that price it could do the task.
        """
        if self.mode == "off" or tier.is_tools or not isinstance(verdict, Accepted):
            return None
        weak = verdict.strength is Strength.WEAK or (unsure and verdict.strength is not Strength.PROVEN)
        if self.mode == "auto" and (last or not weak):
            return None
        return self.eligible(writer, tier)

    def eligible(self, writer: ModelRef, tier: Tier) -> Tier | None:
        """Who could be asked about what `writer`, of `tier`, wrote."""
        for one in self.tiers:
            models = tuple(m for m in one.models if self._may(m, writer))
            if models and (self.named or self.mode == "on" or one.rank <= tier.rank + 1):
                return replace(one, models=models)
        return None

    def _may(self, model: ModelRef, writer: ModelRef) -> bool:
        own, other = family_of(str(writer)), family_of(str(model))
        apart = own != other if own and other else self.named and model != writer
        return apart and (self.mode == "on" or not self.worthless(str(model)))


def unsure_of(verdict: Verdict, misgiving: str, *, last: bool) -> Verdict:
    """Where nobody else could be asked: a weak acceptance of what is likely wrong by its writer's own word is deferred,
    while a dearer tier is left."""
    if not misgiving or last or not isinstance(verdict, Accepted) or verdict.strength is not Strength.WEAK:
        return verdict
    why = f"all checks pass, and little speaks for it: {misgiving}"
    return Deferred(DeferralReason.LOW_CONFIDENCE, one_line(why, limit=400), why, verdict.checks)


def said_of(opinion: Opinion | None) -> Verdict:
    """What the receipt says of an opinion's own call."""
    if opinion is None:
        return Unverified("no opinion: the reply is not in the form that was asked for")
    if not opinion.doubts:
        return Accepted((), "no doubt of the change")
    doubts = _listed(opinion)
    return Deferred(DeferralReason.LOW_CONFIDENCE, one_line(f"doubts {doubts[0]}"), "\n".join(doubts))


def weighed(verdict: Verdict, opinion: Opinion | None, model: ModelRef) -> Verdict:
    """`verdict` after `opinion`: as it was without doubts, deferred with them."""
    if opinion is None or not opinion.doubts or not isinstance(verdict, Accepted):
        return verdict
    doubts = _listed(opinion)
    more = f" and {len(doubts) - 1} more" if len(doubts) > 1 else ""
    why = f"all checks pass, and a second opinion ({model.model}) doubts {doubts[0]}{more}"
    feedback = "\n".join(
        ["All checks pass. Another reader has doubts, which may be wrong; look at each:", *(f"- {d}" for d in doubts)]
    )
    return Deferred(DeferralReason.LOW_CONFIDENCE, one_line(why, limit=400), feedback, verdict.checks)


def _listed(opinion: Opinion) -> list[str]:
    return [one_line(str(doubt), limit=400) for doubt in opinion.doubts]
