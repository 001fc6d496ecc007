"""`feedback`: a person's word moves what routing believes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.rig import RIGHT, TASK, Rig
from serving import Say, ScriptedServer


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig.make(tmp_path)
    with ScriptedServer([Say(RIGHT)]) as server:
        made.serve(server)
        assert made.do().status == 0
        yield made


def reached(rig: Rig) -> float:
    """How many of the first tier's tasks are expected to climb."""
    told = json.loads(rig.run("estimate", TASK, "calc.py", "--policy", "expected-cost", "--json").out)
    weighed = {tuple(c["tiers"]): c for c in told["route"]["considered"]}
    share: float = weighed["tier1", "tier3"]["reached"][1]
    return share


def test_a_bad_patch_counts_against_its_tier_and_can_be_taken_back(rig: Rig) -> None:
    before = reached(rig)
    told = rig.run("feedback", "last", "bad", "--json")
    assert (told.status, json.loads(told.out)["truth"]) == (0, "bad")
    assert reached(rig) > before
    assert "good" in rig.run("feedback", "last", "good").err
    assert reached(rig) <= before
    rig.run("feedback", "last", "unknown")
    assert reached(rig) == before


@pytest.mark.parametrize("words", [("last", "great"), ("zzz", "good"), ("last",)])
def test_bad_words(rig: Rig, words: tuple[str, ...]) -> None:
    done = rig.run("feedback", *words)
    assert (done.status, done.refused_well()) == (2, True), done.err


def test_alerts_have_an_exit_status_for_cron(rig: Rig) -> None:
    quiet = rig.run("alerts", "--check")
    assert (quiet.status, "nothing over its limit in 1 runs" in quiet.out) == (0, True), quiet.err
    text = (rig.home / "config.toml").read_text()
    (rig.home / "config.toml").write_text(f"reviewed = 2020-01-01\n{text}")
    loud = rig.run("alerts", "--check", "--json")
    assert (loud.status, json.loads(loud.out)[0]["code"]) == (1, "review")
    assert rig.run("alerts").status == 0
