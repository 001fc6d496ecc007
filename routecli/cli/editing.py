"""The task in the person's own editor, where a terminal is there and no task was typed."""

from __future__ import annotations

import os
import shlex
import tempfile
from pathlib import Path

from routecli import process
from routecli.domain.untrusted import one_line
from routecli.errors import UsageFault

_HELP = """

# What is to be done? In sentences; files that it names are what it is about.
# Lines that begin with # are left out. An empty text ends the run: nothing is sent.
"""
_EDITORS = ("VISUAL", "EDITOR")


def edited() -> str:
    """The text, without comments; empty where nothing was written. Raises UsageFault: there is no such editor, or it
    failed."""
    named = next((os.environ[name] for name in _EDITORS if os.environ.get(name, "").strip()), "vi")
    try:
        words = shlex.split(named)
    except ValueError:
        words = [named]
    handle, name = tempfile.mkstemp(prefix="routecli-task-", suffix=".md")
    file = Path(name)
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(_HELP)
        status = process.at_terminal([*words, name])
        if status != 0:
            why = "is not there" if status is None else f"ended with {status}"
            what = f"the editor {one_line(named, limit=60)} {why}"
            raise UsageFault(what, hint='export EDITOR=nano, or: routecli run "…"')
        text = file.read_text("utf-8", "replace")
    finally:
        file.unlink(missing_ok=True)
    return "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip()
