"""Kept prompts become lines to fine-tune on; the model that came of them takes the kinds at which it was promoted."""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
from pathlib import Path

import pytest
from e2e.rig import FILES, KEY, RIGHT, TASK, Rig, block
from serving import Say, ScriptedServer

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig.make(tmp_path, {**FILES, "LICENSE": "MIT License\n\nCopyright\n"})


def with_keep(rig: Rig) -> None:
    file = rig.home / "config.toml"
    file.write_text(f"keep = true\n{file.read_text()}")


def test_an_accepted_run_is_a_chat_and_one_with_a_secret_is_none(rig: Rig) -> None:
    rig.env["ROUTECLI_ROUTING_INFER_DAYS"] = "0"  # else what is undone here counts as wrong
    with ScriptedServer([Say(RIGHT), Say(RIGHT + f"\nThe token is {SECRET}, by the way.\n")]) as server:
        rig.serve(server)
        assert rig.do().status == 0
        none = rig.run("export", "--format", "sft", "--min-strength", "weak")
        assert (none.status, none.refused_well()) == (2, True), none.err
        assert "keep = true" in none.err
        rig.run("undo")
        with_keep(rig)
        assert rig.do().status == 0  # the reply with the token
        first = rig.run("export", "--format", "sft", "--min-strength", "weak")
        assert first.out == ""
        assert "1 hold a secret (GitHub token)" in first.err
    rig.run("undo")
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        with_keep(rig)
        assert rig.do("--tier", "tier1").status == 0
        sent = server.posts[0].text
    out = rig.home / "train.jsonl"
    done = rig.run("export", "--format", "sft", "--min-strength", "weak", "--out", str(out))
    assert done.status == 0, done.err
    (line,) = map(json.loads, out.read_text().splitlines())
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert line["messages"][-1] == {"role": "assistant", "content": RIGHT}
    assert all(m["content"] in sent for m in line["messages"][:-1])
    assert {m["role"] for m in line["messages"][:-1]} == {"system", "user"}
    meta = line["metadata"]
    assert (meta["tier"], meta["licence"], meta["kind"]) == ("tier1", "MIT License (LICENSE)", "fix")
    assert "+    return a + b" in meta["patch"]
    assert meta["strength"] == "tested"
    bare = rig.run("export", "--format", "sft", "--min-strength", "weak", "--bare")
    assert set(json.loads(bare.out)) == {"messages"}
    proven = rig.run("export", "--format", "sft", "--min-strength", "proven")
    assert (proven.out, "3 rest on less than proven" in proven.err) == ("", True)
    shown = rig.run("show", "last", "--prompts")
    assert RIGHT.splitlines()[0] in shown.out
    assert TASK in shown.out
    rig.run("feedback", "last", "bad")
    assert "1 turned out wrong" in rig.run("export", "--format", "sft", "--min-strength", "weak").err
    for file in (rig.home / "state" / "exchanges").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert KEY not in file.read_text()
    rig.run("forget", "last")
    assert rig.run("show", "last", "--prompts").status == 2


def test_nothing_is_kept_unless_asked(rig: Rig) -> None:
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        assert rig.do().status == 0
    assert not (rig.home / "state" / "exchanges").exists()
    refused = rig.run("show", "last", "--prompts")
    assert (refused.status, refused.refused_well()) == (2, True)
    assert rig.run("export", "--format", "csv", "--bare").status == 2


def test_a_local_tier_takes_the_kinds_at_which_it_was_promoted(rig: Rig) -> None:
    """From the suite's results to a run: eval, its diff, the diff applied, the next task."""
    suite = rig.home / "suite"
    suite.mkdir()
    rig.configure("http://127.0.0.1:9")
    file = rig.home / "config.toml"
    file.write_text(file.read_text().replace('name = "tier1"', 'name = "tier1"\nkinds = ["docs"]'))
    head = rig.repo.git("rev-parse", "HEAD").strip()
    lines = []
    for number in range(20):
        text = f'task = "fix it"\nkind = "fix"\nbase = "{head}"\npaths = ["calc.py"]\n'
        (suite / f"t{number:02}.toml").write_text(text)
        lines.append(text)
    digest = hashlib.sha256(lines[0].encode()).hexdigest()
    rows = [
        {"task": f"t{n:02}", "digest": digest, "tier": "tier1", "models": ["mine/m1"], "why": "", "cost_usd": "0",
         "ending": "solved", "wall_s": 1.0, "at": "2026-11-27T00:00:00+00:00"} for n in range(20)
    ]  # fmt: skip
    (suite / "results.jsonl").write_text("\n".join(map(json.dumps, rows)))
    before = json.loads(rig.run("estimate", TASK, "calc.py", "--policy", "cascade", "--json").out)["route"]
    assert before["first"] == "tier2"
    assert any(r["code"] == "kinds" and "tier1 left out" in r["text"] for r in before["reasons"])
    answer = json.loads(rig.run("eval", "advise", str(suite), "--tier", "tier1", "--json").out)
    assert answer["kinds"] == {"now": ["docs"], "then": ["docs", "fix"]}
    assert '+kinds = ["docs", "fix"]' in answer["diff"]
    subprocess.run(["patch", "-p0", str(file)], input=answer["diff"].encode(), check=True, stdout=subprocess.DEVNULL)
    after = json.loads(rig.run("estimate", TASK, "calc.py", "--policy", "cascade", "--json").out)["route"]
    assert after["first"] == "tier1"
    with ScriptedServer([Say(block("    return a + b"))]) as server:
        file.write_text(file.read_text().replace("http://127.0.0.1:9", server.base_url))
        done = rig.do("--policy", "cascade")
        assert [a["tier"] for a in done.receipt["attempts"]] == ["tier1"], done.err


def test_a_kind_that_is_none_is_refused(rig: Rig) -> None:
    rig.configure("http://127.0.0.1:9")
    file = rig.home / "config.toml"
    text = file.read_text()
    file.write_text(text.replace('name = "tier1"', 'name = "tier1"\nkinds = ["fixx"]'))
    refused = rig.run("models")
    assert (refused.status, refused.refused_well()) == (3, True)
    assert "did you mean fix?" in refused.err
    file.write_text(text.replace('edit_format = "search_replace"', 'edit_format = "auto"\nkinds = ["docs"]'))
    nobody = rig.run("estimate", TASK, "calc.py")
    assert (nobody.status, nobody.refused_well()) == (3, True), nobody.err
    assert rig.run("estimate", TASK, "calc.py", "--tier", "tier1").status == 0
