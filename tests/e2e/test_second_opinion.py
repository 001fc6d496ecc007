"""A second opinion of a passing patch, from the command line to the receipt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from domain.receipts import ACCEPTED, DEFERRED, attempt, receipt
from e2e.rig import FILES, RIGHT, TASK, WRONG, Rig, bill
from e2e.test_reproduction import SILENT
from jsonschema import Draft202012Validator
from serving import Say, ScriptedServer

from routecli.domain.events import Finished, Judged, Started
from routecli.ledger.ledger import Ledger

FEATURE = ("--kind", "feature")
"""Of a feature nothing has to fail before: its own tests are all that judges it, and they pass with any patch."""
CHEAP = ("--policy", "thresholds")
DOUBT = "2 times 3 is 6, and the sum is 5.\n\nOPINION: wrong\nDOUBT calc.py:3: add(2, 3) gives 6 and not 5\n"
NO_DOUBT = "OPINION: right\n"
BY_TIER2 = '[verify]\nsecond_opinion_tier = "tier2"\n'
SCHEMA = Path(__file__).parents[2] / "docs" / "receipt.schema.json"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    yield Rig.make(tmp_path, SILENT)


def names(rig: Rig, *models: str) -> None:
    """Gives the three tiers these names of models."""
    text = (rig.home / "config.toml").read_text()
    for place, model in enumerate(models, 1):
        text = text.replace(f"mine/m{place}", f"mine/{model}")
    (rig.home / "config.toml").write_text(text)


@pytest.mark.parametrize("api", ["openai", "anthropic"])
def test_a_doubt_buys_the_next_tier_and_is_paid_for(rig: Rig, api: str) -> None:
    """patch (wrong, and every test passes) · opinion (doubts) · patch (right)."""
    says = [Say(WRONG), Say(DOUBT, input_tokens=200, output_tokens=40), Say(RIGHT)]
    with ScriptedServer(list(says)) as server:
        rig.serve(server, api, more=BY_TIER2)
        done = rig.do(*FEATURE)
        posts = server.posts
    assert done.status == 0, done.err
    receipt = done.receipt
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(receipt)
    told = [(a["purpose"], a["tier"], a["number"], a["about"]) for a in receipt["attempts"]]
    assert told == [("second-opinion", "tier2", 2, 1), ("", "tier1", 1, 0), ("", "tier2", 3, 0)]
    assert receipt["attempts"][0]["doubts"] == [{"path": "calc.py", "line": 3, "said": "add(2, 3) gives 6 and not 5"}]
    assert receipt["attempts"][1]["verdict"]["reason"] == "low-confidence"
    assert "doubts calc.py:3" in receipt["attempts"][1]["verdict"]["why"]
    assert receipt["attempts"][2]["differs_from"] == [1]
    assert "answers otherwise than tier1's on" in receipt["why"]
    assert Decimal(receipt["cost_usd"]) == bill(posts, says)
    assert rig.code() == FILES["calc.py"].replace("a - b", "a + b")
    assert "return a * b" in posts[1].text
    assert "- calc.py:3: add(2, 3) gives 6" in posts[2].text.partition("Output of the checks")[2]


def test_without_a_doubt_and_with_nonsense_the_verdict_stands(rig: Rig) -> None:
    for said, word in ((NO_DOUBT, "no doubt"), ("Looks good to me!", "no opinion")):
        with ScriptedServer([Say(WRONG), Say(said)]) as server:
            rig.serve(server, more=BY_TIER2)
            done = rig.run("run", TASK, "calc.py", *FEATURE)
            assert len(server.posts) == 2
        assert done.status == 0, done.err
        assert word in done.out
        assert "tier2 opinion" in done.out
        assert word in rig.run("show").out
        assert rig.run("undo").status == 0


def test_auto_asks_another_family_where_nothing_speaks_for_the_change(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path, SILENT)
    says = [Say(WRONG), Say(DOUBT), Say(RIGHT), Say(NO_DOUBT)]
    with ScriptedServer(list(says)) as server:
        rig.serve(server)
        names(rig, "deepseek-v4", "kimi-k2", "claude-5")
        explained = rig.run("estimate", TASK, "calc.py", *FEATURE)
        done = rig.do(*FEATURE)
        asked = [p.model for p in server.posts]
    assert "tier2 mine/kimi-k2 (moonshot), where the acceptance is weak; never asked" in " ".join(explained.out.split())
    assert done.status == 0, done.err
    assert asked == ["deepseek-v4", "kimi-k2", "kimi-k2", "deepseek-v4"]
    again = json.loads(rig.run("estimate", TASK, "calc.py", *FEATURE, "--json").out)
    assert "doubted 1 of 1, right 1 of 1" in again["second_opinion"]["text"]


@pytest.mark.parametrize(
    ("options", "models"),
    [(["--no-second-opinion"], ("deepseek-v4", "kimi-k2", "claude-5")), ([], ("gpt-a", "gpt-b", "gpt-c"))],
)
def test_nobody_is_asked(rig: Rig, options: list[str], models: tuple[str, ...]) -> None:
    with ScriptedServer([Say(WRONG)]) as server:
        rig.serve(server)
        names(rig, *models)
        done = rig.do(*FEATURE, *options)
        assert len(server.posts) == 1
    assert done.status == 0, done.err


def test_a_fix_that_a_test_speaks_for_is_doubted_only_if_asked(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    with ScriptedServer([Say(RIGHT), Say(RIGHT), Say(NO_DOUBT)]) as server:
        rig.serve(server)
        names(rig, "deepseek-v4", "kimi-k2", "claude-5")
        assert rig.do().status == 0
        assert len(server.posts) == 1
        assert rig.run("undo").status == 0
        assert rig.do("--second-opinion").status == 0
        assert len(server.posts) == 3


def test_a_reviewer_that_is_down_or_too_dear_changes_nothing(rig: Rig) -> None:
    with ScriptedServer([Say(WRONG)]) as server:
        rig.serve(server, more=BY_TIER2)
        done = rig.do(*FEATURE, "--budget", "0.03")
        assert len(server.posts) == 1, "its worst case does not fit"
    assert done.status == 0, done.err
    assert "no second opinion" in done.err


def test_a_tier_that_is_not_there_is_configuration(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server, more='[verify]\nsecond_opinion_tier = "tier9"\n')
        done = rig.run("run", TASK, "calc.py")
        assert server.posts == []
    assert (done.status, done.refused_well()) == (3, True), done.err


def test_the_writers_own_word_is_recorded_and_used_only_once_it_predicts(rig: Rig) -> None:
    """Weak acceptances of a writer that is unsure; first nothing is known of its word, then it was right mostly."""
    unsure = f"{WRONG}\nCONFIDENCE: 2\n"
    with ScriptedServer([Say(unsure), Say(unsure), Say(f"{RIGHT}\nCONFIDENCE: 9\n")]) as server:
        rig.serve(server)
        first = rig.do(*FEATURE)
        assert first.status == 0, first.err
        assert [a["confidence"] for a in first.receipt["attempts"]] == [2]
        assert rig.run("undo").status == 0
        seed(rig, sure=9, right=30, wrong=3)
        seed(rig, sure=2, right=2, wrong=24)
        explained = json.loads(rig.run("estimate", TASK, "calc.py", *FEATURE, *CHEAP, "--json").out)
        assert explained["confidence"]["code"] == "confidence-used", explained["confidence"]
        done = rig.do(*FEATURE, *CHEAP)
    assert done.status == 0, done.err
    told = [(a["tier"], a["verdict"]["reason"], a["confidence"]) for a in done.receipt["attempts"]]
    assert told == [("tier1", "low-confidence", 2), ("tier2", None, 9)]
    assert "its writer is sure of it to 2 of 10" in done.receipt["attempts"][0]["verdict"]["why"]


def seed(rig: Rig, *, sure: int, right: int, wrong: int) -> None:
    """Earlier attempts of the first tier's model, in the ledger of this rig."""
    ledger = Ledger.open(rig.home / "state" / "ledger.db")
    for number in range(right + wrong):
        verdict = ACCEPTED if number < right else DEFERRED
        one = replace(attempt(1, verdict, confidence=sure), model="mine/m1")
        ledger.listener(Started(f"seed-{sure}-{number}", "x"))
        ledger.listener(Judged(one))
        ledger.listener(Finished(replace(receipt(run_id=f"seed-{sure}-{number}"), attempts=(one,))))
    ledger.close()
