"""What the tests of the command line share: the program itself, run as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

Routecli = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def routecli(tmp_path: Path) -> Routecli:
    """Runs `routecli ARGS` in `tmp_path` with a home of its own and no keys."""

    def run(
        *args: str | bytes, env: Mapping[str, str] | None = None, drop: Sequence[str] = (), cwd: Path = tmp_path,
        stdin: bytes = b"", command: Sequence[str] = (sys.executable, "-m", "routecli"), stdout: int | None = None,
    ) -> subprocess.CompletedProcess[bytes]:  # fmt: skip
        given = {**os.environ, "ROUTECLI_STATE_DIR": str(tmp_path / "state"), **(env or {})}
        for name in drop:
            given.pop(name, None)
        return subprocess.run(
            [*command, *args], env=given, cwd=cwd, input=stdin, stderr=subprocess.PIPE, timeout=60,
            stdout=subprocess.PIPE if stdout is None else stdout, check=False,
        )  # fmt: skip

    return run
