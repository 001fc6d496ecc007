"""Results of an evaluation: what was written comes back, garbage is none, and what no longer holds is not counted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.money import usd
from routecli.evaluation import results
from routecli.evaluation.results import Ending, Result
from routecli.evaluation.suite import SuiteTask
from routecli.evaluation.trying import Money

AT = datetime(2026, 11, 27, tzinfo=UTC)
ONE = Result("t", "d1", "tier1", ("p/m",), Ending.SOLVED, usd("0.013"), 2.5, "fine", AT, "r1")
TASK = SuiteTask("t", "do it", "abc", Path("/repo"), ("a.py",), digest="d1")


def test_a_result_comes_back_and_a_torn_line_is_none(tmp_path: Path) -> None:
    results.append(tmp_path, ONE)
    with (tmp_path / results.FILE_NAME).open("a") as stream:
        stream.write('{"task": "t"\n[]\n')
    results.append(tmp_path, replace(ONE, cost_usd=None))
    assert results.read(tmp_path) == (ONE, replace(ONE, cost_usd=None))


def test_what_follows_a_line_that_was_cut_short_is_not_lost_with_it(tmp_path: Path) -> None:
    file = tmp_path / results.FILE_NAME
    results.append(tmp_path, ONE)
    whole = file.read_bytes()
    for cut in (1, len(whole) // 2, len(whole) - 1, len(whole)):
        file.write_bytes(whole + whole[:cut])
        results.append(tmp_path, replace(ONE, task="next"))
        assert [r.task for r in results.read(tmp_path) if r.task != "t"] == ["next"], cut
    assert b"\n\n" not in file.read_bytes()


@given(st.lists(st.text(max_size=60), max_size=5))
def test_no_garbage_breaks_the_reading(lines: list[str]) -> None:
    assert [results._result(line) for line in lines] == [None] * len(lines)


def test_only_what_still_holds_counts_and_the_last_of_it() -> None:
    said = [
        replace(ONE, ending=Ending.NOT_SOLVED),
        ONE,
        replace(ONE, digest="d0", tier="tier2"),
        replace(ONE, models=("p/old",), tier="tier2"),
        replace(ONE, ending=Ending.UNFINISHED),
        replace(ONE, task="gone"),
    ]
    assert results.current(said, [TASK], {"tier1": ("p/m",), "tier2": ("p/m",)}) == [ONE]


def test_what_is_invalid_counts_for_nobody_but_its_cost_is_told() -> None:
    rows = [ONE, replace(ONE, ending=Ending.NOT_SOLVED), replace(ONE, ending=Ending.INVALID, cost_usd=usd("0.5"))]
    (rate, none) = results.rates(rows, ["tier1", "tier2"])
    assert (rate.solved, rate.tried, rate.invalid, rate.cost_usd) == (1, 2, 1, usd("0.526"))
    assert (none.solved, none.tried) == (0, 0)


@given(st.decimals(0, 9, places=2), st.decimals("0.01", 3, places=2), st.lists(st.none() | st.decimals(0, 3, places=2)))
def test_tries_together_never_exceed_the_budget(total: Decimal, each: Decimal, costs: list[Decimal | None]) -> None:
    money, spent = Money(total, each), Decimal(0)
    for cost in costs:
        cap = money.take()
        if cap is None:
            break
        billed = None if cost is None else min(cost, cap)
        money.give_back(cap, billed)
        spent += cap if billed is None else billed
        assert spent <= total


def test_who_finds_everything_set_aside_waits_for_what_comes_back() -> None:
    """Two tries at once: each may spend half, and the third begins with what the first did not."""
    money = Money(Decimal(4), Decimal(5), jobs=2)
    assert (money.take(), money.take()) == (2, 2)
    with ThreadPoolExecutor(1) as pool:
        third = pool.submit(money.take)
        money.give_back(Decimal(2), Decimal("0.5"))
        assert third.result(timeout=10) == Decimal("1.5")
    money.give_back(Decimal(2), None)
    money.give_back(Decimal("1.5"), Decimal("1.5"))
    assert money.take() is None
