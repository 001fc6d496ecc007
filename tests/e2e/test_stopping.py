"""A signal at any moment: the documented status, the money on record, nothing changed, nothing left behind."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest
from e2e.rig import FILES, RIGHT, TASK, Rig
from serving import Say, ScriptedServer

STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


def wait_for(child: subprocess.Popen[str], kind: str) -> None:
    """Reads events until one of `kind` came."""
    assert child.stdout is not None
    for line in child.stdout:
        if json.loads(line)["type"] == kind:
            return
    raise AssertionError(f"it ended before {kind}: {child.stderr.read() if child.stderr else ''}")


@pytest.mark.parametrize("number", list(STATUS), ids=lambda n: n.name)
@pytest.mark.parametrize("moment", ["routed", "streaming"])
def test_row_46_stopped(tmp_path: Path, number: signal.Signals, moment: str) -> None:
    rig = Rig.make(tmp_path)
    state = rig.repo.state()
    slow = Say(RIGHT, every_chars=2, pause_s=0.3)
    with ScriptedServer([slow]) as server:
        rig.serve(server)
        with rig.start("run", TASK, "calc.py", "--output", "jsonl") as child:
            wait_for(child, moment)
            child.send_signal(number)
            _, err = child.communicate(timeout=60)
    assert child.returncode == STATUS[number]
    assert "Traceback" not in err
    assert rig.repo.state() == state
    shown = json.loads(rig.run("show", "last", "--json").out)
    assert shown["outcome"] == "interrupted"
    if moment == "streaming":
        assert float(shown["cost_usd"]) > 0, "what had arrived is paid for"
    assert [p for p in (tmp_path / "cache").rglob("twins/*") if p.is_dir()] == []


def test_row_46_stopped_while_the_other_api_streams(tmp_path: Path) -> None:
    """Messages tell the input's tokens first: what is on record is at least those."""
    rig = Rig.make(tmp_path)
    state = rig.repo.state()
    with ScriptedServer([Say(RIGHT, every_chars=2, pause_s=0.3)]) as server:
        rig.serve(server, "anthropic")
        with rig.start("run", TASK, "calc.py", "--output", "jsonl") as child:
            wait_for(child, "streaming")
            child.send_signal(signal.SIGTERM)
            _, err = child.communicate(timeout=60)
    assert child.returncode == 143, err
    assert "Traceback" not in err
    assert rig.repo.state() == state
    shown = json.loads(rig.run("show", "last", "--json").out)
    assert shown["outcome"] == "interrupted"
    assert float(shown["cost_usd"]) >= 100 * 0.5 / 1e6


@pytest.mark.parametrize("dialect", ["search_replace", "whole_file"])
def test_row_61_work_saved_while_the_model_writes_is_never_overwritten(tmp_path: Path, dialect: str) -> None:
    rig = Rig.make(tmp_path)
    rig.dialect = dialect
    fixed = FILES["calc.py"].replace("a - b", "a + b")
    text = RIGHT if dialect == "search_replace" else f"calc.py\n```python\n{fixed}```\n"
    mine = FILES["calc.py"] + "\n\nMINE = 'saved meanwhile'\n"
    with ScriptedServer([Say(text, every_chars=20, pause_s=0.2)]) as server:
        rig.serve(server)
        with rig.start("run", TASK, "calc.py", "--output", "jsonl") as child:
            wait_for(child, "streaming")
            rig.repo.write({"calc.py": mine})
            out, err = child.communicate(timeout=60)
    assert child.returncode == 7, err
    assert rig.code() == mine
    assert json.loads(out.splitlines()[-1])["receipt"]["outcome"] == "not-written"
    assert "+    return a + b" in rig.run("show", "last", "--patch").out
