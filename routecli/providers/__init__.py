"""Who answers: vendors' APIs, recorded replies, tools. One file each, and one row in PROVIDERS."""

from __future__ import annotations

from collections.abc import Callable

from routecli.domain.settings import ProviderSettings
from routecli.errors import ConfigFault
from routecli.ports import Provider
from routecli.providers.anthropic_clouds import BedrockMessages, VertexMessages
from routecli.providers.anthropic_messages import AnthropicMessages
from routecli.providers.openai_compat import OpenAICompatible, OpenAIResponses
from routecli.providers.replay import Replay
from routecli.providers.tools import Tools


def _agent(settings: ProviderSettings, key: str | None) -> Provider:
    """Its door is a server of HTTP, which nobody else needs."""
    from routecli.providers.agent import AgentProvider

    return AgentProvider(settings, key)


PROVIDERS: dict[str, Callable[[ProviderSettings, str | None], Provider]] = {
    "openai": OpenAICompatible,
    "openai-responses": OpenAIResponses,
    "anthropic": AnthropicMessages,
    "bedrock": BedrockMessages,
    "vertex": VertexMessages,
    "agent": _agent,
    "replay": Replay,
    "tools": Tools,
}
"""By the `api` of the configuration. A factory imports nothing slow and reads nothing."""


def build(settings: ProviderSettings, key: str | None = None) -> Provider:
    """The provider of `settings`. `key` is the value of the variable that `settings.api_key_env` names.

    Raises ConfigFault for an unknown `api`; a missing key is told at the first call.
    """
    factory = PROVIDERS.get(settings.api)
    if factory is None:
        from difflib import get_close_matches

        near = get_close_matches(settings.api, PROVIDERS, n=1)
        hint = f'api = "{near[0]}"' if near else f"one of {', '.join(PROVIDERS)}"
        raise ConfigFault(f"providers.{settings.name}.api is {settings.api!r}, which is unknown", hint=hint)
    return factory(settings, key)
