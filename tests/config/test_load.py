from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from routecli.config import Loaded, load
from routecli.config.keys import APIS, KEYS, PROVIDER_KEYS, TIER_KEYS, Repo
from routecli.errors import ConfigFault, RoutecliError, UsageFault
from routecli.providers import PROVIDERS

MINE = """\
[providers.mine]
api = "openai"
base_url = "http://127.0.0.1:8000/v1"
api_key_env = "MY_KEY"
price_as = "deepseek"

[[tiers]]
name = "tier1"
models = ["mine/deepseek-v4-flash"]
edit_format = "auto"
attempts = 1
max_output_tokens = 8192

[[tiers]]
name = "tier2"
models = ["mine/org/large", "anthropic/claude-opus-5-5"]
"""


def loaded(tmp_path: Path, text: str = MINE, repo: str | None = None, **more: Any) -> Loaded:
    file = tmp_path / "config.toml"
    file.write_text(text)
    if repo is not None:
        (tmp_path / "repo").mkdir(exist_ok=True)
        (tmp_path / "repo" / ".routecli.toml").write_text(repo)
        more.setdefault("repo_root", tmp_path / "repo")
    return load(**{"repo_root": None, "flags": {}, "environ": {}, "config_file": file, **more})


def refused(tmp_path: Path, text: str, **more: Any) -> ConfigFault:
    with pytest.raises(ConfigFault) as fault:
        loaded(tmp_path, text, **more)
    assert "\n" not in fault.value.what
    return fault.value


def test_the_format_of_the_issue(tmp_path: Path) -> None:
    settings = loaded(tmp_path, 'preset = "openrouter"\n' + MINE).settings
    assert [(tier.name, tier.rank, [str(m) for m in tier.models]) for tier in settings.tiers] == [
        ("tier1", 1, ["mine/deepseek-v4-flash"]),
        ("tier2", 2, ["mine/org/large", "anthropic/claude-opus-5-5"]),
    ]
    assert settings.tiers[0].lane == "local"
    mine = settings.providers["mine"]
    assert (mine.api, mine.base_url, mine.api_key_env, mine.price_as) == (
        "openai", "http://127.0.0.1:8000/v1", "MY_KEY", "deepseek"
    )  # fmt: skip
    assert settings.lineup_reviewed is None  # the preset's date is not that of one's own tiers


def test_every_layer_overrules_the_one_below(tmp_path: Path) -> None:
    text = "budget.run_usd = 4\n" + MINE + "[profiles.careful]\nbudget.run_usd = 3.5\n"
    environ: dict[str, str] = {}
    steps: list[tuple[dict[str, Any], str]] = [
        ({"text": MINE}, "default"),
        ({}, "config.toml:1"),
        ({"profile": "careful"}, "config.toml:19"),
        ({"profile": "careful", "repo": "budget.run_usd = 2"}, ".routecli.toml:1"),
        ({"profile": "careful", "repo": "budget.run_usd = 2", "environ": {"ROUTECLI_BUDGET": "7"}}, "ROUTECLI_BUDGET"),
        ({"environ": {"ROUTECLI_BUDGET": "7"}, "flags": {"budget": "8.25"}}, "--budget"),
    ]
    seen = []
    for more, where in steps:
        found = loaded(tmp_path, **{"text": text, "environ": environ, **more})
        assert found.provenance["budget.run_usd"].where.endswith(where)
        assert found.settings.budget_usd == found.provenance["budget.run_usd"].value
        seen.append(found.settings.budget_usd)
    assert seen == [Decimal(x) for x in ("5", "4", "3.5", "2", "7", "8.25")]


@pytest.mark.parametrize(
    ("variable", "preset"),
    [
        ("OPENROUTER_API_KEY", "openrouter"),
        ("ANTHROPIC_API_KEY", "anthropic"),
        ("OPENAI_API_KEY", "openai"),
        ("DEEPSEEK_API_KEY", "deepseek-anthropic"),
    ],
)
def test_the_preset_follows_the_key(variable: str, preset: str) -> None:
    found = load(repo_root=None, flags={}, environ={variable: "k" * 20})
    assert found.settings.preset == preset
    assert found.settings.tiers
    assert found.settings.lineup_reviewed == date(2026, 11, 27)
    assert found.provenance["preset"].where == f"{variable} is set"
    assert found.no_tiers == ""


def test_the_order_of_keys() -> None:
    environ = dict.fromkeys(("DEEPSEEK_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY"), "k" * 20)
    order = []
    while environ:
        found = load(repo_root=None, flags={}, environ=environ)
        order.append(found.settings.preset)
        del environ[found.provenance["preset"].where.split()[0]]
    assert order == ["openrouter", "anthropic", "openai", "deepseek-anthropic"]


def test_no_key_and_no_configuration_is_a_value() -> None:
    found = load(repo_root=None, flags={}, environ={"OPENAI_API_KEY": " "})
    assert found.settings.tiers == ()
    assert found.settings.tools
    assert "OPENROUTER_API_KEY, ANTHROPIC_API_KEY, OPENAI_API_KEY, DEEPSEEK_API_KEY" in found.no_tiers
    assert "routecli demo" in found.no_tiers_hint
    assert found.wanted_variables[0] == "OPENROUTER_API_KEY"


def test_a_preset_without_its_key_says_which() -> None:
    found = load(repo_root=None, flags={}, environ={"ROUTECLI_PRESET": "anthropic", "OPENAI_API_KEY": "k" * 20})
    assert found.settings.tiers == ()
    assert "ANTHROPIC_API_KEY" in found.no_tiers
    assert found.wanted_variables == ("ANTHROPIC_API_KEY",)


def test_models_of_a_preset_without_a_key_are_left_out_with_one_warning() -> None:
    found = load(repo_root=None, flags={}, environ={"DEEPSEEK_API_KEY": "k" * 20})
    assert [tier.rank for tier in found.settings.tiers] == [1, 2]
    assert {model.provider for tier in found.settings.tiers for model in tier.models} == {"deepseek"}
    assert [(w.code, "ANTHROPIC_API_KEY" in w.text) for w in found.warnings] == [("tier-without-key", True)]


def test_tiers_of_ones_own_stay_without_a_key(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    assert len(found.settings.tiers) == 2
    assert found.key_of("mine") is None
    assert found.warnings == ()


def test_keys_are_looked_up_when_asked(tmp_path: Path) -> None:
    found = loaded(tmp_path, environ={"MY_KEY": " canary-1 \n", "UNRELATED": "x", "OPENAI_API_KEY": "canary-2"})
    assert found.key_of("mine") == "canary-1"
    assert found.key_of("ollama") is None
    assert found.key_of("nobody") is None
    assert set(found.secrets.values()) == {"canary-1", "canary-2"}
    assert "canary" not in repr(found.provenance) + repr(found.settings)


def test_known_providers_may_be_changed_key_by_key(tmp_path: Path) -> None:
    text = '[providers.openrouter]\nheaders = { X-Title = "me" }\n'
    providers = loaded(tmp_path, text).settings.providers
    assert providers["openrouter"].headers == {"X-Title": "me"}
    assert providers["openrouter"].api_key_env == "OPENROUTER_API_KEY"


def test_flags_may_be_given_as_they_are(tmp_path: Path) -> None:
    flags = {
        "budget": Decimal("1.5"), "no_tests": True, "no_lint": None, "attempts": 2, "test_cmd": "pytest -x",
        "timeout": 30.0, "limits.max_calls": "3", "max_tier": "tier1",
    }  # fmt: skip
    settings = loaded(tmp_path, flags=flags).settings
    assert (settings.budget_usd, settings.attempts, settings.max_calls) == (Decimal("1.5"), 2, 3)
    assert (settings.verify.tests, settings.verify.lint, settings.verify.timeout_s) == (False, True, 30.0)
    assert (settings.verify.test_cmd, settings.max_tier) == ("pytest -x", "tier1")
    assert settings.verify.commands_from_repo == ()


@pytest.mark.parametrize(
    ("name", "given"),
    [("budget", "-1"), ("budget", "NaN"), ("budget", "much"), ("attempts", "0"), ("attempts", "1.5"), ("timeout", "0"),
     ("budget", "1e99"), ("test_cmd", " "), ("max_tier", "tier9")],
)  # fmt: skip
def test_flags_that_make_no_sense(tmp_path: Path, name: str, given: str) -> None:
    with pytest.raises(UsageFault) as fault:
        loaded(tmp_path, MINE, flags={name: given})
    assert fault.value.what.startswith("--" + name.replace("_", "-"))
    assert "\n" not in fault.value.what


@pytest.mark.parametrize(
    ("variable", "given"),
    [("ROUTECLI_BUDGET", "many"), ("ROUTECLI_NO_TESTS", "maybe"), ("ROUTECLI_REVIEWED", "yesterday")],
)
def test_variables_that_make_no_sense(tmp_path: Path, variable: str, given: str) -> None:
    assert variable in refused(tmp_path, MINE, environ={variable: given}).what


def test_each_key_can_be_set_by_its_variable(tmp_path: Path) -> None:
    texts = {
        "a text": "tier1", "true or false": "1", "a whole number": "7", "a number of seconds": "7",
        "a number of points": "2", "a share from 0 to 1": "0.5",
        "an amount in US dollars": "7", "a date (2026-11-27)": "2026-01-02", "a path": "/a",
        "a path or postgresql://…": "/a/ledger.db", "a list of texts": "a, b",
        "a list of paths": "/a,/b",
    }  # fmt: skip
    own = {
        "preset": "openai", "verify.require_in": "src/: tested, *.sql: proven", "routing.lanes": "docs: background",
    }  # fmt: skip
    for key in KEYS:
        text = own.get(key.name) or (key.choices[0] if key.choices else texts[key.type.value])
        found = loaded(tmp_path, environ={key.variable: text})
        assert found.provenance[key.name].where == key.variable, key.name
    assert len({key.variable for key in KEYS}) == len(KEYS)


FAULTS = {
    "no rule of strength": ('verify.require_in = ["src/: sure"]\n', "config.toml:1", "src/: sure is no rule"),
    "no rule of a lane": ('routing.lanes = ["docs: slow"]\n', "config.toml:1", "docs: slow is no rule"),
    "no kind of a lane": ('routing.lanes = ["doc: local"]\n', "config.toml:1", "doc: local is no rule"),
    "no lane of a tier": (MINE + 'lane = "fast"\n', "config.toml:17", "local, background, cloud"),
    "unknown key": ("bugdet.run_usd = 1\n", "config.toml", "unknown key bugdet"),
    "unknown key in a section": ("[budget]\nrun_us = 1\n", "config.toml:2", "unknown key budget.run_us"),
    "unknown key in a tier": (MINE + "retires = 1\n", "config.toml:17", "unknown key tiers.1.retires"),
    "unknown key in a provider": ('[providers.x]\nbase_ulr = "x"\n', "config.toml:2", "providers.x.base_ulr"),
    "broken TOML": ('preset = "a"\n[budget\n', "config.toml:2:", "broken TOML"),
    "broken at its end": ("a = [1,\n", "config.toml:", "broken TOML"),
    "not UTF-8": ("preset = '\udcff'\n", "config.toml:1", "not UTF-8"),
    "text for a number": ('budget.run_usd = "5"\n', "config.toml:1", 'US dollars, not "5"'),
    "number for a text": ("preset = 5\n", "config.toml:1", "must be a text, not 5"),
    "flag for a number": ("limits.attempts = true\n", "config.toml:1", "a whole number, not true"),
    "negative": ("limits.attempts = -1\n", "config.toml:1", "at least 1"),
    "infinite": ("budget.run_usd = inf\n", "config.toml:1", "finite"),
    "a choice": ('[[tiers]]\nname="a"\nmodels=["openai/x"]\nedit_format="diff"\n', "config.toml:4", "search_replace"),
    "no models": ('[[tiers]]\nname = "a"\n', "config.toml:1", "has no models"),
    "empty models": ('[[tiers]]\nname = "a"\nmodels = []\n', "config.toml:1", "has no models"),
    "no name": ('[[tiers]]\nmodels = ["openai/x"]\n', "config.toml:1", "has no name"),
    "tiers as a table": ('[tiers]\nname = "a"\n', "config.toml:1", "[[tiers]]"),
    "no slash": ('[[tiers]]\nname = "a"\nmodels = ["gpt"]\n', "config.toml:3", "provider/model"),
    "twice": (MINE + MINE[MINE.index("[[") :], "config.toml", "twice"),
    "reserved": ('[[tiers]]\nname = "tools"\nmodels = ["openai/x"]\n', "config.toml:2", "tier 0"),
    "no api": ('[providers.x]\nprice_as = "local"\n', "config.toml:2", "has no api"),
    "replay without file": ('[providers.x]\napi = "replay"\n', "config.toml:2", "has no replies"),
    "in the clear": ('[providers.x]\napi = "openai"\nbase_url = "http://example.com"\n', "config.toml:3", "https"),
    "in the clear by number": (
        '[providers.x]\napi = "openai"\nbase_url = "http://10.0.0.1"\n',
        "config.toml:3",
        "https",
    ),
    "no address": ('[providers.x]\napi = "openai"\nbase_url = "example.com"\n', "config.toml:3", "http(s)"),
    "odd port": ('[providers.x]\napi = "openai"\nbase_url = "https://h:x/"\n', "config.toml:3", "no address"),
    "half a price": ('[prices."a/b"]\ninput_usd_per_mtok = 1\n', "config.toml:2", "has no output_usd_per_mtok"),
    "profiles": ("profiles = 3\n", "config.toml:1", "profiles must be tables"),
    "a typo in a profile": ("[profiles.a]\nbudgt.run_usd = 1\n", "config.toml:2", "unknown key profiles.a.budgt"),
    "no preset": ('preset = "opnrouter"\n', "config.toml:1", "no preset opnrouter"),
    "section as a value": ("budget = 5\n", "config.toml:1", "unknown key budget"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_says_what_and_where(tmp_path: Path, name: str) -> None:
    text, where, what = FAULTS[name]
    (tmp_path / "config.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigFault) as fault:
        load(repo_root=None, flags={}, environ={}, config_file=tmp_path / "config.toml")
    assert where in fault.value.what
    assert what in fault.value.what
    assert "\n" not in fault.value.what


@pytest.mark.parametrize(
    "text",
    [
        '[providers."a\\nb\\u001b"]\nprice_as = "x"\n',
        '"a\\nb\\u001b" = 1\n',
        '[prices."a\\nb\\u001b"]\nx = 1\n',
        '[profiles."a\\nb\\u001b"]\nx = 1\n',
        '[[tiers]]\nname = "a\\nb\\u001b"\n',
    ],
)
def test_row_11_names_in_a_fault_are_shown_safely(tmp_path: Path, text: str) -> None:
    fault = refused(tmp_path, text)
    assert "\n" not in fault.hint
    assert "\x1b" not in fault.what + fault.hint


@pytest.mark.parametrize(
    ("text", "near"),
    [("bugdet.run_usd = 1", "budget"), ("budget.run_us = 1", "budget.run_usd"), ("test_cmd = 'x'", "verify.test_cmd"),
     ('preset = "antropic"', "anthropic"), (MINE + 'attemps = 3', "attempts"),
     ('[[tiers]]\nname = "a"\nmodels = ["antropic/x"]', "anthropic/x")],
)  # fmt: skip
def test_the_nearest_name_is_offered(tmp_path: Path, text: str, near: str) -> None:
    assert near in refused(tmp_path, text).hint


KEY = "sk-or-v1-0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "text",
    [
        f'[providers.x]\napi = "openai"\napi_key = "{KEY}"\n',
        f'[providers.x]\napi = "openai"\napi_key_env = "{KEY}"\n',
        f'[providers.x]\napi = "openai"\nheaders = {{ Authorization = "Bearer {KEY}" }}\n',
        f'[providers.x]\napi = "openai"\nheaders = {{ X-Mine = "{KEY}" }}\n',
        f'[providers.x]\napi = "openai"\nbase_url = "https://user:{KEY}@example.com/v1"\n',
        f'preset = "{KEY}"\n',
        f'sandbox.env = ["{KEY}"]\n',
        f'[providers.x]\napi = "{KEY}"\n',
        f'[[tiers]]\nname = "a"\nmodels = ["{KEY}"]\n',
    ],
)
def test_row_59_a_key_in_the_file_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    fault = refused(tmp_path, text)
    assert KEY not in fault.what + fault.hint


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_row_18_http_is_for_this_machine(tmp_path: Path, host: str) -> None:
    text = MINE.replace("127.0.0.1", host).replace(', "anthropic/claude-opus-5-5"', "")
    assert [tier.lane for tier in loaded(tmp_path, text).settings.tiers] == ["local", "local"]


@pytest.mark.parametrize("host", ["127.0.0.1.evil.example", "localhost.example", "0.0.0.0", "10.0.0.1", "[::2]", "1"])
def test_row_18_another_machine_must_be_https(tmp_path: Path, host: str) -> None:
    assert "https" in refused(tmp_path, MINE.replace("127.0.0.1", host)).what


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="there is no configuration"):
        load(repo_root=None, flags={}, environ={}, config_file=tmp_path / "none.toml")
    with pytest.raises(ConfigFault, match="there is no configuration"):
        load(repo_root=None, flags={}, environ={"ROUTECLI_CONFIG": str(tmp_path / "none.toml")})


def test_a_profile_must_exist(tmp_path: Path) -> None:
    fault = refused(tmp_path, "[profiles.careful]\n", environ={"ROUTECLI_PROFILE": "carefull"})
    assert "careful" in fault.hint
    assert loaded(tmp_path, "[profiles.careful]\n").profiles == ("careful",)


def test_the_users_file_is_found_in_the_home(own_home: Path) -> None:
    folder = own_home / ".config" / "routecli"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("budget.run_usd = 1\n")
    found = load(repo_root=None, flags={}, environ={})
    assert found.settings.budget_usd == 1
    assert found.files == (folder / "config.toml",)


def test_own_prices(tmp_path: Path) -> None:
    text = '[prices."mine/x"]\ninput_usd_per_mtok = 0.1\noutput_usd_per_mtok = 2\n'
    price = loaded(tmp_path, text).settings.prices["mine/x"]
    assert (price.input_usd_per_mtok, price.output_usd_per_mtok) == (Decimal("0.1"), Decimal(2))


# --- the repository's own configuration


def everything(server: str) -> str:
    """A line for every key that a repository must not set, all of them pointing somewhere harmful."""
    lines = ['preset = "local-first"', "reviewed = 2020-01-01", 'ledger = "/dev/null"']
    lines += ["[budget]", "run_usd = 1000", "allow_unpriced = true", "[routing]", "tools = false", "top_files = 0"]
    lines += ["[verify]", "tests = false", "lint = false", 'accept_cmd = "true"', "timeout_s = 9999"]
    lines += ["[sandbox]", 'binds = ["/root"]', 'env = ["AWS_SECRET"]', "unsafe_no_sandbox = true"]
    lines += ["[providers.openai]", 'api = "openai"', f'base_url = "{server}"', 'api_key_env = "HOME"']
    lines += ["[[tiers]]", 'name = "tier1"', 'models = ["openai/x"]']
    lines += ['[prices."openai/x"]', "input_usd_per_mtok = 0", "output_usd_per_mtok = 0"]
    lines += ["[profiles.a]", "budget.run_usd = 1000", "[hooks]", 'notify = "rm -rf /"']
    return "\n".join(lines) + "\n"


def test_row_17_a_repository_sets_nothing_that_matters(tmp_path: Path) -> None:
    plain = loaded(tmp_path, environ={"OPENAI_API_KEY": "k" * 20})
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        hostile = everything(f"http://127.0.0.1:{server.getsockname()[1]}/v1")
        found = loaded(tmp_path, repo=hostile, environ={"OPENAI_API_KEY": "k" * 20})
        with pytest.raises(TimeoutError):
            server.accept()
    assert found.settings == plain.settings
    assert [warning.code for warning in found.warnings] == ["repo-config-ignored"]
    for name in ("providers", "tiers", "preset", "sandbox.unsafe_no_sandbox", "budget.allow_unpriced", "hooks"):
        assert name in found.warnings[0].text or " more" in found.warnings[0].text


@pytest.mark.parametrize("key", [key for key in KEYS if key.repo is Repo.IGNORED], ids=lambda key: key.name)
def test_row_17_every_other_key_is_ignored(tmp_path: Path, key: Any) -> None:
    found = loaded(tmp_path, repo=f"{key.name} = 'x'\n")
    assert found.settings == loaded(tmp_path).settings
    assert key.name in found.warnings[0].text


@pytest.mark.parametrize("section", ["[providers.openai]\n", "[[tiers]]\n", "[prices.'a/b']\n", "[profiles.a]\n"])
@pytest.mark.parametrize("key", [*PROVIDER_KEYS, *TIER_KEYS], ids=lambda key: key.name)
def test_row_17_no_table_is_read(tmp_path: Path, section: str, key: Any) -> None:
    found = loaded(tmp_path, repo=f"{section}{key.name} = 'x'\n")
    assert found.settings == loaded(tmp_path).settings
    assert len(found.warnings) == 1


TIGHT = {
    "budget.run_usd": ("1", "9", lambda s: s.budget_usd),
    "budget.day_usd": ("1", "99", lambda s: s.caps.day_usd),
    "budget.month_usd": ("1", "99", lambda s: s.caps.month_usd),
    "budget.repository_usd": ("1", "99", lambda s: s.caps.repository_usd),
    "budget.user_day_usd": ("1", "99", lambda s: s.caps.user_day_usd),
    "budget.user_month_usd": ("1", "99", lambda s: s.caps.user_month_usd),
    "budget.team_day_usd": ("1", "99", lambda s: s.caps.team_day_usd),
    "budget.team_month_usd": ("1", "99", lambda s: s.caps.team_month_usd),
    "limits.attempts": ("1", "9", lambda s: s.attempts),
    "limits.max_calls": ("1", "99", lambda s: s.max_calls),
    "limits.request_timeout_s": ("10", "9999", lambda s: s.request_timeout_s),
    "limits.connect_timeout_s": ("1", "99", lambda s: s.patience.connect_s),
    "limits.first_byte_timeout_s": ("10", "9999", lambda s: s.patience.first_byte_s),
    "limits.idle_timeout_s": ("10", "9999", lambda s: s.patience.idle_s),
    "limits.max_tier": ("'tier1'", "'tier3'", lambda s: s.max_tier),
    "verify.timeout_s": ("10", "9999", lambda s: s.verify.timeout_s),
    "context.max_file_bytes": ("10", "999999", lambda s: s.context.max_file_bytes),
}


def test_row_17_all_limits_are_tried() -> None:
    assert set(TIGHT) == {key.name for key in KEYS if key.repo is Repo.TIGHTEN}


@pytest.mark.parametrize("name", TIGHT)
def test_row_17_limits_only_tighten(tmp_path: Path, name: str) -> None:
    lower, higher, get = TIGHT[name]
    mine = MINE + "[[tiers]]\nname = 'tier3'\nmodels = ['openai/x']\n[limits]\nattempts = 2\nmax_tier = 'tier2'\n"
    mine += "[budget]\nday_usd = 9\nmonth_usd = 9\nrepository_usd = 9\n"
    mine += "".join(f"{whose}_{span}_usd = 9\n" for whose in ("user", "team") for span in ("day", "month"))
    plain = get(loaded(tmp_path, mine).settings)
    tighter = get(loaded(tmp_path, mine, repo=f"{name} = {lower}\n").settings)
    looser = get(loaded(tmp_path, mine, repo=f"{name} = {higher}\n").settings)
    assert str(tighter) == lower.strip("'") or tighter == float(lower)
    assert looser == plain


def test_row_17_an_option_of_the_user_overrules_the_repositorys_limit(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, repo="budget.run_usd = 1\nlimits.max_tier = 'tier1'\n", flags={"budget": 3, "max_tier": "tier2"}
    )
    assert (found.settings.budget_usd, found.settings.max_tier) == (3, "tier2")


def test_globs_add_up(tmp_path: Path) -> None:
    text = 'context.exclude = ["*.snap"]\n'
    assert loaded(tmp_path, text, repo='context.exclude = ["*.svg", "*.snap"]').settings.context.exclude == (
        "*.svg", "*.snap"
    )  # fmt: skip


def test_row_19_commands_of_a_repository_are_named_as_such(tmp_path: Path) -> None:
    repo = 'verify.test_cmd = "make test"\nverify.lint_cmd = "make lint"\n'
    found = loaded(tmp_path, repo=repo)
    assert found.settings.verify.commands_from_repo == ("test_cmd", "lint_cmd")
    assert found.repo_commands == {"test_cmd": "make test", "lint_cmd": "make lint"}
    mine = loaded(tmp_path, repo=repo, flags={"test_cmd": "pytest"})
    assert mine.repo_commands == {"lint_cmd": "make lint"}
    assert mine.settings.verify.test_cmd == "pytest"


def test_the_table_in_pyproject(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.routecli.verify]\ntest_cmd = "make a"\n')
    found = loaded(tmp_path, repo_root=root)
    assert found.provenance["verify.test_cmd"].where == f"{root}/pyproject.toml:5"
    both = loaded(tmp_path, repo='verify.test_cmd = "make b"\n')
    assert both.settings.verify.test_cmd == "make b"
    assert both.files[1:] == (root / "pyproject.toml", root / ".routecli.toml")


@pytest.mark.parametrize("text", ["[tool.routecli", "tool = 3", "[tool]\nroutecli = 3", "[tool.other]", "\udcff"])
def test_a_pyproject_that_is_broken_or_has_no_table_is_the_projects_business(tmp_path: Path, text: str) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    (root / "pyproject.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert loaded(tmp_path, repo_root=root).settings == loaded(tmp_path).settings


def test_a_broken_file_of_the_repositorys_is_an_error_with_its_line(tmp_path: Path) -> None:
    assert ".routecli.toml:2:" in refused(tmp_path, MINE, repo="a = 1\nb = \n").what


def test_row_22_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    (root / "pyproject.toml").symlink_to("/etc/passwd")
    os.mkfifo(root / ".routecli.toml")
    with pytest.raises(ConfigFault, match="regular file"):
        loaded(tmp_path, repo_root=root)


def test_row_18_no_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    for name in (".env", ".envrc"):
        (tmp_path / "repo" / name).write_text("OPENAI_API_KEY=sk-evil\nROUTECLI_BUDGET=99\n")
    found = load(repo_root=tmp_path / "repo", flags={}, environ={})
    assert found.settings.tiers == ()
    assert found.settings.budget_usd == 5


toml_values = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=8)), lambda inner: st.lists(inner, max_size=3)
)
names = st.sampled_from(
    [*(key.name for key in KEYS), "tiers", "providers", "prices", "profiles", "budget", "x", "tiers.a"]
)


@given(st.dictionaries(names, toml_values, max_size=4))
def test_whatever_stands_there_it_is_a_configuration_or_a_fault(table: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "config.toml")
        text = "".join(f"{key} = {tomlkit.item(value).as_string()}\n" for key, value in table.items())
        file.write_text(text, errors="surrogatepass")
        for more in ({"config_file": file}, {"repo_root": Path(name)}):
            if "repo_root" in more:
                file.rename(Path(name, ".routecli.toml"))
            try:
                load(**{"repo_root": None, "flags": {}, "environ": {}, **more})
            except RoutecliError as fault:
                assert fault.what


def test_the_names_of_apis_are_those_of_the_providers() -> None:
    assert set(APIS) == set(PROVIDERS)


AUDITED = """
import sys
from pathlib import Path
seen = []
sys.addaudithook(lambda event, args: seen.append((event, str(args[:1]))))
from routecli.config import load
seen.clear()
load(repo_root=Path(sys.argv[1]), flags={}, environ={"OPENAI_API_KEY": "k" * 20}, config_file=Path(sys.argv[2]))
print("\\n".join(f"{event} {what}" for event, what in seen))
"""


def test_row_20_no_socket_no_program_and_no_other_file_of_the_repository(tmp_path: Path) -> None:
    loaded(tmp_path, repo=everything("http://127.0.0.1:9/v1"))
    (tmp_path / "repo" / ".env").write_text("OPENAI_API_KEY=sk-evil\n")
    argv = [sys.executable, "-c", AUDITED, str(tmp_path / "repo"), str(tmp_path / "config.toml")]
    events = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [
        e for e in events if e.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn"))
    ] == []
    opened = {Path(e.split("'")[1]).name for e in events if e.startswith("open ") and str(tmp_path / "repo") in e}
    assert opened == {"pyproject.toml", ".routecli.toml"}
