"""A command that a repository names for its tests or its linters: shown to a person, never run unasked."""

from __future__ import annotations

from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.verification.planned import Role


@dataclass(frozen=True, slots=True)
class Proposal:
    """`command` is what a person would type at the repository's root, untrusted text on one line that `shlex` can
    split and that needs no shell. `file` and `line` (from 1) say where it stands; `runs` is what it leads to, where it
    is a name only; empty else."""

    role: Role
    command: str
    file: RepoPath
    line: int = 1
    runs: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that may name commands and was not read, and why; `hint` is what to type."""

    file: RepoPath
    why: str
    hint: str = ""
