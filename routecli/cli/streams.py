"""The standard streams, kept usable: closed, piped to a reader that left, of an encoding without our letters."""

from __future__ import annotations

import codecs
import os
import sys

from routecli.domain.untrusted import one_line, visible

_PLAIN = {"✓": "+", "✗": "x", "–": "-", "−": "-", "→": "->", "·": "|", "…": "...", "×": "x"}
"""Our own signs for a terminal whose encoding has no such letter."""


def _plainly(fault: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(fault, UnicodeEncodeError):
        raise fault
    letters = fault.object[fault.start : fault.end]
    return "".join(_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in letters), fault.end


def hold_standard_streams() -> None:
    """Opens what the caller closed onto /dev/null, so that no file of ours (the ledger!) is ever number 1 or 2, and
    makes every character printable in whatever encoding the terminal has. No core dump of a process that holds keys."""
    _no_core_dump()
    codecs.register_error("routecli-plain", _plainly)
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", errors="routecli-plain"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="routecli-plain")


def _no_core_dump() -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def quiet_stdout() -> None:
    """The reader of stdout is gone: what is still printed goes nowhere, and nothing complains at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def tell(what: str, hint: str = "") -> None:
    """An error on stderr: one line, a blank line, `hint: …`. All of it made visible, none of it markup."""
    lines = [f"error: {one_line(what, limit=2000)}"]
    if hint:
        lines += ["", f"hint: {visible(hint).strip()}"]
    _on_stderr(lines)


def warn(what: str) -> None:
    """A warning on stderr: one line."""
    _on_stderr([f"warning: {one_line(what, limit=2000)}"])


def note(what: str) -> None:
    """A line on stderr: what was done."""
    _on_stderr([visible(what)])


def _on_stderr(lines: list[str]) -> None:
    if sys.stderr is None:
        return
    try:
        sys.stderr.write("\n".join(lines) + "\n")
        sys.stderr.flush()
    except OSError:
        return  # nobody reads it, and the exit status still says it
