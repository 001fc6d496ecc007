"""A yes-or-no question to whoever sits at the terminal."""

from __future__ import annotations

import sys


def at_terminal() -> bool:
    """Whether there is a person who can be asked."""
    return bool(sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty())


def asked(question: str, *, no_color: bool = False) -> bool:
    """The answer; anything but a yes is a no."""
    from routecli.cli.screen import shown, side_console

    side_console(no_color=no_color).print(shown(f"{question} [y/N] "), end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
