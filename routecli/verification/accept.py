"""The user's own `--accept` command: it has to fail before the patch."""

from __future__ import annotations

from enum import StrEnum

from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass
from routecli.verification.baseline import last_line
from routecli.verification.planned import Measured, PlannedCheck


class AcceptState(StrEnum):
    """What the user's `--accept` command says before the patch."""

    FAILS = "fails"
    PASSES_ALREADY = "passes-already"
    CANNOT_RUN = "cannot-run"


@dataclass(frozen=True, slots=True)
class AcceptBase:
    """`state` FAILS is the good one: there is something to do. `why` is one line, untrusted text made visible."""

    state: AcceptState
    why: str
    hint: str = ""


def accept_base(check: PlannedCheck, got: Measured) -> AcceptBase:
    """What `got`, the command's run without the patch, means."""
    command = " ".join(check.argv)
    fault = got.fault
    if got.timed_out:
        fault = f"it does not end within {check.command.timeout_s:.0f} s"
    elif got.exit_code in (126, 127):
        fault = last_line(got.output_tail)
    elif got.report is not None and not got.report.tests and got.exit_code != 0:
        fault = f"it ran no test: {last_line(got.output_tail)}"
    if fault:
        why = one_line(f"the --accept command cannot run: {fault}")
        return AcceptBase(AcceptState.CANNOT_RUN, why, f"try it yourself: {command}")
    if got.exit_code == 0:
        why = one_line(f"the --accept command passes already: {command}")
        return AcceptBase(AcceptState.PASSES_ALREADY, why, "give a command that fails until the task is done")
    return AcceptBase(AcceptState.FAILS, one_line(f"fails before: {last_line(got.output_tail)}"))
