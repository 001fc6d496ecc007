"""Policies: facts in, the first tier out, each reason a value. Pure: nothing is read, nothing is remembered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from routecli.domain.ladder import Reason
from routecli.domain.settings import Thresholds
from routecli.domain.task import Survey, Task
from routecli.domain.untrusted import one_line


@dataclass(frozen=True, slots=True)
class Advice:
    """The place of the first tier among `tiers` model tiers, counted from 0, and why."""

    place: int
    reasons: tuple[Reason, ...]


Policy = Callable[[Task, Survey, Thresholds, int], Advice]
"""Task, survey, thresholds and the number of model tiers to the first of them."""


def middle_of(tiers: int) -> int:
    """The middle of `tiers` tiers, rounded up: the second of two or three, the third of four or five."""
    return tiers // 2


def thresholds(task: Task, survey: Survey, limits: Thresholds, tiers: int) -> Advice:
    """The published rule of thumb: architecture words, many files or much text to the top, some to the middle.

    Every rule that speaks is a reason, so that one sees what would have to change; the strongest decides.
    """
    files, tokens = len(survey.text_files), survey.context_tokens
    top = [*_architecture(task, limits), *_over("files", files, limits.top_files, "top")]
    top += _over("tokens", tokens, limits.top_tokens, "top")
    if top:
        return Advice(tiers - 1, tuple(top))
    middle = _over("files", files, limits.middle_files, "middle") + _over(
        "tokens", tokens, limits.middle_tokens, "middle"
    )
    if middle:
        return Advice(middle_of(tiers), tuple(middle))
    text = f"{_counted(files, 'file')}, {_counted(tokens, 'token')}, no architecture word: the cheapest tier"
    return Advice(0, (Reason("small", text),))


def _architecture(task: Task, limits: Thresholds) -> list[Reason]:
    found = [w for w in limits.architecture_words if _word(w).search(task.instruction)]
    if not found:
        return []
    return [Reason("architecture", f'"{one_line(found[0], limit=40)}" in the task: the top tier')]


def _word(word: str) -> re.Pattern[str]:
    # As in kinds: a word inside a path or a symbol's name says nothing of the task.
    return re.compile(r"(?<![\w./-])" + re.escape(word) + r"(?![\w/-]|\.\w)", re.IGNORECASE)


def _over(what: str, value: int, limit: int, level: str) -> list[Reason]:
    if value <= limit:
        return []
    return [Reason(f"{what}-{level}", f"{value:,} {what}, more than {limit:,}: the {level} tier")]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


POLICIES: Mapping[str, Policy] = {"thresholds": thresholds}
"""`routing.policy` by name. A new one is a function and a row here."""
