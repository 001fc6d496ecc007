"""Alerts over a real ledger, and what of them stands beside `stats`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from domain.receipts import ACCEPTED, DEFERRED, attempt, receipt

from routecli.compose.alerting import alerted, beside_stats
from routecli.config.load import Loaded, load
from routecli.domain.events import Finished, Judged, Routed, Started
from routecli.domain.verdict import Verdict
from routecli.ledger.ledger import Ledger

OWN = """
[providers.p]
api = "openai"
base_url = "http://127.0.0.1:9/v1"
[[tiers]]
name = "tier1"
models = ["p/m"]
[[tiers]]
name = "tier2"
models = ["p/n"]
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.db")


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    file = tmp_path / "config.toml"
    file.write_text(OWN)
    return load(repo_root=None, flags={}, environ={}, config_file=file, profile=None)


def ran(ledger: Ledger, number: int, verdict: Verdict, policy: str = "auto") -> None:
    made = replace(receipt(run_id=f"r{number:04}"), attempts=(attempt(1, verdict),))
    route = replace(made.route, policy=policy)
    for event in (
        Started(made.run_id, "x"),
        Routed(route),
        Judged(made.attempts[0]),
        Finished(replace(made, route=route)),
    ):
        ledger.listener(event)


def test_a_tier_that_got_worse_stands_beside_the_sums(ledger: Ledger, loaded: Loaded) -> None:
    now = datetime.now(UTC)
    since = now - timedelta(days=36_500)
    for number in range(60):
        ran(ledger, number, ACCEPTED if number % 10 else DEFERRED)
    assert beside_stats(loaded, ledger, since, None) == ()
    for number in range(60, 90):
        ran(ledger, number, DEFERRED if number % 4 else ACCEPTED, policy="asked")
    (alert,) = beside_stats(loaded, ledger, since, None)
    assert (alert.code, alert.text.split(":")[0]) == ("drift", "tier1 got worse")
    assert beside_stats(loaded, ledger, since, Path("/nowhere")) == ()
    whole = alerted(loaded, ledger, now, 36_500)
    assert whole.runs == 90
    assert {a.code for a in whole.alerts} == {"first-tier", "overrides", "drift"}
