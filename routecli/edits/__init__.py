"""Whatever a model writes, as one Patch: applied right or refused, never wrong. docs/edits.md is the manual.

Reading a reply is imported when the first one is read: nothing of it is needed before a request is sent.
"""

from typing import TYPE_CHECKING

from routecli.edits.feedback import feedback
from routecli.edits.formats import EDIT_FORMATS, EditFormat, choose_format
from routecli.edits.progress import currently_editing
from routecli.edits.refusals import EditsRefused, NumberedLine, Refusal, RefusalKind

if TYPE_CHECKING:
    from routecli.edits.reading import read
    from routecli.edits.rendering import render, reverse
    from routecli.edits.reversing import reversed_diff

__all__ = [
    "EDIT_FORMATS",
    "EditFormat",
    "EditsRefused",
    "NumberedLine",
    "Refusal",
    "RefusalKind",
    "choose_format",
    "currently_editing",
    "feedback",
    "read",
    "render",
    "reverse",
    "reversed_diff",
]

_LATER = {"read": "reading", "render": "rendering", "reverse": "rendering", "reversed_diff": "reversing"}


def __getattr__(name: str) -> object:
    """The functions of `_LATER`, imported when they are asked for (PEP 562)."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
