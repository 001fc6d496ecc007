"""What the evidence says, under every policy, and where it would turn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routecli.domain.evidence import Evidence, Scope, Tally
from routecli.domain.explained import OF_RULES, Explained, Turn
from routecli.domain.explained_json import explained_from_json, explained_to_json
from routecli.domain.ladder import Forecast
from routecli.domain.money import Usd, usd
from routecli.domain.settings import Thresholds
from routecli.domain.task import Kind
from routecli.errors import UsageFault
from routecli.routing import Asked, Known, route
from routecli.routing.beliefs import held
from routecli.routing.economics import Power, choose
from routecli.routing.explaining import explained
from routecli.routing.policies import POLICIES, Facts
from routecli.routing.power import assayed
from routecli.routing.turning import _dearer, _righter, turns

from .conftest import FORECASTER, settings, survey, task, tiers

POWER = Power(0.83, 0.01)


def seen(tier: str, accepted: int, deferred: int, cost: str, *, after: bool = False) -> tuple[Tally, ...]:
    total = accepted + deferred
    bill = Usd(usd(cost) * total)
    return tuple(Tally(tier, scope, after, accepted, deferred, 0, 0, total, bill) for scope in Scope)


EVIDENCE = Evidence(
    (
        *seen("tier1", 40, 60, "0.01"), *seen("tier2", 12, 20, "0.05", after=True),
        *seen("tier3", 30, 8, "0.30", after=True),
    )
)  # fmt: skip


def facts(words: str = "fix it", evidence: Evidence = EVIDENCE, files: int = 1, **more: object) -> Facts:
    costs = [Forecast(f"tier{n}", "p/m", 1, 1, c, c, True) for n, c in enumerate(map(usd, ("0.01", "0.05", "0.3")), 1)]
    made = Facts(task(words), survey(*[100] * files), Thresholds(), tiers(3), tuple(costs), evidence, POWER)
    return replace(made, **more)  # type: ignore[arg-type]


def told(policy: str, asked: Facts) -> Explained:
    rule = POLICIES[policy]
    return explained(rule, asked, rule(asked), assayed(Kind.FIX), waits=policy == "auto")


def of(found: Explained, what: str) -> list[Turn]:
    return [turn for turn in found.turns if turn.what == what]


@pytest.mark.parametrize("policy", list(POLICIES))
def test_every_policy_shows_the_same_figures(policy: str) -> None:
    found = told(policy, facts())
    assert found.decides == (policy in ("auto", "expected-cost"))
    assert [one.tier for one in found.tiers] == ["tier1", "tier2", "tier3"]
    assert replace(found, decides=True, turns=()) == replace(told("expected-cost", facts()), turns=())
    assert sum(ladder.chosen for ladder in found.ladders) == 1
    assert not found.decides or not of(found, "files")


def test_a_tier_says_what_it_rests_on() -> None:
    low, _, top = told("expected-cost", facts()).tiers
    assert low.low < low.right < low.high < low.prior
    assert [(s.scope, s.first, s.after) for s in low.seen] == [("here", 100, 0), ("kind", 100, 0), ("all", 100, 0)]
    assert (low.cost.source, low.cost.bills, low.cost_after.source) == ("here", 100, "surcharge")
    assert (top.cost.source, top.cost_after.source, top.cost_after.bills) == ("forecast", "here", 38)
    assert low.spares_usd is not None
    assert low.pays
    assert top.spares_usd is None
    assert not replace(low, spares_usd=usd("0.009")).pays


def test_without_evidence_the_prior_is_all() -> None:
    low, *_ = told("expected-cost", facts(evidence=Evidence())).tiers
    assert (low.attempts, low.right, low.cost.source) == (0, low.prior, "forecast")


def test_a_users_own_prior_is_where_it_starts_and_evidence_moves_it() -> None:
    own = tuple(replace(tier, prior=0.9) if tier.name == "tier1" else tier for tier in tiers(3))
    unseen = told("expected-cost", facts(evidence=Evidence(), tiers=own)).tiers[0]
    assert (unseen.right, unseen.prior, unseen.own) == (pytest.approx(0.9), pytest.approx(0.9), True)
    assert told("expected-cost", facts(tiers=own)).tiers[0].right < 0.6
    sure = tuple(replace(tier, prior=1.0) for tier in tiers(3))
    assert told("expected-cost", facts(evidence=Evidence(), tiers=sure)).tiers[0].high <= 1
    assert not told("expected-cost", facts()).tiers[0].own


def test_the_ledgers_own_surcharge_is_of_this_tasks_size() -> None:
    firsts = Tally("tier2", Scope.ALL, False, 10, 10, 0, 0, 20, usd(20))
    later = Tally("tier2", Scope.ALL, True, 10, 10, 0, 0, 20, usd(40))
    after = told("expected-cost", facts(evidence=Evidence((firsts, later)))).tiers[1].cost_after
    assert (after.usd, after.source, after.bills) == (usd("0.10"), "ratio", 20)
    lighter = replace(later, cost_usd=usd(4))
    assert told("expected-cost", facts(evidence=Evidence((firsts, lighter)))).tiers[1].cost_after.usd == usd("0.05")
    alone = told("expected-cost", facts(evidence=Evidence((later,)))).tiers[1].cost_after
    assert (alone.usd, alone.source) == (usd(2), "all")


@pytest.mark.parametrize("tolerance", [0.0, 0.01, 0.05])
@pytest.mark.parametrize("detection", [0.3, 0.6, 0.83, 0.99])
def test_each_turn_turns_and_short_of_it_nothing_does(detection: float, tolerance: float) -> None:
    """Every figure that is said to change the ladder is put in, and so is one a hundredth nearer to where it is."""
    asked = facts(power=Power(detection, 0.01), tolerance=tolerance)
    believed = held(["tier1", "tier2", "tier3"], {f.tier: f.cost_usd for f in asked.forecasts}, EVIDENCE, asked.power)
    assert believed is not None
    rungs = [one.rung for one in believed]
    now = choose(rungs, asked.power, tolerance).chosen.tiers
    found = turns(believed, asked)
    assert found
    assert len({(t.what, t.tier, t.at > t.now) for t in found}) == len(found)
    for turn in found:
        assert turn.then != now
        for share, expected in ((1.0, turn.then), (0.99, now)):
            value = turn.now + (turn.at - turn.now) * share
            if turn.what in ("right", "price"):
                moved = _righter if turn.what == "right" else _dearer
                changed = [moved(r, value) if r.tier == turn.tier else r for r in rungs]
                assert choose(changed, asked.power, tolerance).chosen.tiers == expected
            elif turn.what == "tolerance":
                assert choose(rungs, asked.power, value).chosen.tiers == expected
            else:
                d, f = (value, 0.01) if turn.what == "detection" else (detection, value)
                other = replace(asked, power=Power(d, f))
                assert told("expected-cost", other).chosen.tiers == expected  # type: ignore[union-attr]


def test_a_turn_stays_within_what_is_plausible() -> None:
    sure = Evidence(tuple(t for n in (1, 2, 3) for t in seen(f"tier{n}", 4000 + 1500 * n, 6000 - 1500 * n, "0.01")))
    for turn in told("expected-cost", facts(evidence=sure)).turns:
        if turn.what == "right":
            assert abs(turn.at - turn.now) < 0.03
        if turn.what == "price":
            assert 0.24 < turn.at / turn.now < 4.01


def test_thresholds_say_which_count_and_which_word() -> None:
    found = told("thresholds", facts())
    assert [(t.at, t.then) for t in of(found, "files")] == [(2, ("tier2", "tier3"))]
    assert [(t.at, t.then) for t in of(found, "tokens")] == [(50_001, ("tier2", "tier3"))]
    assert [(t.word, t.then) for t in of(found, "word")] == [("architect", ("tier3",))]
    many = told("thresholds", facts(files=3))
    assert [(t.at, t.then[0]) for t in of(many, "files")] == [(1, "tier1"), (6, "tier3")]
    spoken = told("thresholds", facts("redesign it"))
    assert [(t.word, t.then[0]) for t in of(spoken, "without-word")] == [("redesign", "tier1")]
    assert not of(spoken, "files")


def test_other_rules_say_their_words_kinds_and_hints() -> None:
    assert {t.word: t.then[0] for t in of(told("class", facts()), "word")} == {
        "architect": "tier3",
        "write test for": "tier1",
    }
    kinds = {t.then[0]: t.word for t in of(told("static", facts()), "kind")}
    assert set(kinds) == {"tier1", "tier3"}
    assert "docstring" in kinds["tier1"]
    assert {t.word for t in of(told("hint", facts()), "hint")} == {"tier1", "tier3"}
    assert not [t for t in told("cascade", facts()).turns if t.what in OF_RULES]


def test_auto_says_when_the_evidence_will_decide() -> None:
    few = Evidence(tuple(replace(t, accepted=1, deferred=3) for t in EVIDENCE.tallies if t.tier == "tier1"))
    asked = facts(evidence=few, files=6)
    (turn,) = of(told("auto", asked), "attempts")
    assert (turn.now, turn.at) == (4, 30)
    assert turn.then != ("tier3",)
    assert not of(told("thresholds", asked), "attempts")


def test_an_unknown_price_weighs_nothing_and_the_rule_still_speaks() -> None:
    unknown = tuple(replace(f, cost_usd=None) if f.tier == "tier2" else f for f in facts().forecasts)
    found = told("expected-cost", facts(forecasts=unknown))
    assert (found.tiers, found.ladders, found.chosen, found.decides) == ((), (), None, False)
    assert "tier2" in found.why_not
    assert of(found, "files")


def test_a_route_explains_only_when_asked() -> None:
    def routed(tier: str | None = None, *, explain: bool) -> Explained | None:
        asked, known, configured = Asked(tier), Known(EVIDENCE), settings(tiers(3))
        return route(task(), survey(1), configured, FORECASTER, asked=asked, known=known, explain=explain).explained

    assert routed(explain=False) is None
    found = routed(explain=True)
    assert found is not None
    assert not found.decides
    named = routed("tier3", explain=True)
    assert named is not None
    assert (named.decides, named.ladders) == (False, found.ladders)
    assert not [t for t in named.turns if t.what in OF_RULES]
    with pytest.raises(UsageFault):
        routed("tier9", explain=True)


@pytest.mark.parametrize("policy", ["thresholds", "expected-cost", "static"])
def test_json_and_back(policy: str) -> None:
    data = explained_to_json(told(policy, facts()))
    assert explained_to_json(explained_from_json(data)) == data
    assert data["tiers"][0]["cost"]["usd"] == "0.01"


def test_the_verdicts_power_says_where_it_comes_from() -> None:
    assert assayed(Kind.FIX).source == "default"
    own = assayed(Kind.FIX, 0.4)
    assert (own.detection, own.source) == (0.4, "config")
    assert assayed(Kind.DOCSTRING).detection > assayed(Kind.FIX).detection > assayed(Kind.FEATURE).detection
    assert assayed(Kind.ASK, 0.9).source == "default"


def graded(weak: int, tested: int, proven: int, scope: Scope = Scope.HERE) -> Evidence:
    count = weak + tested + proven
    return Evidence((Tally("tier1", scope, False, count, weak=weak, tested=tested, proven=proven),))


def test_the_verdicts_power_follows_its_own_grading() -> None:
    """Of a kind whose acceptances are mostly weak less is caught; the user's own figure overrules, few say nothing."""
    measured = assayed(Kind.FIX).detection
    weak = assayed(Kind.FIX, None, graded(40, 0, 0))
    assert (weak.source, weak.graded, weak.detection < 0.35) == ("graded", 40, True)
    assert assayed(Kind.FIX, None, graded(0, 40, 0)).detection == pytest.approx(measured)
    assert measured < assayed(Kind.FIX, None, graded(0, 0, 40)).detection < 0.99
    assert assayed(Kind.FEATURE, None, graded(0, 40, 0)).detection == pytest.approx(0.5)
    assert assayed(Kind.FIX, None, graded(9, 0, 0)).source == "default"
    assert "acceptances of the kind" in assayed(Kind.FIX, None, graded(10, 0, 0, Scope.KIND)).why
    assert assayed(Kind.FIX, 0.7, graded(40, 0, 0)).detection == 0.7
    assert assayed(Kind.ASK, None, graded(40, 0, 0)).source == "default"


def test_a_route_reads_the_grading() -> None:
    def d(evidence: Evidence) -> float:
        known = Known(evidence)
        found = route(task(), survey(1), settings(tiers(3)), FORECASTER, known=known, explain=True).explained
        assert found is not None
        return found.power.detection

    assert d(graded(40, 0, 0)) < d(Evidence())
