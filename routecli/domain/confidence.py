"""How sure a writer says it is, from 1 to 10, on the last line of its reply; and when that is worth anything.

What a model says of itself is a number until it has been held against what became of its patches: it is used only once
it predicts, and then as the share of such patches that were right, not as what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import sqrt

from routecli.domain.shares import Z95, interval_text, wilson
from routecli.nouns import dataclass

LEAST = 50
"""Judged attempts of a model before its own word is looked at."""
LEAST_OF_EACH = 10
"""Of these, as many right and as many wrong ones at the least."""
LEAST_AUC = 0.6
"""The lower end of the 95 % interval has to be above it; 0.5 is chance."""
UNLIKELY = 0.5

_LINE = re.compile(r"[*_`]*CONFIDENCE:?[*_`]*:?[ \t]*[*_`]*(10|[1-9])(?:[ \t]*/[ \t]*10)?[*_`]*\.?[ \t]*\r?")
_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})[ \t]*\r?")


def told(text: str, *, in_fence: bool = False) -> tuple[int | None, str]:
    """The confidence on the last line that is not blank, and the reply without that line; `(None, text)` without one.

    `in_fence`: the line may also stand last within a fence that closes the reply, where it would be taken for a line of
    the file."""
    lines = text.split("\n")
    at = _last(lines, len(lines))
    if in_fence and at >= 0 and _FENCE.fullmatch(lines[at]):
        at = _last(lines, at)
    found = _LINE.fullmatch(lines[at]) if at >= 0 else None
    if found is None:
        return None, text
    return int(found[1]), "\n".join([*lines[:at], *lines[at + 1 :]])


def _last(lines: Sequence[str], before: int) -> int:
    return next((at for at in range(before - 1, -1, -1) if lines[at].strip()), -1)


@dataclass(frozen=True, slots=True)
class Block:
    """Confidences from `low` to `high` that are not told apart: `right` of `of` such patches were."""

    low: int
    high: int
    right: int
    of: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a model's own word was worth: `blocks` from the least sure up, their shares never falling; `auc` is the
    chance that a right patch was given a higher number than a wrong one, ties half, with its 95 % interval."""

    of: int = 0
    right: int = 0
    auc: float = 0.5
    auc_low: float = 0.0
    auc_high: float = 1.0
    blocks: tuple[Block, ...] = ()

    @property
    def predicts(self) -> bool:
        """Whether it tells right from wrong, beyond chance and enough to matter."""
        enough = self.of >= LEAST and min(self.right, self.of - self.right) >= LEAST_OF_EACH
        return enough and self.auc_low > LEAST_AUC

    def block(self, confidence: int) -> Block | None:
        """The patches that were as sure; the nearest ones where none was."""
        return min(self.blocks, key=lambda b: max(b.low - confidence, confidence - b.high, 0), default=None)

    def misgiving(self, confidence: int) -> str:
        """Why a patch that is this sure of itself is likely wrong, in one line; empty where it is not, or where nothing
        is known: even the upper end of the 95 % interval of such patches is below one half."""
        found = self.block(confidence) if self.predicts else None
        if found is None or wilson(found.right, found.of)[1] >= UNLIKELY:
            return ""
        return f"its writer is sure of it to {confidence} of 10, and of such patches {_share(found)} were right"

    def __str__(self) -> str:
        """In words, for who asks beforehand."""
        if self.of < LEAST or min(self.right, self.of - self.right) < LEAST_OF_EACH:
            return f"not used yet: {self.of} judged attempts with one, {self.of - self.right} of them wrong"
        figure = f"AUC {self.auc:.2f} [{self.auc_low:.2f}, {self.auc_high:.2f}] over {self.of} attempts"
        return f"{'used' if self.predicts else 'not used, it does not predict'}: {figure}"


def _share(block: Block) -> str:
    return interval_text(block.right, block.of)


def calibrated(samples: Iterable[tuple[int, bool]]) -> Calibration:
    """`(confidence, whether the patch was right)` of many attempts, as a Calibration."""
    counts = {n: [0, 0] for n in range(1, 11)}  # right, all
    for confidence, was_right in samples:
        if confidence in counts:
            counts[confidence][0] += was_right
            counts[confidence][1] += 1
    right, of = (sum(c[place] for c in counts.values()) for place in (0, 1))
    auc, half = _auc({n: (r, every - r) for n, (r, every) in counts.items()})
    blocks = _pooled([Block(n, n, r, every) for n, (r, every) in counts.items() if every])
    return Calibration(of, right, auc, max(0.0, auc - half), min(1.0, auc + half), blocks)


def _auc(counts: dict[int, tuple[int, int]]) -> tuple[float, float]:
    """The area and half its 95 % interval (Hanley and McNeil 1982)."""
    right, wrong = (sum(c[place] for c in counts.values()) for place in (0, 1))
    if not right or not wrong:
        return 0.5, 0.5
    won = sum(r * (sum(w for m, (_, w) in counts.items() if m < n) + counts[n][1] / 2) for n, (r, _) in counts.items())
    a = won / (right * wrong)
    one, two = a / (2 - a), 2 * a * a / (1 + a)
    spread = a * (1 - a) + (right - 1) * (one - a * a) + (wrong - 1) * (two - a * a)
    return a, Z95 * sqrt(max(spread, 0.0) / (right * wrong))


def _pooled(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Neighbours put together until no share is below the one before it (isotonic regression by pooling)."""
    kept: list[Block] = []
    for block in blocks:
        kept.append(block)
        while len(kept) > 1 and kept[-2].right * kept[-1].of >= kept[-1].right * kept[-2].of:
            upper, lower = kept.pop(), kept.pop()
            kept.append(Block(lower.low, upper.high, lower.right + upper.right, lower.of + upper.of))
    return tuple(kept)
