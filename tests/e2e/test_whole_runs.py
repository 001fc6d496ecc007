"""The main job over real HTTP: both APIs, streamed, with the tree, the index and HEAD compared before and after."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from e2e.rig import FILES, KEY, RIGHT, TASK, WRONG, Rig, bill, block
from serving import Fail, Say, ScriptedServer

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "receipt.schema.json").read_text())


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig.make(tmp_path)
    made.repo.write({"other.py": "VALUE = 2  # mine, uncommitted\n", "untracked.txt": "keep me\n"})
    return made


def unchanged_but(rig: Rig, path: str, text: str) -> bool:
    """Whether nothing but `path` differs from what the rig was made with."""
    root = rig.repo.root
    status = rig.repo.git("--no-optional-locks", "status", "--porcelain").splitlines()
    kept = (root / "other.py").read_text() == "VALUE = 2  # mine, uncommitted\n"
    kept = kept and (root / "untracked.txt").read_text() == "keep me\n"
    expected = {" M other.py", "?? untracked.txt"} | ({f" M {path}"} if text != FILES[path] else set())
    return kept and (root / path).read_text() == text and set(status) == expected


@pytest.mark.parametrize("api", ["openai", "anthropic"])
def test_the_wrong_patch_is_caught_and_the_next_tier_is_accepted(rig: Rig, api: str) -> None:
    says = [Say(WRONG, input_tokens=500, output_tokens=90), Say(RIGHT, input_tokens=800, output_tokens=70)]
    index = rig.repo.git("ls-files", "-s")
    head = rig.repo.git("rev-parse", "HEAD")
    with ScriptedServer(list(says)) as server:
        rig.serve(server, api)
        done = rig.do()
        posts = server.posts
    assert done.status == 0, done.err
    receipt = done.receipt
    jsonschema.validate(receipt, SCHEMA)
    assert [(a["tier"], a["verdict"]["kind"]) for a in receipt["attempts"]] == [
        ("tier1", "deferred"),
        ("tier2", "accepted"),
    ]
    assert receipt["outcome"] == "accepted"
    assert Decimal(receipt["cost_usd"]) == bill(posts, says)
    assert receipt["baseline_tier"] == "tier3"
    assert unchanged_but(rig, "calc.py", FILES["calc.py"].replace("a - b", "a + b"))
    assert (rig.repo.git("ls-files", "-s"), rig.repo.git("rev-parse", "HEAD")) == (index, head)
    assert "return a * b" in posts[1].text, "the next tier sees what was tried"
    assert "test_add" in posts[1].text, "and why it failed"


def test_row_59_the_key_is_nowhere(rig: Rig) -> None:
    with ScriptedServer([Say(WRONG), Fail(401, message=f"bad key {KEY}")]) as server:
        rig.serve(server)
        done = rig.do("--verbose")
        assert all(KEY not in post.text for post in server.posts)
    assert done.status == 3
    assert "RIG_KEY" in done.err
    assert KEY not in done.out + done.err
    holding = [p for p in rig.home.rglob("*") if p.is_file() and KEY.encode() in p.read_bytes()]
    assert holding == []


def test_accepted_at_once_and_shown_again(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        done = rig.run("run", TASK, "calc.py")
    assert done.status == 0, done.err
    assert "accepted" in done.out
    assert "tier3 alone" in done.out
    assert "an estimate" in done.out
    again = rig.run("show", "last", "--json")
    assert json.loads(again.out)["outcome"] == "accepted"
    assert "fix add" in rig.run("history").out


def test_every_tier_wrong_changes_nothing_and_keeps_the_best_patch(rig: Rig) -> None:
    state = rig.repo.state()
    with ScriptedServer([Say(WRONG)] * 3) as server:
        rig.serve(server)
        done = rig.do()
    assert done.status == 1
    assert len(done.receipt["attempts"]) == 3
    assert rig.repo.state() == state
    patch = rig.run("show", "last", "--patch").out
    assert "+    return a * b" in patch
    assert (
        subprocess.run(["git", "apply", "--check"], input=patch, text=True, cwd=rig.repo.root, check=False).returncode
        == 0
    )


@pytest.mark.parametrize(
    ("api", "first", "reason"),
    [
        ("openai", Say("", stop="refusal", refusal="I would rather not."), "refused"),
        ("anthropic", Say("I would", stop="refusal"), "refused"),
        ("openai", Say(WRONG[:60], stop="length"), "truncated"),
        ("openai", Say(""), "no-edits"),
    ],
    ids=["refusal", "refusal-anthropic", "truncated", "empty"],
)
def test_an_unusable_reply_costs_and_climbs(rig: Rig, api: str, first: Say, reason: str) -> None:
    with ScriptedServer([first, Say(RIGHT)]) as server:
        rig.serve(server, api)
        done = rig.do()
        cost = bill(server.posts, [first, Say(RIGHT)])
    assert done.status == 0, done.err
    assert done.receipt["attempts"][0]["verdict"]["reason"] == reason
    assert Decimal(done.receipt["cost_usd"]) == cost


def test_prose_is_repaired_in_its_own_tier(rig: Rig) -> None:
    with ScriptedServer([Say("Just change the minus to a plus."), Say(RIGHT)]) as server:
        rig.serve(server)
        done = rig.do()
    assert [(a["tier"], a["repair"]) for a in done.receipt["attempts"]] == [("tier1", False), ("tier1", True)]


def test_the_wrong_file_is_refused_and_nothing_else_is_touched(rig: Rig) -> None:
    stray = block("VALUE = 3", "VALUE = 2  # mine, uncommitted", "other.py")
    with ScriptedServer([Say(stray)] * 6) as server:
        rig.serve(server)
        done = rig.do()
    assert done.status == 1
    assert {a["verdict"]["reason"] for a in done.receipt["attempts"]} == {"out-of-scope"}
    assert unchanged_but(rig, "calc.py", FILES["calc.py"])


def test_the_events_as_they_happen(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        done = rig.run("run", TASK, "calc.py", "--output", "jsonl")
    kinds = [json.loads(line)["type"] for line in done.out.splitlines()]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    assert kinds.index("calling") < kinds.index("called") < kinds.index("patched")


def test_a_budget_too_small_sends_nothing(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        done = rig.do("--budget", "0.0001")
        assert server.posts == []
    assert done.status == 4
    assert done.refused_well()


def test_an_unknown_price_stops_the_run_unless_allowed(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        config = (rig.home / "config.toml").read_text().split("[prices.")[0].replace("mine/m1", "mine/nobody-knows-it")
        (rig.home / "config.toml").write_text(config)
        done = rig.do()
        assert done.status == 4
        assert server.posts == []
        allowed = rig.do("--allow-unpriced")
    assert allowed.status == 0, allowed.err
    assert allowed.receipt["cost_usd"] is None


def test_a_provider_that_is_down_is_no_fault_of_the_code(rig: Rig) -> None:
    rig.configure("http://127.0.0.1:9/v1")
    done = rig.do()
    assert done.status == 5
    assert done.refused_well()
    assert rig.code() == FILES["calc.py"]


def test_a_tier_0_run_needs_no_model(rig: Rig) -> None:
    rig.repo.write({"imports.py": "import sys\nimport os\n\nprint(os.name, sys.path)\n"})
    done = rig.run("sort the imports", "imports.py", "--json")
    assert done.receipt["attempts"][0]["tier"] == "tools"
    assert Decimal(done.receipt["cost_usd"]) == 0
    assert done.status == 0, done.err
    assert (rig.repo.root / "imports.py").read_text().startswith("import os\nimport sys\n")


HOOK = """import pytest


@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = "passed"
"""


@pytest.mark.parametrize("there", [True, False], ids=["changed", "new"])
def test_row_06_a_conftest_beside_a_right_fix_needs_a_yes(tmp_path: Path, there: bool) -> None:
    """A hook that makes every later test green must not ride along, though the fix itself is right."""
    files = {name: text for name, text in FILES.items() if name != "test_calc.py"}
    files["test_calc.py"] = "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n"
    rig = Rig.make(tmp_path, files | ({"conftest.py": "# ours\n"} if there else {}))
    edit = block(HOOK.rstrip("\n"), "# ours", "conftest.py").replace("" if there else "# ours\n", "", 1)
    with ScriptedServer([Say(RIGHT + "\n" + edit)] * 3) as server:
        rig.serve(server)
        paths = ["calc.py", "conftest.py"] if there else ["calc.py"]
        done = rig.run("run", TASK, *paths, "--json")
    assert done.status == 7, done.err
    assert "conftest.py (steers what the tests and linters say)" in done.receipt["why"]
    assert "apply --run" in done.receipt["hint"]
    assert rig.code() == FILES["calc.py"]
    assert (rig.repo.root / "conftest.py").exists() == there
