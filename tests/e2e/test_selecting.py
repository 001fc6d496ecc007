"""Which model of a tier is asked first, by the whole command line: timed by the runs themselves, queues asked, told."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

from e2e.rig import RIGHT, TASK, Rig
from serving import Hang, Raw, Say, ScriptedServer


def test_the_faster_model_is_asked_first_once_both_were_timed(tmp_path: Path) -> None:
    slow = Say(RIGHT, first_pause_s=3.0)
    with ScriptedServer({"m1": [slow], "m2": [Say(RIGHT)] * 2}) as server:
        rig = Rig.make(tmp_path)
        rig.serve(server)
        file = tmp_path / "config.toml"
        models = 'models = ["mine/m1", "mine/m2"]\nselect = "latency"'
        file.write_text(file.read_text().replace('models = ["mine/m1"]', models))
        for _ in range(3):
            done = rig.do("--reproduce", "off")
            assert done.status == 0, done.err
            rig.repo.git("checkout", "-q", "--", ".")
        assert [post.model for post in server.posts] == ["m1", "m2", "m2"]
    route = done.receipt["route"]
    (why,) = [r["text"] for r in route["reasons"] if r["code"] == "select"]
    assert why.startswith("tier1 by latency: mine/m2 (mine/m1: $")
    assert route["ladder"][0]["models"] == ["mine/m2", "mine/m1"]
    assert route["ladder"][0]["select"] == "latency"
    explained = rig.run("run", TASK, "calc.py", "--explain", "--dry-run")
    assert "by latency: mine/m2" in " ".join((explained.out + explained.err).split())


LADDER = """
[providers.near]
service = "{service}"
base_url = "{near}"
[providers.far]
api = "openai"
base_url = "{far}"
api_key_env = "RIG_KEY"
[prices."far/m2"]
input_usd_per_mtok = 1
output_usd_per_mtok = 2
[[tiers]]
name = "tier1"
models = ["near/m1", "far/m2"]
select = "latency"
edit_format = "search_replace"
"""


def waiting(count: int) -> Raw:
    return Raw(
        (f'vllm:num_requests_waiting{{model_name="m1"}} {count}\n'.encode(),), headers={"content-type": "text/plain"}
    )


def explained(rig: Rig) -> str:
    done = rig.run("run", TASK, "calc.py", "--explain", "--dry-run")
    assert done.status == 0, done.err
    return " ".join((done.out + done.err).split())


def test_a_local_model_behind_a_queue_loses_to_a_hosted_one(tmp_path: Path) -> None:
    hosted = Say(RIGHT, first_pause_s=1.0)
    with ScriptedServer([Say(RIGHT)] * 2) as near, ScriptedServer([hosted] * 2) as far:
        near.pages["/metrics"] = waiting(0)
        rig = Rig.make(tmp_path)
        (tmp_path / "config.toml").write_text(LADDER.format(service="vllm", near=near.base_url, far=far.base_url))
        for count, asked in ((0, "near/m1"), (0, "far/m2"), (900, "far/m2")):
            near.pages["/metrics"] = waiting(count)
            done = rig.do("--reproduce", "off")
            assert done.status == 0, done.err
            rig.repo.git("checkout", "-q", "--", ".")
            assert done.receipt["attempts"][0]["model"] == asked
        told = explained(rig)
        assert "by latency: far/m2 (near/m1: $0, " in told
        assert ", 900 waiting; far/m2: $" in told
        near.pages["/metrics"] = waiting(0)
        assert "by latency: near/m1 (near/m1: $0, " in explained(rig)


def test_a_queue_that_nobody_tells_is_said_to_be_unknown_and_our_own_calls_count(tmp_path: Path) -> None:
    with ScriptedServer([Hang(60)]) as near, ScriptedServer([]) as far:
        rig = Rig.make(tmp_path)
        (tmp_path / "config.toml").write_text(LADDER.format(service="ollama", near=near.base_url, far=far.base_url))
        assert "by latency: near/m1 (near/m1: $0, never timed, queue unknown; far/m2: $" in explained(rig)
        with rig.start("run", TASK, "calc.py", "--reproduce", "off") as child:
            wait_for(lambda: near.posts)
            told = explained(rig)
            child.send_signal(signal.SIGINT)
            child.communicate()
        assert "by latency: far/m2 (near/m1: $0, never timed, queue unknown, 1 of your own under way; far/m2: $" in told
        assert "queue unknown; far/m2" in explained(rig), "its call was closed"


def wait_for(happened: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)
