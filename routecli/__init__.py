"""routecli: the cheapest model that can do a coding task, and only what your tests verified.

    from routecli import estimate, run

The import of this package loads nothing else, until one of its names is used: start-up is a feature.
"""

from __future__ import annotations

TYPE_CHECKING = False
"""Type checkers take it as true. The module `typing` would take longer than all that the prompt's segment does."""

if TYPE_CHECKING:
    from routecli.library import Estimate, estimate, run

__version__ = "0.1.0.dev0"
__all__ = ["Estimate", "__version__", "estimate", "run"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    found: object = getattr(importlib.import_module("routecli.library"), name)
    globals()[name] = found
    return found
