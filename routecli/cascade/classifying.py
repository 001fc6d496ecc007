"""A model asked how hard the task is, before the first model tier is paid: the ladder may begin elsewhere for it."""

from __future__ import annotations

from collections.abc import Callable

from routecli.domain.classified import Classified, Level
from routecli.domain.ladder import ModelRef, Route, Tier
from routecli.domain.reply import Prompt
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Accepted, Unverified, Verdict
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class Classifying:
    """Who is asked and what follows. `read` finds the level in a reply, None where there is none; `reroute` decides
    anew; `timeout_s` bounds the call."""

    tier: Tier
    ask: Callable[[ModelRef], Prompt]
    read: Callable[[str], Level | None]
    reroute: Callable[[Classified], Route]
    obeyed: bool
    timeout_s: float

    def told(self, model: ModelRef, text: str) -> tuple[Classified, Verdict]:
        """What the reply `text` comes to; what names no level is the middle, as published."""
        level = self.read(text)
        if level is None:
            said = one_line(text, limit=40) or "nothing"
            why = f"it answered {said}: the middle"
            return Classified(Level.MEDIUM, str(model), why, self.obeyed), Unverified(f"no level: it answered {said}")
        return Classified(level, str(model), "by the words of the task", self.obeyed), Accepted((), level.value)
