"""What a contract is told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import RepoPath, Task
from routecli.nouns import dataclass

Answer = tuple[bool | None, str]
"""Whether the contract holds (None: undecided), and why in one line."""


@dataclass(frozen=True, slots=True)
class Change:
    """A patch and what it belongs to: `read` gives a file as it was before, `paths` are the repository's."""

    patch: Patch
    task: Task
    read: Callable[[RepoPath], bytes | None]
    paths: Collection[RepoPath]

    def python(self) -> Iterator[FileEdit]:
        """The edits of Python files."""
        return (e for e in self.patch.edits if e.path.endswith((".py", ".pyi")))

    def elsewhere(self, word: str, suffixes: tuple[str, ...] = (".py", ".pyi")) -> Iterator[tuple[RepoPath, str]]:
        """The files of these names that the patch leaves alone and that hold `word`, with their text."""
        changed = set(self.patch.paths)
        for path in self.paths:
            if path.endswith(suffixes) and path not in changed:
                raw = self.read(path)
                if raw is not None and word.encode() in raw:
                    yield path, raw.decode("utf-8", "replace")
