"""The whole command line against a server that others wrote (aimock), both APIs, streamed."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from e2e.rig import FILES, RIGHT, TASK, WRONG, Rig

LLMOCK = shutil.which("llmock")
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
CUT_OFF = {"content": WRONG[:70], "finishReason": "length"}
PROSE = {"content": "I cannot help with that."}
pytestmark = [
    pytest.mark.skipif(LLMOCK is None, reason="aimock is not installed: npm install -g @copilotkit/aimock"),
    pytest.mark.parametrize("api", ["openai", "anthropic"]),
]


@contextmanager
def foreign(folder: Path, answers: dict[str, dict[str, Any]]) -> Iterator[str]:
    """aimock, answering each model with its own reply; its address."""
    fixtures = [{"match": {"model": model}, "response": {"usage": USAGE} | said} for model, said in answers.items()]
    folder.mkdir()
    (folder / "all.json").write_text(json.dumps({"fixtures": fixtures}))
    assert LLMOCK is not None
    server = subprocess.Popen([LLMOCK, "-p", "0", "-f", str(folder), "--strict"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        found = next((m for line in server.stdout if (m := re.search(r"http://127\.0\.0\.1:\d+", line))), None)
        assert found is not None, "aimock did not start"
        yield found.group()
    finally:
        server.terminate()
        server.wait(10)
        server.stdout.close()


def at(api: str, address: str) -> str:
    return f"{address}/v1" if api == "openai" else address


@pytest.mark.parametrize(
    ("answers", "status", "verdicts"),
    [
        ({"m1": {"content": RIGHT}}, 0, ["accepted"]),
        ({"m1": {"content": WRONG}, "m2": {"content": RIGHT}}, 0, ["tests-failed", "accepted"]),
        ({m: {"content": WRONG} for m in ("m1", "m2", "m3")}, 1, ["tests-failed"] * 3),
        (
            {"m1": CUT_OFF, "m2": {"content": RIGHT}},
            0,
            ["truncated", "accepted"],
        ),
        (
            {"m1": PROSE, "m2": {"content": RIGHT}},
            0,
            ["no-edits", "no-edits", "accepted"],
        ),
    ],
    ids=["at-once", "climb", "to-the-top", "truncated", "prose"],
)
def test_a_run(tmp_path: Path, api: str, answers: dict[str, dict[str, Any]], status: int, verdicts: list[str]) -> None:
    rig = Rig.make(tmp_path)
    before = rig.repo.state()
    with foreign(tmp_path / "fixtures", answers) as address:
        rig.configure(at(api, address), api)
        done = rig.do()
    assert done.status == status, done.err
    attempts = done.receipt["attempts"]
    assert [a["verdict"]["reason"] or a["verdict"]["kind"] for a in attempts] == verdicts
    prices = {"mine/m1": Decimal("0.00065"), "mine/m2": Decimal("0.0042"), "mine/m3": Decimal("0.0225")}
    assert Decimal(done.receipt["cost_usd"]) == sum(prices[a["model"]] for a in attempts)
    after = rig.repo.state()
    assert after[:2] == before[:2], "HEAD and index are as they were"
    assert rig.code() == (FILES["calc.py"].replace("a - b", "a + b") if status == 0 else FILES["calc.py"])


def test_stopped_while_it_answers(tmp_path: Path, api: str) -> None:
    rig = Rig.make(tmp_path)
    before = rig.repo.state()
    with foreign(tmp_path / "fixtures", {"m1": {"content": RIGHT + "\n" + "and more words " * 20_000}}) as address:
        rig.configure(at(api, address), api)
        with rig.start("run", TASK, "calc.py", "--output", "jsonl") as child:
            assert child.stdout is not None
            for line in child.stdout:
                if json.loads(line)["type"] in ("calling", "streaming"):
                    break
            child.send_signal(signal.SIGINT)
            _, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert rig.repo.state() == before
