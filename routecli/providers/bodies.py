"""Reading what servers send without trusting its shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from routecli.providers.faults import ErrorInBody, is_html

MOST_TOKENS = 100_000_000
"""Ten times the longest context that is sold: a larger count is none, and would use up every cap at once."""


def streams(content_type: str) -> bool:
    """Whether an answer is a stream of events. Everything is taken for one that does not say it is something else."""
    return "json" not in content_type and "html" not in content_type


def whole(raw: bytes, content_type: str, *, has: str) -> object:
    """The answer of a server that does not stream. `has` is the member that tells an answer from an error.

    Raises ValueError (not JSON, or a proxy's page) and ErrorInBody.
    """
    text = raw.decode("utf-8")
    if "html" in content_type or is_html(text):
        raise ValueError("a page of HTML came instead")
    said = json.loads(text)
    if isinstance(said, Mapping) and has not in said and said.get("error"):
        raise ErrorInBody(said)
    return said


def served_at(said: Mapping[str, Any], before: str) -> str:
    """The service tier that an answer names, else `before`. Text of a server: a word of it is kept, no more."""
    word = said.get("service_tier")
    is_word = isinstance(word, str) and word.isascii() and word.replace("_", "").isalnum() and len(word) < 20
    return str(word) if is_word else before


def count(raw: Mapping[str, Any], name: str) -> int | None:
    """A count of `raw`, or None where there is none or it is none."""
    value = raw.get(name)
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS
    return int(value) if is_count else None  # type: ignore[arg-type]


def inner(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under `name`; empty where there is none."""
    found = raw.get(name)
    return found if isinstance(found, Mapping) else {}


def size_bytes(text: str) -> int:
    """Bytes of `text` as UTF-8."""
    return len(text.encode("utf-8", "replace"))
