"""The pages that a new user types from are typed: every block of the tutorial and of the how-to, in order, in bash."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from e2e.rig import RIGHT, Done, Rig
from serving import Say, ScriptedServer

from routecli.providers.recorded import read

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def section(page: str, title: str = "") -> list[str]:
    """The shell blocks of a page, or of one of its sections."""
    text = (ROOT / page).read_text()
    if title:
        (text,) = (part for part in re.split(r"(?m)^## ", text) if part.startswith(title))
    return BLOCK.findall(text)


def typed(rig: Rig, text: str, cwd: Path) -> Done:
    """`text` in bash, which ends at the first command that fails; `routecli` is on PATH as after an installation."""
    tools = rig.home / "bin"
    tools.mkdir(exist_ok=True)
    program = tools / "routecli"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m routecli "$@"\n')
    program.chmod(0o755)
    env = rig.environment() | {"PATH": f"{tools}:{os.environ['PATH']}", "GIT_PAGER": "cat"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text], cwd=cwd, env=env, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, timeout=300,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.slow
def test_the_tutorial_is_true_word_for_word(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    see, undo, tools, own_key, back = section("docs/getting-started.md")
    demo = tmp_path / "invoice-demo"

    done = typed(rig, see, tmp_path)
    assert done.status == 0, done.err
    assert "accepted" in done.out
    assert "+++ b/invoice/totals.py" in done.out
    assert typed(rig, undo + "git diff --exit-code", demo).status == 0
    done = typed(rig, tools, demo)
    assert (done.status, "$0" in done.out) == (0, True), done.err

    recorded = read(ROOT / "routecli/data/demo/replies.toml")
    with ScriptedServer([Say(one.text) for one in recorded]) as server:
        rig.serve(server)
        done = typed(rig, own_key, demo)
    assert done.status == 0, done.err
    assert [post.model for post in server.posts] == ["m1", "m2"]
    done = typed(rig, back, demo)
    assert done.status == 0, done.err
    assert "+++ b/invoice/totals.py" in done.out


HOW_TO = ["See the decision", "Route otherwise", "Cap what", "Use models of", "Run it in CI", "Judge each"]


@pytest.mark.slow
def test_every_block_of_the_how_to_does_what_it_says(tmp_path: Path) -> None:
    rig = Rig.make(tmp_path)
    listed = {title: section("docs/how-to.md", title) for title in HOW_TO}
    assert sum(map(len, listed.values())) == len(section("docs/how-to.md"))
    code, root = rig.code(), rig.repo.root
    with ScriptedServer([Say(RIGHT)] * 10) as server:
        rig.serve(server)

        done = typed(rig, listed["See the decision"][0], root)
        assert (done.status, len(server.posts)) == (0, 0), done.err
        assert "def add(a, b):" in done.out

        for command in filter(None, listed["Route otherwise"][0].splitlines()):
            done = typed(rig, command, root)
            assert done.status == 0, command + done.err
            (root / "calc.py").write_text(code)
        assert [post.model for post in server.posts] == ["m2", "m1", "m1", "m1"]

        done = typed(rig, listed["Cap what"][0], root)
        assert done.status == 0, done.err
        assert "$5" in done.out
        (root / "calc.py").write_text(code)

        done = typed(rig, listed["Use models of"][0], root)
        assert "mine/m1" in done.out, done.err

        done = typed(rig, listed["Run it in CI"][0], root)
        assert (done.status, rig.code()) == (0, code), done.err
        assert done.out.startswith("accepted 0.")
        assert json.loads((root / "receipt.json").read_text())["outcome"] == "accepted"
        assert "+    return a + b" in (root / "routecli.patch").read_text()
        assert (root / "comment.md").read_text().startswith("### routecli: accepted")
    done = typed(rig, listed["Judge each"][0], root)
    assert done.status == 0, done.err
    assert (root / ".git/hooks/pre-commit").exists()
