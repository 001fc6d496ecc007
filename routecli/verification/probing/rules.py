"""What the answers of two versions mean."""

from __future__ import annotations

from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass
from routecli.verification.probing.replay import Answers

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """One call that two versions answer differently."""

    function: str
    shown: str
    one: str
    other: str
    is_recorded: bool

    def __str__(self) -> str:
        return one_line(f"{self.function}({self.shown}): {self.one} and {self.other}", limit=200)


@dataclass(frozen=True, slots=True)
class Probed:
    """What the changed functions answer, to what the tests called them with and to values beside that: `before` the
    patch and `after` it."""

    before: Answers
    after: Answers

    @property
    def recorded(self) -> int:
        """How many calls of the tests both versions answered."""
        return sum(1 for key, a in self.after.items() if a.is_recorded and key in self.before)


def differences(one: Answers, other: Answers) -> tuple[Difference, ...]:
    """The calls that both made and answered differently, those of the tests first."""
    found = [
        Difference(a.function, a.shown, a.short, other[key].short, a.is_recorded)
        for key, a in one.items()
        if key in other and a.said != other[key].said
    ]
    return tuple(sorted(found, key=lambda d: not d.is_recorded))


def listed(found: tuple[Difference, ...]) -> str:
    """The first few, for people."""
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(str(d) for d in found[:_SHOWN]) + more
