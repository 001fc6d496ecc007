"""An accepted patch beside those before it that no test refused: where they answer otherwise, one of them is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from routecli.domain.patch import Patch
from routecli.domain.receipt import Attempt
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Varied, Verdict

_UNDECIDED = frozenset({DeferralReason.LOW_CONFIDENCE, DeferralReason.TOO_WEAK, DeferralReason.LINT_FAILED})
"""Deferrals of patches that passed every test. That a patch which failed some answers otherwise says nothing."""
_SHOWN = 2


def compared(
    verdict: Verdict, patch: Patch, attempts: Sequence[Attempt], differs: Callable[[Patch, Patch], Varied]
) -> tuple[Verdict, tuple[int, ...]]:
    """`verdict` with the inputs on which `patch` answers otherwise than those before it, and the numbers of these."""
    if not isinstance(verdict, Accepted):
        return verdict, ()
    numbers: list[int] = []
    why = verdict.why
    for earlier in attempts:
        undecided = isinstance(earlier.verdict, Deferred) and earlier.verdict.reason in _UNDECIDED
        if earlier.purpose or earlier.patch is None or not undecided:
            continue
        found = differs(patch, earlier.patch)
        if found.differ:
            numbers.append(earlier.number)
            total = len(found.differ) + found.agree
            listed = "; ".join(found.differ[:_SHOWN])
            why += f"; answers otherwise than {earlier.tier}'s on {len(found.differ)} of {total} inputs: {listed}"
    return (replace(verdict, why=one_line(why, limit=600)), tuple(numbers)) if numbers else (verdict, ())
