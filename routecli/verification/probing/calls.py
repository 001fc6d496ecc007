"""The functions whose calls are kept while the tests run, and the calls as they come back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from routecli.domain.patch import Patch
from routecli.domain.task import RepoPath
from routecli.verification.touched import Touched, touched

MOST_FUNCTIONS = 8
MOST_BYTES = 40_000
Call = Mapping[str, Any]
"""A kept call: `path`, `module`, `function` and `call`, which only the sandbox ever reads."""


def targets(patch: Patch) -> tuple[Touched, ...]:
    """The functions that a patch changes and that were there before. At most MOST_FUNCTIONS."""
    return tuple(one for one in touched(patch) if one.before is not None)[:MOST_FUNCTIONS]


def asked_for(patch: Patch, cwd: str) -> str:
    """Their names and first lines by file, relative to `cwd`, as the recorders want them; empty where there is none."""
    prefix = "" if cwd == "." else f"{cwd}/"
    found: dict[RepoPath, list[tuple[str, int]]] = {}
    for one in targets(patch):
        if one.path.startswith(prefix):
            first = min([one.after.lineno, *(d.lineno for d in one.after.decorator_list)])
            found.setdefault(one.path.removeprefix(prefix), []).append((one.name, first))
    return json.dumps(found, separators=(",", ":")) if found else ""


def kept(told: Iterable[Call]) -> tuple[Call, ...]:
    """What a recorder says that it kept, as far as it is well-formed."""
    return tuple(one for one in told if all(isinstance(one.get(k), str) for k in ("path", "module", "function")))


def spec_of(calls: tuple[Call, ...]) -> bytes:
    """The calls as a file for the program that makes them again; the later ones are left out where it would be long."""
    held: list[Call] = []
    size = 2
    for one in calls:
        size += len(json.dumps(one))
        if size > MOST_BYTES:
            break
        held.append(one)
    return json.dumps(held).encode()
