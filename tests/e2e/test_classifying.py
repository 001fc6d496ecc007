"""A task goes elsewhere because somebody says how hard it is: for real, at a scripted server, and in the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from serving import Fail, Say, ScriptedServer

from .rig import KEY, RIGHT, TASK, WRONG, Rig, bill

SHADOW = '[routing]\nclassifier = "shadow"\n'


def word(said: str) -> Say:
    return Say(said, input_tokens=90, output_tokens=2)


def used(receipt: dict[str, Any]) -> list[tuple[str, str]]:
    return [(a["tier"], a["purpose"]) for a in receipt["attempts"]]


@pytest.mark.parametrize(
    ("said", "tier", "level"),
    [("HIGH", "tier3", "HIGH"), ("I cannot tell", "tier2", "MEDIUM"), ("low", "tier1", "LOW")],
)
def test_a_shadow_says_where_to_begin(tmp_path: Path, said: str, tier: str, level: str) -> None:
    says = [word(said), Say(RIGHT)]
    with ScriptedServer(says) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server, more=SHADOW)
        done = rig.do()
        posts = server.posts
    assert done.status == 0, done.err
    receipt = done.receipt
    assert used(receipt) == [("tier1", "classification"), (tier, "")]
    assert (receipt["route"]["first"], receipt["route"]["classified"]["level"]) == (tier, level)
    assert receipt["route"]["classified"]["by"] == "mine/m1"
    assert float(receipt["cost_usd"]) == pytest.approx(float(bill(posts, says)))
    asked = posts[0].body
    assert asked.get("max_completion_tokens", asked.get("max_tokens")) == 5
    text = json.dumps(asked["messages"])
    assert TASK in text
    assert "return a - b" not in text and "calc.py" not in text
    stats = json.loads(rig.run("stats", "--json").out)
    assert stats["total"]["climbed"] == 0
    assert {name: one["attempts"] for name, one in stats["by_tier"].items() if one["attempts"]} == {tier: 1}
    shown = rig.run("show", "last")
    assert "tier1 level" in shown.out


def test_a_shadow_that_is_not_obeyed_is_written_down(tmp_path: Path) -> None:
    with ScriptedServer([word("HIGH"), Say(WRONG), Say(RIGHT)]) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server, more=SHADOW + "classifier_obeyed = false\n")
        receipt = rig.do().receipt
    assert used(receipt) == [("tier1", "classification"), ("tier1", ""), ("tier2", "")]
    stats = json.loads(rig.run("stats", "--json").out)
    assert stats["levels"] == [
        {"classifier": "mine/m1", "level": "HIGH", "tasks": 1, "fits": 0, "too_low": 0, "too_high": 1}
    ]
    assert {name: (one["attempts"], one["verified"]) for name, one in stats["by_tier"].items()} == {
        "tier1": (1, 0), "tier2": (1, 1),
    }  # fmt: skip
    assert "too high" in rig.run("stats").out


def test_a_shadow_that_nobody_answers_leaves_it_to_the_words(tmp_path: Path) -> None:
    with ScriptedServer([Fail(400), Say(RIGHT)]) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server, more=SHADOW)
        done = rig.do()
    assert done.status == 0, done.err
    assert used(done.receipt) == [("tier1", "")]
    assert done.receipt["route"]["classified"] is None
    assert "nobody said how hard it is, the words decide" in done.err


def test_a_shadow_that_does_not_fit_the_budget_is_not_asked(tmp_path: Path) -> None:
    """Its worst case is set aside like any call's: here tier 3 would say it for more than is left."""
    with ScriptedServer([Say(RIGHT)]) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server, more=SHADOW + 'classifier_tier = "tier3"\n')
        file = rig.home / "config.toml"
        dear = file.read_text().replace("input_usd_per_mtok = 15", "input_usd_per_mtok = 90000")
        file.write_text(dear)
        done = rig.do("--budget", "1")
    assert done.status == 0, done.err
    assert used(done.receipt) == [("tier1", "")]
    assert "nobody said how hard it is" in done.err


def test_a_key_in_the_task_is_not_sent_to_the_classifier(tmp_path: Path) -> None:
    with ScriptedServer([word("LOW"), Say(RIGHT)]) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server, more=SHADOW)
        done = rig.run("run", f"{TASK}, not {KEY}", "calc.py", "--json")
        sent = json.dumps([post.body for post in server.posts[:1]])
    assert done.status == 0, done.err
    assert KEY not in sent


def test_who_asks_for_a_tier_pays_no_classifier(tmp_path: Path) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server, more=SHADOW)
        assert used(rig.do("--tier", "tier2").receipt) == [("tier2", "")]


def test_an_estimate_asks_nobody_and_says_whom_a_run_would_ask(tmp_path: Path) -> None:
    with ScriptedServer([]) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server, more=SHADOW)
        done = rig.run("estimate", TASK, "calc.py", "--json")
        wrong = rig.run("run", TASK, "calc.py", "--dry-run", cwd=rig.repo.root)
        assert server.posts == []
    told = json.loads(done.out)
    assert told["classifier"]["text"].startswith("tier1 mine/m1 is asked first how hard it is")
    assert wrong.status == 0


def test_a_classifier_tier_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with ScriptedServer([]) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server, more=SHADOW + 'classifier_tier = "tier9"\n')
        done = rig.do()
    assert done.status == 3
    assert done.refused_well()
    assert "one of: tier1, tier2, tier3" in done.err


def test_complexity_costs_nothing_and_remembers_a_failure(tmp_path: Path) -> None:
    """The same task again begins above the tier at which it was given up, whatever the classifier says."""
    with ScriptedServer([Say(WRONG), Say(RIGHT)]) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server, more='[routing]\nclassifier = "complexity"\n')
        first = rig.do("--max-tier", "tier1").receipt
        again = rig.do().receipt
    assert (first["outcome"], first["route"]["classified"]["level"]) == ("deferred", "LOW")
    assert used(again) == [("tier2", "")]
    assert "this task was deferred before (+2)" in again["route"]["classified"]["why"]
    third = json.loads(rig.run("estimate", TASK, "calc.py", "--json").out)
    assert not any(r["code"] == "failed-before" for r in third["route"]["reasons"])


def test_what_was_given_up_begins_one_above_and_once_it_is_done_no_more(tmp_path: Path) -> None:
    with ScriptedServer([Say(WRONG), Say(RIGHT)]) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server)
        first = rig.do("--max-tier", "tier1").receipt
        again = rig.do().receipt
        third = json.loads(rig.run("estimate", TASK, "calc.py", "--json").out)["route"]
    assert used(again) == [("tier2", "")]
    said = f"{first['run_id']} gave this task up at tier1: from tier2"
    assert {"code": "failed-before", "text": said} in again["route"]["reasons"]
    assert third["first"] == "tier1"


def test_a_lane_is_asked_for_and_told(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        file = rig.home / "config.toml"
        file.write_text(file.read_text().replace('name = "tier2"', 'name = "tier2"\nlane = "background"'))
        patient = json.loads(rig.run("estimate", TASK, "calc.py", "--lane", "background", "--json").out)["route"]
        waited = json.loads(rig.run("estimate", TASK, "calc.py", "--json").out)["route"]
        assert (patient["lane"], patient["first"]) == ("background", "tier2")
        assert (waited["lane"], waited["ladder"]) == ("real-time", ["tier1", "tier3"])
        assert rig.do().receipt["route"]["lane"] == "real-time"
    refused = rig.run("estimate", TASK, "calc.py", "--lane", "fast")
    assert refused.status in (2, 3)
    assert refused.refused_well()
