"""The tests that a change can reach, run before the others: a red one defers without the rest of the suite."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from routecli.domain.patch import Patch
from routecli.domain.settings import VerifySettings
from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.verification.baseline import Base
from routecli.verification.planned import Role
from routecli.verification.reaching import reaching

FROM_S = 5.0
"""A suite that takes less is run as a whole at once: starting a runner twice would cost what it saves."""
_MOST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Ahead:
    """`files` are the test files that reach the change, `of` how many there are; `alone`: the user wants no others."""

    files: tuple[RepoPath, ...]
    of: int
    alone: bool = False

    @property
    def said(self) -> str:
        """For the receipt."""
        return f"only {len(self.files)} of {self.of} test files were run: those that reach the change (verify.suite)"


def ahead_of(
    patch: Patch,
    bases: Sequence[Base],
    paths: Collection[RepoPath],
    read: Callable[[RepoPath], bytes | None],
    settings: VerifySettings,
) -> Ahead | None:
    """None where the whole suite is run at once: it is quick, most of it is reached, or what is reached cannot be
    told."""
    alone = settings.suite == "affected"
    tested = [b for b in bases if b.check.role is Role.TESTS and b.check.narrows]
    if not alone and all(b.measured.wall_s < FROM_S for b in tested):
        return None
    tests = sorted({t.file for b in tested for t in b.tests.values() if t.file})
    after = {edit.path: edit.after for edit in patch.edits}
    found = reaching(patch.paths, tests, paths, lambda path: after[path] if path in after else read(path))
    most = len(tests) - 1 if alone else _MOST_SHARE * len(tests)
    return Ahead(found, len(tests), alone) if found and len(found) <= most else None
