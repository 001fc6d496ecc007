"""JSON that others wrote, read so that nothing in it is taken for granted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def parsed(body: bytes | str) -> Any:
    """What `body` holds; None where it is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def as_table(value: object) -> Mapping[str, Any]:
    """`value` where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: object, key: str) -> Iterator[Mapping[str, Any]]:
    """The objects of the list at `key` of an object."""
    listed = as_table(value).get(key)
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict):
            yield entry


def number(value: object) -> int:
    """`value` where it is a whole number, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
