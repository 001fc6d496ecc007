"""What is going on, on stderr, while a run works: lasting lines for what was decided and paid, and at a terminal one
live line below them (phase, tokens arriving, cost so far, elapsed).

A listener: it must not raise, whatever happens to the terminal, and it is called from several threads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Self

from routecli.cli.figures import UNKNOWN, count_text, seconds_text, usd_text
from routecli.cli.progress_lines import lasting_lines, phase_text
from routecli.cli.screen import MIND, QUIET
from routecli.domain.events import Called, Event, Finished, Streaming

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ASCII_SPINNER = "|/-\\"
_FRAMES_PER_S = 8
_MARGIN = 8


class Progress:
    """The one progress view of all verbs. Use it as a context: it leaves the terminal as it found it.

    `quiet` shows nothing at all; `verbose` adds what a run rests on (reasons, files, each check's command).
    """

    def __init__(self, console: Console, *, quiet: bool = False, verbose: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._verbose = verbose
        self._lock = threading.RLock()
        self._live: Live | None = None
        self._begun = time.monotonic()
        self._phase = "starting"
        self._output_tokens = 0
        self._cost_usd: Decimal | None = Decimal(0)
        self._ended = quiet
        self._still = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, event: Event) -> None:
        """Hears `event`. A terminal that went away ends the view, not the run."""
        if self._ended:
            return
        try:
            with self._lock:
                self._hear(event)
        except (OSError, ValueError):  # gone, or closed under us
            self._ended = True

    def close(self) -> None:
        """Takes the live line away and gives the cursor back. Idempotent."""
        self._ended = True
        self._stop_live()

    def still(self) -> None:
        """No live line from now on: the answer itself moves. Lasting lines go on. Idempotent."""
        self._still = True
        self._stop_live()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """No live line inside: for a question to the person."""
        self._stop_live()
        was, self._ended = self._ended, True
        try:
            yield
        finally:
            self._ended = was

    def _hear(self, event: Event) -> None:
        if isinstance(event, Called):
            known = self._cost_usd is not None and event.cost_usd is not None
            self._cost_usd = self._cost_usd + event.cost_usd if known else None  # type: ignore[operator]
        if isinstance(event, Streaming):
            self._output_tokens = event.output_tokens
        elif phase := phase_text(event):
            self._phase, self._output_tokens = phase, 0
        if isinstance(event, Streaming) and event.editing:
            self._phase = f"{self._phase.partition(' · ')[0]} · {phase_text(event)}"
        for line in lasting_lines(event, verbose=self._verbose):
            self._print(*line)
        if isinstance(event, Finished):
            self.close()
            if self._console.is_terminal:
                self._console.print()  # the receipt stands apart
        elif (
            self._live is None and not self._still and self._console.is_terminal and not self._console.is_dumb_terminal
        ):
            self._start_live()

    def _print(self, label: str, text: Text) -> None:
        from rich.text import Text

        margin = Text(label, style=MIND if label == "warning" else QUIET)
        if not self._console.is_terminal:
            margin.pad_right(max(0, _MARGIN - len(label)))
            self._console.print(margin.append_text(Text(" ")).append_text(text), soft_wrap=True)
            return
        from rich.table import Table  # 3 ms, and a request is about to be sent

        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(min_width=_MARGIN, no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(margin, text)
        self._console.print(grid)

    def _start_live(self) -> None:
        from rich.live import Live

        self._live = Live(
            get_renderable=self._status,
            console=self._console,
            refresh_per_second=_FRAMES_PER_S,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def _stop_live(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            try:
                live.stop()
            except (OSError, ValueError):
                return

    def _status(self) -> Text:
        from rich.text import Text

        elapsed_s = time.monotonic() - self._begun
        frames = _ASCII_SPINNER if self._console.options.ascii_only else _SPINNER
        bits = [frames[int(elapsed_s * _FRAMES_PER_S) % len(frames)] + " " + self._phase]
        if self._output_tokens:
            bits.append(count_text(self._output_tokens, "token"))
        bits.append(f"{UNKNOWN if self._cost_usd is None else usd_text(self._cost_usd)} so far")
        bits.append(seconds_text(elapsed_s))
        return Text(" · ".join(bits), no_wrap=True, overflow="ellipsis")
