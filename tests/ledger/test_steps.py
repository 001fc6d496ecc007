"""What the tiers of past runs did, read without their receipts, is what the receipts say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from domain.receipts import ACCEPTED, DEFERRED, UNVERIFIED, attempt, events, receipt
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from routecli.domain.events import Event, Finished, Judged, Routed, Started, Surveyed
from routecli.domain.ladder import Reason
from routecli.domain.money import usd
from routecli.domain.receipt import Attempt, Outcome
from routecli.domain.verdict import Verdict
from routecli.ledger.ledger import Ledger
from routecli.ledger.tallies import tried

EVER = datetime(2000, 1, 1, tzinfo=UTC)


def told(kind: type[Event]) -> Event:
    return next(event for event in events() if isinstance(event, kind))


def ran(
    ledger: Ledger, run_id: str, *attempts: Attempt, policy: str = "auto", codes: tuple[str, ...] = (), **more: Any
) -> None:
    made = replace(receipt(run_id=run_id), attempts=attempts, **more)
    route = replace(made.route, policy=policy, reasons=tuple(Reason(code, "x") for code in codes))
    judged = [Judged(one) for one in attempts]
    for event in (Started(run_id, "x"), told(Surveyed), Routed(route), *judged, Finished(replace(made, route=route))):
        ledger.listener(event)


STEP = st.tuples(
    st.integers(1, 3), st.sampled_from([ACCEPTED, DEFERRED, UNVERIFIED]), st.sampled_from(["0.1", "0.25", None]),
    st.booleans(),
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.db")


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=5))
def test_as_the_receipt_has_it(ledger: Ledger, steps: list[tuple[int, Verdict, str | None, bool]]) -> None:
    made = [(attempt(tier, verdict, usd(cost) if cost else None), tools) for tier, verdict, cost, tools in steps]
    attempts = [replace(one, model="tools/tools") if tools else one for one, tools in made]
    run_id = f"r{len(ledger.climbed(EVER)):04}"
    ran(ledger, run_id, *attempts)
    found = ledger.climbed(EVER)[-1]
    assert found.tried == tuple(replace(one, strength=None) for one in tried(attempts))
    assert found.overruled == ""


def test_the_newest_and_the_oldest_first(ledger: Ledger) -> None:
    for number in range(4):
        ran(ledger, f"r{number}", attempt(1 + number % 2, ACCEPTED, usd("0.1")))
    assert [run.tried[0].tier for run in ledger.climbed(EVER)] == ["tier1", "tier2", "tier1", "tier2"]
    assert [run.tried[0].tier for run in ledger.climbed(EVER, most=1)] == ["tier2"]
    assert ledger.climbed(datetime(2100, 1, 1, tzinfo=UTC)) == ()
    assert ledger.climbed(EVER, repo_root=Path("/nowhere")) == ()


def test_how_a_person_overruled(ledger: Ledger) -> None:
    ran(ledger, "r1", attempt(1, ACCEPTED))
    ran(ledger, "r2", attempt(1, ACCEPTED), policy="asked", codes=("asked",))
    ran(ledger, "r3", attempt(1, ACCEPTED), policy="asked", codes=("asked", "again"))
    ran(ledger, "r4", attempt(1, UNVERIFIED), outcome=Outcome.UNVERIFIED, written=True)
    ran(ledger, "r5", attempt(1, UNVERIFIED), outcome=Outcome.UNVERIFIED, written=False)
    assert [run.overruled for run in ledger.climbed(EVER)] == ["", "tier", "again", "written", ""]
    assert ledger.overruled() == {"tier": 1, "again": 1, "written": 1}
    ledger.overrule("r1")  # accepted: writing it overrules nobody
    ledger.overrule("r5")
    assert ledger.overruled(EVER) == {"tier": 1, "again": 1, "written": 2}
    assert ledger.overruled(repo_root=Path("/nowhere")) == {}
