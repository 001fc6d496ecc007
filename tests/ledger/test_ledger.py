from __future__ import annotations

import os
import sqlite3
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from domain.receipts import DEFERRED, attempt, events, receipt
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.events import Called, Calling, FailedOver, Finished, Judged, Started
from routecli.domain.money import Usage, UsageSource, Usd, usd
from routecli.domain.receipt import Outcome
from routecli.domain.verdict import DeferralReason
from routecli.errors import BudgetFault, UsageFault
from routecli.ledger.ledger import Ledger
from routecli.ledger.records import Cap

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.db")


def called(cost: Usd | None, *, model: str = "p/m", usage: Usage | None = None) -> Called:
    return Called(1, "tier1", model, "m", usage or Usage(120, output_tokens=5), cost, 1.0, "end")


def test_a_whole_run_is_recorded(ledger: Ledger) -> None:
    for event in events():
        ledger.listener(event)
    found = ledger.run("last")
    assert found.receipt is not None
    assert found.receipt.outcome is Outcome.ACCEPTED
    assert found.receipt.attempts[0].usage.input_tokens == 1000
    assert (found.row.outcome, found.row.kind, found.row.first_tier) == ("accepted", "fix", "tier1")
    assert found.row.cost_usd == Decimal("0.0104")
    assert (found.row.requests, found.row.attempts) == (2, 1)
    assert [(r.state, r.model, r.cost_usd) for r in found.requests] == [
        ("failed", "p/org/small", Decimal(0)),
        ("settled", "q/other", Decimal("0.0004")),
    ]
    assert '"prompt_tokens": 1000' in found.requests[1].usage_raw
    assert ledger.warnings == ()


def test_it_is_there_after_a_reopening_and_private(tmp_path: Path) -> None:
    first = Ledger.open(tmp_path / "ledger.db")
    for event in events():
        first.listener(event)
    first.close()
    assert stat.S_IMODE((tmp_path / "ledger.db").stat().st_mode) == 0o600
    assert Ledger.open(tmp_path / "ledger.db").run("r1").row.outcome == "accepted"


def test_history_is_newest_first_and_limited(ledger: Ledger) -> None:
    for number in range(5):
        ledger.listener(Started(f"run{number}", "x"))
    assert [row.run_id for row in ledger.history(2)] == ["run4", "run3"]


def test_a_run_is_found_by_its_beginning(ledger: Ledger) -> None:
    for run_id in ("aa1", "aa2", "b"):
        ledger.listener(Started(run_id, "x"))
    assert ledger.run("b").row.run_id == "b"
    assert ledger.run("aa1").row.run_id == "aa1"
    with pytest.raises(UsageFault, match="begin with aa") as ambiguous:
        ledger.run("aa")
    assert ambiguous.value.hint.startswith("routecli show aa")


@pytest.mark.parametrize("ref", ["", "zz", "%", "a_", "\x1b[31m"])
def test_a_run_that_is_not_there(ledger: Ledger, ref: str) -> None:
    ledger.listener(Started("aa1", "x"))
    with pytest.raises(UsageFault) as missing:
        ledger.run(ref)
    assert "\x1b" not in missing.value.what


def test_no_run_at_all(ledger: Ledger) -> None:
    assert ledger.history() == ()
    with pytest.raises(UsageFault):
        ledger.run("last")


def test_a_call_under_way_counts_with_its_worst_case(ledger: Ledger) -> None:
    ledger.listener(Started("r", "x"))
    ledger.listener(Calling(1, "tier1", "p/m", 100, usd("0.5")))
    row = ledger.history()[0]
    assert (row.outcome, row.cost_usd, row.cost_is_worst_case) == ("running", Decimal("0.5"), True)
    assert ledger.spent_usd(LONG_AGO) == Decimal("0.5")
    ledger.listener(called(usd("0.125")))
    assert ledger.spent_usd(LONG_AGO) == Decimal("0.125")
    assert not ledger.history()[0].cost_is_worst_case


def test_an_unpriced_call_is_unknown_not_free(ledger: Ledger) -> None:
    ledger.listener(Started("r", "x"))
    ledger.listener(Calling(1, "tier1", "p/m", 100, None))
    ledger.listener(called(None))
    assert ledger.history()[0].cost_usd is None


def test_spending_is_counted_from_a_time_and_by_repository(ledger: Ledger) -> None:
    for event in events():
        ledger.listener(event)
    assert ledger.spent_usd(datetime.now(UTC) + timedelta(hours=1)) == 0
    assert ledger.spent_usd(repo_root=Path("/repo")) == Decimal("0.0004")
    assert ledger.spent_usd(repo_root=Path("/elsewhere")) == 0
    assert len(ledger.history(repo_root=Path("/repo"))) == 1


def test_row_57_a_cap_is_never_exceeded(ledger: Ledger) -> None:
    cap = Cap("day", usd("1"), LONG_AGO)
    first = ledger.reserve("r", "p/m", usd("0.75"), [cap])
    with pytest.raises(BudgetFault, match=r"0\.25 of the day's"):
        ledger.reserve("r", "p/m", usd("0.5"), [cap])
    ledger.settle(first, usd("0.25"))
    ledger.reserve("r", "p/m", usd("0.5"), [cap])
    assert ledger.spent_usd(LONG_AGO) == Decimal("0.75")


def test_row_57_an_unknown_bill_keeps_its_worst_case(ledger: Ledger) -> None:
    ledger.settle(ledger.reserve("r", "p/m", usd("0.75")), None)
    assert ledger.spent_usd() == Decimal("0.75")


def test_a_reserved_call_has_one_row(ledger: Ledger) -> None:
    ledger.listener(Started("r", "x"))
    reservation = ledger.reserve("r", "p/m", usd("0.5"))
    ledger.listener(Calling(1, "tier1", "p/m", 100, usd("0.5")))
    ledger.settle(reservation, usd("0.1"))
    ledger.listener(called(usd("0.1")))
    (request,) = ledger.run("r").requests
    assert (request.state, request.cost_usd, request.input_tokens) == ("settled", Decimal("0.1"), 120)


@given(st.lists(st.decimals(min_value=0, max_value=1000, places=9), max_size=20))
def test_sums_are_exact(amounts: list[Decimal]) -> None:
    ledger = Ledger.open(None)
    for amount in amounts:
        ledger.reserve("r", "p/m", Usd(amount))
    assert ledger.spent_usd() == sum(amounts, Decimal(0))


def test_dialects_are_counted_by_faults_of_form_only(ledger: Ledger) -> None:
    unread = replace(DEFERRED, reason=DeferralReason.MALFORMED_EDITS)
    ledger.listener(Started("r", "x"))
    for verdict in (DEFERRED, unread, unread):
        ledger.listener(Judged(attempt(1, verdict, usd("0.1"))))
    ledger.listener(Judged(attempt(1, unread, usd("0.1"), edit_format="whole_file")))
    ledger.listener(Finished(receipt(run_id="r")))
    assert ledger.dialect_record("p/org/small") == {"search_replace": (3, 2), "whole_file": (1, 1)}
    assert ledger.dialect_record("p/none") == {}


def test_how_far_a_bill_went_beyond_its_estimate(ledger: Ledger) -> None:
    ledger.listener(Started("r", "x"))
    assert ledger.most_over_estimate("p/m") == 1.0
    for billed, most in ((110, 1.1), (130, 1.3), (90, 1.3)):
        ledger.listener(Calling(1, "tier1", "p/m", 100, usd(1)))
        ledger.listener(called(usd(1), usage=Usage(billed)))
        assert ledger.most_over_estimate("p/m") == most
    ledger.listener(Calling(1, "tier1", "p/m", 100, usd(1)))
    ledger.listener(called(usd(1), usage=Usage(9000, source=UsageSource.ESTIMATED)))
    assert ledger.most_over_estimate("p/m") == 1.3
    assert ledger.most_over_estimate("p/other") == 1.0


def test_patches_are_kept_byte_for_byte(ledger: Ledger, tmp_path: Path) -> None:
    text = "--- a/x\n+++ b/x\n-a\r\n+\udcff\n"
    where = ledger.save_patch("r1", text)
    assert where is not None
    assert stat.S_IMODE(where.stat().st_mode) == 0o600
    assert ledger.patch("r1") == text
    assert ledger.patch("r2") is None
    assert ledger.save_patch("../../evil", text) is None
    assert not list(tmp_path.parent.glob("evil*"))


def test_the_receipt_gets_its_patch_back(ledger: Ledger) -> None:
    ledger.save_patch("r1", "the patch\n")
    for event in events():
        ledger.listener(event)
    found = ledger.run("r1").receipt
    assert found is not None
    assert found.patch_text == "the patch\n"


def test_row_28_a_link_in_place_of_the_folder_of_patches(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "patches").symlink_to(tmp_path / "elsewhere")
    assert ledger.save_patch("r1", "x") is None
    assert list((tmp_path / "elsewhere").iterdir()) == []


class Canary:
    def values(self) -> tuple[str, ...]:
        return ("canary-key-123456",)


def test_row_59_no_key_is_written(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.db", secrets=Canary())
    key = "canary-key-123456"
    ledger.listener(Started("r", f"use {key}"))
    ledger.listener(Calling(1, "tier1", "p/m", 100, usd(1)))
    ledger.listener(called(usd(1), usage=Usage(1, raw={"echo": key})))
    full = receipt(run_id="r")
    ledger.listener(Finished(replace(full, why=key, task=replace(full.task, instruction=key), patch_text=key)))
    ledger.save_patch("r", f"+{key}")
    ledger.close()
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(written) >= 2
    assert [file for file in written if key.encode() in file.read_bytes()] == []


def test_odd_values_are_stored_as_near_as_can_be(ledger: Ledger) -> None:
    ledger.listener(Started("r", "b\udcffd \x00 \x1b[31m"))
    ledger.listener(Calling(1, "tier1", "p/m", 2**80, usd(1)))
    ledger.listener(called(usd(1), usage=Usage(2**70, raw={"deep": object()})))
    assert ledger.warnings == ()
    assert ledger.run("r").requests[0].input_tokens == 10**15


def test_a_row_that_cannot_be_read_is_shown_without_its_receipt(ledger: Ledger, tmp_path: Path) -> None:
    for event in events():
        ledger.listener(event)
    with sqlite3.connect(tmp_path / "ledger.db") as other:
        other.execute("UPDATE runs SET receipt = '{\"schema_version\": 1}'")
    assert ledger.run("r1").receipt is None
    assert ledger.run("r1").row.outcome == "accepted"


def test_a_pid_that_is_used_again_is_no_running_run(ledger: Ledger, tmp_path: Path) -> None:
    ledger.listener(Started("r", "x"))
    with sqlite3.connect(tmp_path / "ledger.db") as other:
        other.execute("UPDATE runs SET pid = ?, pid_started = '1'", (os.getpid(),))
    assert ledger.history()[0].outcome == "interrupted"
    assert ledger.history()[0].why


def test_row_57_a_repositorys_cap_counts_its_own_runs(ledger: Ledger) -> None:
    here = Cap("repository", usd("1"), LONG_AGO, repo_root="/repo")
    for run in ("one", "two"):
        ledger.listener(Started(run, "x"))
    ledger.reserve("one", "p/m", usd("0.75"), [here])
    with pytest.raises(BudgetFault, match=r"0\.25 of the repository's"):
        ledger.reserve("two", "p/m", usd("0.5"), [here])
    ledger.reserve("two", "p/m", usd("0.75"), [replace(here, repo_root="/elsewhere")])
    assert ledger.spent_under(here) == Decimal("0.75")


def test_row_57_a_keys_cap_counts_its_own_calls(ledger: Ledger) -> None:
    key = Cap("p key", usd("1"), LONG_AGO, provider="p")
    ledger.reserve("r", "pp/m", usd("5"), [])
    ledger.reserve("r", "p/m/x", usd("1"), [key])
    with pytest.raises(BudgetFault, match=r"\$0 of the p key's"):
        ledger.reserve("r", "p/m", usd("0.01"), [key])
    assert ledger.spent_under(key) == 1


def test_a_look_at_a_cap_sets_nothing_aside(ledger: Ledger) -> None:
    cap = Cap("day", usd("1"), LONG_AGO)
    ledger.check("p/m", usd("1"), [cap])
    with pytest.raises(BudgetFault):
        ledger.check("p/m", usd("1.01"), [cap])
    assert ledger.spent_under(cap) == 0


def test_a_reserved_call_that_never_answered_has_failed(ledger: Ledger) -> None:
    ledger.listener(Started("r", "x"))
    reservation = ledger.reserve("r", "p/m", usd("0.5"))
    ledger.listener(Calling(1, "tier1", "p/m", 100, usd("0.5")))
    ledger.settle(reservation, usd(0))
    ledger.listener(FailedOver(1, "tier1", "p/m", "p/n", "down"))
    (request,) = ledger.run("r").requests
    assert (request.state, request.cost_usd) == ("failed", 0)
