"""Which model of a price list is a later one of the same family, told from names alone: `claude-haiku-4-5` and
`claude-haiku-5-5`, `deepseek-v4-flash-0731` and `deepseek-v4.1-flash`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from routecli.nouns import dataclass

_TOKEN = re.compile(r"[a-z]+|\d+")
_LONGEST_VERSION = 2
"""Digits of a version's number: longer ones are dates, or sizes in billions."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """`family` are the words of a name, in order of the alphabet (vendors swap them), `version` its numbers."""

    vendor: str
    family: tuple[str, ...]
    version: tuple[int, ...]


def lineage(model: str) -> Lineage | None:
    """Of `vendor/name` or `name`; None for a variant (`:free`, `:batch`) and for a name without a version."""
    vendor, _, name = model.lower().rpartition("/")
    if ":" in name:
        return None
    tokens = _TOKEN.findall(name)
    words = tuple(sorted(t for t in tokens if t.isalpha() and t != "v"))
    numbers = tuple(int(t) for t in tokens if t.isdigit() and len(t) <= _LONGEST_VERSION)
    return Lineage(vendor, words, numbers) if words and numbers else None


def later(model: str, listed: Iterable[str]) -> tuple[str, ...]:
    """Those of `listed` that are later ones of the family of `model`, the latest first."""
    own = lineage(model)
    if own is None:
        return ()
    found = [(other.version, name) for name in listed if (other := lineage(name)) is not None
             and (other.vendor, other.family) == (own.vendor, own.family) and other.version > own.version]  # fmt: skip
    return tuple(name for _, name in sorted(found, reverse=True))
