"""What a mistyped name was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name of `known` that looks most like `name`; None where none does."""
    import difflib  # only a mistake pays for it

    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        return near[0]
    return next((full for full in names if full.rpartition(".")[2] == name), None)
