"""What a survey needs of the user's current content; `git.snapshot` gives it, and tests may."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from routecli.domain.task import FileRole, RepoPath
from routecli.nouns import dataclass

_ROLE_OF_MODE = {"120000": FileRole.SYMLINK, "160000": FileRole.SUBMODULE}


class Entry(Protocol):
    """A file of the tree: git's mode, such as `100644`, and the id of its content."""

    @property
    def mode(self) -> str:
        """Git's mode as six digits."""

    @property
    def blob(self) -> str:
        """The id of the content."""


class Content(Protocol):
    """The tree of the user's current content."""

    @property
    def tree(self) -> str:
        """The id of the tree."""

    @property
    def entries(self) -> Mapping[RepoPath, Entry]:
        """Every tracked and untracked file, without the ignored ones."""

    def read(self, path: RepoPath) -> bytes | None:
        """The bytes of a regular file, None for anything else."""

    def grep(self, words: Sequence[str]) -> Collection[RepoPath]:
        """The files that hold any of `words` as a whole word."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A file that came into a survey, and how."""

    path: RepoPath
    why: str


def role_of_mode(mode: str) -> FileRole:
    """What git's mode alone says: a link, a submodule, or so far a file of text."""
    return _ROLE_OF_MODE.get(mode, FileRole.TEXT)
