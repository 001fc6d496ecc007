"""What would change a decision, in words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from routecli.cli.figures import count_text, usd_text
from routecli.domain.untrusted import one_line

if TYPE_CHECKING:
    from routecli.domain.explained import Turn


def turn_text(turn: Turn) -> str:
    """One line: the figure, where it turns, where it is now, and the ladder that would be taken then."""
    return f"{_when(turn)}: {' → '.join(turn.then)}"


def _when(turn: Turn) -> str:
    side = "above" if turn.at > turn.now else "below"
    match turn.what:
        case "right":
            return f"{turn.tier} right on {side} {turn.at:.1%} (now {turn.now:.1%})"
        case "price":
            times = f", {turn.at / turn.now:.2f} times" if turn.now else ""
            return f"{turn.tier} {side} {_usd(turn.at)} an attempt (now {_usd(turn.now)}{times})"
        case "detection":
            return f"checks refuse {side} {turn.at:.1%} of wrong patches (now {turn.now:.1%})"
        case "false_alarm":
            return f"checks refuse {side} {turn.at:.1%} of right patches (now {turn.now:.1%})"
        case "tolerance":
            return f"tolerance {side} {turn.at * 100:.2f} points (now {turn.now * 100:.3g})"
        case "attempts":
            return f"{int(turn.at)} judged attempts (now {int(turn.now)}), when the evidence decides"
        case "files" | "tokens":
            return f"{count_text(int(turn.at), turn.what[:-1])} or {_more(turn)} (now {int(turn.now):,})"
        case _:
            return _worded(turn)


def _worded(turn: Turn) -> str:
    word = one_line(turn.word, limit=200)
    match turn.what:
        case "word":
            return f'"{word}" in the task'
        case "without-word":
            return f"without the word {word}"
        case "hint":
            return f"--hint {word}"
        case _:
            return f"a task of the kind {word}"


def _more(turn: Turn) -> str:
    return "more" if turn.at > turn.now else "fewer"


def _usd(amount: float) -> str:
    return usd_text(Decimal(str(amount)))
