from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from routecli.compose.caps import caps_of
from routecli.config import Loaded, load
from routecli.errors import ConfigFault
from routecli.ledger.opening import file_of, whose_of

URL = "postgresql://ann@db.example.com:5433/routecli?sslmode=verify-full"


def loaded(tmp_path: Path, text: str, repo: str = "", **more: Any) -> Loaded:
    (tmp_path / "config.toml").write_text(text)
    (tmp_path / ".routecli.toml").write_text(repo)
    return load(**{"repo_root": tmp_path, "flags": {}, "environ": {}, "config_file": tmp_path / "config.toml", **more})


def test_a_file_or_a_server(tmp_path: Path) -> None:
    file = loaded(tmp_path, 'ledger = "mine.db"').settings
    assert (file.ledger_path, file.ledger_url) == (tmp_path / "mine.db", None)
    assert file_of(file, tmp_path / "state") == tmp_path / "mine.db"
    server = loaded(tmp_path, f'ledger = "{URL}"\nledger_away = "local-cap"').settings
    assert (server.ledger_path, server.ledger_url, server.ledger_away) == (None, URL, "local-cap")
    spools = [file_of(s, tmp_path) for s in (server, loaded(tmp_path, 'ledger = "postgres://other/db"').settings)]
    assert all(spool is not None and spool.name.startswith("spool-") for spool in spools)
    assert len(set(spools)) == 2


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:hunter2secret@db/routecli",
        "postgresql://db/routecli?user=ann&password=hunter2secret",
        "postgresql://db/routecli?sslpassword=hunter2secret",
        "mysql://ann:hunter2secret@db/routecli",
        "postgresql://ann:hunter2secret@[::1/routecli",
    ],
)
@pytest.mark.parametrize("where", ["file", "variable"])
def test_a_password_is_refused_and_never_repeated(tmp_path: Path, address: str, where: str) -> None:
    environ = {"ROUTECLI_LEDGER": address} if where == "variable" else {}
    with pytest.raises(ConfigFault) as refused:
        loaded(tmp_path, "" if where == "variable" else f'ledger = "{address}"', environ=environ)
    assert "hunter2" not in refused.value.what + refused.value.hint
    assert "ledger" in refused.value.what.lower()


def test_row_17_a_repository_sets_no_ledger_and_no_name(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, "", 'ledger = "postgresql://evil/db"\nledger_away = "local-cap"\n[team]\nname = "x"\nuser = "y"'
    )
    settings = found.settings
    assert (settings.ledger_url, settings.ledger_away, settings.team, settings.user) == (None, "refuse", None, None)
    assert "ledger (.routecli.toml)" in found.warnings[0].text


def test_the_servers_password_is_a_secret(tmp_path: Path) -> None:
    environ = {"PGPASSWORD": "hunter2secret"}
    assert "hunter2secret" in loaded(tmp_path, f'ledger = "{URL}"', environ=environ).secrets.values()
    assert "hunter2secret" not in loaded(tmp_path, "", environ=environ).secrets.values()


def test_caps_of_a_user_and_a_team(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    at = datetime(2026, 11, 28, 12, tzinfo=UTC)
    budget = "[budget]\nuser_day_usd = 1\nuser_month_usd = 20\nteam_day_usd = 5\nteam_month_usd = 80\n"
    settings = loaded(tmp_path, budget + '[team]\nname = "core"\nuser = "ann"').settings
    found = [(c.name, str(c.cap_usd), c.since.day, c.who, c.team) for c in caps_of(settings, "/repo", at)]
    assert found == [
        ("user-day", "1", 28, "ann", ""), ("user-month", "20", 1, "ann", ""),
        ("team-day", "5", 28, "", "core"), ("team-month", "80", 1, "", "core"),
    ]  # fmt: skip
    with pytest.raises(ConfigFault, match="the team has no name"):
        caps_of(loaded(tmp_path, budget).settings, "", at)
    assert whose_of(loaded(tmp_path, "").settings).who != ""


def test_without_the_driver_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from routecli.ledger.opening import open_ledger

    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigFault, match="needs the extra `postgres`") as refused:
        open_ledger(loaded(tmp_path, f'ledger = "{URL}"').settings, tmp_path)
    assert refused.value.hint == "pip install 'routecli[postgres]'"
