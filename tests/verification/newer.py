"""What an older Debian has too old, from where `.ci/newer` unpacks it or from PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from functools import cache
from pathlib import Path

from routecli.verification.planned import INSIDE

FOLDER = Path("/opt/newer/usr/bin")
_PYTHONS = ("python3.14", "python3.13", "python3.12")


@cache
def with_monitoring() -> Path | None:
    """A Python that has sys.monitoring; None where this machine has none."""
    path = f"{FOLDER}:{os.environ.get('PATH', '')}"
    found = [program for name in _PYTHONS if (program := shutil.which(name, path=path))]
    return next((Path(program) for program in found if _monitors(program)), None)


def _monitors(program: str) -> bool:
    """Asked, since a version switcher has stand-ins for versions that are not there."""
    words = (program, "-c", "import sys; sys.monitoring")
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


def newer_program(name: str) -> Path | None:
    """The program of today; one on PATH where `.ci/newer` was not run."""
    found = shutil.which(name, path=f"{FOLDER}:{os.environ.get('PATH', '')}")
    return Path(found) if found else None


def recorders() -> str:
    """A PYTHONPATH with our recorders and the pytest of these tests: none of it is compiled, so any Python reads it."""
    return f"{INSIDE}:{sysconfig.get_path('purelib')}"
