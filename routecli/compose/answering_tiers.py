"""Which tiers can answer a question."""

from __future__ import annotations

from dataclasses import replace

from routecli.config.load import Loaded
from routecli.errors import ConfigFault


def without_agents(loaded: Loaded) -> Loaded:
    """`loaded` with the tiers that can answer a question: an agent changes files and answers nobody. Raises
    ConfigFault: there is no other."""
    settings = loaded.settings
    agents = {name for name, provider in settings.providers.items() if provider.api == "agent"}
    if not agents or not settings.tiers:
        return loaded
    kept = tuple(
        replace(tier, models=models)
        for tier in settings.tiers
        if (models := tuple(model for model in tier.models if model.provider not in agents))
    )
    if not kept:
        raise ConfigFault("every tier is an agent, and an agent answers no question", hint="routecli config init")
    return replace(loaded, settings=replace(settings, tiers=kept))
