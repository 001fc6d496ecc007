"""`feedback`: a person's word moves what routing believes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.rig import RIGHT, TASK, WRONG, Rig
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
    assert "days ago: routecli models review" in rig.run("stats").out
    assert rig.run("alerts").status == 0


def test_what_a_person_overrules_is_counted(tmp_path: Path) -> None:
    """A tier named, a task done again, a patch written that nothing accepted: each once, by how; what the router and
    the verdict had their way with is none."""
    rig = Rig.make(tmp_path)
    with ScriptedServer([Say(RIGHT)] * 3 + [Say(WRONG)] * 4) as server:
        rig.serve(server)
        assert rig.do().status == 0
        assert overruled(rig) == {}
        rig.run("undo")
        assert rig.do("--tier", "tier2").status == 0
        rig.run("undo")
        assert rig.run("again", "--json").status == 0
        assert overruled(rig) == {"tier": 1, "again": 1}
        rig.run("undo")
        refused = rig.do("--max-tier", "tier1")
    assert refused.status == 1, refused.err
    assert rig.run("apply", "--run", "last", "--check").status == 0
    assert overruled(rig) == {"tier": 1, "again": 1}
    written = rig.run("apply", "--run", "last", "--yes")
    assert written.status == 0, written.err
    assert overruled(rig) == {"tier": 1, "again": 1, "written": 1}
    told = json.loads(rig.run("stats", "--json").out)
    (mark,) = [m for m in told["review"] if m["code"] == "overrides"]
    assert (mark["part"], mark["whole"], mark["over"]) == (3, 4, True)
    said = "overruled  3 runs by you: done again 1, tier named 1, written unverified 1"
    assert said in rig.run("stats").out
    assert 'routecli_runs_overruled_total{how="again"} 1' in rig.run("export", "--format", "prometheus").out


def overruled(rig: Rig) -> dict[str, int]:
    found: dict[str, int] = json.loads(rig.run("stats", "--json").out)["overruled"]
    return found


def test_what_git_shows_counts_as_inferred_until_somebody_speaks(rig: Rig) -> None:
    before = reached(rig)
    run_id = json.loads(rig.run("show", "--json").out)["run_id"]
    rig.repo.git("checkout", "-q", "--", "calc.py")
    shown = rig.run("show")
    assert "reverted soon after, inferred from git" in shown.out
    assert json.loads(rig.run("show", "--json").out)["truth"] == {"word": "reverted", "by": "git"}
    assert reached(rig) > before
    assert "1 of the bad ones inferred: git shows" in rig.run("stats").out
    told = json.loads(rig.run("estimate", TASK, "calc.py", "--policy", "expected-cost", "--json").out)
    assert any(r["code"] == "inferred" for r in told["route"]["reasons"])
    rig.run("feedback", run_id, "good")
    assert json.loads(rig.run("show", "--json").out)["truth"] == {"word": "good", "by": "you"}
    rig.run("feedback", run_id, "unknown")
    assert json.loads(rig.run("show", "--json").out)["truth"]["word"] is None  # said to be unknown: git is not asked


def test_a_delivery_that_was_taken_back_is_seen_beside_the_next_call(rig: Rig) -> None:
    first = json.loads(rig.run("show", "--json").out)["run_id"]
    assert rig.run("undo").status == 0
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        assert rig.do().status == 0
    rig.repo.git("commit", "-q", "-a", "-m", "kept")
    truth = json.loads(rig.run("show", first, "--json", cwd=rig.home).out)["truth"]
    assert truth == {"word": "reverted", "by": "git"}
    assert json.loads(rig.run("show", first, "--json").out)["truth"]["word"] is None  # the same change is back
