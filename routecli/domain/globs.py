"""Globs over paths of the repository, in time that a hostile pattern cannot blow up.

`*` and `?` stay inside a folder, `**` spans folders, `[…]` is a set, as in a .gitignore.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from routecli.domain.task import RepoPath
from routecli.nouns import dataclass

_SPECIAL = re.compile(r"[*?\[]")


def is_glob(text: str) -> bool:
    """Whether `text` holds a character that means more than itself."""
    return _SPECIAL.search(text) is not None


def matches(pattern: str, path: RepoPath) -> bool:
    """Whether the whole of `path` is matched. Both are relative to the repository's root."""
    return _segments_match(tuple(pattern.split("/")), tuple(path.split("/")))


@lru_cache(maxsize=1024)
def _segment(pattern: str) -> re.Pattern[str]:
    # fnmatch's own translation uses atomic groups: linear, whatever the pattern.
    return re.compile(fnmatch.translate(pattern), re.DOTALL)


def _segments_match(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Row by row: `reached[i]` says that the pattern so far matches the first i segments of the path."""
    reached = [True] + [False] * len(path)
    for part in pattern:
        if part == "**":
            first = reached.index(True) if True in reached else len(path) + 1
            reached = [i >= first for i in range(len(path) + 1)]
        else:
            fits = _segment(part)
            reached = [False] + [reached[i] and fits.match(name) is not None for i, name in enumerate(path)]
    # `folder/**` is what lies in it, so `**` at the end needs at least one segment; a bare `**` matches everything.
    return reached[-1]


@dataclass(frozen=True, slots=True)
class _Rule:
    segments: tuple[str, ...]
    keeps: bool
    folder_only: bool


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """Rules as a .gitignore has them: the last that matches a path or a folder above it decides."""

    rules: tuple[_Rule, ...] = ()

    def excludes(self, path: RepoPath) -> bool:
        """Whether `path` is ruled out."""
        if not self.rules:
            return False
        segments = tuple(path.split("/"))
        for depth in range(1, len(segments) + 1):
            if self._decides(segments[:depth], is_folder=depth < len(segments)):
                return True
        return False

    def _decides(self, segments: tuple[str, ...], *, is_folder: bool) -> bool:
        for rule in reversed(self.rules):
            if rule.folder_only and not is_folder:
                continue
            if _segments_match(rule.segments, segments):
                return not rule.keeps
        return False


def ignore_rules(lines: Iterable[str]) -> IgnoreRules:
    """Rules from the lines of a `.routecliignore`: comments, `!`, a leading or a trailing `/` mean what git means."""
    return IgnoreRules(tuple(rule for line in lines if (rule := _rule(line)) is not None))


def _rule(line: str) -> _Rule | None:
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    keeps = text.startswith("!")
    text = text.removeprefix("!").removeprefix("\\")
    folder_only = text.endswith("/")
    body = text.strip("/")
    if not body:
        return None
    anchored = "/" in text.rstrip("/")
    segments: Sequence[str] = body.split("/") if anchored else ("**", body)
    return _Rule(tuple(segments), keeps, folder_only)
