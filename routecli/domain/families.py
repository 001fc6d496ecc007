"""Which family a model belongs to, told from its name: who reviews a patch must not be of its writer's."""

from __future__ import annotations

import re

_FAMILIES: tuple[tuple[str, str], ...] = (
    ("anthropic", r"claude|\banthropic\b"),
    ("openai", r"\bgpt-|\bo[1-9]\b|\bcodex\b|gpt-oss|\bopenai\b"),
    ("deepseek", r"deepseek"),
    ("moonshot", r"kimi|moonshot"),
    ("qwen", r"qwen|\bqwq\b"),
    ("google", r"gemini|gemma|\bgoogle\b"),
    ("meta", r"llama|\bmeta-"),
    ("mistral", r"mistral|codestral|devstral|magistral|mixtral"),
    ("zhipu", r"\bglm\b|glm-|z-ai|zhipu"),
    ("xai", r"grok|\bx-ai\b"),
    ("minimax", r"minimax"),
)
"""The first match counts, so a distilled model is of the family that its name begins with in this order."""


def family_of(model: str) -> str:
    """The family of `model` (a name with or without its provider); empty where the name does not tell."""
    name = model.lower()
    return next((family for family, pattern in _FAMILIES if re.search(pattern, name)), "")
