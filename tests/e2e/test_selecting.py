"""The faster model of a tier is found out by the runs themselves, and told."""

from __future__ import annotations

from pathlib import Path

from e2e.rig import RIGHT, TASK, Rig
from serving import Say, ScriptedServer


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
