"""docs/configuration.md, made of the table of keys and the presets."""

from __future__ import annotations

from collections.abc import Sequence

from routecli.config.init import toml_value
from routecli.config.keys import KEYS, PRICE_KEYS, PROVIDER_KEYS, TIER_KEYS, Key
from routecli.config.preset import BY_KEY, names, preset_layer, providers_layer

_HEAD = """\
# Configuration

<!-- Made of the code by routecli.config.reference; a test compares. -->

None is needed: with one key in the environment, the preset of that key is used. A file of your own goes to
`~/.config/routecli/config.toml` (`routecli config path` says where, `routecli config init` writes one, `routecli
config show` lists each value and where it came from, `routecli config check` tries it).

```toml
preset = "openrouter"

[providers.mine]
api = "openai"                      # openai | openai-responses | anthropic | agent | replay | tools
base_url = "http://127.0.0.1:8000/v1"
api_key_env = "MY_KEY"              # never the key itself
price_as = "deepseek"               # the provider in the price data

[[tiers]]
name = "tier1"
models = ["mine/deepseek-v4-flash"] # more than one: failover in order
edit_format = "auto"
attempts = 1
max_output_tokens = 8192

[prices."mine/deepseek-v4-flash"]   # only where the price data is wrong
input_usd_per_mtok = 0.30
output_usd_per_mtok = 1.20

[profiles.careful]                  # routecli run --profile careful …
budget.run_usd = 1
limits.max_tier = "tier1"
```

## Layers

What is nearer wins, key by key:

1. the option on the command line;
2. the `ROUTECLI_…` variable;
3. the repository: `.routecli.toml`, or `[tool.routecli]` in `pyproject.toml`;
4. the chosen profile, `[profiles.NAME]` of your own file (`--profile`, `ROUTECLI_PROFILE`);
5. your own file (`--config FILE` or `ROUTECLI_CONFIG` name another);
6. the preset.

An unknown name, a wrong type, broken TOML: an error with file, line and column, and the nearest name. A provider's key
that is written into a file is refused.

**A repository is not trusted.** Of its configuration only the keys marked below count: limits that it lowers, globs
that it adds, and the texts of the test and lint command, which run only after your yes (`routecli trust`), in the
sandbox. Everything else in it is ignored, with one warning, whether you trust it or not: providers, addresses,
variables of keys, headers, prices, tiers, presets, budgets that it raises.

No `.env` file is read. An address must be https, or http on this machine.
"""

_PLACES = """\
## Folders and other variables

| Variable | What | Else |
|---|---|---|
| `ROUTECLI_CONFIG` | your configuration file | `config.toml` in `routecli` of the user's configuration folder |
| `ROUTECLI_PROFILE` | the profile | none |
| `ROUTECLI_STATE_DIR` | ledger, saved patches, trust | `routecli` in the user's state folder |
| `ROUTECLI_CACHE_DIR` | token counts, results of checks on unpatched trees | `routecli` in the user's cache folder |

The folders are made with mode 0700 and must not be links. Where one cannot be had (no home, a read-only home), a run
goes on and says what it cannot remember.
"""


def page() -> str:
    """The whole page."""
    parts = [
        _HEAD,
        "## Keys\n\n" + _keys_table(),
        "## `[[tiers]]`\n\nCheapest first. A configuration with tiers replaces all of its preset's.\n\n"
        + _record_table(TIER_KEYS),
        "## `[providers.NAME]`\n\nA table of a known name changes single keys of it.\n\n"
        + _record_table(PROVIDER_KEYS)
        + "\n"
        + _providers_table(),
        '## `[prices."provider/model"]`\n\n'
        + _record_table(PRICE_KEYS)
        + '\n`[prices."provider/model@flex"]` are those of calls served at that service tier.\n',
        "## Presets\n\n" + _presets(),
        _PLACES,
    ]
    return "\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(_cell(cell) for cell in line) + " |\n" for line in lines).replace("| --- ", "|---")


def _what(key: Key) -> str:
    return "one of " + ", ".join(f"`{choice}`" for choice in key.choices) if key.choices else key.type.value


def _default(key: Key) -> str:
    text = toml_value(key)
    return f"`{text}`" if text not in ("", '""') else "–"


def _keys_table() -> str:
    rows = [
        [f"`{k.name}`", _what(k), _default(k), f"`{k.flag}`" if k.flag else "–", f"`{k.variable}`", k.repo.value, k.doc]
        for k in KEYS
    ]
    return _table(["Key", "Value", "Default", "Option", "Variable", "Repository", "What"], rows)


def _record_table(keys: Sequence[Key]) -> str:
    return _table(["Key", "Value", "Default", "What"], [[f"`{k.name}`", _what(k), _default(k), k.doc] for k in keys])


def _providers_table() -> str:
    rows = []
    for name, record in providers_layer().providers.items():
        get = {key: str(value.value) for key, value in record.items()}
        variable = f"`{get['api_key_env']}`" if "api_key_env" in get else "no key"
        rows.append([f"`{name}`", get["api"], get.get("base_url", "–"), variable, get.get("price_as", "–")])
    return _table(["Provider", "`api`", "`base_url`", "`api_key_env`", "`price_as`"], rows)


def _presets() -> str:
    follows = {preset: variable for variable, preset in BY_KEY.items()}
    order = ", ".join(f"`{variable}`" for variable in BY_KEY)
    text = (
        f"Without a preset and without tiers of your own, the first of {order} that is set decides. Models of a preset "
        "whose key is not set are left out, with one warning.\n\n"
    )
    rows = []
    for name in names():
        layer = preset_layer(name, "")
        tiers = [
            f"{tier['name'].value}: " + ", ".join(f"`{model}`" for model in tier["models"].value)
            for tier in layer.tiers or []
        ]
        key = f"`{follows[name]}`" if name in follows else "–"
        rows.append([f"`{name}`", key, str(layer.values["reviewed"].value), "<br>".join(tiers)])
    return text + _table(["Preset", "Follows", "Reviewed", "Tiers"], rows)
