"""Every fault of the table, for both APIs, over real sockets: the right word, the right status, nothing unpaid for.

That a run comes back at all shows that its time is bounded: the servers go on for half a minute or without end.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from providers.fault_runs import KEY, RATE, meet, meet_alone
from providers.faulting import FAULTS, Fault

from routecli.domain.events import Called
from routecli.domain.receipt import Outcome

PAGE = Path(__file__).parents[2] / "benchmarks" / "faults.md"


@pytest.mark.parametrize("api", ["openai", "anthropic"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_row_55_each_fault_has_its_word(fault: Fault, api: str) -> None:
    happened = meet(fault, api)
    receipt = happened.run.receipt
    assert (happened.word, happened.stop, happened.spend) == (fault.word, fault.stop, fault.spend), receipt
    assert receipt.outcome is (Outcome.FAILED if fault.word == "error" else Outcome.ACCEPTED)
    assert happened.retries <= 3
    assert happened.unscripted == 0
    billed = [event.cost_usd for event in happened.heard if isinstance(event, Called)]
    assert receipt.cost_usd == sum((cost for cost in billed if cost is not None), Decimal(0))
    for attempt in receipt.attempts:
        tokens = attempt.usage.input_tokens + attempt.usage.output_tokens
        assert attempt.cost_usd == tokens * RATE / 1_000_000
        assert tokens > 0
    assert KEY not in repr(happened.run)
    assert "Traceback" not in repr(happened.run)


@pytest.mark.parametrize("api", ["openai", "anthropic"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_row_55_each_fault_has_its_status(fault: Fault, api: str) -> None:
    assert meet_alone(fault, api) == fault.status


def test_the_page_lists_them() -> None:
    """`python benchmarks/faults.py` writes it."""
    rows = {line.split("|")[1].strip() for line in PAGE.read_text().splitlines() if line.startswith("| ")}
    assert rows - {"Fault"} == {fault.name for fault in FAULTS}
    assert len(FAULTS) >= 40
