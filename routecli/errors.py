"""One root for every error a person may meet, and the one table of exit statuses.

An error says what happened and where in one line; its `hint` is the command to type next. The command line turns
it into two lines and an exit status; nothing else in the program prints one.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class ExitStatus(IntEnum):
    """What `routecli` leaves for the shell. `docs/exit-status.md` is generated from this enum."""

    ACCEPTED = 0
    DEFERRED = 1
    USAGE = 2
    CONFIG = 3
    BUDGET = 4
    PROVIDER = 5
    UNVERIFIED = 6
    NOT_WRITTEN = 7
    INTERNAL = 70
    SIGHUP = 129
    SIGINT = 130
    SIGTERM = 143


EXIT_MEANING: dict[ExitStatus, str] = {
    ExitStatus.ACCEPTED: "Done: the patch was verified and written, or the question was answered.",
    ExitStatus.DEFERRED: "Every tier was tried and none passed: a person is needed. The best patch is saved. "
    "For `apply`: the edits were refused. For `review --fail-on`: there are findings of that weight.",
    ExitStatus.USAGE: "The command line, the paths or the repository's state do not allow the run. Nothing was spent.",
    ExitStatus.CONFIG: "Configuration, credentials, trust, or no sandbox on this machine.",
    ExitStatus.BUDGET: "The next call could exceed a cap, or its price is unknown. It was not sent.",
    ExitStatus.PROVIDER: "No provider of the tier could be reached.",
    ExitStatus.UNVERIFIED: "There is a patch, but nothing could verify it. It is saved, not written. "
    "For `checks run`: a check cannot run on this machine, or there is none.",
    ExitStatus.NOT_WRITTEN: "There is a verified patch, but it was not written: the tree changed meanwhile, "
    "a protected path needs a yes, or the disk is full. It is saved.",
    ExitStatus.INTERNAL: "A bug of routecli's own.",
    ExitStatus.SIGHUP: "Stopped by SIGHUP.",
    ExitStatus.SIGINT: "Stopped by Ctrl-C.",
    ExitStatus.SIGTERM: "Stopped by SIGTERM.",
}


class RoutecliError(Exception):
    """What happened and where, in one line; `hint` is what to type; `status` is what the shell gets."""

    status: ExitStatus = ExitStatus.INTERNAL

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class UsageFault(RoutecliError):
    """The words, the paths or the repository's state do not allow it; nothing was spent (exit 2)."""

    status = ExitStatus.USAGE


class ConfigFault(RoutecliError):
    """A configuration, credential or trust fault (exit 3)."""

    status = ExitStatus.CONFIG


class SandboxFault(RoutecliError):
    """No isolation can be had, or the sandbox itself died: never a fault of the code under test (exit 3)."""

    status = ExitStatus.CONFIG


class BudgetFault(RoutecliError):
    """A call was not sent because its worst case does not fit a cap, or has no known price (`unpriced`; exit 4)."""

    status = ExitStatus.BUDGET

    def __init__(self, what: str, *, hint: str = "", unpriced: bool = False) -> None:
        super().__init__(what, hint=hint)
        self.unpriced = unpriced


class FaultKind(StrEnum):
    """What is wrong with a model that gave no answer."""

    THROTTLED = "throttled"
    DOWN = "down"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    REDIRECTS = "redirects"
    NO_MODEL = "no-model"
    NOT_TAKEN = "not-taken"


class ProviderFault(RoutecliError):
    """A provider cannot be reached or cannot serve; another model of the tier may (exit 5).

    `kind` says what is wrong; `wait_s` is how long the server asked to be left alone, None where it did not say;
    `retries` is how often the request had been sent again, `request_id` what the server called the last of them."""

    status = ExitStatus.PROVIDER

    def __init__(
        self,
        what: str,
        *,
        hint: str = "",
        kind: FaultKind = FaultKind.DOWN,
        wait_s: float | None = None,
        retries: int = 0,
        request_id: str = "",
    ) -> None:
        super().__init__(what, hint=hint)
        self.kind = kind
        self.request_id = request_id
        self.wait_s = wait_s
        self.retries = retries


class DeliveryFault(RoutecliError):
    """A patch was verified and could not be written; the tree is as it was (exit 7)."""

    status = ExitStatus.NOT_WRITTEN


class EditsRefusedFault(RoutecliError):
    """A pasted reply was refused by `apply` (exit 1)."""

    status = ExitStatus.DEFERRED
