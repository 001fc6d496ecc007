"""A yes-or-no question to the person at the terminal, with the patch that it is about."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from routecli.domain.events import Event, Patched

if TYPE_CHECKING:
    from rich.console import Console

    from routecli.cli.progress import Progress


class Asking:
    """A yes-or-no question to the person at the terminal, with the patch that it is about."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self._progress = progress
        self._console = console
        self._patch = ""

    def hear(self, event: Event) -> None:
        """Remembers the patch that a question may be about."""
        if isinstance(event, Patched):
            from routecli.edits import render

            self._patch = render(event.patch)

    def __call__(self, question: str) -> bool:
        """The answer; no where there is nobody to ask."""
        if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
            return False
        from routecli.cli.render import diff_text
        from routecli.cli.screen import say, shown

        with self._progress.paused():
            if self._patch:
                say(self._console, "", diff_text(self._patch), "")
            self._console.print(shown(f"{question} [y/N] "), end="")
            return sys.stdin.readline().strip().lower() in ("y", "yes")
