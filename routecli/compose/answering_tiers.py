"""Which tiers can answer: an agent changes files and answers nobody."""

from __future__ import annotations

from dataclasses import replace

from routecli.config.load import Loaded
from routecli.domain.ladder import Tier
from routecli.domain.settings import Settings
from routecli.errors import ConfigFault


def without_agents(loaded: Loaded) -> Loaded:
    """`loaded` with the tiers that can answer a question. Raises ConfigFault: there is no other."""
    settings = loaded.settings
    if not settings.tiers:
        return loaded
    kept = tuple(answering for tier in settings.tiers if (answering := that_answers(tier, settings)))
    if not kept:
        raise ConfigFault("every tier is an agent, and an agent answers no question", hint="routecli config init")
    return replace(loaded, settings=replace(settings, tiers=kept))


def that_answers(tier: Tier, settings: Settings) -> Tier | None:
    """`tier` with those of its models that answer; None where all are agents."""
    models = tuple(model for model in tier.models if settings.providers[model.provider].api != "agent")
    return replace(tier, models=models) if models else None
