"""`config import`: LiteLLM's own examples and what people add to them, through the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.config.importing import read_litellm
from routecli.config.load import Loaded, load
from routecli.domain.settings import Quirk
from routecli.errors import RoutecliError

PUBLISHED = """\
model_list:
  - model_name: tier1
    litellm_params: {model: deepseek/deepseek-chat, api_key: os.environ/DEEPSEEK_API_KEY, max_tokens: 4096}
  - model_name: tier2
    litellm_params: {model: anthropic/claude-sonnet-5, api_key: os.environ/ANTHROPIC_API_KEY}
  - model_name: tier3
    litellm_params: {model: openrouter/anthropic/claude-opus-5, api_key: os.environ/OR_KEY}
litellm_settings:
  num_retries: 2
  request_timeout: 90
  fallbacks: [{tier1: [tier2]}, {tier2: [tier3]}]
"""
CROWDED = """\
model_list:
  - model_name: deep
    litellm_params: {model: azure/my-gpt, api_base: https://me.openai.azure.com/, api_key: os.environ/A, api_version: v}
  - model_name: cheap
    litellm_params: {model: ollama_chat/qwen, api_base: "http://localhost:11434"}
  - model_name: cheap
    litellm_params: {model: gpt-6-luna, api_key: sk-proj-thisisarealkey0123456789abcdef, rpm: 6}
  - model_name: cheap
    litellm_params:
      model: openai/mine
      api_base: https://gpu.example/v1
      api_key: os.environ/GPU_KEY
      input_cost_per_token: 0.0000003
      output_cost_per_token: 1.2e-06
      extra_headers: {x-team: tools, Authorization: Bearer mine-alone, x-odd: "Bearer sk-inaheader0123456789abcd"}
  - model_name: cloud
    litellm_params: {model: bedrock/eu.claude, aws_region_name: eu-west-1, aws_secret_access_key: hidden-words}
  - model_name: lost
    litellm_params: {model: nobody/knows}
  - model_name: lost
    litellm_params: {model: openai/x, api_base: "http://gpu-box:8000/v1"}
  - {model_name: lost}
  - nonsense
  - {model_name: "openai/*", litellm_params: {model: "openai/*"}}
  - {model_name: lost, litellm_params: {model: text-embedding-9}, model_info: {mode: embedding}}
router_settings:
  routing_strategy: latency-based-routing
  fallbacks: [{cheap: [cloud, nowhere]}, {cloud: [deep]}, {deep: [cheap]}]
general_settings: {master_key: sk-1234567890abcdefghij}
environment_variables: {SOME_KEY: sk-thisisarealkeytoo0123456789}
"""


def carried(folder: Path, text: str) -> tuple[Loaded, str, str]:
    """The configuration that came of `text`, what was said on stderr, and the file."""
    source, own = folder / "litellm.yaml", folder / "own" / "config.toml"
    source.write_text(text)
    words = [sys.executable, "-m", "routecli", "--config", str(own), "config", "import", str(source)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    loaded = load(repo_root=None, flags={}, environ={}, config_file=own)
    return loaded, done.stderr, own.read_text()


def test_the_published_three_tiers(tmp_path: Path) -> None:
    loaded, said, _ = carried(tmp_path, PUBLISHED)
    tiers = loaded.settings.tiers
    assert [(t.name, [str(m) for m in t.models], t.max_output_tokens) for t in tiers] == [
        ("tier1", ["deepseek/deepseek-chat"], 4096),
        ("tier2", ["anthropic/claude-sonnet-5"], 8192),
        ("tier3", ["openrouter-2/anthropic/claude-opus-5"], 8192),
    ]
    other = loaded.settings.providers["openrouter-2"]
    assert (other.api_key_env, other.base_url, other.price_as) == (
        "OR_KEY", "https://openrouter.ai/api/v1", "openrouter",
    )  # fmt: skip
    assert Quirk.BILLED_COST in other.quirks
    assert loaded.settings.request_timeout_s == 90
    assert "not carried over" not in said
    assert "num_retries = 2" in said


def test_what_has_no_meaning_here_is_listed_and_no_key_is_written(tmp_path: Path) -> None:
    loaded, said, text = carried(tmp_path, CROWDED)
    tiers = {tier.name: [str(model) for model in tier.models] for tier in loaded.settings.tiers}
    assert list(tiers) == ["cheap", "cloud", "deep"], "in the order in which they stand in for one another"
    assert tiers["cheap"] == ["ollama-2/qwen", "openai/gpt-6-luna", "openai-2/mine"]
    azure = loaded.settings.providers[tiers["deep"][0].partition("/")[0]]
    assert azure.base_url == "https://me.openai.azure.com/openai/v1"
    assert Quirk.API_KEY_HEADER in azure.quirks
    mine = loaded.settings.providers[tiers["cheap"][2].partition("/")[0]]
    assert (mine.api, mine.headers, mine.price_as) == ("openai", {"x-team": "tools"}, None)
    price = loaded.settings.prices[tiers["cheap"][2]]
    assert (str(price.input_usd_per_mtok), str(price.output_usd_per_mtok)) == ("0.3", "1.2")
    assert loaded.settings.providers[tiers["cloud"][0].partition("/")[0]].region == "eu-west-1"
    for lost in (
        "api_version", "rpm", "its key stands in the file", "no service nobody", "unencrypted to another machine",
        "it names no model", "aws_secret_access_key", "routing_strategy", "master_key", "environment_variables.SOME",
        "model_list[8]: it is no entry", "openai/* stands for any model", "it is for embedding, not for tasks",
        "extra_headers.Authorization: credentials stay out", "extra_headers.x-odd: credentials stay out",
        "fallback cheap → nowhere: there is no such group", "fallback deep → cheap: a ladder only climbs",
    ):  # fmt: skip
        assert lost in said, lost
    for secret in ("thisisarealkey", "sk-1234567890", "hidden-words", "mine-alone", "inaheader"):
        assert secret not in text + said


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("model_list: [", 3, "is no YAML"),
        ("- 1", 2, "no model_list"),
        ("model_list: []", 2, "names no model"),
        ("model_list: [{model_name: a, litellm_params: {model: nobody/x}}]", 2, "names no model"),
        ("a: &a [1]\nmodel_list: !!python/object/apply:os.system [x]", 3, "is no YAML"),
        (None, 2, "there is no file"),
    ],
)
def test_what_is_none_is_refused(tmp_path: Path, text: str | None, status: int, said: str) -> None:
    source = tmp_path / "x.yaml"
    if text is not None:
        source.write_text(text)
    words = [sys.executable, "-m", "routecli", "--config", str(tmp_path / "o"), "config", "import", str(source)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (status, "", False)
    assert said in done.stderr
    assert not (tmp_path / "o").exists()


def test_one_that_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    own, source = tmp_path / "config.toml", tmp_path / "x.yaml"
    own.write_text("# mine\n")
    source.write_text(PUBLISHED)
    words = [sys.executable, "-m", "routecli", "--config", str(own), "config", "import", str(source)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, own.read_text()) == (3, "# mine\n")
    assert "--force" in done.stderr
    shown = subprocess.run([*words, "--print"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (shown.returncode, own.read_text()) == (0, "# mine\n")
    subprocess.run([*words, "--force"], capture_output=True, check=True, cwd=tmp_path)
    assert own.read_text() == shown.stdout


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**9) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_PARAMS = st.dictionaries(
    st.sampled_from(["model", "api_base", "api_key", "max_tokens", "input_cost_per_token", "output_cost_per_token",
                     "extra_headers", "aws_region_name", "rpm"]),
    _VALUES | st.sampled_from(["openai/x", "azure/y", "https://a.example/", "http://b/", "os.environ/K", "ollama/z"]),
)  # fmt: skip
_ENTRIES = st.lists(
    st.fixed_dictionaries({"model_name": st.text(max_size=6) | _VALUES, "litellm_params": _PARAMS | _VALUES}) | _VALUES,
    max_size=4,
)


@given(entries=_ENTRIES, settings=_VALUES, fallbacks=_VALUES)
def test_no_configuration_ends_in_a_trace(
    entries: object, settings: object, fallbacks: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import json

    source = tmp_path_factory.mktemp("y") / "c.yaml"
    table = {"model_list": entries, "litellm_settings": settings, "router_settings": {"fallbacks": fallbacks}}
    source.write_text(json.dumps(table))
    try:
        found = read_litellm(source)
    except RoutecliError:
        return
    assert found.tiers
