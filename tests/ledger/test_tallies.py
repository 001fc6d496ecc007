"""What each tier did, counted with a run's end and told again when its truth becomes known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from domain.receipts import ACCEPTED, DEFERRED, UNVERIFIED, attempt, events, receipt

from routecli.domain.events import Finished, Routed, Started, Surveyed
from routecli.domain.evidence import Evidence, Scope, Tally
from routecli.domain.money import usd
from routecli.domain.receipt import Receipt
from routecli.domain.task import Kind
from routecli.domain.verdict import Strength
from routecli.errors import UsageFault
from routecli.ledger.ledger import Ledger
from routecli.ledger.tallies import tried

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TASK = receipt().task


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.db")


def done(ledger: Ledger, run_id: str, *attempts: object, kind: Kind = Kind.FIX, root: str = "/repo") -> Receipt:
    task = replace(TASK, kind=kind, repo_root=Path(root))
    made = replace(receipt(run_id=run_id), task=task, attempts=attempts)  # type: ignore[arg-type]
    surveyed = next(e for e in events() if isinstance(e, Surveyed))
    ledger.listener(Started(run_id, "x"))
    ledger.listener(replace(surveyed, task=task))
    ledger.listener(Finished(made))
    return made


def seen(ledger: Ledger, root: str = "/repo", kind: str = "fix") -> Evidence:
    return ledger.evidence(Path(root), kind, "small")


def test_a_failure_below_makes_the_next_tier_an_attempt_after() -> None:
    (one, two) = tried((attempt(1, DEFERRED, usd("0.1")), attempt(2, ACCEPTED, usd("0.5"))))
    assert (one.tier, one.after, one.accepted) == ("tier1", False, False)
    assert (two.tier, two.after, two.accepted, two.cost_usd) == ("tier2", True, True, usd("0.5"))


def test_a_tier_counts_once_by_its_end_with_all_that_it_cost() -> None:
    (only,) = tried((attempt(1, DEFERRED, usd("0.1")), attempt(1, ACCEPTED, usd("0.2"), repair=True)))
    assert (only.accepted, only.cost_usd) == (True, usd("0.3"))
    (unpriced,) = tried((attempt(1, DEFERRED, None), attempt(1, DEFERRED, usd("0.2"))))
    assert unpriced.cost_usd is None


def test_tools_and_what_nothing_could_verify_say_nothing_of_a_tier() -> None:
    tools = replace(attempt(1, ACCEPTED), model="tools/tools")
    assert list(tried((tools, attempt(2, UNVERIFIED, usd("0.1"))))) == []


def test_counts_by_scope(ledger: Ledger) -> None:
    done(ledger, "r1", attempt(1, DEFERRED, usd("0.1")), attempt(2, ACCEPTED, usd("0.5")))
    done(ledger, "r2", attempt(1, ACCEPTED, usd("0.3")))
    done(ledger, "r3", attempt(1, ACCEPTED, None), root="/other")
    done(ledger, "r4", attempt(1, ACCEPTED, usd("1")), kind=Kind.DOCS)
    found = seen(ledger)
    assert found.of("tier1", Scope.ALL, after=False) == Tally(
        "tier1", Scope.ALL, False, 3, 1, 0, 0, 3, usd("1.4"), weak=3
    )
    assert found.of("tier1", Scope.KIND, after=False).attempts == 3
    assert found.of("tier1", Scope.HERE, after=False) == Tally(
        "tier1", Scope.HERE, False, 1, 1, 0, 0, 2, usd("0.4"), weak=1
    )
    assert found.of("tier2", Scope.HERE, after=True).accepted == 1
    assert found.of("tier2", Scope.HERE, after=False).attempts == 0
    assert found.attempts == 5


def test_acceptances_count_by_what_they_rest_on(ledger: Ledger) -> None:
    for number, strength in enumerate([Strength.TESTED, Strength.TESTED, Strength.PROVEN, Strength.WEAK]):
        done(ledger, f"r{number}", attempt(1, replace(ACCEPTED, strength=strength), usd(1)))
    done(ledger, "r8", attempt(1, DEFERRED, usd(1)), attempt(2, replace(ACCEPTED, strength=Strength.PROVEN), usd(1)))
    done(ledger, "r9", attempt(1, replace(ACCEPTED, strength=Strength.TESTED), usd(1)), root="/other")
    assert seen(ledger).graded(Scope.HERE) == (1, 2, 2)
    assert seen(ledger).graded(Scope.KIND) == (1, 3, 2)
    assert seen(ledger, kind="docs").graded(Scope.HERE) == (0, 0, 0)


def test_truth_moves_a_count_and_can_be_taken_back(ledger: Ledger) -> None:
    done(ledger, "r1", attempt(1, DEFERRED, usd("0.1")), attempt(2, ACCEPTED, usd("0.5")))
    ledger.tell_truth("r1", "bad", "you")
    told = seen(ledger).of("tier2", Scope.HERE, after=True)
    assert (told.accepted, told.wrong) == (0, 1)
    ledger.tell_truth("r1", "good", "you")
    told = seen(ledger).of("tier2", Scope.HERE, after=True)
    assert (told.accepted, told.right, told.wrong) == (0, 1, 0)
    ledger.tell_truth("r1", "", "you")
    assert seen(ledger).of("tier2", Scope.HERE, after=True).accepted == 1


def test_a_run_without_an_accepted_patch_has_no_truth_to_tell(ledger: Ledger) -> None:
    ledger.listener(Started("r9", "x"))
    with pytest.raises(UsageFault, match="no accepted patch"):
        ledger.tell_truth("r9", "bad", "you")


def test_trials_are_summed_by_what_they_cost(ledger: Ledger) -> None:
    assert ledger.explored_usd(LONG_AGO) == 0
    for event in events():
        if isinstance(event, Routed):
            event = replace(event, route=replace(event.route, explores=True))
        ledger.listener(event)
    assert ledger.explored_usd(LONG_AGO) == Decimal("0.0004")
    assert ledger.explored_usd(datetime(2100, 1, 1, tzinfo=UTC)) == 0


def test_receipts_come_back_newest_first(ledger: Ledger) -> None:
    done(ledger, "r1", attempt(1, ACCEPTED, usd("0.1")))
    assert [r.run_id for r in ledger.receipts()] == ["r1"]
    assert ledger.receipts(datetime(2100, 1, 1, tzinfo=UTC)) == ()


def test_a_folder_whose_name_is_no_utf_8_is_recorded_and_asked_for(ledger: Ledger) -> None:
    done(ledger, "r", attempt(1, ACCEPTED, usd("0.1")), root="/odd\udcff")
    assert [row.outcome for row in ledger.history(repo_root=Path("/odd\udcff"))] == ["accepted"]
    assert seen(ledger, "/odd\udcff").tallies
    assert ledger.warnings == ()
