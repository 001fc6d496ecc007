"""What a kind of task promises of behaviour: what is probed rests on it, and what a green run is worth."""

from __future__ import annotations

from routecli.domain.task import Kind

KEEPS_BEHAVIOUR = frozenset({
    Kind.REFACTOR, Kind.RENAME, Kind.TYPES, Kind.DEAD_CODE, Kind.PERFORMANCE, Kind.IMPORTS, Kind.FORMAT, Kind.DOCSTRING,
})  # fmt: skip
"""Code answers as it did: it is called before and after (verification/probing)."""
NOTHING_NEW = KEEPS_BEHAVIOUR - {Kind.PERFORMANCE} | {Kind.LINT, Kind.DOCS, Kind.DEPENDENCY}
"""Tests that were there and that run the change are what there is to ask for. What is to be faster has a test that
says so; what a linter, a text or a new version of a package changes may answer otherwise."""
