"""The verbs that answer: text, JSON and exit status of each, on a real ledger and a real configuration."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cli.samples import FORBIDDEN, HOSTILE, events
from routecli.cli import app
from routecli.domain.events import Finished
from routecli.errors import ExitStatus
from routecli.ledger.ledger import FILE_NAME, Ledger

Says = Callable[..., tuple[int, str, str]]
KEY = "sk-or-v1-canary-0123456789"


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Says:
    """Runs a command line in an empty folder: (exit status, stdout, stderr)."""
    monkeypatch.setenv("ROUTECLI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "120")
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def run(*args: str) -> tuple[int, str, str]:
        status = app.run(args)
        out, err = capfd.readouterr()
        return status, out, err

    return run


@pytest.fixture
def recorded(tmp_path: Path) -> str:
    """A ledger with one finished run and one that was cut off; the id of the first."""
    return record(tmp_path, "")


def record(tmp_path: Path, text: str) -> str:
    (tmp_path / "state").mkdir(mode=0o700, exist_ok=True)
    ledger = Ledger.open(tmp_path / "state" / FILE_NAME)
    done = None
    for event in events(text):
        ledger.listener(event)
        done = event.receipt if isinstance(event, Finished) else done
    assert done is not None
    ledger.save_patch(done.run_id, done.patch_text)
    ledger.close()
    return done.run_id


class TestHistory:
    def test_empty(self, says: Says) -> None:
        assert says("history") == (0, 'No runs yet. A first one, without a key: `routecli "sort the imports" .`\n', "")
        assert says("history", "--json") == (0, "[]\n", "")

    def test_a_run_is_a_line(self, says: Says, recorded: str) -> None:
        status, out, _ = says("history")
        assert status == 0
        assert re.search(rf"{recorded} +accepted +2 +\$0\.0073 +5\.9 s +fix the rounding", out)

    def test_json(self, says: Says, recorded: str) -> None:
        (row,) = json.loads(says("history", "--json")[1])
        assert row["run_id"] == recorded
        assert row["cost_usd"] == "0.007343"
        assert row["outcome"] == "accepted"

    def test_only_here(self, says: Says, recorded: str) -> None:
        subprocess.run(["git", "init", "-q"], check=True)
        assert json.loads(says("history", "--here", "--json")[1]) == []

    def test_row_52_a_bad_ledger_is_a_warning(self, says: Says, tmp_path: Path) -> None:
        (tmp_path / "state").mkdir(mode=0o700)
        (tmp_path / "state" / FILE_NAME).write_bytes(b"garbage" * 1000)
        status, out, err = says("history")
        assert status == 0
        assert "No runs yet" in out
        assert err.startswith("warning: ")


class TestShow:
    @pytest.mark.parametrize("ref", [[], ["last"], ["20261127"]])
    def test_the_receipt_and_the_patch(self, ref: list[str], says: Says, recorded: str) -> None:
        status, out, _ = says("show", *ref)
        assert status == 0
        assert "✓ accepted  fix the rounding" in out
        assert out.rstrip().endswith("+b")

    def test_only_the_patch_for_a_program(self, says: Says, recorded: str) -> None:
        assert says("show", "--patch")[1] == "--- a/src/invoice.py\n+++ b/src/invoice.py\n@@ -1 +1 @@\n-a\n+b\n"

    def test_json(self, says: Says, recorded: str) -> None:
        data = json.loads(says("show", "--json")[1])
        assert data["run_id"] == recorded
        assert data["patch"].endswith("+b\n")
        assert [attempt["verdict"]["kind"] for attempt in data["attempts"]] == ["deferred", "accepted"]
        assert data["calls"]

    def test_an_interrupted_run_shows_what_is_known(self, says: Says, tmp_path: Path) -> None:
        (tmp_path / "state").mkdir(mode=0o700)
        ledger = Ledger.open(tmp_path / "state" / FILE_NAME)
        for event in list(events())[:4]:
            ledger.listener(event)
        ledger.close()
        status, out, _ = says("show")
        assert status == 0
        assert "at most $0.0021" in out
        assert json.loads(says("show", "--json")[1])["outcome"] in ("running", "interrupted")

    def test_no_run(self, says: Says) -> None:
        status, out, err = says("show")
        assert (status, out) == (ExitStatus.USAGE, "")
        assert err == 'error: there are no runs yet\n\nhint: routecli "sort the imports" .\n'

    def test_row_11_what_a_model_said_is_only_text(self, says: Says, tmp_path: Path) -> None:
        record(tmp_path, HOSTILE)
        for args in (["history"], ["history", "--json"], ["show"], ["show", "--json"]):
            status, out, err = says(*args)
            assert status == 0
            assert not FORBIDDEN.search(out + err)


class TestModels:
    def test_without_a_key_it_says_which_are_picked_up(self, says: Says) -> None:
        status, out, _ = says("models")
        assert status == 0
        assert "OPENROUTER_API_KEY" in out
        assert "routecli demo" in out
        assert json.loads(says("models", "--json")[1])["models"] == []

    def test_the_ladder_with_prices(self, says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
        _, out, _ = says("models")
        assert re.search(r"tier1 +openrouter/\S+ +\$\d+\.\d+ +\$\d+\.\d+ +\$\d+\.\d+ +[\d,]+", out)
        assert "prices as of" in out
        data = json.loads(says("models", "--json")[1])
        assert data["prices_as_of"]
        assert all(model["prices"]["input_usd_per_mtok"] for model in data["models"])

    def test_an_unknown_price_is_unknown(self, says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("own.toml").write_text(
            '[providers.mine]\napi = "openai"\nbase_url = "http://127.0.0.1:1/v1"\n'
            '[[tiers]]\nname = "tier1"\nmodels = ["mine/nobody-knows"]\n'
        )
        assert re.search(r"mine/nobody-knows +unknown", says("models", "--config", "own.toml")[1])


class TestConfig:
    def test_init_show_path(self, says: Says, own_home: Path) -> None:
        file = own_home / ".config" / "routecli" / "config.toml"
        assert says("config", "path")[:2] == (0, f"{file}\n")
        status, out, err = says("config", "init", "--preset", "openai")
        assert (status, out) == (0, "")
        assert str(file) in err
        values = json.loads(says("config", "show", "--json")[1])["values"]
        assert values["preset"] == {"value": "openai", "from": f"{file}:4"}
        assert values["limits.max_calls"]["from"] == "default"
        assert "~/.config/routecli/config.toml:4" in says("config", "show")[1]

    def test_init_replaces_nothing_unasked(self, says: Says) -> None:
        says("config", "init")
        status, _, err = says("config", "init")
        assert status == ExitStatus.CONFIG
        assert "--force" in err
        assert says("config", "init", "--force")[0] == 0

    def test_a_broken_file_has_a_line_and_a_column(self, says: Says) -> None:
        Path("bad.toml").write_text('preset = "openai"\nbudget = = 3\n')
        for args in (["config", "show"], ["models"], ["history"]):
            status, out, err = says(*args, "--config", "bad.toml")
            assert (status, out) == (ExitStatus.CONFIG, "")
            assert "bad.toml:2:10" in err

    def test_each_variable_is_named_as_the_source(self, says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ROUTECLI_BUDGET", "1.50")
        values = json.loads(says("config", "show", "--json")[1])["values"]
        assert values["budget.run_usd"] == {"value": "1.50", "from": "ROUTECLI_BUDGET"}

    def test_row_59_a_key_is_never_shown(self, says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
        for args in (["config", "show"], ["config", "show", "--json"], ["config", "check", "--offline"], ["models"]):
            status, out, err = says(*args)
            assert status == 0
            assert KEY not in out + err

    def test_check_offline(self, says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
        assert says("config", "check", "--offline")[0] == ExitStatus.CONFIG
        monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
        status, out, _ = says("config", "check", "--offline")
        assert status == 0
        assert re.search(r"openrouter +OPENROUTER_API_KEY +not asked", out)


@pytest.fixture
def asked() -> Iterator[tuple[str, list[tuple[str, dict[str, str]]], list[int]]]:
    """A server on loopback: its address, what it was asked, and the statuses that it answers with."""
    heard: list[tuple[str, dict[str, str]]] = []
    statuses = [200]

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(statuses[0])
            if statuses[0] == 302:
                self.send_header("Location", f"http://127.0.0.1:{self.server.server_address[1]}/elsewhere")
            self.end_headers()
            self.wfile.write(b'{"data": []}')

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", heard, statuses
    server.shutdown()
    server.server_close()


class TestCheck:
    def configured(self, base_url: str, api: str = "openai") -> list[str]:
        Path("own.toml").write_text(
            f'[providers.mine]\napi = "{api}"\nbase_url = "{base_url}"\napi_key_env = "MY_KEY"\n'
            'price_as = "local"\n[[tiers]]\nname = "tier1"\nmodels = ["mine/m"]\n'
        )
        return ["config", "check", "--config", "own.toml"]

    @pytest.mark.parametrize(
        ("api", "path", "header", "value"),
        [("openai", "/v1/models", "authorization", f"Bearer {KEY}"), ("anthropic", "/v1/models", "x-api-key", KEY)],
    )
    def test_a_provider_that_answers(
        self, api: str, path: str, header: str, value: str, says: Says, asked: tuple[str, list, list],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        url, heard, _ = asked
        monkeypatch.setenv("MY_KEY", KEY)
        status, out, err = says(*self.configured(url + ("/v1" if api == "openai" else ""), api))
        assert status == 0
        assert "127.0.0.1 answers" in out
        assert KEY not in out + err
        assert heard[0][0] == path
        assert heard[0][1][header] == value

    def test_a_key_that_is_refused(
        self, says: Says, asked: tuple[str, list, list], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        url, _, statuses = asked
        statuses[0] = 401
        monkeypatch.setenv("MY_KEY", KEY)
        status, out, _ = says(*self.configured(url))
        assert status == ExitStatus.CONFIG
        assert "MY_KEY was refused" in out

    def test_a_key_that_is_missing_is_not_asked_about(self, says: Says, asked: tuple[str, list, list]) -> None:
        url, heard, _ = asked
        status, out, _ = says(*self.configured(url))
        assert status == ExitStatus.CONFIG
        assert "MY_KEY is not set" in out
        assert heard == []

    def test_the_key_follows_no_redirect(
        self, says: Says, asked: tuple[str, list, list], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        url, heard, statuses = asked
        statuses[0] = 302
        monkeypatch.setenv("MY_KEY", KEY)
        assert "redirects (302)" in says(*self.configured(url))[1]
        assert len(heard) == 1

    def test_nobody_there(self, says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MY_KEY", KEY)
        args = self.configured("http://127.0.0.1:1/v1")
        status, out, _ = says(*args)
        assert status == ExitStatus.PROVIDER
        assert "cannot be reached: " in out
        assert "Connection refused" in out
        assert json.loads(says(*args, "--json")[1])[0]["reachable"] is False


class TestTrust:
    @pytest.fixture(autouse=True)
    def repository(self, says: Says) -> None:
        subprocess.run(["git", "init", "-q"], check=True)
        Path(".routecli.toml").write_text('[verify]\ntest_cmd = "make check"\n')

    def test_a_yes_and_back(self, says: Says) -> None:
        assert json.loads(says("trust", "show", "--json")[1])["trusted"] is False
        assert "not trusted: routecli trust add" in says("trust", "show")[1]
        status, out, err = says("trust", "add")
        assert (status, out) == (0, "")
        assert "test_cmd: make check" in err
        assert json.loads(says("trust", "show", "--json")[1])["trusted"] is True
        assert says("trust", "remove")[0] == 0
        assert json.loads(says("trust", "show", "--json")[1])["trusted"] is False

    def test_row_19_a_changed_command_asks_again(self, says: Says) -> None:
        says("trust", "add")
        Path(".routecli.toml").write_text('[verify]\ntest_cmd = "make evil"\n')
        assert json.loads(says("trust", "show", "--json")[1])["trusted"] is False

    def test_row_11_a_command_of_a_repository_is_only_text(self, says: Says) -> None:
        Path(".routecli.toml").write_text('[verify]\ntest_cmd = "x \\u001b[2J \\u202e [bold]"\n')
        for args in (["trust", "show"], ["trust", "add"], ["config", "show"]):
            _, out, err = says(*args)
            assert not FORBIDDEN.search(out + err)

    def test_nothing_to_trust(self, says: Says) -> None:
        Path(".routecli.toml").unlink()
        status, _, err = says("trust", "add")
        assert status == ExitStatus.USAGE
        assert "proposes no command" in err
