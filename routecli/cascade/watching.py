"""A reply that leads nowhere is stopped while it is being written: what is not written is not billed.

Each signal is one that a right answer does not give: a refusal in its first words, the same text over and over, prose
without an edit, a length beyond what was to be paid for. Where in doubt the reply goes on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from routecli.domain.reply import Message, StopReason
from routecli.nouns import dataclass

LOOP_CHARS = 6_000
"""So much of the end has to be one text again and again, word for word, ..."""
LOOP_TIMES = 5
"""... at least so often."""
CHARS_PER_TOKEN = 4
MOST_CHARS_PER_TOKEN = 12
"""No tokenizer that is known packs prose or code so tightly on average: more than this a token that was to be paid for
means that the server does not keep the cap. (o200k packs English at 4.5 and runs of blanks at up to 16.)"""
_PROBE_CHARS = 48
_FIRST_WORDS = 400
_REFUSAL = re.compile(
    r"\s*(?:(?:i['’]m|i am) (?:very |so )?sorry|sorry|i apologi[sz]e|unfortunately)?[\s,.;:–—-]*(?:but )?"
    r"(?:i|we)(?: am|['’]m)? ?(?:can(?:['’]t|not| not)|won['’]t|will not|(?:not )?(?:un)?able to|must decline to)"
    r" (?:be able to )?(?:assist|help|comply|fulfil+|continue|do that|provide (?:that|this|assistance))\b",
    re.IGNORECASE,
)
_MARKS = re.compile(r"(?m)^[ \t>]*(?:<{5,}|\*{3} (?:Begin Patch|Add File|Update File|Delete File)|--- |@@|```|~~~)")


class StoppedEarly(Exception):
    """The reply is not worth waiting for. `stop` is what its end is called, the message why."""

    def __init__(self, stop: StopReason, why: str) -> None:
        super().__init__(why)
        self.stop = stop
        self.why = why


@dataclass(slots=True)
class Watch:
    """Looks at one reply as it grows. `prose_tokens`: how long it may be without any edit; 0: as long as it likes.
    `wants_edits` False: it is asked for something else than edits, so only its length and loops count. `asked` is the
    prompt: what stands in there may be said again, however often it repeats itself."""

    max_output_tokens: int
    asked: Sequence[Message] = ()
    prose_tokens: int = 3_000
    wants_edits: bool = True
    _marked: bool = False

    def look(self, text: str) -> None:
        """`text` is all that arrived so far. Raises StoppedEarly."""
        if len(text) > self.max_output_tokens * MOST_CHARS_PER_TOKEN:
            why = f"{len(text):,} characters where {self.max_output_tokens:,} tokens were allowed"
            raise StoppedEarly(StopReason.RUNAWAY, why)
        if self.wants_edits and not self._marked:
            self._marked = _MARKS.search(text) is not None
            if not self._marked:
                self._look_at_prose(text)
        period = loop_of(text)
        if period and not any(period * LOOP_TIMES in message.text for message in self.asked):
            raise StoppedEarly(StopReason.LOOPING, f"the same {len(period):,} characters again and again")

    def _look_at_prose(self, text: str) -> None:
        if len(text) >= _FIRST_WORDS and _REFUSAL.match(text[:_FIRST_WORDS]):
            raise StoppedEarly(StopReason.REFUSED, "it began with a refusal")
        if self.prose_tokens and len(text) > self.prose_tokens * CHARS_PER_TOKEN:
            raise StoppedEarly(StopReason.NO_DIALECT, f"about {len(text) // CHARS_PER_TOKEN:,} tokens and no edit")


def loop_of(text: str) -> str:
    """The text that the end of `text` consists of, over LOOP_CHARS and LOOP_TIMES times at least; empty where it does
    not. Blank lines alone are a loop too."""
    if len(text) < LOOP_CHARS:
        return ""
    end = text[-LOOP_CHARS:]
    probe, at = end[-_PROBE_CHARS:], len(end) - _PROBE_CHARS
    for _ in range(200):
        at = end.rfind(probe, 0, at + _PROBE_CHARS - 1)
        period = len(end) - _PROBE_CHARS - at
        if at < 0 or period * LOOP_TIMES > len(end):
            return ""
        if end[period:] == end[:-period]:
            return end[-period:]
    return ""
