"""Whatever a model writes, as one Patch: applied right or refused, never wrong. docs/edits.md is the manual."""

from routecli.edits.feedback import feedback
from routecli.edits.formats import EDIT_FORMATS, EditFormat, choose_format
from routecli.edits.progress import currently_editing
from routecli.edits.reading import read
from routecli.edits.refusals import EditsRefused, NumberedLine, Refusal, RefusalKind
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
