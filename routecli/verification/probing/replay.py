"""Kept calls made again on a version of the code, in the sandbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from routecli.domain.patch import FileEdit, Patch
from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass
from routecli.ports import Workspace
from routecli.verification.planned import INSIDE, PlannedCheck
from routecli.verification.probing.calls import Call, spec_of

SPEC = "routecli-calls.json"
TIMEOUT_S = 30.0
Key = tuple[int, int]
"""Which kept call, and which try of it: 0 is the call itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call gave, as a text that only equality is asked of. `shown` are its arguments, for people."""

    function: str
    shown: str
    said: str
    is_recorded: bool

    @property
    def short(self) -> str:
        """What it gave, for people."""
        return one_line(self.said.partition(" leaving ")[0].removeprefix("gave "), limit=60)

    @property
    def gave(self) -> bool:
        """It gave a value back: it neither raised nor ran on."""
        return self.said.startswith("gave ")


Answers = Mapping[Key, Answer]


def replay(workspace: Workspace, patch: Patch, check: PlannedCheck, calls: tuple[Call, ...]) -> Answers | None:
    """What `calls` and values beside them give on a twin with `patch`; None where they cannot be made there. `check` is
    the Python check that kept them. Raises SandboxFault."""
    cwd = check.command.cwd
    spec = FileEdit(SPEC if cwd == "." else f"{cwd}/{SPEC}", None, spec_of(calls))
    argv = (check.argv[0], str(INSIDE / "probe_routecli.py"), SPEC)
    env = {**check.command.env, "PYTHONHASHSEED": "0"}
    command = replace(check.command, argv=argv, env=env, timeout_s=TIMEOUT_S, report=True)
    with workspace.twin(Patch((*patch.edits, spec))) as twin:
        done = twin.run(command)
    return _read(done.report.get("probe.jsonl", b""))


def _read(body: bytes) -> Answers | None:
    found: dict[Key, Answer] = {}
    for line in body.decode("utf-8", "replace").splitlines():
        entry = _entry(line)
        if entry is None:
            return None
        if entry.get("end") is True:
            return found
        key = entry.get("call")
        function, shown, said = (entry.get(name) for name in ("function", "shown", "said"))
        texts = isinstance(function, str) and isinstance(shown, str) and isinstance(said, str)
        if texts and isinstance(key, list) and len(key) == 2:
            found[key[0], key[1]] = Answer(str(function), str(shown), str(said), entry.get("how") == "recorded")
    return None


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None
