"""`undo` and `redo` from the choice to the exit status, and the list of what they can take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routecli.cli.asking import asked, at_terminal
from routecli.cli.figures import count_text, when_text
from routecli.cli.screen import GOOD, MIND, QUIET, REST, answer_console, say, shown, side_console, write_json
from routecli.domain.untrusted import one_line, visible
from routecli.errors import DeliveryFault, ExitStatus
from routecli.git.repository import open_repository
from routecli.nouns import dataclass
from routecli.workspace.journal import Turn
from routecli.workspace.undoing import (
    Delivered,
    NotAsDelivered,
    as_delivered,
    choose,
    delivered,
    instead,
    turn_back,
    turned,
)

if TYPE_CHECKING:
    from rich.table import Table

_SHORT_ID = 21
"""Of a delivery's id, its time to the microsecond: nobody delivers twice in one."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a delivery is turned and told. `only_patch` writes nothing: the patch goes to stdout."""

    yes: bool
    only_patch: bool
    as_json: bool
    quiet: bool
    no_color: bool


def carry_out(turn: Turn, wanted: str | None, manner: Manner) -> int:
    """Chooses, shows, asks, writes. Returns the exit status; raises UsageFault, DeliveryFault."""
    from routecli.cli.render import diff_text, patch
    from routecli.edits import render

    repository = open_repository(Path.cwd())
    one = choose(repository, turn, wanted)
    change = turned(one)
    answer = answer_console(no_color=manner.no_color)
    if manner.only_patch:
        patch(render(change), answer)
        return ExitStatus.ACCEPTED
    try:
        as_delivered(repository, one, change)
        if not manner.as_json and not manner.quiet:
            say(answer, diff_text(render(change)))
        question = f"{turn.value.capitalize()} {one_line(one.name)}?"
        if not manner.yes and at_terminal() and not asked(question, no_color=manner.no_color):
            return _told(turn, one, manner, "nobody said yes")
        turn_back(repository, one)
    except DeliveryFault as fault:
        if manner.as_json:
            write_json(_json(turn, one, fault))
        raise
    return _told(turn, one, manner)


def offer_undo(run_id: str, *, no_color: bool, ask: bool) -> None:
    """Before the same task is done again: what that run wrote and nobody changed since is taken back by a yes. Where
    nobody can be asked it is said, and stays. Raises DeliveryFault: it could not be taken back."""
    from routecli.cli.streams import warn

    repository = open_repository(Path.cwd())
    one = next((d for d in delivered(repository) if d.run_id == run_id and state_of(d) == "written"), None)
    if one is None:
        return
    try:
        as_delivered(repository, one, turned(one))
    except DeliveryFault:
        return  # somebody worked on it: it is theirs by now
    name = one_line(one.name)
    if not ask or not at_terminal():
        warn(f"what {name} wrote is still in your files; routecli undo takes it back")
    elif asked(f"What {name} wrote is still in your files. Take it back first?", no_color=no_color):
        turn_back(repository, one)


def _told(turn: Turn, one: Delivered, manner: Manner, why_not: str = "") -> int:
    if manner.as_json:
        write_json(_json(turn, one, DeliveryFault(why_not, hint=instead(one)) if why_not else None))
    elif not manner.quiet:
        word = "undone" if turn is Turn.UNDO else "redone"
        files = ", ".join(one_line(path) for path in one.paths)
        line = shown("nothing was written", QUIET) if why_not else shown(f"{word}: {files}", GOOD)
        say(side_console(no_color=manner.no_color), line)
    return ExitStatus.NOT_WRITTEN if why_not else ExitStatus.ACCEPTED


def show_list(manner: Manner) -> None:
    """The last deliveries to this work tree, newest first."""
    known = delivered(open_repository(Path.cwd()))
    if manner.as_json:
        write_json([_row(one) for one in known])
        return
    console = answer_console(no_color=manner.no_color)
    say(console, _table(known, console.width) if known else shown("Nothing was written here yet."))


def _table(known: Sequence[Delivered], width: int) -> Table:
    from rich.table import Table

    from routecli.cli.render import NARROW

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    kept = [name for name in ("when", "id", "run", "state") if width >= NARROW or name != "when"]
    for name in kept:  # the id says when, in UTC
        table.add_column(name, no_wrap=True)
    table.add_column("files", no_wrap=True, max_width=REST)
    for one in known:
        state = state_of(one)
        files = f"{count_text(len(one.paths), 'file')}: {', '.join(one_line(path) for path in one.paths[:5])}"
        cells = {
            "when": shown(when_text(one.made_at)),
            "id": shown(one.id[:_SHORT_ID]),
            "run": shown(one.run_id or "–"),
            "state": shown(state, GOOD if state == "written" else MIND),
        }
        table.add_row(*(cells[name] for name in kept), shown(one_line(files, limit=400)))
    return table


def state_of(one: Delivered) -> str:
    """`written`, `undone`, or `committed`: then only git takes it back."""
    return "committed" if one.commit else "undone" if one.undone else "written"


def _row(one: Delivered) -> dict[str, Any]:
    return {
        "id": one.id,
        "made_at": one.made_at.isoformat(),
        "run_id": visible(one.run_id),
        "files": [visible(path) for path in one.paths],
        "state": state_of(one),
        "commit": visible(one.commit) or None,
    }


def _json(turn: Turn, one: Delivered, fault: DeliveryFault | None) -> dict[str, Any]:
    """The answer for scripts: the delivery as it is now, and what stood against it."""
    done = "written" if turn is Turn.REDO else "undone"
    return _row(one) | {
        "state": state_of(one) if fault else done,
        "done": fault is None,
        "exit_status": int(fault.status if fault else ExitStatus.ACCEPTED),
        "why": visible(fault.what) if fault else "",
        "changed": [
            {"path": visible(path), "why": visible(why)}
            for path, why in (fault.changed if isinstance(fault, NotAsDelivered) else ())
        ],
        "instead": visible(fault.hint) if fault else "",
    }
