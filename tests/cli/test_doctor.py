"""`doctor` as a person runs it: each part well and ill, against real git, a real sandbox and a scripted server."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from repositories import make_repo
from serving import Fail, Say, ScriptedServer

from cli.conftest import Routecli
from routecli.ledger.ledger import Ledger

KEY = "sk-canary-5f2b91c7d3"


@pytest.fixture
def server() -> Any:
    with ScriptedServer([Say("ok", input_tokens=9, output_tokens=1, stop="length")], models=("m1",)) as serving:
        yield serving


class Doctor:
    """Runs it in a repository with one tier at `server`."""

    def __init__(self, routecli: Routecli, home: Path, server: ScriptedServer) -> None:
        self.home = home
        self.repo = make_repo(home / "repo", {"a.py": "A = 1\n"})
        self.config = home / "config.toml"
        self._routecli = routecli
        self.configure(server.base_url)

    def configure(self, url: str, more: str = "", model: str = "m1") -> None:
        self.config.write_text(
            f'[providers.mine]\napi = "openai"\nbase_url = "{url}"\napi_key_env = "MY_KEY"\n'
            f'[[tiers]]\nname = "only"\nmodels = ["mine/{model}"]\n'
            '[prices."mine/m1"]\ninput_usd_per_mtok = 1\noutput_usd_per_mtok = 1\n' + more
        )

    def run(self, *args: str, **env: str) -> subprocess.CompletedProcess[bytes]:
        given = {"ROUTECLI_CONFIG": str(self.config), "MY_KEY": KEY, "LANG": "C.UTF-8"} | env
        return self._routecli("doctor", *args, env=given, cwd=self.repo.root, drop=("LC_ALL", "LC_CTYPE"))

    def findings(self, *args: str, **env: str) -> tuple[int, dict[str, dict[str, str]]]:
        done = self.run("--json", *args, **env)
        assert b"Traceback" not in done.stderr, done.stderr
        said = json.loads(done.stdout)
        assert said["ok"] is (done.returncode == 0)
        assert [found for found in said["findings"] if found["state"] != "ok" and not found["fix"]] == []
        return done.returncode, {found["part"]: found for found in said["findings"]}


@pytest.fixture
def doctor(routecli: Routecli, tmp_path: Path, server: ScriptedServer) -> Doctor:
    return Doctor(routecli, tmp_path, server)


def test_all_is_well(doctor: Doctor, server: ScriptedServer) -> None:
    status, found = doctor.findings()
    assert status == 0, found
    assert {part: one["state"] for part, one in found.items()} == dict.fromkeys(
        ["versions", "git", "sandbox", "folders", "configuration", "prices", "ledger", "provider mine", "locale",
         "terminal"], "ok",
    )  # fmt: skip
    assert "self-test passed" in found["sandbox"]["text"]
    assert str(doctor.repo.root) in found["git"]["text"]
    assert [r.path for r in server.requests] == ["/v1/models"]
    assert not (doctor.home / "state" / "ledger.db").exists(), "looking makes no ledger"
    text = doctor.run("--offline").stdout.decode()
    assert [line[:4] for line in text.splitlines()] == ["ok  "] * 10
    assert KEY not in text + json.dumps(found)


def test_one_call_is_paid_and_counted(doctor: Doctor, server: ScriptedServer) -> None:
    status, found = doctor.findings("--call")
    assert (status, found["call mine/m1"]["state"]) == (0, "ok"), found
    assert "$0.00001" in found["call mine/m1"]["text"], "10 tokens at a dollar a million"
    assert server.posts[0].body["max_tokens"] == 1
    ledger = Ledger.open(doctor.home / "state" / "ledger.db")
    assert ledger.spent_usd() == Decimal("0.00001")
    ledger.close()


def test_a_call_that_does_not_fit_a_cap_is_not_sent(doctor: Doctor, server: ScriptedServer) -> None:
    doctor.configure(server.base_url, "[budget]\nday_usd = 0\n")
    status, found = doctor.findings("--call")
    assert status == 3
    assert found["call mine/m1"]["state"] == "fail"
    assert server.posts == []


def test_what_is_ill_is_named_with_its_cure(doctor: Doctor, server: ScriptedServer) -> None:
    status, found = doctor.findings(MY_KEY="")
    assert (status, found["provider mine"]["state"]) == (3, "fail")
    assert found["provider mine"]["fix"] == "export MY_KEY=…"
    server.get_status = 401
    status, found = doctor.findings()
    assert (status, found["provider mine"]["state"]) == (3, "fail")
    assert "$MY_KEY" in found["provider mine"]["text"]
    assert KEY not in json.dumps(found)


def test_nobody_there_and_a_model_without_a_price(doctor: Doctor) -> None:
    doctor.configure("http://127.0.0.1:9/v1", model="unheard-of")
    status, found = doctor.findings()
    assert (status, found["provider mine"]["state"], found["prices"]["state"]) == (3, "fail", "warn")
    assert "mine/unheard-of" in found["prices"]["text"]


def test_a_provider_that_another_stands_in_for_is_a_warning(doctor: Doctor, server: ScriptedServer) -> None:
    more = '[providers.other]\napi = "openai"\nbase_url = "http://127.0.0.1:9/v1"\nprice_as = "local"\n'
    doctor.configure(server.base_url, more)
    text = doctor.config.read_text().replace('models = ["mine/m1"]', 'models = ["mine/m1", "other/x"]')
    doctor.config.write_text(text)
    status, found = doctor.findings()
    assert (status, found["provider other"]["state"]) == (0, "warn")


def test_a_broken_configuration_still_has_the_rest_looked_at(doctor: Doctor) -> None:
    doctor.config.write_text("[budget]\nrun_usd = true\n")
    assert doctor.findings()[1]["configuration"]["fix"] == f"${{EDITOR:-vi}} {doctor.config}"
    doctor.config.write_text("[budget\n")
    status, found = doctor.findings()
    assert (status, found["configuration"]["state"], found["sandbox"]["state"]) == (3, "fail", "ok")
    assert "ledger" not in found


@pytest.mark.parametrize("what", ["garbage", "newer", "link"])
def test_a_bad_ledger_fails_and_stays_where_it_is(doctor: Doctor, what: str) -> None:
    path = doctor.home / "state" / "ledger.db"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if what == "garbage":
        path.write_bytes(b"no database at all" * 400)
    elif what == "link":
        path.symlink_to(doctor.home / "elsewhere.db")
    else:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA user_version = 99")
        connection.execute("CREATE TABLE t (x)")
        connection.close()
    before = [p.name for p in path.parent.iterdir()]
    status, found = doctor.findings("--offline")
    assert (status, found["ledger"]["state"]) == (3, "fail")
    assert found["ledger"]["fix"].startswith("mv ") or what == "link"
    assert [p.name for p in path.parent.iterdir()] == before


def test_a_good_ledger_and_one_of_an_older_schema(doctor: Doctor) -> None:
    path = doctor.home / "state" / "ledger.db"
    Ledger.open(path).close()
    _, found = doctor.findings("--offline")
    assert "opens, schema" in found["ledger"]["text"]
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    status, found = doctor.findings("--offline")
    assert status == 0
    assert "the next run brings it to" in found["ledger"]["text"]


def test_surroundings_that_are_less_than_they_could_be(doctor: Doctor) -> None:
    doctor.config.write_text(doctor.config.read_text() + '[sandbox]\nnetwork = "host"\n')
    status, found = doctor.findings("--offline", LANG="nowhere", PYTHONIOENCODING="latin-1")
    assert status == 0
    assert (found["sandbox"]["state"], found["locale"]["state"]) == ("warn", "warn")
    assert found["locale"]["fix"] == "export LANG=C.UTF-8"


def test_git_is_not_there(doctor: Doctor) -> None:
    status, found = doctor.findings("--offline", PATH=str(doctor.home / "nothing"))
    assert (status, found["git"]["state"], found["git"]["fix"]) == (3, "fail", "apt-get install git")


def test_words_that_exclude_each_other(doctor: Doctor) -> None:
    done = doctor.run("--call", "--offline")
    assert done.returncode == 2
    assert b"hint: routecli doctor --call" in done.stderr


def test_a_refused_call_is_free_and_told(doctor: Doctor) -> None:
    with ScriptedServer([Fail(400, "no such parameter")], models=("m1",)) as refusing:
        doctor.configure(refusing.base_url)
        status, found = doctor.findings("--call")
    assert (status, found["call mine/m1"]["state"]) == (3, "fail")
    ledger = Ledger.open(doctor.home / "state" / "ledger.db")
    assert ledger.spent_usd() == 0
    ledger.close()


def test_a_ledger_at_a_server_that_answers_and_one_that_does_not(doctor: Doctor, database: Callable[[], str]) -> None:
    before = doctor.config.read_text()
    for address, state, text in (
        (database(), "ok", "answers"),
        ("postgresql://ann@127.0.0.1:1/routecli", "warn", "rows wait on this machine"),
    ):
        doctor.config.write_text(f'ledger = "{address}"\n{before}')
        status, found = doctor.findings("--offline")
        assert (status, found["ledger"]["state"]) == (0, state)
        assert text in found["ledger"]["text"]
        assert found["ledger"]["fix"] == ("" if state == "ok" else f"psql {address}")
