"""Policies through the whole command line: evidence of real runs moves the ladder, and `whatif` asks them again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from serving import Say, ScriptedServer

from .rig import RIGHT, TASK, WRONG, Rig

SCHEMA = Draft202012Validator(json.loads((Path(__file__).parents[2] / "docs" / "receipt.schema.json").read_text()))
EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("router-*.toml"))


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig.make(tmp_path)


def weighed(rig: Rig) -> dict[tuple[str, ...], dict[str, Any]]:
    told = rig.run("estimate", TASK, "calc.py", "--policy", "expected-cost", "--json")
    route = json.loads(told.out)["route"]
    assert route["policy"] == "expected-cost"
    return {tuple(c["tiers"]): c for c in route["considered"]}


def test_what_was_seen_moves_what_is_believed(rig: Rig) -> None:
    """Tiers 1 and 2 fail each time: more of their tasks are expected to climb, and whatif asks the runs again."""
    with ScriptedServer([Say(WRONG), Say(WRONG), Say(RIGHT)] * 3) as server:
        rig.serve(server, more="[routing]\ndetection = 1.0\n")
        before = weighed(rig)
        for _ in range(3):
            assert rig.do("--policy", "cascade").status == 0
            assert rig.run("undo").status == 0
        after = weighed(rig)
    assert sum(c["chosen"] for c in after.values()) == 1
    for ladder in (("tier1", "tier3"), ("tier2", "tier3")):
        assert after[ladder]["reached"][1] > before[ladder]["reached"][1] + 0.02
    assert "ladder weighed" in rig.run("estimate", TASK, "calc.py", "--policy", "expected-cost").out
    again = json.loads(rig.run("simulate", "whatif", "--policy", "expected-cost", "--json").out)
    assert again["runs_priced"] == 3
    assert float(again["was_usd"]) > 0


def test_a_run_is_explained_in_figures(rig: Rig) -> None:
    """On the screen, in the receipt, and in the events; without --explain in none of them."""
    with ScriptedServer([Say(RIGHT)] * 2) as server:
        rig.serve(server, more="")
        said = rig.do("--policy", "thresholds", "--explain", "--json")
        assert said.status == 0
        route = json.loads(said.out)["route"]
        assert SCHEMA.is_valid(json.loads(said.out))
        assert not route["explained"]["decides"]
        assert any(turn["what"] == "files" and turn["at"] == 2 for turn in route["explained"]["turns"])
        assert "2 files or more (now 1): tier2 → tier3" in said.err
        assert json.loads(rig.run("show", "--explain", "--json").out) == route["explained"]
        assert "2 files or more (now 1)" in rig.run("show", "--explain").out
        assert rig.run("undo").status == 0
        plain = rig.do("--policy", "thresholds", "--json")
        refused = rig.run("show", "--explain")
    assert (refused.status, refused.refused_well()) == (2, True)
    assert "explained" not in json.loads(plain.out)["route"]
    lines = rig.run("estimate", TASK, "calc.py", "--policy", "expected-cost", "--explain", "--json")
    tiers = json.loads(lines.out)["route"]["explained"]["tiers"]
    assert sum(seen["first"] for seen in tiers[0]["seen"] if seen["scope"] == "all") == 2


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_each_published_router_is_a_configuration(rig: Rig, example: Path) -> None:
    """Its own file routes; nobody is called."""
    rig.env = {"ROUTECLI_CONFIG": str(example), "OPENROUTER_API_KEY": "sk-none"}
    first = {}
    for words in ("add docstrings to calc.py", "refactor calc.py", "redesign the architecture of calc.py"):
        told = rig.run("estimate", words, "calc.py", "--json", "--hint", "deep" if "redesign" in words else "")
        assert told.status == 0, told.err
        first[words.split()[0]] = json.loads(told.out)["route"]["ladder"]
    expected = {
        "router-a": ("tier1", "tier1", "tier3"), "router-b": ("fallback", "fallback", "deep"),
        "router-c": ("tier1", "tier2", "tier3"), "router-d": ("batch", "local", "frontier"),
        "router-e": ("tier1", "tier2", "tier3"),
    }  # fmt: skip
    assert tuple(next(t for t in ladder if t != "tools") for ladder in first.values()) == expected[example.stem]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_each_published_router_runs_and_climbs(rig: Rig, example: Path) -> None:
    """Its own file, its services at a scripted server: the first tier is wrong, the next right, both paid."""
    with ScriptedServer([Say(WRONG), Say(RIGHT)]) as server:
        here = "".join(f'\n[providers.{name}]\nbase_url = "{server.base_url}"\n' for name in ("openrouter", "ollama"))
        (rig.home / "config.toml").write_text(example.read_text() + here)
        rig.env = {"OPENROUTER_API_KEY": "sk-none"}
        done = rig.do()
    assert done.status == 0, done.err
    receipt = done.receipt
    tiers = [attempt["tier"] for attempt in receipt["attempts"]]
    assert tiers == {
        "router-a": ["tier1", "tier2"], "router-b": ["fallback", "routine"], "router-c": ["tier2", "tier3"],
        "router-d": ["local", "cloud"], "router-e": ["tier2", "tier3"],
    }[example.stem]  # fmt: skip
    assert [attempt["verdict"]["kind"] for attempt in receipt["attempts"]] == ["deferred", "accepted"]
    assert float(receipt["cost_usd"]) > 0


def test_an_unknown_policy_is_refused_before_anything(rig: Rig) -> None:
    told = rig.run("estimate", TASK, "calc.py", "--policy", "magic")
    assert told.status == 2
    assert told.refused_well()
    assert "thresholds" in told.err
