"""An answer on the screen: as it arrives, and whole. Every character of it came from a model and is made visible."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from routecli.cli.screen import BAD, MIND, QUIET, STRONG, joined, shown
from routecli.domain.answered import Answered, Remark, Severity
from routecli.domain.events import Called, Calling, Event
from routecli.domain.untrusted import one_line, visible
from routecli.prompting.questions import Wrong, marked, wrong_by

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from routecli.cli.progress import Progress

_STYLES = {Severity.ERROR: BAD, Severity.WARNING: MIND, Severity.NOTE: QUIET}
_OPEN_CHARS = 320
"""A bracket that stays open for longer is no reference."""


def show_answered(answered: Answered, console: Console) -> None:
    """The answer, its wrong places marked; a review as a list of findings."""
    if answered.scope and answered.usable:
        _findings(answered, console)
        return
    _print(shown(marked(answered.text.strip(), wrong_by(answered.references))), console)


def _print(text: Text, console: Console) -> None:
    """Lines stay as long as they are: the terminal folds them, and a pipe's reader counts them."""
    console.print(text, soft_wrap=True)


def _findings(answered: Answered, console: Console) -> None:
    if not answered.remarks:
        _print(shown("no findings"), console)
    for remark in answered.remarks:
        _print(_finding(remark), console)


def _finding(remark: Remark) -> Text:
    return joined(
        shown(f"{one_line(remark.path, limit=300)}:{remark.line}: ", STRONG),
        shown(remark.severity.value, _STYLES[remark.severity]),
        shown(f": {one_line(remark.said, limit=1000)}"),
    )


class Arriving:
    """A listener, and told each piece of a reply: writes it at once, up to the last whole word, wrong places marked.
    For a terminal only: who reads a pipe gets an answer that was looked through. Never raises."""

    def __init__(self, progress: Progress, wrong: Wrong) -> None:
        self._progress = progress
        self._wrong = wrong
        self._held = ""
        self._newline = True
        self.shown = False
        """Whether anything of the reply that came last stands on the screen."""

    def __call__(self, event: Event) -> None:
        """Hears where a reply begins and ends. What was shown of an earlier one was no answer."""
        if isinstance(event, Calling):
            self._held, self.shown = "", False
        elif isinstance(event, Called):
            self._finish()

    def hear(self, chunk: str) -> None:
        """Writes what is whole of `chunk`."""
        self._held += chunk if self.shown or self._held else chunk.lstrip()
        cut = _whole(self._held)
        if cut:
            self._progress.still()
            self._write(self._held[:cut])
            self._held = self._held[cut:]

    def _finish(self) -> None:
        if self._held.strip():
            self._progress.still()
            self._write(self._held)
        self._held = ""
        if self.shown and not self._newline:
            self._write("\n")

    def _write(self, text: str) -> None:
        self.shown = True
        self._newline = text.endswith("\n")
        try:
            sys.stdout.write(visible(marked(text, self._wrong)))
            sys.stdout.flush()
        except (OSError, ValueError):
            self._held = ""


def _whole(text: str) -> int:
    """How much of `text` ends with a blank and holds no bracket that is still open."""
    cut = max(text.rfind(" "), text.rfind("\n")) + 1
    opened = text.rfind("[", 0, cut)
    if opened >= 0 and "]" not in text[opened:cut] and len(text) - opened < _OPEN_CHARS:
        return opened
    return cut
