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


_DATED = re.compile(r"[-@]\d{3,}(?:-\d{2}){0,2}$")
"""How services name the version that answered: `-20260101`, `-2026-01-01`, `-0711`, `-001`, `@20260101`."""


def same_model(asked: str, served: str) -> bool:
    """Whether a service that was asked for `asked` and says that `served` answered means the same model: the name
    itself, with or without its vendor, a variant (`:free`), `-latest` or the day of its version. A name that is not
    told is no other one."""
    return not served.strip() or _bare(asked) == _bare(served)


def _bare(model: str) -> str:
    name = model.strip().lower().rpartition("/")[2].partition(":")[0].removesuffix("-latest")
    return _DATED.sub("", name)
