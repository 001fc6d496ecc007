"""`simulate` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from routecli.cli.app import run

EXAMPLE = str(Path(__file__).parents[2] / "docs" / "examples" / "outcomes.csv")
OWN = """
[providers.mine]
api = "openai"
base_url = "http://127.0.0.1:9"
[[tiers]]
name = "small"
models = ["mine/s"]
[[tiers]]
name = "large"
models = ["mine/l"]
[prices."mine/s"]
input_usd_per_mtok = 1
output_usd_per_mtok = 2
[prices."mine/l"]
input_usd_per_mtok = 10
output_usd_per_mtok = 20
"""


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text(OWN)
    monkeypatch.setenv("ROUTECLI_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("ROUTECLI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def answer(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(["simulate", *args]) == 0
    return capsys.readouterr().out


def test_plans_by_name_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "plan", "--list").split() == ["A", "B", "C", "C-75", "D"]


def test_a_published_plan_in_figures(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(answer(capsys, "plan", "a", "--json"))
    assert (found["cost_usd"], found["top_cost_usd"], found["differs_usd"]) == ("426.00", "7500.00", "0.00")


def test_a_plan_on_the_screen_and_in_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = answer(capsys, "plan", "C", "--svg", "c.svg", "--html", "c.html", "--csv", "c.csv")
    assert "$21.64" in said
    assert "$82.50" in said
    assert "<svg" in (tmp_path / "c.svg").read_text()
    assert "<html" in (tmp_path / "c.html").read_text().lower()
    assert (tmp_path / "c.csv").read_text().splitlines()[0] == "name,share,cost_usd"


def test_ones_own_ladder_at_todays_prices(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(answer(capsys, "plan", "--mix", "90,10", "--tasks", "1000", "--output", "1000", "--json"))
    assert (found["cost_usd"], found["top_cost_usd"]) == ("13.30", "70.00")


def test_failures_that_climb(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(answer(capsys, "plan", "D", "--right", "0,0,0,1", "--draws", "500", "--json"))
    assert found["climbed"]["reached"][-1] == 500


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("plan",), "NAME or --mix"),
        (("plan", "A", "--mix", "1,2"), "NAME or --mix"),
        (("plan", "Q"), "no plan Q"),
        (("plan", "--mix", "50,40"), "add up to 100"),
        (("plan", "--mix", "a,b"), "2 numbers from 0 to 100"),
        (("plan", "A", "--right", "1,1"), "3 numbers from 0 to 1"),
        (("plan", "A", "--csv", "/nowhere/x.csv"), "cannot be written"),
        (("replay", "--outcomes", "none.csv"), "cannot be read"),
        (("replay", "--outcomes", EXAMPLE, "--policy", "thresholds"), "cannot be replayed"),
        (("replay", "--outcomes", EXAMPLE, "--top", "none"), "no model none"),
        (("replay", "--outcomes", EXAMPLE, "-d", "2"), ""),
    ],
)
def test_bad_words_end_in_one_line(capsys: pytest.CaptureFixture[str], args: tuple[str, ...], said: str) -> None:
    assert run(["simulate", *args]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_a_replay_in_figures(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(answer(capsys, "replay", "--outcomes", EXAMPLE, "--tiers", "small,large", "--json"))
    assert (found["tuned_on"], found["scored_on"]) == (31, 29)
    (at,) = found["rates"]
    assert at["ladder"] == ["small", "large"]
    assert at["against_top"]["saved"]["low"] > 0.4
    assert {one["name"] for one in found["single"]} == {"small", "large"}
    assert found["oracle"]["cost_usd"]["mean"] <= at["policy"]["cost_usd"]["mean"]


def test_the_curve_on_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    said = answer(capsys, "replay", "--outcomes", EXAMPLE, "--d-curve")
    assert said.count("it says:") == 9
    assert "random mix at equal spend" in said


def test_no_past_runs_is_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert "No run that called anyone" in answer(capsys, "whatif")
    assert json.loads(answer(capsys, "whatif", "--policy", "cascade", "--json"))["runs"] == []
