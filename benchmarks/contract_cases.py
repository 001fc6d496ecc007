"""Contracts measured: right patches and mutants of real files, judged by the product's verifier.

Tests and linters are switched off, so what is accepted is accepted by the contract alone and nothing has to run; of a
kind whose contract runs tests itself (`WITH_TESTS`) they stay on. A mutant is wrong for its kind by the way it is made.
"""

from __future__ import annotations

import random
import sys
import time
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from contract_makers import Changed, Files, Made, Maker, docstrings, formats, renames, types
from contract_makers_files import dead_code, dependencies, prose
from contract_makers_tests import new_tests
from detection_ground import TIMEOUT_S, DictCache, Ground, checkout, git, patch_of
from detection_judges import Row, append, verdict_words

from routecli.domain.settings import VerifySettings
from routecli.domain.task import Kind
from routecli.errors import RoutecliError

EACH = 8
MAKERS: dict[Kind, Maker] = {
    Kind.DOCSTRING: docstrings,
    Kind.FORMAT: formats,
    Kind.RENAME: renames,
    Kind.TYPES: types,
    Kind.DEAD_CODE: dead_code,
    Kind.DEPENDENCY: dependencies,
    Kind.DOCS: prose,
    Kind.TESTS: new_tests,
}
WITH_TESTS = frozenset({Kind.TESTS})
FEW = 3
"""Of kinds whose tests have to run: cases in a project."""


def newest(root: Path) -> str:
    """The commit that the clone's own branch is at."""
    return git(root, "rev-parse", "refs/remotes/origin/HEAD").strip()


def judged(root: Path, results: Path, done: set[str], kinds: frozenset[str] = frozenset()) -> None:
    """Appends the verdicts on all patches of a clone's newest commit. Kinds whose tests have to run are left out
    where the clone has no environment; with `kinds`, all but these are."""
    warnings.simplefilter("ignore")  # what `ast` says of old code
    begun = time.monotonic()
    checkout(root, newest(root))
    ground = Ground(root)
    files = {p: b for p in ground.snapshot.paths() if (b := ground.snapshot.read(p)) is not None and b"\0" not in b}
    environment = (root / ".venv").is_dir()
    for kind, maker in MAKERS.items():
        if (kind in WITH_TESTS and not environment) or (kinds and kind.value not in kinds):
            continue
        most = FEW if kind in WITH_TESTS else EACH
        for number, made in enumerate(islice(maker(files, random.Random(f"{root.name} {kind}")), most)):
            key = f"contract:{root.name}:{kind}-{number}"
            if f"{key}:0" not in done:
                append(results, [row.as_dict() for row in _rows(root, key, made, files)])
    print(f"{root.name}: contracts {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)


def _rows(root: Path, key: str, made: Made, files: Files) -> Iterator[Row]:
    for path, body in made.laid.items():
        assert body is not None
        (root / path).write_bytes(body)
    try:
        ground = Ground(root, DictCache())
        held = {**files, **{p: b for p, b in made.laid.items() if b is not None}}
        for number, (how, change) in enumerate([("right", made.right), *made.wrong]):
            yield _row(ground, made, f"{key}:{number}", how, held, change)
    finally:
        for path in made.laid:
            (root / path).write_bytes(files[path])


def _row(ground: Ground, made: Made, key: str, how: str, held: Files, change: Changed) -> Row:
    task = ground.task(made.kind, made.instruction, tuple(sorted(made.right)))
    runs = made.kind in WITH_TESTS
    verifier = ground.verifier(task, VerifySettings(tests=runs, lint=False, timeout_s=TIMEOUT_S))
    patch = patch_of({path: (held.get(path), after) for path, after in change.items()})
    name = ground.repository.root.name
    try:
        verdict = verifier.judge(patch, 1)
    except RoutecliError as fault:
        return Row(key, name, "contract", made.kind, how, how == "right", "unverified", "", str(fault))
    word, reason = verdict_words(verdict)
    refused = ["contract"] if word == "deferred" else []
    return Row(key, name, "contract", made.kind, how, how == "right", word, reason, verdict.why, refused)
