"""A reply that did not come to its own end, as a deferral."""

from __future__ import annotations

from routecli.domain.reply import Reply, StopReason
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import DeferralReason, Deferred

_STOPPED = {
    StopReason.TRUNCATED: (DeferralReason.TRUNCATED, "the reply was cut off at the tier's output limit"),
    StopReason.TOO_LONG: (DeferralReason.TRUNCATED, "the reply ran past the size limit and was stopped"),
    StopReason.REFUSED: (DeferralReason.REFUSED, "the model refused"),
    StopReason.EMPTY: (DeferralReason.NO_EDITS, "the reply was empty"),
    StopReason.LOOPING: (DeferralReason.LOOPING, "the reply ran in a circle and was stopped"),
    StopReason.NO_DIALECT: (DeferralReason.NO_DIALECT, "the reply came to no edit and was stopped"),
    StopReason.RUNAWAY: (DeferralReason.RUNAWAY, "the reply ran past what it may cost and was stopped"),
    StopReason.INTERRUPTED: (DeferralReason.TRUNCATED, "the reply was interrupted"),
}


def stopped(reply: Reply) -> Deferred | None:
    """Why nothing is read in `reply`; None where the model ended it itself."""
    if reply.stop not in _STOPPED:
        return None
    reason, why = _STOPPED[reply.stop]
    said = f"{why}: {one_line(reply.detail)}" if reply.detail else why
    return Deferred(reason, said, said)
