"""The twenty known fake passes on a tiny repository, layer by layer, each measured by the product's own parts."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "verification"))

from detection_ground import Ground, patch_of
from detection_judges import Row, verdict_words
from fake_passes import FAKES, FIXED, PROJECT, TASK, Fake

from routecli.domain.patch import Patch
from routecli.domain.task import Kind
from routecli.verification import cheats
from routecli.verification.baseline import Base, judged_base
from routecli.verification.integrity import split
from routecli.verification.machine import Machine
from routecli.verification.passes import run_pass

_ALL_RIGHT = Fake("right", "", {"invoice.py": FIXED})


def judged() -> Iterator[Row]:
    """The fakes, and the right fix."""
    with tempfile.TemporaryDirectory(prefix="routecli-fakes-") as folder:
        root = Path(folder).resolve() / "invoice"
        root.mkdir()
        for name, text in PROJECT.items():
            (root / name).write_text(text)
        for words in (
            ["init", "-q"],
            ["add", "-A"],
            ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "a"],
        ):
            subprocess.run(["git", *words], cwd=root, check=True)
        bench = _Bench(Ground(root))
        yield bench.row(_ALL_RIGHT)
        for fake in FAKES:
            yield bench.row(fake)


class _Bench:
    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        check = ground.test_check()
        assert check is not None, "no python with pytest"
        self.check = check
        self.task = ground.task(Kind.FIX, TASK, ("invoice.py",))
        self.machine = Machine(ground.repository.root, frozenset(ground.snapshot.paths()), frozenset(self.task.paths))
        self.base: Base = judged_base(check, ground.measured({}, check), self.machine)

    def row(self, fake: Fake) -> Row:
        change = {
            name: (self.ground.snapshot.read(name), text.encode() if text is not None else None)
            for name, text in fake.files.items()
        }
        patch = patch_of(change)
        refused: list[str] = []
        if self.ground.measured(change, self.check).exit_code != 0:
            refused.append("exit code")
        if not self._holds(patch):
            refused.append("test ids")
        if not self._holds(split(patch, self.task).guarded):
            refused.append("protected")
        if cheats.flags(patch, self.task):
            refused.append("static rule")
        verdict = self.ground.verifier(self.task).judge(patch, 1)
        word, reason = verdict_words(verdict)
        if word == "deferred" and not refused:
            refused.append("reproduction")
        key = f"fake:invoice:{fake.name}"
        return Row(key, "invoice", "fake", "fix", fake.name, fake is _ALL_RIGHT, word, reason, verdict.why, refused)

    def _holds(self, patch: Patch) -> bool:
        """Every test that passed is told as passed, and the failing one as well."""
        with self.ground.workspace.twin(patch) as twin:
            (compared,) = run_pass([self.base], twin, self.machine, base_twin=self.ground.workspace.twin)
        return compared.reason is None and "test_invoice.py::test_counts" in compared.fixed
