"""Who is asked for a second opinion, and what a doubt does to a verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routecli.cascade.opinions import Reviewers, said_of, unsure_of, weighed
from routecli.domain.ladder import ModelRef, Tier
from routecli.domain.opinion import Doubt, Opinion
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Strength, Unverified, Verdict

DEEPSEEK, KIMI, OPUS = (
    ModelRef("or", "deepseek/deepseek-v4-flash"),
    ModelRef("or", "moonshotai/kimi-k2"),
    ModelRef("a", "claude-opus-5"),
)
TIERS = (Tier("tier1", 1, (DEEPSEEK,)), Tier("tier2", 2, (KIMI,)), Tier("tier3", 3, (OPUS,)))
WEAK, SHOWN = Accepted((), "all pass"), Accepted((), "a test failed before", Strength.TESTED)
DOUBTS = Opinion((Doubt("a.py", 3, "f(0) raises"), Doubt("b.py", 1, "the caller breaks")))


def asked(mode: str, verdict: Verdict = WEAK, place: int = 0, last: bool = False, **more: object) -> str:
    reviewers = Reviewers(mode, **{"tiers": TIERS, **more})  # type: ignore[arg-type]
    tier = TIERS[place]
    found = reviewers.reviewer(verdict, tier.models[0], tier, last=last)
    return found.name if found else ""


@pytest.mark.parametrize(
    ("mode", "verdict", "place", "last", "who"),
    [
        ("auto", WEAK, 0, False, "tier2"),
        ("auto", WEAK, 1, False, "tier1"),  # the cheapest of another family
        ("auto", SHOWN, 0, False, ""),
        ("auto", WEAK, 2, True, ""),
        ("auto", Unverified("nothing to run"), 0, False, ""),
        ("on", Unverified("nothing to run"), 0, False, ""),
        ("on", Deferred(DeferralReason.TESTS_FAILED, "", ""), 0, False, ""),
        ("on", SHOWN, 2, True, "tier1"),
        ("off", WEAK, 0, False, ""),
    ],
)
def test_who_is_asked_and_when(mode: str, verdict: Verdict, place: int, last: bool, who: str) -> None:
    assert asked(mode, verdict, place, last) == who


def test_tools_are_not_doubted() -> None:
    tools = Tier("tools", 0, (ModelRef("tools", "ruff"),))
    assert Reviewers("on", TIERS).reviewer(WEAK, tools.models[0], tools, last=False) is None


def test_the_writers_own_family_is_left_out_and_an_unknown_one_is_never_another() -> None:
    mixed = (Tier("tier2", 2, (ModelRef("or", "deepseek/deepseek-v4-pro"), KIMI)),)
    reviewers = Reviewers("on", mixed)
    found = reviewers.reviewer(WEAK, DEEPSEEK, TIERS[0], last=False)
    assert found is not None
    assert found.models == (KIMI,)
    unknown = (Tier("tier2", 2, (ModelRef("mine", "m2"),)),)
    assert asked("on", tiers=unknown) == ""
    assert asked("on", tiers=unknown, named=True) == "tier2", "the user vouches for it"
    own = (Tier("tier9", 2, (ModelRef("or", "deepseek/deepseek-v4-pro"),)),)
    assert asked("on", tiers=own, named=True) == "", "no vouching for a family that is known to be the writer's"


def test_a_reviewer_dearer_than_the_next_tier_is_asked_only_where_the_user_says_so() -> None:
    dear = TIERS[2:]
    assert asked("auto", tiers=dear) == ""
    assert asked("auto", tiers=dear, named=True) == "tier3"
    assert asked("on", tiers=dear) == "tier3"


def test_a_worthless_record_is_heard_in_auto_only() -> None:
    def worthless(model: str) -> str:
        return "right 0 of 20" if model == str(KIMI) else ""

    assert asked("auto", worthless=worthless) == ""
    assert asked("on", worthless=worthless) == "tier2"


def test_a_doubt_defers_and_nothing_else_changes_the_verdict() -> None:
    deferred = weighed(WEAK, DOUBTS, KIMI)
    assert isinstance(deferred, Deferred)
    assert deferred.reason is DeferralReason.LOW_CONFIDENCE
    assert "doubts a.py:3: f(0) raises and 1 more" in deferred.why
    assert "- b.py:1: the caller breaks" in deferred.feedback
    assert weighed(WEAK, None, KIMI) is WEAK
    assert weighed(WEAK, Opinion(), KIMI) is WEAK
    unverified = Unverified("nothing to run")
    assert weighed(unverified, Opinion(), KIMI) is unverified
    assert weighed(unverified, DOUBTS, KIMI) is unverified


def test_an_opinions_own_line() -> None:
    assert isinstance(said_of(None), Unverified)
    assert said_of(Opinion()) == Accepted((), "no doubt of the change")
    said = said_of(replace(DOUBTS, doubts=DOUBTS.doubts[:1]))
    assert isinstance(said, Deferred)
    assert said.why == "doubts a.py:3: f(0) raises"


def test_a_writer_that_is_likely_wrong_by_its_own_word_is_doubted_more_often() -> None:
    reviewers = Reviewers("auto", TIERS)
    asked_of = [
        reviewers.reviewer(verdict, DEEPSEEK, TIERS[0], last=False, unsure=True)
        for verdict in (WEAK, SHOWN, Accepted((), "the contract holds", Strength.PROVEN))
    ]
    assert [one.name if one else "" for one in asked_of] == ["tier2", "tier2", ""]


def test_where_nobody_can_be_asked_a_weak_acceptance_waits_for_a_dearer_tier() -> None:
    deferred = unsure_of(WEAK, "its writer is sure of it to 2 of 10", last=False)
    assert isinstance(deferred, Deferred)
    assert deferred.reason is DeferralReason.LOW_CONFIDENCE
    assert "sure of it to 2 of 10" in deferred.why
    assert unsure_of(WEAK, "", last=False) is WEAK
    assert unsure_of(WEAK, "sure to 2", last=True) is WEAK
    assert unsure_of(SHOWN, "sure to 2", last=False) is SHOWN
