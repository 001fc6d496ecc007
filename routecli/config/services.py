"""The services and gateways that every configuration knows: one row each. docs/providers.md shows this very table.

Addresses and key variables as the vendors document them, November 2026. `[providers.NAME]` in the user's own file
changes single keys of a row; `service = "NAME"` takes a row's keys for a provider of another name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from routecli.domain.settings import Quirk
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """One row. `base_url` empty: the user has to say it (an account's own address). `prices` is its name in the price
    list, `local` for what bills nothing; empty: the address decides. `note` is for people."""

    name: str
    api: str
    base_url: str = ""
    key: str = ""
    prices: str = ""
    quirks: tuple[Quirk, ...] = ()
    note: str = ""

    @property
    def record(self) -> Mapping[str, Any]:
        """As a table of a configuration file."""
        quirks = [quirk.value for quirk in self.quirks]
        pairs = {"api": self.api, "base_url": self.base_url, "api_key_env": self.key, "price_as": self.prices}
        return {name: value for name, value in (pairs | {"quirks": quirks}).items() if value}


SERVICES: tuple[Service, ...] = (
    Service("openrouter", "openai", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "openrouter",
            (Quirk.BILLED_COST, Quirk.UPSTREAMS),
            "`order`, `data_collection`, `zdr` say which upstreams may serve; the bill is the one it states"),
    Service("anthropic", "anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY", "anthropic"),
    Service("openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY", "openai",
            (Quirk.COMPLETION_CAP, Quirk.RESPONSES)),
    Service("deepseek", "openai", "https://api.deepseek.com", "DEEPSEEK_API_KEY", "deepseek",
            note="cache hits by its own name in the usage"),
    Service("moonshot", "openai", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY", "moonshotai",
            note="usage inside the last choice of a stream"),
    Service("zai", "openai", "https://api.z.ai/api/paas/v4", "ZAI_API_KEY", "zai",
            note="`sensitive` is a refusal, `network_error` a broken answer"),
    Service("groq", "openai", "https://api.groq.com/openai/v1", "GROQ_API_KEY", "groq", (Quirk.COMPLETION_CAP,),
            "usage in `x_groq` as well"),
    Service("mistral", "openai", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", "mistral",
            (Quirk.NO_STREAM_OPTIONS,)),
    Service("gemini", "openai", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", "google",
            (Quirk.THOUGHTS_IN_TOTAL,), "Google's endpoint for OpenAI's API; errors come as a list"),
    Service("azure", "openai", "", "AZURE_OPENAI_API_KEY", "azure",
            (Quirk.API_KEY_HEADER, Quirk.COMPLETION_CAP, Quirk.RESPONSES),
            "`base_url = \"https://RESOURCE.openai.azure.com/openai/v1\"`; a model is a deployment's name"),
    Service("bedrock", "bedrock", prices="aws",
            note="`region`; `pip install 'routecli[bedrock]'`; signed by AWS's own credentials, or a Bedrock key in "
            "`api_key_env`"),
    Service("vertex", "vertex", prices="google",
            note="`region`, `project`; `pip install 'routecli[vertex]'`; Google's own credentials, or a token in "
            "`api_key_env`"),
    Service("litellm", "openai", "http://127.0.0.1:4000/v1", "LITELLM_API_KEY", quirks=(Quirk.BILLED_COST,),
            note="a proxy of your own; it states the bill where `include_cost_in_streaming_usage` is on"),
    Service("portkey", "openai", "https://api.portkey.ai/v1", "PORTKEY_API_KEY", quirks=(Quirk.PORTKEY_HEADERS,),
            note="`headers = { \"x-portkey-config\" = \"pc-…\" }` names its routing"),
    Service("vllm", "openai", "http://127.0.0.1:8000/v1", prices="local"),
    Service("llamacpp", "openai", "http://127.0.0.1:8080/v1", prices="local"),
    Service("ollama", "openai", "http://127.0.0.1:11434/v1", prices="local",
            note="cuts prompts beyond OLLAMA_CONTEXT_LENGTH silently: set it, and the tier's context_limit_tokens"),
)  # fmt: skip
"""The order is that of the docs. `price_as = "local"` is a declaration that a service bills nothing; never assumed."""

QUIRKS: Mapping[Quirk, str] = {
    Quirk.API_KEY_HEADER: "the key goes in `api-key`",
    Quirk.BILLED_COST: "what the answer's usage states as its `cost` is the bill, before any price list",
    Quirk.COMPLETION_CAP: "the cap on the answer is `max_completion_tokens`",
    Quirk.NO_STREAM_OPTIONS: "`stream_options` is not sent: usage comes without it",
    Quirk.PORTKEY_HEADERS: "the key goes in `x-portkey-api-key`",
    Quirk.RESPONSES: "a model that only the responses API serves is asked there",
    Quirk.THOUGHTS_IN_TOTAL: "reasoning is billed, and only in `total_tokens`",
    Quirk.UPSTREAMS: "`order`, `data_collection` and `zdr` are sent as `provider`",
}


def as_table() -> Mapping[str, Any]:
    """All rows as a configuration file would hold them."""
    return {"providers": {service.name: dict(service.record) for service in SERVICES}}


def markdown() -> str:
    """The table of docs/providers.md, and what its quirks mean."""
    lines = ["| Service | `api` | Address | Key | Prices | Quirks |", "|---|---|---|---|---|---|"]
    for row in SERVICES:
        quirks = ", ".join(f"`{quirk.value}`" for quirk in row.quirks)
        notes = "; ".join(filter(None, (quirks, row.note))) or "–"
        address = f"`{row.base_url}`" if row.base_url else "yours" if row.name == "azure" else "of its region"
        key = f"`{row.key}`" if row.key else "–"
        lines.append(f"| `{row.name}` | `{row.api}` | {address} | {key} | {row.prices or 'by address'} | {notes} |")
    lines += ["", "| Quirk | |", "|---|---|"]
    lines += [f"| `{quirk.value}` | {text} |" for quirk, text in QUIRKS.items()]
    return "\n".join(lines) + "\n"
