"""A bug of our own: one line for the person, the whole trace in a file, and no secret in it."""

from __future__ import annotations

import os
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path

from routecli.domain.untrusted import one_line, redact, visible

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)


def crash_lines(bug: BaseException) -> tuple[str, str]:
    """What to print for `bug`; the trace is saved in the state folder, or printed with ROUTECLI_DEBUG=1."""
    trace = redact("".join(traceback.format_exception(bug)), secret_values())
    what = redact(f"internal error: {type(bug).__name__}: {one_line(str(bug), limit=300)}", secret_values())
    if os.environ.get("ROUTECLI_DEBUG") == "1":
        return what, visible(trace)
    saved = _save(trace)
    if saved is None:
        return what, "ROUTECLI_DEBUG=1 shows the trace; it could not be saved"
    return what, f"please report it with the trace in {saved} (no key is in it)"


def secret_values() -> list[str]:
    """Values of the environment that look like secrets by their variable's name."""
    return [value for name, value in os.environ.items() if _SECRET_NAME.search(name)]


def _save(trace: str) -> Path | None:
    from routecli.config.places import state_place, write_atomically

    folder = state_place(os.environ).path
    if folder is None:
        return None
    path = folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    try:
        write_atomically(path, trace.encode("utf-8", "backslashreplace"))
    except OSError:
        return None
    return path
