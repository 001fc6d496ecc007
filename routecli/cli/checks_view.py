"""The checks of a repository on the screen and as JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from routecli.cli.figures import count_text, middle_cut, seconds_text, when_text
from routecli.cli.screen import BAD, GOOD, MIND, QUIET, STRONG, joined, say, shown
from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass
from routecli.verification.last import Ending, LastResult
from routecli.verification.planned import PlannedCheck, Reading, Role

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from routecli.compose.checking import Found
    from routecli.verification.proposals import Proposal

_MOST_NAMED = 10
_TELLS = {
    Reading.IDS: "each test by its id",
    Reading.FINDINGS: "each finding by file and line",
    Reading.EXIT: "its exit code only",
}
_SIGNS = {
    Ending.PASSED: ("✓", GOOD), Ending.FAILED: ("✗", BAD), Ending.EMPTY: ("?", MIND), Ending.CANNOT_RUN: ("!", MIND),
}  # fmt: skip
_NOTHING = "no test or linter was found: nothing could verify a patch"
_NOTHING_HINT = 'routecli checks --test-cmd "pytest -q tests"'


@dataclass(frozen=True, slots=True)
class Ran:
    """A check and how it went just now, or the last time on the very same files (`cached`). `output_tail` is untrusted
    text."""

    check: PlannedCheck
    result: LastResult
    cached: bool
    output_tail: str = ""


def found_json(found: Found, *, trusted: bool) -> dict[str, Any]:
    """What `checks show --json` prints."""
    checks = []
    for check in _all(found):
        result = found.last(check)
        last = _result_json(result) | {"on_these_files": found.is_current(check, result)} if result else None
        checks.append(_check_json(check) | {"last": last})
    return _about(found) | {
        "trusted": trusted,
        "checks": checks,
        "proposals": [
            {"role": p.role.value, "command": p.command, "file": p.file, "line": p.line, "runs": p.runs or None}
            for p in found.proposals
        ],
        "pythons": [{"python": str(i.python), "why": i.why, "modules": sorted(i.modules)} for i in found.pythons()],
        "unread": [{"file": u.file, "why": u.why, "hint": u.hint or None} for u in found.unread],
    }


def ran_json(found: Found, ran: Sequence[Ran]) -> dict[str, Any]:
    """What `checks run --json` prints."""
    return _about(found) | {
        "checks": [
            _check_json(one.check)
            | _result_json(one.result)
            | {"cached": one.cached, "output_tail": one.output_tail if one.result.ending is not Ending.PASSED else ""}
            for one in ran
        ]
    }


def _about(found: Found) -> dict[str, Any]:
    missing = found.plan.missing
    return {
        "repo_root": str(found.repository.root),
        "tree": found.snapshot.tree,
        "files": len(found.task.paths),
        "skipped": list(found.plan.skipped),
        "missing": {"what": missing.what, "hint": missing.hint} if missing else None,
    }


def _check_json(check: PlannedCheck) -> dict[str, Any]:
    return {
        "name": check.name,
        "role": check.role.value,
        "why": check.why,
        "argv": list(check.argv),
        "cwd": check.command.cwd,
        "timeout_s": check.command.timeout_s,
        "tells": check.reading.value,
    }


def _result_json(result: LastResult) -> dict[str, Any]:
    return {
        "at": result.at.isoformat(),
        "ending": result.ending.value,
        "passed": result.passed,
        "failed": result.failed,
        "skipped": result.skipped,
        "findings": result.findings,
        "failing": list(result.failing),
        "exit_code": result.exit_code,
        "wall_s": round(result.wall_s, 3),
        "fault": result.fault or None,
    }


def _all(found: Found) -> Iterator[PlannedCheck]:
    """With the user's own commands, which are no part of the base."""
    yield from found.plan.checks
    yield from (check for check in (found.plan.accept, found.plan.bench) if check is not None)


def print_found(found: Found, console: Console, *, trusted: bool, everything: bool) -> None:
    """The answer of `checks show`; with `everything` each Python that was looked at."""
    for check in _all(found):
        say(console, shown(check.name, STRONG), _facts(found, check), "")
    if everything and (pythons := found.pythons()):
        say(console, shown("Pythons, the first that has the runner is taken", STRONG))
        for python in pythons:
            has = ", ".join(sorted(python.modules)) or "no runner"
            say(console, shown(f"  {python.python} ({python.why}): {has}"))
        say(console, "")
    _print_rest(found, console, nothing=not found.plan.checks)
    if not trusted:
        listed = "; ".join(f"{name} = {command}" for name, command in sorted(found.loaded.repo_commands.items()))
        text = f"the repository's configuration proposes this, and nobody said yes: {one_line(listed, limit=300)}"
        say(console, shown(text, MIND), shown("hint: routecli trust add"))
    if found.proposals:
        say(console, "", *_proposed(found.proposals))
    for one in found.unread:
        hint = f": {one.hint}" if one.hint else ""
        say(console, shown(f"not read: {one_line(one.file)}: {one.why}{hint}", QUIET))


def _proposed(proposals: Sequence[Proposal]) -> Iterator[RenderableType]:
    from rich.table import Table

    yield shown("named by the repository, not run", STRONG)
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(min_width=7, no_wrap=True)
    table.add_column(overflow="fold")
    for one in proposals:
        where = f"  {one_line(one.file)}:{one.line}" + (f" runs {one.runs}" if one.runs else "")
        table.add_row(shown(f"  {one.role.value}", QUIET), joined(shown(one.command), shown(where, QUIET)))
    yield table
    first, option = shlex.quote(proposals[0].command), "--test-cmd" if proposals[0].role is Role.TESTS else "--lint-cmd"
    yield shown(f"hint: routecli checks adopt {first}   (for one run: routecli run {option} {first} …)")


def _facts(found: Found, check: PlannedCheck) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(min_width=7, no_wrap=True)
    table.add_column(overflow="fold")
    result = found.last(check)
    where = "" if check.command.cwd == "." else f"   (in {one_line(check.command.cwd)})"
    rows = [
        ("why", shown(one_line(check.why, limit=500))),
        ("runs", shown(one_line(shlex.join(check.argv), limit=1000) + where)),
        ("tells", shown(_TELLS[check.reading])),
        ("last", _last_text(found, check, result) if result else shown("nothing is known of it yet", QUIET)),
    ]
    for label, text in rows:
        table.add_row(shown(f"  {label}", QUIET), text)
    return table


def _last_text(found: Found, check: PlannedCheck, result: LastResult) -> Text:
    current = found.is_current(check, result)
    on = "on these very files" if current else "on other files or another environment"
    told = f", {seconds_text(result.wall_s)}, {when_text(result.at)}, {on}"
    return joined(_outcome(check, result), shown(told, "" if current else QUIET))


def print_ran(found: Found, ran: Sequence[Ran], console: Console, *, everything: bool) -> None:
    """The answer of `checks run`; with `everything` each failing test, not the first ten."""
    for one in ran:
        sign, style = _SIGNS[one.result.ending]
        how = f"from {when_text(one.result.at)}, on the very same files" if one.cached else "run now"
        head = joined(
            shown(f"{sign} ", style), shown(one.check.name, STRONG), shown("  "), _outcome(one.check, one.result),
            shown(f"  {seconds_text(one.result.wall_s)}, {how}", QUIET),
        )  # fmt: skip
        say(console, head)
        most = len(one.result.failing) if everything else _MOST_NAMED
        for name in one.result.failing[:most]:
            say(console, shown(f"    {middle_cut(name)}"))
        left = max(one.result.failed, one.result.findings) - min(most, len(one.result.failing))
        if left > 0 and one.result.failing:
            say(console, shown(f"    and {left} more", QUIET))
        if one.result.ending is Ending.CANNOT_RUN or (one.check.reading is Reading.EXIT and one.result.exit_code):
            for line in one.output_tail.splitlines()[-5:]:
                say(console, shown(f"    {one_line(line, limit=300)}", QUIET))
    if any(one.result.ending is Ending.FAILED for one in ran):
        say(console, shown("What fails now is never held against a patch.", QUIET))
    _print_rest(found, console, nothing=not ran)


def _print_rest(found: Found, console: Console, *, nothing: bool) -> None:
    plan = found.plan
    for text in plan.skipped:
        say(console, shown(f"not run: {one_line(text, limit=300)}", QUIET))
    if plan.missing is not None:
        say(console, shown(f"cannot run: {one_line(plan.missing.what, limit=300)}", BAD))
        if plan.missing.hint:
            say(console, shown(f"hint: {one_line(plan.missing.hint, limit=300)}"))
    elif nothing:
        say(console, shown(_NOTHING, MIND), shown(f"hint: {_NOTHING_HINT}"))


def _outcome(check: PlannedCheck, result: LastResult) -> Text:
    """What came of it, in a few words."""
    style = _SIGNS[result.ending][1]
    if result.ending is Ending.CANNOT_RUN:
        return shown(one_line(result.fault, limit=300), style)
    if result.ending is Ending.EMPTY:
        return shown("no test found", style)
    if check.reading is Reading.IDS:
        bits = [f"{result.passed:,} passed"]
        bits += [f"{result.failed:,} failing"] if result.failed else []
        bits += [f"{result.skipped:,} skipped"] if result.skipped else []
        return shown(", ".join(bits), style)
    if check.role is Role.LINT and (result.findings or result.ending is Ending.PASSED):
        return shown(count_text(result.findings, "finding") if result.findings else "clean", style)
    return shown(f"exit {result.exit_code}", style)
