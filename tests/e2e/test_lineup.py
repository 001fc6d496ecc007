"""`models review` and the alert on prices: the line-up beside the installed price list, evaluations and bills."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from e2e.rig import RIGHT, Rig
from serving import Say, ScriptedServer

OWN = """\
# my tiers
[[tiers]]
name = "cheap"  # the one for the bulk
models = ["anthropic/claude-haiku-4-5"]
[[tiers]]
name = "dear"
models = ["anthropic/claude-opus-5-5", "anthropic/nobody-knows-1"]
[routing]
tools = true
"""


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig.make(tmp_path)
    made.env["ANTHROPIC_API_KEY"] = "sk-ant-not-a-key"
    (tmp_path / "config.toml").write_text(OWN)
    return made


def reviewed(rig: Rig, *words: str) -> dict[str, Any]:
    done = rig.run("models", "review", "--json", *words)
    assert done.status == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_a_later_model_that_is_not_dearer_is_proposed_shown_and_written_only_when_asked(rig: Rig) -> None:
    file = rig.home / "config.toml"
    found = reviewed(rig)
    states = {one["model"]: one["state"] for one in found["models"]}
    assert states["anthropic/claude-haiku-4-5"] == "later"
    assert states["anthropic/nobody-knows-1"] == "unknown"
    assert found["proposed"]["cheap"] == ["anthropic/claude-haiku-5-5", "anthropic/claude-haiku-4-5"]
    assert (found["preset"], found["applied"]) == ("anthropic", False)
    assert "anthropic/claude-sonnet-5-5" in found["unnamed"]
    assert file.read_text() == OWN
    told = rig.run("models", "review", "--apply")
    today = datetime.now(UTC).date().isoformat()
    assert told.status == 0, told.err
    assert f"+reviewed = {today}" in told.out
    text = file.read_text()
    assert 'name = "cheap"  # the one for the bulk\nmodels = ["anthropic/claude-haiku-5-5", ' in text
    assert text.startswith(f"reviewed = {today}\n# my tiers\n")
    assert json.loads(rig.run("models", "--json").out)["lineup_reviewed"] == today
    file.write_text(text.replace(today, "2020-01-01"))
    assert [a["code"] for a in json.loads(rig.run("alerts", "--json").out)] == ["review"]
    rig.run("models", "review", "--apply")
    assert rig.run("alerts", "--check").status == 0
    assert "nothing to change" in rig.run("models", "review").out


def test_what_an_evaluation_says_of_a_later_model_counts(rig: Rig) -> None:
    suite = rig.repo.root / "evals"
    suite.mkdir()
    rows = [
        {"task": f"t{n}", "digest": "", "tier": "x", "models": [model], "why": "", "cost_usd": "0", "wall_s": 1.0,
         "ending": "solved" if n < good else "not-solved", "at": "2026-11-27T00:00:00+00:00"}
        for model, good in (("anthropic/claude-haiku-4-5", 9), ("anthropic/claude-haiku-5-5", 3)) for n in range(10)
    ]  # fmt: skip
    (suite / "results.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = reviewed(rig)
    assert "cheap" not in found["proposed"]
    assert found["models"][0]["solved"]["part"] == 9
    assert reviewed(rig, "--suite", str(rig.home))["proposed"]["cheap"][0] == "anthropic/claude-haiku-5-5"


def test_a_price_that_moved_since_the_oldest_bill_is_an_alert(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        assert rig.do().status == 0
    assert rig.run("alerts", "--check").status == 0
    file = rig.home / "config.toml"
    file.write_text(re.sub(r"input_usd_per_mtok = 0.5\noutput_usd_per_mtok = 1.5",
                           "input_usd_per_mtok = 1\noutput_usd_per_mtok = 3", file.read_text()))  # fmt: skip
    loud = rig.run("alerts", "--check", "--json")
    (alert,) = json.loads(loud.out)
    assert (loud.status, alert["code"], alert["value"]) == (1, "price", 2.0)
    assert "mine/m1 costs 2.00 times" in alert["text"]
    assert json.loads(rig.run("stats", "--json").out)["alerts"] == [alert]
    assert "mine/m1 costs 2.00 times" in rig.run("stats").out
    assert rig.run("stats", "--html", str(tmp_path / "r.html")).status == 0
    assert "mine/m1 costs 2.00 times" in (tmp_path / "r.html").read_text()
    assert json.loads(rig.run("stats", "--here", "--json").out)["alerts"] == []


RECORD = "task_id,model,resolved,cost_usd\n" + "".join(
    f"t{n},{model},{int(n % 10 < right)},{cost}\n"
    for n in range(40)
    for model, right, cost in (
        ("2026_scaffold_claude-haiku-4-5", 5, "0.02"), ("claude-haiku-5-5", 7, "0.03"),
        ("2026_scaffold_claude-opus-5-5-20261101", 8, "0.70"),
    )
)  # fmt: skip


def test_recorded_outcomes_say_what_candidates_are_worth(rig: Rig) -> None:
    """The ladder as it is and as it is proposed, beside the best of their models."""
    record = rig.home / "outcomes.csv"
    record.write_text(RECORD)
    found = reviewed(rig, "--outcomes", str(record))
    haiku = next(one for one in found["models"] if one["model"] == "anthropic/claude-haiku-4-5")
    assert haiku["recorded"]["name"] == "2026_scaffold_claude-haiku-4-5"
    assert (haiku["recorded"]["part"], haiku["recorded"]["whole"], haiku["recorded"]["cost_usd"]) == (20, 40, "0.02")
    assert found["replayed_on"] == 40
    by = {one["what"]: one for one in found["replays"]}
    assert list(by) == ["now", "proposed", "best of these"]
    assert by["proposed"]["models"][0] == "claude-haiku-5-5"
    assert float(by["proposed"]["cost_usd"]) < float(by["now"]["cost_usd"])
    told = rig.run("models", "review", "--outcomes", str(record)).out
    assert "replayed on 40 tasks" in told and "70%, $0.03" in told
    rig.run("models", "review")


def test_a_candidate_that_the_record_shows_worse_is_not_proposed(rig: Rig) -> None:
    record = rig.home / "outcomes.csv"
    worse = "\n".join(
        line.rsplit(",", 2)[0] + ",0,0.03" if ",claude-haiku-5-5," in line else line for line in RECORD.splitlines()
    )
    record.write_text(worse + "\n")
    assert "cheap" not in reviewed(rig, "--outcomes", str(record))["proposed"]
    assert reviewed(rig)["proposed"]["cheap"][0] == "anthropic/claude-haiku-5-5"


def test_outcomes_that_cannot_be_read_are_refused(rig: Rig) -> None:
    done = rig.run("models", "review", "--outcomes", "gone.csv")
    assert (done.status, done.refused_well()) == (2, True)
    assert "No such file" in done.err and "Errno" not in done.err
