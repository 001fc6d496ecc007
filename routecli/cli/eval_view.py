"""An evaluation on the screen and as JSON, and its advice as a diff."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routecli.cli.figures import NONE, count_text, seconds_text, usd_text
from routecli.cli.screen import BAD, GOOD, MIND, QUIET, joined, say, shown
from routecli.domain.money import Usd
from routecli.domain.receipt_json import money
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault
from routecli.evaluation.results import Ending, Rate, Result
from routecli.routing.standing import share

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_SIGNS = {
    Ending.SOLVED: ("✓", GOOD), Ending.NOT_SOLVED: ("✗", BAD), Ending.INVALID: ("!", MIND),
    Ending.UNFINISHED: ("?", MIND),
}  # fmt: skip


def result_line(result: Result, number: int, of: int, spent_usd: Decimal) -> Text:
    """A try that just ended, the `number`th of all that are wanted, and what they have cost so far."""
    sign, style = _SIGNS[result.ending]
    told = f"{one_line(result.task, limit=40)}  {one_line(result.tier, limit=24)}  {usd_text(result.cost_usd)}"
    why = "" if result.ending is Ending.SOLVED else f"  {result.why}"
    so_far = f"  [{number} of {of}, {usd_text(Usd(spent_usd))}]"
    took = f"{told}  {seconds_text(result.wall_s)}"
    return joined(shown(f"{sign} ", style), shown(took), shown(so_far, QUIET), shown(why, QUIET))


def rates_json(tasks: int, rates: Sequence[Rate], found: Sequence[Result]) -> dict[str, Any]:
    """What `eval show --json` prints. Amounts are texts, shares from 0 to 1."""
    tiers = []
    for one in rates:
        passed = share(one.solved, one.tried)
        tiers.append({
            "tier": one.tier, "solved": one.solved, "tried": one.tried, "invalid": one.invalid,
            "rate": passed.value if one.tried else None, "low": passed.low, "high": passed.high,
            "cost_usd": money(one.cost_usd), "wall_s": round(one.wall_s, 3),
        })  # fmt: skip
    results = [
        {"task": r.task, "tier": r.tier, "models": list(r.models), "ending": r.ending.value, "why": r.why,
         "cost_usd": money(r.cost_usd), "wall_s": round(r.wall_s, 3), "at": r.at.isoformat(), "run_id": r.run_id}
        for r in found
    ]  # fmt: skip
    return {"tasks": tasks, "tiers": tiers, "results": results}


def print_rates(tasks: int, rates: Sequence[Rate], console: Console) -> None:
    """A row for each tier, the cheapest first."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    for name in ("tier", "solved", "rate", "95 %", "a task", "all", "time"):
        table.add_column(name, no_wrap=True, justify="left" if name == "tier" else "right")
    for one in rates:
        passed, tries = share(one.solved, one.tried), one.tried + one.invalid
        each = usd_text(type(one.cost_usd)(one.cost_usd / tries)) if tries else NONE
        table.add_row(
            shown(one.tier), f"{one.solved} of {one.tried}", f"{passed.value:.1%}" if one.tried else NONE,
            f"{passed.low:.1%} – {passed.high:.1%}" if one.tried else NONE, each, usd_text(one.cost_usd),
            seconds_text(one.wall_s),
        )  # fmt: skip
    say(console, shown(count_text(tasks, "task")), table)
    invalid = max((one.invalid for one in rates), default=0)
    if invalid:
        say(console, shown(f"{invalid} cannot be judged here and count for nobody: --json says why", QUIET))


def diff_of(file: Path, section: str, name: str, value: int) -> str:
    """A unified diff that sets `section.name` in the user's own configuration; nothing is written. Raises ConfigFault:
    the file cannot be read."""
    import tomlkit

    def change(document: Any) -> str:
        document.setdefault(section, tomlkit.table())[name] = value
        return ""

    return edited(file, change)[0]


def kinds_diff(file: Path, tier: str, kinds: Sequence[str]) -> str:
    """A unified diff that sets the `kinds` of a tier of the user's own; a tier without any would take all, so one that
    loses its last is left to be taken out. Raises ConfigFault: the file cannot be read, or has no such tier."""

    def change(document: Any) -> str:
        mine = [table for table in document.get("tiers", ()) if table.get("name") == tier]
        if not mine:
            raise ConfigFault(
                f"{file} has no tier {one_line(tier, limit=60)} of its own: a preset's takes all kinds",
                hint="routecli config init, and name your tiers",
            )
        if not kinds:
            raise ConfigFault(f"no kind is left that {one_line(tier, limit=60)} should take", hint="take the tier out")
        mine[0]["kinds"] = list(kinds)
        return ""

    return edited(file, change)[0]


def edited(file: Path, change: Callable[[Any], str]) -> tuple[str, str]:
    """`(diff, text)` of a TOML file after `change` of its document, which answers with what goes on top; all else is as
    it was, and nothing is written. Raises ConfigFault: it cannot be read."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        before = file.read_text("utf-8") if file.exists() else ""
        document = tomlkit.parse(before)
        on_top = change(document)
        after = on_top + tomlkit.dumps(document)
    except (OSError, ValueError, TypeError, TOMLKitError) as fault:
        raise ConfigFault(f"{file} cannot be read: {one_line(str(fault))}", hint=f"open {file}") from None
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return "".join(difflib.unified_diff(old, new, str(file), str(file))), after
