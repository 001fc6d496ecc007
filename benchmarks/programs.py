"""Running a whole program as a user would: its time on the wall, its processor time, its greatest memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_NOT_PASSED_ON = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONPROFILEIMPORTTIME")


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's, with a home of its own and without what would keep Python from its compiled modules."""
    kept = {k: v for k, v in os.environ.items() if k not in _NOT_PASSED_ON and not k.startswith(("XDG_", "ROUTECLI_"))}
    return kept | {"HOME": str(home)} | dict(extra or {})


def routecli() -> list[str]:
    """The command of this interpreter's own environment."""
    beside = Path(sys.executable).with_name("routecli")
    return [str(beside)] if beside.exists() else [sys.executable, "-m", "routecli"]


@dataclass(slots=True)
class Ended:
    """A program that ended. `lines` are its stdout with the moment that each arrived at (`time.perf_counter`)."""

    began_s: float
    ended_s: float
    cpu_s: float
    rss_mb: float
    exit_code: int
    lines: list[tuple[float, str]] = field(default_factory=list)
    error: str = ""

    @property
    def wall_s(self) -> float:
        return self.ended_s - self.began_s


def run(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Ended:
    """Runs `argv` to its end. Memory is that of the greatest single process of those it waited for and itself."""
    began = time.perf_counter()
    with subprocess.Popen(
        argv, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        errors: list[bytes] = []
        reader = threading.Thread(target=lambda: errors.append(child.stderr.read()))  # type: ignore[union-attr]
        reader.start()
        lines = [(time.perf_counter(), line.decode("utf-8", "replace")) for line in child.stdout]
        _, status, used = os.wait4(child.pid, 0)
        ended = time.perf_counter()
        child.returncode = os.waitstatus_to_exitcode(status)
        reader.join()
    return Ended(
        began, ended, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, child.returncode, lines,
        b"".join(errors).decode("utf-8", "replace"),
    )  # fmt: skip


def checks_s(ended: Ended) -> float:
    """How long at least one of routecli's checks was running, by its own stream of events (`--output jsonl`)."""
    spans: list[tuple[float, float]] = []
    open_since: dict[tuple[int, str], float] = {}
    for moment, line in ended.lines:
        event = json.loads(line)
        if event["type"] == "checking":
            open_since[event["attempt"], event["name"]] = moment
        elif event["type"] == "checked":
            spans.append((open_since.pop((event["attempt"], event["check"]["name"]), moment), moment))
    total, reached = 0.0, 0.0
    for begins, ends in sorted(spans):
        total += max(0.0, ends - max(begins, reached))
        reached = max(reached, ends)
    return total
