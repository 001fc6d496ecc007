"""Each event as the lines that stay on the screen, and as the phase that the live line names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from routecli.cli.figures import count_text, middle_cut, seconds_text, tokens_text, usd_text
from routecli.cli.render import attempt_word, check_line, is_tools
from routecli.cli.screen import BAD, GOOD, MIND, QUIET, STRONG, joined, shown
from routecli.domain.classified import PURPOSE as CLASSIFICATION
from routecli.domain.events import (
    Called,
    Calling,
    Checked,
    Checking,
    Escalated,
    Event,
    FailedOver,
    Judged,
    Patched,
    Rerouted,
    Retried,
    Routed,
    Streaming,
    Surveyed,
    Warned,
)
from routecli.domain.money import UsageSource
from routecli.domain.opinion import PURPOSE as OPINION
from routecli.domain.receipt import Attempt
from routecli.domain.task import FileRole
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Accepted, CheckOutcome, CheckResult

if TYPE_CHECKING:
    from rich.text import Text

_MOST_FILES = 12


def phase_text(event: Event) -> str:
    """What the live line says from this event on; empty where it goes on saying what it said."""
    match event:
        case Surveyed():
            return "choosing a tier"
        case Calling(model=model) if is_tools(model):
            return "running the tools"
        case Calling(tier=tier, model=model):
            return f"{one_line(tier, limit=24)} {one_line(model, limit=60)}"
        case Streaming(editing=editing):
            return f"writing {one_line(editing, limit=60)}"
        case Called():
            return "reading the reply"
        case Patched():
            return "preparing the checks"
        case Checking(name=name, what=what):
            on = " on the code as it is" if what == "baseline" else " on the patch"
            return f"running {one_line(name, limit=40)}{on}"
        case Judged():
            return "deciding"
    return ""


Line = tuple[str, "Text"]
"""A word in the margin and what it is about."""


def lasting_lines(event: Event, *, verbose: bool) -> Iterator[Line]:
    """The lines of `event` that stay, made visible."""
    match event:
        case Surveyed():
            yield from _surveyed(event, verbose=verbose)
        case Routed():
            yield from _routed(event, verbose=verbose)
        case Calling():
            yield _calling(event)
        case Called() if not is_tools(event.model):
            yield _called(event)
        case Retried() | FailedOver() | Escalated() | Rerouted():
            yield _moved(event)
        case Patched(patch=patch):
            yield _line("", f"patch of {count_text(len(patch.edits), 'file')}: {', '.join(patch.paths)}")
        case Checked(attempt=attempt, result=result):
            yield "", _before(result) if attempt == 0 else joined(_sign(result), check_line(result))
            if verbose:
                yield _line("", " ".join(result.argv), QUIET)
        case Judged(attempt=attempt) if not isinstance(attempt.verdict, Accepted):
            yield _judged(attempt)
        case Warned(reason=reason):
            yield _line("warning", reason.text, MIND)


def _line(label: str, text: str, style: str = "") -> Line:
    return one_line(label, limit=24), shown(one_line(text, limit=500), style)


def _moved(event: Retried | FailedOver | Escalated | Rerouted) -> Line:
    """Why another request is sent, in one of four words."""
    match event:
        case Retried():
            return _line("retry", f"{event.model}: {event.why}", MIND)
        case FailedOver():
            return _line("failover", f"{event.model} → {event.to_model}: {event.why}", MIND)
        case Escalated():
            return _line("escalate", f"{event.from_tier} → {event.to_tier}", STRONG)
        case Rerouted():
            return _line("reroute", f"{event.from_tier} → {event.to_tier} ({event.because}): {event.why}", MIND)


_PURPOSES = {
    "reproduction": ", for a test of the task",
    OPINION: ", for a second opinion",
    CLASSIFICATION: ", for how hard it is",
}
_SIGNS = {CheckOutcome.PASSED: ("✓ ", GOOD), CheckOutcome.FAILED: ("✗ ", BAD), CheckOutcome.TIMED_OUT: ("✗ ", BAD)}


def _sign(result: CheckResult) -> Text:
    return shown(*_SIGNS.get(result.outcome, ("– ", QUIET)))


def _before(result: CheckResult) -> Text:
    """A check of the code as it is. Its colour would mislead: what fails there is no fault of the patch."""
    return shown("before: " + check_line(result).plain.replace(" before (", " ("), QUIET)


def _judged(attempt: Attempt) -> Line:
    """The verdict in a word; why, where no line of a check has said it. (An acceptance is told by the receipt.)"""
    word, style = attempt_word(attempt)
    bad = (CheckOutcome.FAILED, CheckOutcome.TIMED_OUT)
    if attempt.purpose == OPINION and attempt.doubts:
        return _line("", f"{word}: {'; '.join(str(doubt) for doubt in attempt.doubts)}", style)
    said = any(check.outcome in bad for check in attempt.verdict.checks)
    return _line("", word if said else f"{word}: {middle_cut(attempt.verdict.why)}", style)


def _surveyed(event: Surveyed, *, verbose: bool) -> Iterator[Line]:
    survey = event.survey
    text = survey.text_files
    yield _line("survey", f"{count_text(len(text), 'file')}, {count_text(survey.context_tokens, 'token')} of context")
    most = len(survey.files) if verbose else _MOST_FILES
    for file in survey.files[:most]:
        size = f"{tokens_text(file.tokens)} tokens" if file.role is FileRole.TEXT else f"not sent: {file.role.value}"
        yield _line("", f"{file.path}: {size}{f' ({file.why})' if file.why else ''}")
    if len(survey.files) > most:
        yield _line("", f"… and {count_text(len(survey.files) - most, 'file')} more")


def _routed(event: Routed, *, verbose: bool) -> Iterator[Line]:
    route = event.route
    names = " → ".join(tier.name for tier in route.ladder)
    yield _line("route", f"{names}: {'; '.join(reason.text for reason in route.reasons)}")
    if verbose:
        for cast in route.forecasts:
            worst = f", at most {usd_text(cast.worst_cost_usd)}" if cast.worst_cost_usd is not None else ""
            yield _line("", f"{cast.tier} {cast.model}: about {usd_text(cast.cost_usd)}{worst}", QUIET)


def _calling(event: Calling) -> Line:
    if is_tools(event.model):
        return _line(event.tier, "no model, $0", STRONG)
    most = f", at most {usd_text(event.reserved_usd)}" if event.reserved_usd else ""
    again = ", to repair the form of its reply" if event.repair else _PURPOSES.get(event.purpose, "")
    return _line(event.tier, f"{event.model} · {count_text(event.input_tokens, 'token')}{most}{again}", STRONG)


def _called(event: Called) -> Line:
    usage = event.usage
    about = "about " if usage.source is UsageSource.ESTIMATED else ""
    cached = f" ({tokens_text(usage.cache_read_tokens)} cached)" if usage.cache_read_tokens else ""
    said = f"{about}{usage.input_tokens:,}{cached} in, {usage.output_tokens:,} out · {usd_text(event.cost_usd)}"
    stop = "" if event.stop in ("", "end") else f" · {event.stop}"
    return _line("", f"{said} · {seconds_text(event.latency_s)}{stop}", BAD if stop else "")
