"""What this program speaks through: the locale's letters and the terminal."""

from __future__ import annotations

import locale
import os
import sys

from routecli.domain.condition import Condition, State
from routecli.domain.untrusted import one_line

_NARROW = 60


def check_locale() -> Condition:
    """Whether text leaves as UTF-8. Elsewhere our signs are replaced by plain ones, and file names may be escaped."""
    wanted = next((name for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "")
    said = f"{wanted}={one_line(os.environ[wanted], limit=60)}" if wanted else "no LANG is set"
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    if encoding != "utf8":
        text = f"{said}: text leaves as {encoding or 'unknown'}, and letters beyond it are replaced"
        return Condition("locale", State.WARN, text, "export LANG=C.UTF-8")
    try:
        locale.setlocale(locale.LC_CTYPE, "")
    except locale.Error:
        text = f"{said}: this machine has no such locale; text leaves as UTF-8 all the same"
        return Condition("locale", State.WARN, text, "export LANG=C.UTF-8")
    return Condition("locale", State.OK, f"{said}, text leaves as UTF-8")


def check_terminal(*, no_color: bool) -> Condition:
    """What progress and colours have to work with."""
    from routecli.cli.screen import side_console

    console = side_console(no_color=no_color)
    if not console.is_terminal:
        return Condition("terminal", State.OK, "stderr is no terminal: progress as plain lines, no question is asked")
    kind = one_line(os.environ.get("TERM", ""), limit=40)
    if not kind or kind == "dumb":
        return Condition("terminal", State.WARN, f"TERM is {kind or 'not set'}: no live progress", "export TERM=xterm")
    colours = "no colour" if console.no_color else f"colours: {console.color_system or 'none'}"
    text = f"{kind}, {console.width} columns, {colours}"
    if console.width < _NARROW:
        return Condition("terminal", State.WARN, f"{text}: tables will wrap", f"make it {_NARROW} columns wide")
    return Condition("terminal", State.OK, text)
