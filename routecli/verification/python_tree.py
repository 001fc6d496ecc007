"""Python's own syntax tree of a source: a room of its own, since much needs it and little needs the contracts."""

from __future__ import annotations

import ast


def parsed(source: bytes | str) -> ast.Module | None:
    """The tree, or None where it cannot be read."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
