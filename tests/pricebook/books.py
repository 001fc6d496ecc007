"""The bundled price list as the document that its publisher serves, so that it can be changed and fetched."""

from __future__ import annotations

import copy
import dataclasses
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelPrice

_ALIASES = {"or_": "or", "and_": "and"}


def published() -> list[dict[str, Any]]:
    """A document of its own for each caller. Without what reads usage: no price depends on it."""
    return copy.deepcopy(_published())


@cache
def _published() -> list[dict[str, Any]]:
    return [_plain(provider) for provider in get_snapshot().providers]


def model_of(document: list[dict[str, Any]], provider: str, model: str) -> dict[str, Any]:
    """One entry of the document."""
    models = next(p for p in document if p["id"] == provider)["models"]
    return next(m for m in models if m["id"] == model)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) or isinstance(value, ModelPrice):
        return {
            _ALIASES.get(name, name): _plain(member)
            for name, member in vars(value).items()
            if member is not None and not name.startswith("_") and name != "extractors"
        }
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, Decimal):
        return float(value) if value != value.to_integral_value() else int(value)
    return value.isoformat() if isinstance(value, date | time) else value
