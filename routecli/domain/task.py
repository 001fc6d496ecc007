"""What is asked for, and what is known of the files before anyone is paid."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from routecli.domain.money import Usd
from routecli.nouns import dataclass

RepoPath = str
"""A path inside the repository: POSIX separators, relative to its root, bytes that are no UTF-8 as surrogates."""


class Kind(StrEnum):
    """The kind of a task; docs/kinds.md is the table of words that lead to each."""

    FIX = "fix"
    FEATURE = "feature"
    REFACTOR = "refactor"
    RENAME = "rename"
    DOCSTRING = "docstring"
    TYPES = "types"
    TESTS = "tests"
    FORMAT = "format"
    LINT = "lint"
    IMPORTS = "imports"
    BOILERPLATE = "boilerplate"
    DOCS = "docs"
    DEPENDENCY = "dependency"
    DEAD_CODE = "dead-code"
    PERFORMANCE = "performance"
    SECURITY = "security"
    ARCHITECTURE = "architecture"
    OTHER = "other"
    ASK = "ask"
    REVIEW = "review"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Task:
    """One job. `kind_why` says which word decided the kind, or that the user did; `base_commit` is None before the
    first commit. `paths` are the files whose text goes to the model: a patch may change these and create new ones."""

    instruction: str
    kind: Kind
    kind_why: str
    repo_root: Path
    base_commit: str | None
    paths: tuple[RepoPath, ...]
    budget_usd: Usd


class FileRole(StrEnum):
    """What a file is to a prompt. Only TEXT is ever read into one."""

    TEXT = "text"
    BINARY = "binary"
    HUGE = "huge"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    SECRET = "secret"


@dataclass(frozen=True, slots=True)
class SurveyedFile:
    """A file of the survey. `tokens` is 0 unless `role` is TEXT; `why` says how the file came in."""

    path: RepoPath
    blob: str
    size_bytes: int
    tokens: int
    role: FileRole
    why: str


@dataclass(frozen=True, slots=True)
class Survey:
    """Facts of a task, no opinion: which files, how many tokens, which words of the task stood out.

    `tree` is the git tree of the user's current content; `context_tokens` the sum over TEXT files by `tokenizer`.
    """

    tree: str
    files: tuple[SurveyedFile, ...]
    context_tokens: int
    tokenizer: str
    repo_files: int
    signals: tuple[str, ...] = ()

    @property
    def text_files(self) -> tuple[SurveyedFile, ...]:
        """The files whose text may be sent."""
        return tuple(f for f in self.files if f.role is FileRole.TEXT)
