"""The published tables to the cent, and plans of one's own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from routecli.domain.money import usd
from routecli.errors import UsageFault
from routecli.routing.simulation.mixes import Rates, drawn, names, own_mix, read_mix


@pytest.mark.parametrize(
    ("name", "cost", "top"),
    [("A", "426.00", "7500"), ("B", "76.77", "1215"), ("C", "21.64", "82.50"), ("D", "157.50", "2000")],
)
def test_the_published_tables_to_the_cent(name: str, cost: str, top: str) -> None:
    mix = read_mix(name)
    assert (mix.cost_usd, mix.top.cost_usd) == (usd(cost), usd(top))
    assert (mix.differs_usd, mix.published_top_cost_usd) == (0, usd(top))
    assert sum(p.share for p in mix.parts) == pytest.approx(1)


def test_where_ours_differs_a_note_says_why() -> None:
    mix = read_mix("c-75")
    assert mix.cost_usd == usd("15.90")
    assert mix.differs_usd == usd("-0.10")
    assert "15.90" in mix.notes[0]


def test_every_plan_by_name() -> None:
    assert names() == ("A", "B", "C", "C-75", "D")
    assert all(read_mix(name).notes for name in names())


def test_no_such_plan_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="no plan Z") as fault:
        read_mix("Z")
    assert "A, B, C, C-75, D" in (fault.value.hint or "")
    broken = tmp_path / "plans.toml"
    broken.write_text("[X]\nrows = 3\ntop = {}\n")
    with pytest.raises(UsageFault, match="the plan X cannot be read"):
        read_mix("X", broken)
    broken.write_text("[X")
    with pytest.raises(UsageFault, match="no file of plans"):
        names(broken)


def test_a_ladder_of_ones_own() -> None:
    tiers = [
        Rates("small", Decimal("0.9"), Decimal(1), Decimal(2)),
        Rates("large", Decimal("0.1"), Decimal(10), Decimal(20)),
    ]
    mix = own_mix(tiers, 1000, 5000, 1000, "mine")
    assert mix.cost_usd == usd("13.30")
    assert mix.top.cost_usd == usd("70")
    assert mix.saved_share == pytest.approx(0.81)
    assert mix.differs_usd is None


def test_without_failures_the_draws_cost_what_the_plan_says() -> None:
    mix = read_mix("D")
    found = drawn(mix, [1, 1, 1, 1], 20_000, seed=1)
    assert found.unsolved == 0
    assert float(found.cost_usd) == pytest.approx(float(mix.cost_usd), rel=0.05)


def test_failures_climb_and_the_last_leaves_them_to_a_person() -> None:
    mix = read_mix("D")
    found = drawn(mix, [0, 0, 0, 0], 1000)
    assert found.unsolved == 1000
    assert found.reached[-1] == 1000
    assert found.cost_usd > mix.cost_usd
