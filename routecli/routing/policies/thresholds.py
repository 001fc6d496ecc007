"""The published rule of thumb (A): architecture words, many files or much text to the top, some to the middle."""

from __future__ import annotations

import re

from routecli.domain.ladder import Reason
from routecli.domain.settings import Thresholds
from routecli.domain.task import Task
from routecli.domain.untrusted import one_line
from routecli.routing.policies.facts import Advice, Facts, from_place, middle_of


def thresholds(facts: Facts) -> Advice:
    """Every rule that speaks is a reason, so that one sees what would have to change; the strongest decides."""
    limits = facts.limits
    files, tokens = len(facts.survey.text_files), facts.survey.context_tokens
    top = [*_architecture(facts.task, limits), *_over("files", files, limits.top_files, "top")]
    top += _over("tokens", tokens, limits.top_tokens, "top")
    if top:
        return from_place(len(facts.tiers) - 1, facts, *top)
    middle = _over("files", files, limits.middle_files, "middle") + _over(
        "tokens", tokens, limits.middle_tokens, "middle"
    )
    if middle:
        return from_place(middle_of(len(facts.tiers)), facts, *middle)
    text = f"{_counted(files, 'file')}, {_counted(tokens, 'token')}, no architecture word: the cheapest tier"
    return from_place(0, facts, Reason("small", text))


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
