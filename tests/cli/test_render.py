from __future__ import annotations

import dataclasses
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from cli.samples import FORBIDDEN, HOSTILE, receipt
from routecli.cli import render
from routecli.domain.money import usd
from routecli.domain.receipt import NETWORK_WAS_THERE, Baseline, Isolation, Outcome, Receipt
from routecli.ledger.records import RequestRow, RunRow


def printed(receipt: Receipt, width: int = 80, *, terminal: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=terminal, color_system="truecolor" if terminal else None,
        markup=False, highlight=False, emoji=False,
    )  # fmt: skip
    render.receipt(receipt, console)
    return out.getvalue()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_receipt_fits_its_screen(width: int) -> None:
    assert max(len(line) for line in printed(receipt(), width).splitlines()) <= width


def test_a_receipt_says_what_was_paid_and_what_proved_it() -> None:
    text = printed(receipt(), 120)
    assert "✓ accepted  fix the rounding" in text
    assert "tests-failed" in text
    assert "$0.0073" in text.split("total")[1]
    assert "cost         $0.0073 for this run, at prices of 2026-11-09" in text
    assert "tier3 alone  about $0.0388, an estimate: opus, its price for the prompt" in text
    assert "verified by  12 tests pass\nchecks       pytest 12 passed, 1 of them fixed" in text
    assert "bubblewrap" in text
    assert "written: src/invoice.py" in text


def test_estimated_tokens_are_marked() -> None:
    assert "~1,420" in printed(receipt(), 120)


def test_an_unknown_price_is_unknown_and_not_zero() -> None:
    whole = receipt()
    attempts = tuple(dataclasses.replace(a, cost_usd=None) for a in whole.attempts)
    unknown = dataclasses.replace(
        whole, attempts=attempts, cost_usd=None, baseline=Baseline("tier3", "m", None, "no price is known")
    )
    text = printed(unknown, 120)
    assert text.count("unknown") == 5
    assert "$0" not in text


def test_a_bill_of_the_top_tier_is_no_estimate() -> None:
    billed = Baseline("tier3", "m", usd("0.5"), "tier3 was called: its own bill", estimated=False)
    text = printed(dataclasses.replace(receipt(), baseline=billed), 120)
    assert "tier3 alone  $0.5000, tier3 was called: its own bill" in text
    assert "estimate" not in text


def test_what_verified_a_patch_is_said_once() -> None:
    whole = receipt()
    text = printed(dataclasses.replace(whole, why=whole.attempts[-1].verdict.why), 120)
    assert text.count("12 tests pass") == 1


def test_tier_0_is_no_model_and_costs_nothing() -> None:
    whole = receipt()
    tools = dataclasses.replace(whole.attempts[1], tier="tools", model="tools/tools", cost_usd=usd(0))
    text = printed(dataclasses.replace(whole, attempts=(tools,), cost_usd=usd(0)), 80)
    assert "tools  no model" in text
    assert "tools/tools" not in text


def test_a_narrow_screen_shows_a_model_by_its_own_name_where_that_is_enough() -> None:
    assert "openrouter" not in printed(receipt(), 80)
    whole = receipt()
    other = dataclasses.replace(whole.attempts[1], model="local/flash")
    alike = dataclasses.replace(whole, attempts=(whole.attempts[0], other))
    text = printed(alike, 80)
    assert "local/flash" in text
    assert "openrouter/" in text


def test_no_line_ends_in_blanks_where_a_program_reads() -> None:
    assert not [line for line in printed(receipt(), 80).splitlines() if line.endswith(" ")]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_its_words(outcome: Outcome) -> None:
    assert printed(receipt(outcome=outcome)).strip()


def test_what_was_not_written_is_said_to_be_so() -> None:
    text = printed(receipt(outcome=Outcome.UNVERIFIED), 120)
    assert "not written: src/invoice.py; nothing of yours was changed" in text


def test_where_an_agent_could_go_is_said() -> None:
    assert "no network" in printed(receipt(), 120)
    agents = printed(dataclasses.replace(receipt(), reached_hosts=("api.example.com",)), 120)
    assert "network: only api.example.com through a proxy" in agents
    assert "no network" not in agents


def test_a_network_that_was_opened_is_not_denied() -> None:
    opened = dataclasses.replace(receipt(), isolation_note=f"{NETWORK_WAS_THERE}: sandbox.network")
    for hosts in ((), ("api.example.com",)):
        text = printed(dataclasses.replace(opened, reached_hosts=hosts), 200)
        assert "with the machine's network" in text
        assert "no network" not in text
        assert "only" not in text


def test_a_run_without_isolation_says_it() -> None:
    assert "with your rights" in printed(dataclasses.replace(receipt(), isolation=Isolation.NONE), 120)


def test_a_saved_receipt_names_its_files_from_the_diff() -> None:
    assert "written: src/invoice.py" in printed(dataclasses.replace(receipt(), patch=None), 120)


@pytest.mark.parametrize("terminal", [True, False])
def test_row_11_nothing_hostile_reaches_the_terminal(terminal: bool) -> None:
    text = printed(receipt(HOSTILE), 80, terminal=terminal)
    assert not FORBIDDEN.search(text)
    assert "[bold]" in text.replace("\n", "")


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(), max_size=40), st.sampled_from([20, 80]))
def test_row_11_no_text_can_break_the_printing(text: str, width: int) -> None:
    assert not FORBIDDEN.search(printed(receipt(text), width))


def test_a_diff_is_coloured_and_made_visible() -> None:
    diff = render.diff_text("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\x1b[2J\n")
    assert diff.plain.splitlines()[-1] == "+b\\x1b[2J"
    assert {str(span.style) for span in diff.spans} >= {"green", "red", "bold", "dim"}


def test_a_patch_for_a_program_is_byte_for_byte(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    render.patch("+caf\udce9\x1b\r\n", Console())
    assert capfdbinary.readouterr().out == b"+caf\xe9\x1b\r\n"


def test_a_run_without_an_end_shows_what_its_calls_may_have_cost() -> None:
    row = RunRow(
        "r1", datetime(2026, 11, 27, tzinfo=UTC), "fix it", "/r", "fix", "tier1", "interrupted", "", None, True, None,
        None, 1, 0, False, None,
    )  # fmt: skip
    call = RequestRow("sent", row.started_at, 1, False, "tier1", "m", "", None, None, None, None, "")
    text = "\n".join(line.plain for line in render.unfinished(row, [call]))
    assert "interrupted  fix it" in text
    assert "at most unknown" in text
