"""Signals as exceptions: each unwinds the run, so that twins vanish, money is recorded and the receipt is written.

Python's default SIGTERM and SIGHUP skip every `finally`; here they raise as Ctrl-C does (security.md row 46). A second
signal does not wait for anything: delivery is by a journal, so even then the tree is whole.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from routecli import process
from routecli.errors import ExitStatus

_STATUS = {
    signal.SIGINT: ExitStatus.SIGINT,
    signal.SIGTERM: ExitStatus.SIGTERM,
    signal.SIGHUP: ExitStatus.SIGHUP,
}
_SHOW_CURSOR = b"\x1b[?25h"


class Signalled(KeyboardInterrupt):
    """A signal asked the program to stop; `status` is what the shell gets."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.status = _STATUS[signal.Signals(number)]


_seen: list[int] = []


def _stop(number: int, _frame: FrameType | None) -> None:
    _seen.append(number)
    if len(_seen) > 1:
        if sys.stderr is not None and sys.stderr.isatty():
            os.write(2, _SHOW_CURSOR)
        os._exit(_STATUS[signal.Signals(number)])
    process.stop(Signalled(number))


def install() -> None:
    """Takes SIGINT, SIGTERM and SIGHUP. Signals that the parent had ignored (`nohup`) stay ignored."""
    for number in _STATUS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
