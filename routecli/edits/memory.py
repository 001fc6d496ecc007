"""Files held in memory, for `read` as a library call: a plain mapping of paths to texts or bytes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from routecli.domain.task import RepoPath
from routecli.ports import Files


class MemoryFiles:
    """Satisfies ports.Files. Texts are taken as UTF-8."""

    def __init__(self, files: Mapping[RepoPath, bytes | str]) -> None:
        self._files = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}

    def read(self, path: RepoPath) -> bytes | None:
        """See ports.Files.read."""
        return self._files.get(path)

    def paths(self) -> Collection[RepoPath]:
        """See ports.Files.paths."""
        return self._files.keys()


def as_files(files: Files | Mapping[RepoPath, bytes | str]) -> Files:
    """`files` as ports.Files; a mapping becomes MemoryFiles."""
    return MemoryFiles(files) if isinstance(files, Mapping) else files
