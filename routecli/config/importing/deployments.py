"""One entry of a `model_list` as `provider/model` here: which service, at which address, with which variable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from routecli.config.services import SERVICES, Service
from routecli.config.values import looks_like_a_key
from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass

_SERVICE_OF = {
    "vertex_ai": "vertex", "ollama_chat": "ollama", "hosted_vllm": "vllm", "openai_like": "openai",
    "custom_openai": "openai", "text-completion-openai": "openai", "litellm_proxy": "litellm", "llamafile": "llamacpp",
}  # fmt: skip
"""LiteLLM's prefixes that are named otherwise here."""
_SPOKEN = ("openai", "anthropic")
"""At another address these are only what is spoken there: not that vendor's prices."""
_ROWS = {row.name: row for row in SERVICES}
_CARRIED = frozenset({
    "model", "api_key", "api_base", "base_url", "max_tokens", "input_cost_per_token", "output_cost_per_token",
    "cache_read_input_token_cost", "cache_creation_input_token_cost", "extra_headers", "aws_region_name",
    "vertex_project", "vertex_location",
})  # fmt: skip
_RATES = {
    "input_cost_per_token": "input_usd_per_mtok",
    "output_cost_per_token": "output_usd_per_mtok",
    "cache_read_input_token_cost": "cache_read_usd_per_mtok",
    "cache_creation_input_token_cost": "cache_write_usd_per_mtok",
}
_MODES = ("chat", "completion", "responses")
_CREDENTIAL = re.compile(r"authorization|cookie|api-?key|token|secret|password", re.IGNORECASE)
"""Names of headers whose value is not to stand in a file."""
_SECRET_PARAMS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "vertex_credentials")


@dataclass(frozen=True, slots=True)
class Model:
    """A deployment as a tier names it."""

    ref: str
    max_output_tokens: int | None


@dataclass(slots=True)
class Deployments:
    """What the entries need beside the tiers: providers and prices, as tables; and what was `lost`."""

    providers: dict[str, dict[str, Any]] = field(default_factory=dict)
    prices: dict[str, dict[str, Any]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def take(self, place: int, entry: object) -> Model | None:
        """The model of an entry, or None with the reason in `lost`."""
        if not isinstance(entry, Mapping):
            self.lost.append(f"model_list[{place}]: it is no entry")
            return None
        where = f"model_list[{place}] ({one_line(str(entry.get('model_name')), limit=60)})"
        raw = entry.get("litellm_params")
        params: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
        text = params.get("model")
        if not isinstance(text, str) or not text:
            self.lost.append(f"{where}: it names no model")
            return None
        if (why := _no_chat(text, entry)) is not None:
            self.lost.append(f"{where}: {why}")
            return None
        prefix, _, rest = text.partition("/")
        row = _ROWS.get(_SERVICE_OF.get(prefix, prefix)) if rest else _ROWS["openai"]
        model = rest if row is not None and rest else text
        url = self._address(params, row, where)
        if row is None and url is None:
            self.lost.append(f"{where}: no service {prefix} is known, and there is no api_base")
            return None
        if url == "":
            return None
        name = self._provider(row, params, url, where)
        self._price(f"{name}/{model}", entry, params)
        self.lost += [f"{where}: {key}" for key in params if key not in _CARRIED and key not in _SECRET_PARAMS]
        self.lost += [f"{where}: {key}: credentials stay out of files" for key in params if key in _SECRET_PARAMS]
        cap = params.get("max_tokens")
        return Model(f"{name}/{model}", cap if isinstance(cap, int) and cap > 0 else None)

    def _address(self, params: Mapping[str, Any], row: Service | None, where: str) -> str | None:
        """The entry's own address; None where it has none, empty where it cannot be used (told)."""
        url = params.get("api_base") or params.get("base_url")
        if url is None:
            return None
        if not isinstance(url, str) or url.startswith("os.environ/"):
            self.lost.append(f"{where}: an address by variable; write it down")
            return ""
        url = url.rstrip("/")
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            self.lost.append(f"{where}: {url} is unencrypted to another machine, which no key is sent to")
            return ""
        if row is not None and row.name == "azure" and not parts.path.strip("/"):
            return f"{url}/openai/v1"
        if row is not None and row.name == "ollama" and not parts.path.strip("/"):
            return f"{url}/v1"
        return url

    def _provider(self, row: Service | None, params: Mapping[str, Any], url: str | None, where: str) -> str:
        """The name of the provider that serves the entry, made where no known one does."""
        elsewhere = row is not None and row.name in _SPOKEN and url not in (None, row.base_url.rstrip("/"))
        own: dict[str, Any] = {"service": row.name} if row and not elsewhere else {"api": row.api if row else "openai"}
        if url is not None and (row is None or url != row.base_url.rstrip("/")):
            own["base_url"] = url
        key = self._variable(params, where)
        if key is not None and (row is None or key != row.key):
            own["api_key_env"] = key
        region = params.get("aws_region_name") or params.get("vertex_location")
        own |= {name: str(value) for name, value in (("region", region), ("project", params.get("vertex_project")))
                if value}  # fmt: skip
        if headers := self._headers(params.get("extra_headers"), where):
            own["headers"] = headers
        if row is not None and own == {"service": row.name}:
            return row.name
        return self._named(row.name if row else (urlsplit(url or "").hostname or "imported").replace(".", "-"), own)

    def _headers(self, told: object, where: str) -> dict[str, str]:
        """The headers that hold no credential; those that do are told."""
        found = {str(name): str(value) for name, value in told.items()} if isinstance(told, Mapping) else {}
        secret = {n for n, v in found.items() if _CREDENTIAL.search(n) or any(map(looks_like_a_key, v.split()))}
        self.lost += [f"{where}: extra_headers.{name}: credentials stay out of files" for name in sorted(secret)]
        return {name: value for name, value in found.items() if name not in secret}

    def _named(self, wanted: str, own: dict[str, Any]) -> str:
        """`own` under a name of its own; the same provider is there once."""
        for name, there in self.providers.items():
            if there == own:
                return name
        taken = {*self.providers, *_ROWS}
        name = next(n for n in (f"{wanted}-{number}" for number in range(2, 10_000)) if n not in taken)
        self.providers[name] = own
        return name

    def _variable(self, params: Mapping[str, Any], where: str) -> str | None:
        key = params.get("api_key")
        if isinstance(key, str) and key.startswith("os.environ/"):
            return key.removeprefix("os.environ/")
        if key not in (None, "", "none", "None"):
            self.lost.append(f"{where}: its key stands in the file; name a variable in api_key_env instead")
        return None

    def _price(self, ref: str, entry: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        """Rates a token become rates a million tokens; half of a pair is no price."""
        info = entry.get("model_info")
        told = {**(info if isinstance(info, Mapping) else {}), **params}
        rates = {ours: _per_million(told[theirs]) for theirs, ours in _RATES.items() if theirs in told}
        if {"input_usd_per_mtok", "output_usd_per_mtok"} <= set(rates) and all(r is not None for r in rates.values()):
            self.prices[ref] = rates


def _no_chat(model: str, entry: Mapping[str, Any]) -> str | None:
    """Why an entry is none that a task can be given to; None: it is one."""
    if "*" in model:
        return f"{model} stands for any model; name those that you want"
    info = entry.get("model_info")
    mode = info.get("mode") if isinstance(info, Mapping) else None
    return f"it is for {mode}, not for tasks" if mode not in (None, *_MODES) else None


def _per_million(rate: object) -> float | int | None:
    """TOML has no decimals: the shortest number that is read back as the same decimal."""
    try:
        amount = Decimal(str(rate)) * 1_000_000
    except ArithmeticError:
        return None
    if not amount.is_finite() or amount < 0:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)
