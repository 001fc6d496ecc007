"""Agents as tiers, whole runs: a small agent of our own in the real sandbox, its requests over real HTTP."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from e2e.rig import FILES, KEY, Done, Rig
from serving import Fail, Say, ScriptedServer
from serving.script import Scripted

AGENT = """\
import json, os, subprocess, sys, time, urllib.request

def ask(model, words):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": words}]}).encode()
    url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    request = urllib.request.Request(url, body, {"content-type": "application/json", "authorization": "Bearer mine"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["choices"][0]["message"]["content"]

def do(line):
    word, _, rest = line.partition(" ")
    if word == "write":
        path, _, text = rest.partition(" ")
        with open(path, "w") as stream:
            stream.write(json.loads(text))
    elif word == "ask":
        do_all(ask(rest, "and now?"))
    elif word == "sleep":
        time.sleep(float(rest))
    elif word == "tell":
        names = sorted(os.listdir("."))
        do_all(ask(sys.argv[1], json.dumps({"files": names, "env": dict(os.environ), "prompt": sys.argv[2]})))

def do_all(text):
    for line in text.splitlines():
        do(line)

do_all(OWN or ask(sys.argv[1], sys.argv[2]))
print("done")
"""
RIGHT = "write calc.py " + json.dumps(FILES["calc.py"].replace("a - b", "a + b"))
WRONG = "write calc.py " + json.dumps(FILES["calc.py"].replace("a - b", "a * b"))
PRICES = '[prices."it/m1"]\ninput_usd_per_mtok = 1\noutput_usd_per_mtok = 2\n'
ONE = Decimal("0.00012")
"""100 tokens in, 10 out."""


def say(text: str) -> Say:
    return Say(text, input_tokens=100, output_tokens=10)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Callable[..., tuple[Done, ScriptedServer]]]:
    """Runs the task with the agent as the only tier; its first answer is what it does."""
    rig = Rig.make(tmp_path / "all", FILES | {".env": "SECRET=1\n", "held_test.py": "HELD = 1\n"})
    place = tmp_path / "agent" / "bin"
    place.mkdir(parents=True)

    def run(
        script: list[Scripted], *args: str, provider: str = "", more: str = "", own: str = ""
    ) -> tuple[Done, ScriptedServer]:
        (place / "agent.py").write_text(f"OWN = {own!r}\n{AGENT}")
        command = json.dumps(f"{sys.executable} {place / 'agent.py'} {{model}} {{prompt}}")
        with ScriptedServer(script, models=("m1",)) as server:
            paid = "" if own else f'base_url = "{server.base_url}"\napi_key_env = "RIG_KEY"\n'
            (rig.home / "config.toml").write_text(
                f'[providers.it]\napi = "agent"\nagent = "command"\ncommand = {command}\n{paid}{provider}\n'
                f'[[tiers]]\nname = "agent"\nmodels = ["it/m1"]\n[sandbox]\nbinds = ["{place.parent}"]\n{more}'
            )
            done = rig.do(*args)
        assert "Traceback" not in done.err, done.err
        return done, server

    run.rig = rig  # type: ignore[attr-defined]
    yield run


def verdicts(done: Done) -> list[str]:
    return [a["verdict"]["reason"] or a["verdict"]["kind"] for a in done.receipt["attempts"]]


def test_what_an_agent_changed_is_judged_and_delivered(runs: Callable[..., tuple[Done, ScriptedServer]]) -> None:
    done, server = runs([say("tell"), say("ask m1"), say(RIGHT)], more=PRICES + '[verify]\nholdout = ["held_*"]\n')
    assert done.status == 0, done.err
    assert Decimal(done.receipt["cost_usd"]) == 3 * ONE, "each request is on the bill"
    assert done.receipt["attempts"][0]["usage"]["source"] == "reported"
    assert done.receipt["reached_hosts"] == ["127.0.0.1"]
    seen = json.loads(server.posts[1].body["messages"][0]["content"])
    assert seen["files"] == ["calc.py", "other.py", "test_calc.py"], "no secret, no test that is held out"
    assert KEY not in json.dumps(seen), "the key stays outside"
    assert "calc.py" in seen["prompt"]
    assert {post.headers["authorization"] for post in server.posts} == {f"Bearer {KEY}"}


@pytest.mark.parametrize(
    ("script", "reason", "bill"),
    [
        ([say(WRONG)], "tests-failed", 1),
        ([say("nothing")], "no-edits", 1),
        ([say(f"write other.py {json.dumps('VALUE = 2')}")], "out-of-scope", 1),
        ([say(f"write .env {json.dumps('KEY = 2')}")], "out-of-scope", 1),
        ([say("ask another-model")], "no-edits", 1),
        ([say("ask m1"), Fail(500), Fail(500)], "no-edits", 1),
    ],
    ids=["wrong", "nothing", "outside", "hidden", "other-model", "then-down"],
)
def test_what_is_no_solution_is_deferred_and_paid(
    runs: Callable[..., tuple[Done, ScriptedServer]], script: list[Scripted], reason: str, bill: int
) -> None:
    done, _ = runs(script, more=PRICES)
    assert (done.status, verdicts(done)) == (1, [reason]), done.err
    assert Decimal(done.receipt["cost_usd"]) == bill * ONE


def test_a_request_that_does_not_fit_is_not_sent(runs: Callable[..., tuple[Done, ScriptedServer]]) -> None:
    done, server = runs([say("ask m1")] * 9, "--budget", "0.0168", more=PRICES)
    assert server.posts, "the first one fits"
    assert len(server.posts) < 9
    assert Decimal(done.receipt["cost_usd"]) == len(server.posts) * ONE
    assert Decimal(done.receipt["cost_usd"]) <= Decimal("0.0168")
    done, server = runs([say(RIGHT)], "--budget", "0.0001", more=PRICES)
    assert (done.status, server.posts) == (4, [])


def test_iterations_and_time_are_limited(runs: Callable[..., tuple[Done, ScriptedServer]]) -> None:
    done, server = runs([say("ask m1")] * 9, provider="max_turns = 3", more=PRICES)
    assert (done.status, len(server.posts)) == (1, 3)
    assert "the limit of 3 requests" in done.receipt["attempts"][0]["verdict"]["why"]
    done, _ = runs([say("sleep 60")], more=PRICES + "[limits]\nrequest_timeout_s = 3\n")
    assert (done.status, verdicts(done)) == (1, ["no-edits"])
    assert "stopped after 3 s" in done.receipt["attempts"][0]["verdict"]["why"]


@pytest.mark.parametrize(
    ("script", "status", "said"),
    [([Fail(401)], 3, "$RIG_KEY"), ([Fail(503)], 5, "got no answer")],
    ids=["key", "down"],
)
def test_a_provider_that_does_not_serve(
    runs: Callable[..., tuple[Done, ScriptedServer]], script: list[Scripted], status: int, said: str
) -> None:
    done, _ = runs(script, more=PRICES)
    assert done.status == status
    assert said in done.err
    assert KEY not in done.err


def test_an_agent_whose_requests_are_not_seen_costs_what_is_declared(
    runs: Callable[..., tuple[Done, ScriptedServer]],
) -> None:
    done, _ = runs([], own=RIGHT)
    assert done.status == 4, "an unknown price is refused"
    assert "run_usd" in done.err
    done, server = runs([], own=RIGHT, provider="run_usd = 0.25")
    assert (done.status, server.posts) == (0, []), done.err
    assert Decimal(done.receipt["cost_usd"]) == Decimal("0.25")


def test_it_is_told_what_failed_before(runs: Callable[..., tuple[Done, ScriptedServer]]) -> None:
    again = 'models = ["it/m1"]\nattempts = 2'
    rig: Rig = runs.rig  # type: ignore[attr-defined]
    done, _ = runs([say(WRONG), say(RIGHT)], more=PRICES + "[limits]\nattempts = 2\n")
    assert (done.status, verdicts(done)) == (1, ["tests-failed"])
    text = (rig.home / "config.toml").read_text().replace('models = ["it/m1"]', again)
    with ScriptedServer([say(WRONG), say(RIGHT)], models=("m1",)) as server:
        url = text.partition('base_url = "')[2].partition('"')[0]
        (rig.home / "config.toml").write_text(text.replace(url, server.base_url))
        done = rig.do()
    assert (done.status, verdicts(done)) == (0, ["tests-failed", "accepted"]), done.err
    assert "return a * b" in server.posts[1].text


def test_stopped_while_it_works(runs: Callable[..., tuple[Done, ScriptedServer]]) -> None:
    rig: Rig = runs.rig  # type: ignore[attr-defined]
    runs([say("nothing")], more=PRICES)
    with ScriptedServer([say("sleep 60")], models=("m1",)) as server:
        config = rig.home / "config.toml"
        url = config.read_text().partition('base_url = "')[2].partition('"')[0]
        config.write_text(config.read_text().replace(url, server.base_url))
        with rig.start("run", "fix add: it subtracts", "calc.py", "--output", "jsonl") as child:
            assert child.stdout is not None
            lines = iter(child.stdout)
            next(line for line in lines if json.loads(line)["type"] == "called")
            child.send_signal(signal.SIGINT)
            _, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert rig.code() == FILES["calc.py"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('api = "agent"', 'agent = "claude"'),
        ('api = "agent"\nagent = "command"', "command = "),
        ('api = "agent"\nagent = "clod"', "claude"),
        ('api = "agent"\nagent = "claude"\napi_key_env = "K"\npass_env = ["K"]', "pass_env"),
    ],
)
def test_a_configuration_that_names_no_agent_is_refused(tmp_path: Path, lines: str, said: str) -> None:
    rig = Rig.make(tmp_path)
    (tmp_path / "config.toml").write_text(f'[providers.it]\n{lines}\n[[tiers]]\nname = "a"\nmodels = ["it/m1"]\n')
    done = rig.do()
    assert done.status == 3
    assert said in done.err


def test_one_that_is_not_installed(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    (tmp_path / "config.toml").write_text(
        '[providers.it]\napi = "agent"\nagent = "command"\ncommand = "no-such-agent {prompt}"\nrun_usd = 0\n'
        '[[tiers]]\nname = "a"\nmodels = ["it/m1"]\n'
    )
    done = rig.do()
    assert done.status == 3
    assert "no-such-agent is not installed" in done.err


def test_what_an_agent_will_cost_is_told_by_its_record(runs: Callable[..., tuple[Done, ScriptedServer]]) -> None:
    rig = runs.rig  # type: ignore[attr-defined]
    for turns in (1, 2, 4):
        done, _ = runs([*[say("ask m1")] * (turns - 1), say("nothing")], "--budget", "2", more=PRICES)
        assert Decimal(done.receipt["cost_usd"]) == turns * ONE
        told = json.loads(rig.run("estimate", "fix add", "calc.py", "--json").out)
        (cast,) = told["forecasts"]
        (why,) = [reason["text"] for reason in told["route"]["reasons"] if reason["code"] == "agent-cost"]
        assert Decimal(cast["worst_cost_usd"]) == 5
        assert "at most $5" in why
        if turns < 4:
            assert cast["cost_usd"] is None
            assert "on record" in why
    assert Decimal(cast["cost_usd"]) == 2 * ONE
    assert "over its last 3 runs" in why
    assert f"${2 * ONE:f} (median), nine in ten below" in why
