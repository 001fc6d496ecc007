"""`eval`: a suite made of history, tried with real runs against a scripted server, and what follows from it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
from e2e.rig import FILES, RIGHT, WRONG, Rig
from serving import Say, ScriptedServer

SUITE_TASK = "fix add: it subtracts where it should add"
FIXED = FILES["calc.py"].replace("a - b", "a + b")
NEW_TEST = (
    "import unittest\n\nfrom calc import add\n\n\nclass SumTest(unittest.TestCase):\n"
    "    def test_sum(self):\n        self.assertEqual(add(2, 3), 5)\n"
)
PYTEST, UNITTEST = "python -m pytest -q test_sum.py", "python3 -m unittest test_sum"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """A history of two commits: the second mends `calc.py` and brings its test."""
    made = Rig.make(tmp_path, {n: t for n, t in FILES.items() if n != "test_calc.py"})
    made.repo.write({"calc.py": FIXED, "test_sum.py": NEW_TEST})
    made.repo.git("add", "-A")
    made.repo.git("commit", "-q", "-m", SUITE_TASK)
    made.env["PATH"] = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    return made


def test_a_commit_becomes_a_task_that_a_right_tier_solves_and_a_wrong_one_does_not(rig: Rig) -> None:
    suite = rig.home / "suite"
    made = rig.run("eval", "make", str(suite))
    assert made.status == 0, made.err
    (file,) = suite.glob("*.toml")
    assert PYTEST in file.read_text()
    text = file.read_text().replace(PYTEST, UNITTEST)  # which starts in a tenth of the time
    file.write_text(text)
    assert "a + b" not in text
    assert 'tests = ["test_sum.py"]' in text
    before = rig.repo.state()
    with ScriptedServer([Say(WRONG), Say(RIGHT), Say(WRONG)]) as server:
        rig.serve(server)
        done = rig.run("eval", str(suite), "--tier", "tier1", "--tier", "tier2", "--json", "--budget", "3")
        assert done.status == 0, done.err
        answer = json.loads(done.out)
        assert [(t["tier"], t["solved"], t["tried"]) for t in answer["tiers"]][:2] == [
            ("tier1", 0, 1),
            ("tier2", 1, 1),
        ], answer
        assert [r["ending"] for r in answer["results"]] == ["not-solved", "solved"]
        assert sum(Decimal(r["cost_usd"]) for r in answer["results"]) > 0
        assert len(server.posts) == 2
        assert all("test_sum" not in post.text for post in server.posts)  # the test that judges is shown to nobody
        again = rig.run("eval", "run", str(suite), "--tier", "tier1", "--tier", "tier2", "--json")
        assert json.loads(again.out) == answer
        assert len(server.posts) == 2  # nothing is tried and paid twice
        file.write_text(text.replace("fix add", "mend add"))
        rig.run("eval", "run", str(suite), "--tier", "tier1")
        assert len(server.posts) == 3
    assert rig.repo.state() == before
    shown = rig.run("eval", "show", str(suite))
    assert "0 of 1" in shown.out
    counted = json.loads(rig.run("stats", "--json").out)
    assert counted["total"]["runs"] == 3
    assert not any(counted["overruled"].values())
    advice = rig.run("eval", "advise", str(suite))
    assert (advice.status, advice.out) == (0, "")
    assert "hold: " in advice.err


def test_a_commit_that_cannot_judge_here_makes_no_task(rig: Rig) -> None:
    """One whose tests pass without it, and one whose tests fail with it: no tier could be told from another on them."""
    rig.repo.write({"calc.py": FIXED + "\n\nX = 1\n", "test_x.py": "def test_x():\n    assert True\n"})
    rig.repo.commit("add the constant X to calc")
    rig.repo.write({"calc.py": FIXED + "\n\nX = 2\n", "test_y.py": "import gone\n\n\ndef test_y():\n    pass\n"})
    rig.repo.commit("make X two, as gone wants it")
    made = rig.run("eval", "make", str(rig.home / "suite"))
    assert made.status == 0, made.err
    (file,) = (rig.home / "suite").glob("*.toml")
    assert SUITE_TASK in file.read_text()
    assert "its tests pass before it" in made.err
    assert "its tests do not pass with it here: 1 error" in made.err
    rig.run("eval", "make", str(rig.home / "all"), "--no-check")
    assert len(list((rig.home / "all").glob("*.toml"))) == 3


def test_a_budget_that_is_spent_is_exit_4_and_the_rest_is_left(rig: Rig) -> None:
    suite = rig.home / "suite"
    rig.run("eval", "make", str(suite), "--no-check")
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        done = rig.run("eval", str(suite), "--budget", "0")
        assert done.status == 4, done.err
        assert "3 tries are left" in done.err
        assert server.posts == []


def test_an_evaluation_that_was_killed_goes_on_where_it_was(rig: Rig) -> None:
    """The first of two tries is done, the second has been asked: only that one is tried again."""
    suite = rig.home / "suite"
    suite.mkdir()
    head, base = rig.repo.git("rev-parse", "HEAD", "HEAD~1").split()
    for name in ("t0", "t1"):
        judged = f'accept = "{UNITTEST}"\ntests = ["test_sum.py"]\ntests_from = "{head}"\n'
        (suite / f"{name}.toml").write_text(f'task = "fix add"\nbase = "{base}"\npaths = ["calc.py"]\n{judged}')
    words = ("eval", str(suite), "--tier", "tier1", "--json")
    with ScriptedServer([Say(RIGHT), Say(RIGHT, first_pause_s=0.5), Say(RIGHT)]) as server:
        rig.serve(server)
        first = subprocess.Popen(
            [sys.executable, "-m", "routecli", *words], cwd=rig.repo.root, env=rig.environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while len(server.posts) < 2 and first.poll() is None:
            time.sleep(0.02)
        first.kill()
        assert first.wait() == -signal.SIGKILL
        (line,) = (suite / "results.jsonl").read_text().splitlines()
        assert json.loads(line)["ending"] == "solved", line
        answer = json.loads(rig.run(*words).out)
        assert [(r["task"], r["ending"]) for r in answer["results"]] == [("t0", "solved"), ("t1", "solved")]
        assert len(server.posts) == 3


def test_a_task_whose_tests_pass_before_is_invalid_and_counts_for_nobody(rig: Rig) -> None:
    suite = rig.home / "suite"
    rig.run("eval", "make", str(suite), "--no-check")
    (file,) = suite.glob("*.toml")
    head = rig.repo.git("rev-parse", "HEAD").strip()
    lines = [
        f'base = "{head}"' if line.startswith("base = ") else line
        for line in file.read_text().replace(PYTEST, UNITTEST).splitlines()
    ]
    file.write_text("\n".join(lines))
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        answer = json.loads(rig.run("eval", str(suite), "--tier", "tier1", "--json").out)
        assert server.posts == []
    assert (answer["tiers"][0]["tried"], answer["tiers"][0]["invalid"]) == (0, 1)
    assert "passes before" in answer["results"][0]["why"]


def test_enough_solved_tasks_promote_as_a_diff_and_nothing_is_written(rig: Rig) -> None:
    suite = rig.home / "suite"
    suite.mkdir()
    head = rig.repo.git("rev-parse", "HEAD").strip()
    rig.configure("http://127.0.0.1:9")
    config = (rig.home / "config.toml").read_text()
    for number in range(20):
        (suite / f"t{number}.toml").write_text(f'task = "do it"\nbase = "{head}"\npaths = ["calc.py"]\n')
    digests = subprocess.run(["sha256sum", suite / "t0.toml"], capture_output=True, text=True, check=True).stdout[:64]
    for solved, step, then in ((20, "promote", 2), (18, "regress", 0)):
        lines = [
            {"task": f"t{n}", "digest": digests, "tier": "tier1", "models": ["mine/m1"], "why": "", "cost_usd": "0.01",
             "ending": "solved" if n < solved else "not-solved", "wall_s": 1.0, "at": "2026-11-27T00:00:00+00:00"}
            for n in range(20)
        ]  # fmt: skip
        (suite / "results.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + '\n{"half')
        answer = json.loads(rig.run("eval", "advise", str(suite), "--json").out)
        assert (answer["step"], answer["middle_files"]["then"]) == (step, then)
        diff = rig.run("eval", "advise", str(suite)).out
        assert f"+middle_files = {then}" in diff
    assert (rig.home / "config.toml").read_text() == config


@pytest.mark.parametrize(
    ("text", "said"),
    [("task = 3\n", "task is no key"), ("[[", "is no task"), ('task = "x"\n', "base is missing"),
     ('task = "x"\nbase = "--upload-pack=x"\npaths = ["a"]\n', "base is no commit"),
     ('task = "x"\nbase = "a"\npaths = ["a"]\ntests = ["b"]\n', "go together")],
)  # fmt: skip
def test_a_broken_task_is_refused(rig: Rig, text: str, said: str) -> None:
    suite = rig.home / "suite"
    suite.mkdir()
    (suite / "a.toml").write_text(text)
    rig.configure("http://127.0.0.1:9")
    done = rig.run("eval", str(suite))
    assert (done.status, done.refused_well()) == (2, True), done.err
    assert said in done.err
    assert "is a file, a suite is a folder" in rig.run("eval", str(suite / "a.toml")).err


def test_an_accepted_run_that_mended_a_test_becomes_a_task(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    rig.env["PATH"] = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    suite = rig.repo.root / "evals"
    with ScriptedServer([Say(RIGHT)] * 2) as server:
        rig.serve(server)
        none = rig.run("eval", "make", str(suite), "--from", "runs")
        assert (none.status, none.refused_well()) == (2, True)
        assert rig.do().status == 0
        made = rig.run("eval", "make", str(suite), "--from", "runs")
        assert made.status == 0, made.err
        (file,) = suite.glob("run-*.toml")
        text = file.read_text()
        assert 'accept = "python -m unittest test_calc.AddTest.test_add"' in text
        assert "repository" not in text  # it is the suite's own, wherever that is cloned to
        done = rig.run("eval", str(suite), "--tier", "tier1", "--json", cwd=rig.home)
        assert [r["ending"] for r in json.loads(done.out)["results"]] == ["solved"], done.err


def test_tries_count_for_the_repository_itself_and_its_commands_need_its_trust(rig: Rig) -> None:
    suite = rig.home / "suite"
    rig.repo.git("reset", "-q", "--hard", "HEAD^")
    rig.repo.write({".routecli.toml": '[verify]\ntest_cmd = "python3 -m unittest test_sum"\n'})
    rig.repo.commit("our own command")
    rig.repo.write({"calc.py": FIXED, "test_sum.py": NEW_TEST})
    rig.repo.commit(SUITE_TASK)
    rig.run("eval", "make", str(suite), "--limit", "1")
    (file,) = suite.glob("*.toml")
    file.write_text(file.read_text().replace(PYTEST, UNITTEST))
    words = ("eval", str(suite), "--tier", "tier1", "--json")
    with ScriptedServer([Say(RIGHT)]) as server:
        rig.serve(server)
        refused = rig.run(*words)
        assert (json.loads(refused.out)["results"], server.posts) == ([], [])
        assert "not trusted: python3 -m unittest test_sum" in " ".join(refused.err.split())
        assert rig.run("trust", "add").status == 0
        done = rig.run(*words)
        assert [r["ending"] for r in json.loads(done.out)["results"]] == ["solved"], done.err
        assert "[1 of 1, $0.00" in done.err
    (row,) = json.loads(rig.run("history", "--here", "--json").out)
    assert (row["repo_root"], row["written"]) == (str(rig.repo.root), False)
    assert "routecli-eval-" not in (rig.home / "state" / "trust.json").read_text()
