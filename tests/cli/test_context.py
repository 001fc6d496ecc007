"""`estimate --show-context` against the request that a run then really sends, over HTTP, to both APIs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from repositories import Repo, make_repo
from serving import Received, Say, ScriptedServer

from cli.samples import FORBIDDEN
from routecli.cli import app

Says = Callable[..., tuple[int, bytes, str]]
KEY = "ghp_" + "x7Qm2Kd9Zr4Tb8Wn1Ls6Vf3Hc5Yj0Pg7Ae2U"
TASK = "fix the sum: it is off, “always”\u202e"
FILES: dict[str, str | bytes] = {
    "calc.py": b"def add(a, b):\r\n    return a - b  # caf\xc3\xa9 \xe2\x80\xae\x1b[2J\r\n",
    "odd.txt": "```\nno end",
    ".env": "KEY=1\n",
    "held.py": f'key = "{KEY}"\n',
    "image.bin": bytes(range(256)),
    "other.py": "pass\n",
}
PATHS = ["calc.py", "odd.txt", ".env", "held.py", "image.bin"]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return make_repo(tmp_path / "here", FILES)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer([Say("I can not do that.")] * 8) as serving:
        yield serving


@pytest.fixture
def says(
    repo: Repo, server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes], request: pytest.FixtureRequest,
) -> Says:  # fmt: skip
    """Runs a command line where one tier is served by `server`; the API is the test's parameter `api`."""
    api = request.getfixturevalue("api") if "api" in request.fixturenames else "openai"
    configure(tmp_path, server, api)
    monkeypatch.chdir(repo.root)
    monkeypatch.setenv("SCRIPTED_KEY", "not-a-key-at-all")
    monkeypatch.setenv("ROUTECLI_STATE_DIR", str(tmp_path / "state"))

    def run(*args: str) -> tuple[int, bytes, str]:
        status = app.run(["--config", str(tmp_path / "config.toml"), *args])
        out, err = capfdbinary.readouterr()
        return status, out, err.decode()

    return run


def configure(folder: Path, server: ScriptedServer, api: str) -> None:
    url = server.base_url if api == "openai" else server.anthropic_url
    (folder / "config.toml").write_text(
        f'[providers.scripted]\napi = "{api}"\nbase_url = "{url}"\napi_key_env = "SCRIPTED_KEY"\n'
        '[[tiers]]\nname = "tier1"\nmodels = ["scripted/scripted"]\n'
        '[prices."scripted/scripted"]\ninput_usd_per_mtok = 1.0\noutput_usd_per_mtok = 1.0\n'
    )


def sent(received: Received) -> list[tuple[str, str]]:
    """The messages of a recorded request, whatever its API: role and text."""

    def text(content: Any) -> str:
        return content if isinstance(content, str) else "".join(block["text"] for block in content)

    system = [("system", block["text"]) for block in received.body.get("system", [])]
    return system + [(m["role"], text(m["content"])) for m in received.body["messages"]]


@pytest.mark.parametrize("api", ["openai", "anthropic"])
@pytest.mark.parametrize("attempts", [1, 2], ids=["one-attempt", "two-attempts"])
def test_row_23_it_is_the_request_word_for_word(
    api: str, attempts: int, says: Says, server: ScriptedServer, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().replace("[prices", f"attempts = {attempts}\n[prices"))
    status, text, _ = says("estimate", TASK, *PATHS, "--show-context")
    assert status == 0
    shown = json.loads(says("estimate", TASK, *PATHS, "--show-context", "--json")[1])
    assert server.requests == []
    says("run", TASK, *PATHS, "--no-tests", "--no-lint", "--unsafe-no-sandbox", "--yes")
    first = sent(server.posts[0])
    assert [(m["role"], m["text"]) for m in shown["messages"]] == first
    assert text == "".join(message for _, message in first).encode()
    assert b"\x1b[2J" in text
    assert b"always" in text


def test_row_23_what_is_left_out_is_said_with_the_reason_and_is_not_in_it(says: Says) -> None:
    _, text, err = says("estimate", TASK, *PATHS, "--show-context")
    shown = json.loads(says("estimate", TASK, *PATHS, "--show-context", "--json")[1])
    assert {f["path"]: f["role"] for f in shown["left_out"]} == {
        ".env": "secret", "held.py": "secret", "image.bin": "binary",
    }  # fmt: skip
    assert all(f["why"] and f["why"] in err for f in shown["left_out"])
    assert shown["other_files"] == 1
    assert "1 other file of the repository" in err
    assert KEY.encode() not in text
    assert b"other.py" not in text
    assert KEY not in json.dumps(shown)


def test_quiet_leaves_the_texts_alone(says: Says) -> None:
    loud, quiet = (says(*q, "estimate", TASK, "calc.py", "--show-context") for q in ((), ("-q",)))
    assert quiet[1] == loud[1]
    assert quiet[2] == ""


def test_where_tools_are_first_and_where_they_are_all(says: Says, repo: Repo, tmp_path: Path) -> None:
    shown = json.loads(says("estimate", "sort the imports", "other.py", "--show-context", "--json")[1])
    assert shown["after_tools"] is True
    assert [m["role"] for m in shown["messages"]] == ["system", "user"]
    args = ("estimate", "sort the imports", "other.py", "--max-tier", "tools", "--show-context")
    assert says(*args) == (0, b"", "nothing would be sent: tools alone would be tried\n")
    assert json.loads(says(*args, "--json")[1])["messages"] == []


def test_row_11_at_a_terminal_nothing_of_it_acts(repo: Repo, server: ScriptedServer, tmp_path: Path) -> None:
    configure(tmp_path, server, "openai")
    child = pexpect.spawn(
        sys.executable,
        ["-m", "routecli", "--config", str(tmp_path / "config.toml"), "estimate", TASK, *PATHS, "--show-context"],
        timeout=60, dimensions=(60, 100), cwd=str(repo.root),
        env={**os.environ, "TERM": "xterm-256color", "SCRIPTED_KEY": "not-a-key-at-all",
             "ROUTECLI_STATE_DIR": str(tmp_path / "state")},
    )  # fmt: skip
    child.expect(pexpect.EOF)
    child.close()
    said = child.before.decode().replace("\r", "")
    assert child.exitstatus == 0, said
    assert "\\x1b[2J" in said
    assert not FORBIDDEN.search(said)
    assert "── not sent" in said
