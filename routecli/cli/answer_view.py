"""An answer on the screen: as it arrives, and whole. Every character of it came from a model and is made visible."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from routecli.cli.screen import BAD, MIND, QUIET, STRONG, joined, shown
from routecli.cli.streams import note
from routecli.domain.answered import Answered, Remark, Severity
from routecli.domain.events import Called, Calling, Event
from routecli.domain.untrusted import one_line, visible
from routecli.prompting.questions import Wrong, marked, wrong_by

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from routecli.cli.progress import Progress

_STYLES = {Severity.ERROR: BAD, Severity.WARNING: MIND, Severity.NOTE: QUIET}
_PIECES = re.compile(r"\n|[^\S\n]+|\S+")
_OPEN_CHARS = 320
"""A bracket that stays open for longer is no reference."""


def show_answered(answered: Answered, console: Console) -> None:
    """The answer, its wrong places marked; a review as a list of findings."""
    if answered.scope and answered.usable:
        _findings(answered, console)
        return
    _print(shown(marked(answered.text.strip(), wrong_by(answered.references))), console)


def _print(text: Text, console: Console) -> None:
    """Folded at words for a terminal; a pipe's reader gets lines as long as they are."""
    console.print(text, soft_wrap=not console.is_terminal)


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
    `apart` sets it off from what is told beside it. For a terminal only: who reads a pipe gets an answer that
    was looked through. Never raises."""

    def __init__(self, progress: Progress, wrong: Wrong, apart: Callable[[], None]) -> None:
        self._progress = progress
        self._wrong = wrong
        self._apart = apart
        self._held = ""
        self._column = 0
        self._width = get_terminal_size().columns
        self.shown = False
        """Whether anything of the reply that came last stands on the screen."""

    def __call__(self, event: Event) -> None:
        """Hears where a reply begins and ends. What was shown of an earlier one was no answer."""
        if isinstance(event, Calling):
            self._held, self._column, self.shown = "", 0, False
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
        if self.shown:
            self._put("\n" if self._column else "")
            self._apart()

    def _write(self, text: str) -> None:
        if not self.shown:
            self._apart()
        self.shown = True
        self._put(self._folded(visible(marked(text, self._wrong))))

    def _folded(self, text: str) -> str:
        """`text`, which begins at the column where the last one ended, with line ends between words that do not fit."""
        from rich.cells import cell_len

        out = []
        for piece in _PIECES.findall(text.expandtabs()):
            fits = not self._column or self._column + cell_len(piece) <= self._width
            if piece == "\n" or (piece.isspace() and not fits):
                self._column = 0
                out.append("\n")  # blanks over the edge would begin a line of their own
                continue
            if not fits:
                self._column = 0
                out.append("\n")
            self._column += cell_len(piece)
            out.append(piece)
        return "".join(out)

    def _put(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (OSError, ValueError):
            self._held = ""


def blank_line() -> None:
    """Between an answer and what is told beside it, where both are on one screen."""
    if sys.stderr is not None and sys.stderr.isatty():
        note("")


def _whole(text: str) -> int:
    """How much of `text` ends with a blank and holds no bracket that is still open."""
    cut = max(text.rfind(" "), text.rfind("\n")) + 1
    opened = text.rfind("[", 0, cut)
    if opened >= 0 and "]" not in text[opened:cut] and len(text) - opened < _OPEN_CHARS:
        return opened
    return cut
