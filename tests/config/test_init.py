from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from routecli.config import load
from routecli.config.init import starter, write_starter
from routecli.config.preset import BY_KEY, names
from routecli.errors import ConfigFault

KEYS = dict.fromkeys(BY_KEY, "k" * 20)


@pytest.mark.parametrize("name", names())
def test_a_starter_is_its_preset_commented_or_not(tmp_path: Path, name: str) -> None:
    plain = load(repo_root=None, flags={}, environ={**KEYS, "ROUTECLI_PRESET": name}).settings
    uncommented = re.sub(r"(?m)^# (?=\[|(name|models|max_|context_l)\w* = )", "", starter(name))
    for place, text in enumerate((starter(name), uncommented)):
        file = tmp_path / f"{place}.toml"
        file.write_text(text)
        assert load(repo_root=None, flags={}, environ=KEYS, config_file=file).settings.tiers == plain.tiers


def test_every_commented_value_is_one(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(re.sub(r"(?m)^# (?=\[|\w+ = )", "", starter("openrouter")))
    found = load(repo_root=None, flags={}, environ={}, config_file=file)
    assert found.settings.verify.test_cmd == "pytest -q"
    assert found.settings.budget_usd == 5


def test_it_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config.toml"
    assert write_starter(path, "anthropic") == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("mine")
    with pytest.raises(ConfigFault, match="there already"):
        write_starter(path, "anthropic")
    assert path.read_text() == "mine"
    write_starter(path, "anthropic", force=True)
    assert path.read_text() == starter("anthropic")


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault) as unknown:
        starter("antropic")
    assert "anthropic" in unknown.value.hint
    (tmp_path / "file").touch()
    with pytest.raises(ConfigFault, match="cannot be written"):
        write_starter(tmp_path / "file" / "config.toml", "anthropic")
