"""`apply` from the text to the exit status."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routecli.cli.asking import asked, at_terminal
from routecli.cli.screen import GOOD, MIND, QUIET, answer_console, say, shown, side_console, write_json
from routecli.compose import Broadcast
from routecli.compose.pasting import Pasted, read_pasted
from routecli.domain.untrusted import one_line, visible
from routecli.domain.verdict import Accepted, Deferred, Unverified, Verdict
from routecli.edits import EditsRefused
from routecli.errors import EditsRefusedFault, ExitStatus, UsageFault
from routecli.nouns import dataclass

if TYPE_CHECKING:
    import typer

    from routecli.config.load import Loaded
    from routecli.domain.receipt import Delivery

_LIMIT_CHARS = 50_000_000


@dataclass(frozen=True, slots=True)
class Manner:
    """How a reply is applied and told. `run_id` is empty where no run saved it; `overruled` is told where the patch of
    one was written unverified."""

    check: bool
    verify: bool
    reverse: bool
    yes: bool
    as_json: bool
    quiet: bool
    no_color: bool
    run_id: str
    overruled: Callable[[], None] | None = None


def typed(source: str | None) -> str:
    """The text of a file or of standard input. Raises UsageFault."""
    try:
        if source in (None, "-"):
            if sys.stdin is None or sys.stdin.isatty():
                raise UsageFault("there is no reply to read", hint="routecli apply reply.md, or paste one into a pipe")
            return sys.stdin.buffer.read(_LIMIT_CHARS).decode("utf-8", "surrogateescape")
        with Path(str(source)).open("rb") as stream:
            return stream.read(_LIMIT_CHARS).decode("utf-8", "surrogateescape")
    except (OSError, ValueError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "no such name"
        raise UsageFault(f"{one_line(str(source))}: {why}", hint="routecli apply reply.md") from None


def saved(ctx: typer.Context, loaded: Loaded, run: str) -> tuple[str, str]:
    """The run's whole id and the patch that it saved. Raises UsageFault: no such run, no patch."""
    from routecli.cli.session import open_ledger

    with open_ledger(ctx, loaded) as ledger:
        record = ledger.run(run)
        text = ledger.patch(record.row.run_id)
    if not text:
        raise UsageFault(f"run {record.row.run_id} left no patch", hint="routecli history")
    return record.row.run_id, text


def note_overruled(ctx: typer.Context, loaded: Loaded, run_id: str) -> None:
    """Counts the run among those whose verdict a person overruled, unless its patch had been accepted."""
    from routecli.cli.session import open_ledger

    with open_ledger(ctx, loaded) as ledger:
        ledger.overrule(run_id)


def carry_out(text: str, cwd: Path, loaded: Loaded, manner: Manner) -> int:
    """Reads, shows, judges if asked, writes. Returns the exit status; raises EditsRefusedFault, DeliveryFault."""
    try:
        pasted = read_pasted(text, cwd, reverse=manner.reverse)
    except EditsRefusedFault as fault:
        if manner.as_json:
            write_json(_refused_json(fault))
        raise
    try:
        return _apply(pasted, loaded, manner)
    finally:
        pasted.snapshot.close()


def _apply(pasted: Pasted, loaded: Loaded, manner: Manner) -> int:
    if not pasted.patch.edits:
        return _told(pasted, None, None, manner, ExitStatus.ACCEPTED)
    if not manner.as_json and not manner.check and not manner.quiet:
        _show(pasted, manner)
    verdict = _judged(pasted, loaded, manner) if manner.verify else None
    if isinstance(verdict, Deferred):
        return _told(pasted, verdict, None, manner, ExitStatus.DEFERRED)
    if manner.check or (isinstance(verdict, Unverified) and not manner.yes):
        status = ExitStatus.UNVERIFIED if isinstance(verdict, Unverified) else ExitStatus.ACCEPTED
        return _told(pasted, verdict, None, manner, status)
    if not manner.yes and at_terminal() and not asked("Write it?", no_color=manner.no_color):
        return _told(pasted, verdict, None, manner, ExitStatus.NOT_WRITTEN)
    delivery = pasted.deliver(
        lambda question: at_terminal() and asked(question, no_color=manner.no_color),
        yes=manner.yes,
        run_id="" if manner.reverse else manner.run_id,
    )
    if delivery.written and manner.overruled is not None and not isinstance(verdict, Accepted):
        manner.overruled()
    status = ExitStatus.ACCEPTED if delivery.written else ExitStatus.NOT_WRITTEN
    return _told(pasted, verdict, delivery, manner, status)


def _judged(pasted: Pasted, loaded: Loaded, manner: Manner) -> Verdict:
    from routecli.cli.progress import Progress

    with Progress(side_console(no_color=manner.no_color), quiet=manner.quiet or manner.as_json) as progress:
        return pasted.judge(loaded, Broadcast([progress]))


def _show(pasted: Pasted, manner: Manner) -> None:
    from routecli.cli.render import diff_text
    from routecli.edits import render

    say(answer_console(no_color=manner.no_color), diff_text(render(pasted.patch)))


def _told(
    pasted: Pasted, verdict: Verdict | None, delivery: Delivery | None, manner: Manner, status: ExitStatus
) -> int:
    if manner.as_json:
        write_json(_json(pasted, verdict, delivery, status))
        return status
    if manner.quiet or (manner.check and verdict is None):
        return status
    side = side_console(no_color=manner.no_color)
    if verdict is not None:
        say(side, shown(f"{_word(verdict)}: {one_line(verdict.why, limit=400)}", GOOD if status == 0 else MIND))
    if not pasted.patch.edits:
        say(side, shown("nothing to change: the files already have it", QUIET))
    elif delivery is not None and delivery.written:
        say(side, shown(f"written: {', '.join(one_line(p) for p in pasted.patch.paths)}", GOOD))
    elif delivery is not None:
        say(side, shown(f"not written: {delivery.why}", MIND))
    else:
        say(side, shown("nothing was written", QUIET))
    return status


def _word(verdict: Verdict) -> str:
    match verdict:
        case Accepted():
            return "accepted"
        case Deferred():
            return "refused"
        case Unverified():
            return "unverified"


def _json(pasted: Pasted, verdict: Verdict | None, delivery: Delivery | None, status: ExitStatus) -> dict[str, Any]:
    return {
        "applied": bool(delivery and delivery.written),
        "exit_status": int(status),
        "files": [visible(path) for path in pasted.patch.paths],
        "already_there": pasted.patch.already_there,
        "edits": [
            {"path": visible(p.path), "dialect": p.dialect, "match": p.match.value, "score": p.score, "line": p.line}
            for p in pasted.patch.placements
        ],
        "verdict": None if verdict is None else {"kind": _word(verdict), "why": visible(verdict.why)},
        "why": delivery.why if delivery else "",
    }


def _refused_json(fault: EditsRefusedFault) -> dict[str, Any]:
    cause = fault.__cause__
    refusals = cause.refusals if isinstance(cause, EditsRefused) else ()
    return {
        "applied": False,
        "exit_status": int(fault.status),
        "why": visible(fault.what),
        "refusals": [
            {
                "path": visible(r.path),
                "kind": r.kind.value,
                "what": visible(r.what),
                "dialect": r.dialect,
                "reply_line": r.reply_line,
                "places": list(r.places),
                "nearest": [{"line": n.number, "text": visible(n.text)} for n in r.nearest],
                "score": r.score,
                "fits_in": [visible(path) for path in r.fits_in],
            }
            for r in refusals
        ],
    }
