"""How hard a task looks before anybody is paid: what a published router (D) reads, each input with its points.

Length of the instruction, code in it, files, tokens, who else names these files, their history (changes, past
deferrals), a prior failure of the same task. The points are a rule of thumb and were fitted to nothing: over recorded
outcomes what is known before the call hardly tells success from failure (AUC 0.45 to 0.60), which is why no policy
reads this unless it is asked to.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from routecli.domain.classified import Classified, Level
from routecli.domain.ladder import Reason
from routecli.domain.task import Survey, Task
from routecli.nouns import dataclass
from routecli.routing.policies.static import STATIC_CLASSES

_LOW_UP_TO, _MEDIUM_UP_TO = 1, 4
_CODE = re.compile(r"```|^\s*Traceback |^\s+File \"|\b\w+\([^)\n]*\)|\b\w+(?:\.\w+){2,}|[{};]\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class History:
    """What was found of the files' past and surroundings. `named_in` counts other files that name one of them,
    `changes` the commits of the last 90 days that touch them, `deferrals` the runs of the last 90 days that had them
    and were deferred; `failed_before` is the run of the same task that was. None: not looked at."""

    named_in: int | None = None
    changes: int | None = None
    deferrals: int | None = None
    failed_before: str = ""


@dataclass(frozen=True, slots=True)
class _Input:
    """One row: what it measures, and from which values on it gives a point, two, three."""

    name: str
    measure: Callable[[Task, Survey, History], int | None]
    steps: tuple[int, ...]
    text: str


def _class_of(task: Task, _survey: Survey, _history: History) -> int:
    return STATIC_CLASSES.get(task.kind, 2)


INPUTS: tuple[_Input, ...] = (
    _Input("length", lambda t, _s, _h: len(t.instruction), (600, 2_000), "{} characters of task"),
    _Input("code", lambda t, _s, _h: int(bool(_CODE.search(t.instruction))), (1,), "code in the task"),
    _Input("files", lambda _t, s, _h: len(s.text_files), (2, 6), "{} files"),
    _Input("tokens", lambda _t, s, _h: s.context_tokens, (4_000, 50_000, 200_000), "{} tokens"),
    _Input("kind", _class_of, (3, 3, 3, 3, 3), "a kind of class {}"),
    _Input("named-in", lambda _t, _s, h: h.named_in, (5, 20), "{} other files name them"),
    _Input("changes", lambda _t, _s, h: h.changes, (20,), "{} commits touched them in 90 days"),
    _Input("deferrals", lambda _t, _s, h: h.deferrals, (1, 3), "{} deferred runs had them"),
    _Input("failed-before", lambda _t, _s, h: int(bool(h.failed_before)), (1, 1), "this task was deferred before"),
)
"""Thresholds of files and tokens are router A's and the size classes of the evidence; a kind of the top class is HIGH
by itself, as in routers C and E."""


def complexity(task: Task, survey: Survey, history: History) -> tuple[Classified, tuple[Reason, ...]]:
    """The level, and each input that has points, with its figure. Pure."""
    points, reasons = 0, []
    for one in INPUTS:
        value = one.measure(task, survey, history)
        got = sum(value >= step for step in one.steps) if value is not None else 0
        if got:
            reasons.append(Reason(one.name, f"{one.text.format(f'{value:,}')} (+{got})"))
        points += got
    level = Level.LOW if points <= _LOW_UP_TO else Level.MEDIUM if points <= _MEDIUM_UP_TO else Level.HIGH
    told = ", ".join(r.text for r in reasons) or "nothing speaks against the cheapest tier"
    return Classified(level, "complexity", f"{points} points: {told}"), tuple(reasons)


def measured(task: Task, survey: Survey, history: History) -> dict[str, int]:
    """The figures alone, by name, without those that were not looked at."""
    found = {one.name: one.measure(task, survey, history) for one in INPUTS}
    return {name: value for name, value in found.items() if value is not None}


__all__ = ["INPUTS", "History", "complexity", "measured"]
