"""What a python on PATH has installed, asked before a hook loads its modules: it answers meanwhile."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from routecli.errors import RoutecliError
from routecli.git.finding import find
from routecli.verification import interpreter


def ask_python(cwd: Path) -> None:
    """Begins to ask a python on PATH what it has installed, where the repository around `cwd` has Python at its top:
    through a version switcher the answer takes up to a quarter of a second."""
    threading.Thread(target=_ask, args=(cwd,), name="routecli-ask", daemon=True).start()


def _ask(cwd: Path) -> None:
    found = find(cwd)
    with contextlib.suppress(RoutecliError, OSError):
        if (found is not None and any(found.root.glob("*.py"))) or (found and (found.root / "pyproject.toml").exists()):
            interpreter.preload(found.root, os.environ)
