"""A plan on the screen and as JSON: files, tokens, the tier, why, and what each tier is expected to cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.table import Table

from routecli.cli.figures import UNKNOWN, model_text, tokens_text, usd_text
from routecli.cli.screen import BAD, GOOD, MIND, QUIET, STRONG, say, shown
from routecli.domain.explained_json import explained_to_json
from routecli.domain.receipt_json import forecast_to_json, route_to_json
from routecli.domain.task import FileRole
from routecli.domain.untrusted import headline, one_line

if TYPE_CHECKING:
    from routecli.compose import Plan
    from routecli.domain.explained import Considered
from routecli.domain.ladder import Forecast, Reason

NARROW = 100
_MOST_FILES = 20


Formats = Sequence[tuple[str, "Reason"]]
"""The edit dialect of each tier, by the tier's name, and why."""
Beside = Sequence[tuple[str, "Reason"]]
"""What else will be asked or weighed, by its label (`second opinion`), and why."""


def plan_json(plan: Plan, formats: Formats = (), beside: Beside = ()) -> dict[str, Any]:
    """What `estimate --json` prints. Amounts are texts."""
    task, route = plan.task, plan.route
    return {
        "task": task.instruction,
        "kind": task.kind.value,
        "kind_why": task.kind_why,
        "base_commit": task.base_commit,
        "files": [
            {"path": one_line(f.path, limit=4096), "role": f.role.value, "tokens": f.tokens, "why": f.why}
            for f in plan.survey.files
        ],
        "context_tokens": plan.survey.context_tokens,
        "tokenizer": plan.survey.tokenizer,
        "signals": list(plan.survey.signals),
        "route": {
            "first": route.first,
            "policy": route.policy,
            "ladder": [tier.name for tier in route.ladder],
            "reasons": [{"code": r.code, "text": r.text} for r in route.reasons],
            "considered": route_to_json(route)["considered"],
            "explores": route.explores,
            "lane": route.lane,
            "classified": route_to_json(route)["classified"],
            **({"explained": explained_to_json(route.explained)} if route.explained else {}),
        },
        "edit_formats": [{"tier": tier, "code": r.code, "text": r.text} for tier, r in formats],
        **{label.replace(" ", "_"): {"code": r.code, "text": r.text} for label, r in beside},
        "forecasts": [forecast_to_json(f) for f in route.forecasts],
        "prices_as_of": str(plan.prices.as_of() or "") or None,
    }


def show_plan(plan: Plan, console: Console, formats: Formats = (), beside: Beside = ()) -> None:
    """Prints `plan`."""
    task, route = plan.task, plan.route
    head = shown(route.first, f"{STRONG} {GOOD}").append_text(shown(f"  {headline(task.instruction)}", STRONG))
    say(console, head, "", _facts(plan, formats, beside), "", _forecasts(route.forecasts, route.first, console.width))
    if route.explained is not None:
        from routecli.cli.explain_view import show_explained

        show_explained(route.explained, route.policy, console)
    elif route.considered:
        say(console, "", considered_table(route.considered, console.width))
    as_of = plan.prices.as_of()
    say(console, "")
    note = f"An estimate: nobody was called. Prices as of {as_of}." if as_of else "An estimate: nobody was called."
    say(console, shown(note, QUIET))


def _facts(plan: Plan, formats: Formats, beside: Beside) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(shown("kind", QUIET), shown(f"{plan.task.kind.value} ({one_line(plan.task.kind_why)})"))
    total = f"{len(plan.survey.text_files)} with {tokens_text(plan.survey.context_tokens)} tokens"
    table.add_row(shown("files", QUIET), shown(f"{total}, named by the task" if plan.named else total))
    for file in plan.survey.files[:_MOST_FILES]:
        told = f"{tokens_text(file.tokens)} tokens" if file.role is FileRole.TEXT else f"not sent: {file.role.value}"
        line = shown(one_line(file.path)).append_text(shown(f"  {told}; {one_line(file.why)}", QUIET))
        table.add_row("", line)
    if len(plan.survey.files) > _MOST_FILES:
        table.add_row("", shown(f"and {len(plan.survey.files) - _MOST_FILES} more", QUIET))
    for place, reason in enumerate(plan.route.reasons):
        table.add_row(shown("why" if place == 0 else "", QUIET), shown(one_line(reason.text)))
    table.add_row(shown("ladder", QUIET), shown(" → ".join(tier.name for tier in plan.route.ladder)))
    for place, (tier, reason) in enumerate(formats):
        table.add_row(shown("edits" if place == 0 else "", QUIET), shown(f"{tier} {one_line(reason.text)}"))
    for label, reason in beside:
        table.add_row(shown(label, QUIET), shown(one_line(reason.text, limit=300)))
    return table


_BAR = 20


def considered_table(considered: Sequence[Considered], width: int) -> Table:
    """The ladders that were weighed, cheapest first: expected cost, as a bar too, beside quality."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=QUIET, pad_edge=False)
    table.add_column("ladder weighed", overflow="fold")
    for name in ("expected", "right", "given up"):
        table.add_column(name, justify="right", no_wrap=True)
    if width >= NARROW:
        table.add_column("", no_wrap=True)
    dearest = max(c.cost_usd for c in considered) or 1
    for one in considered:
        style = f"{STRONG} {GOOD}" if one.chosen else ""
        row = [
            shown(" → ".join(one.tiers), style), shown(usd_text(one.cost_usd), style),
            shown(f"{one.quality:.1%}", style), shown(f"{one.given_up:.1%}"),
        ]  # fmt: skip
        if width >= NARROW:
            row.append(shown("█" * max(1, round(_BAR * float(one.cost_usd / dearest))), style or QUIET))
        table.add_row(*row)
    return table


def _forecasts(forecasts: Sequence[Forecast], first: str, width: int) -> Table | Group:
    if not forecasts:
        return Group(shown("no model is configured: tier 0 only", MIND))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=QUIET, pad_edge=False)
    table.add_column("tier", no_wrap=True)
    table.add_column("model", overflow="fold")
    for name in ("tokens in", "out", "about", "at most"):
        table.add_column(name, justify="right", no_wrap=True)
    for f in forecasts:
        style = STRONG if f.tier == first else ""
        table.add_row(
            shown(f.tier, style),
            shown(model_text(f.model, narrow=width < NARROW)),
            tokens_text(f.input_tokens),
            tokens_text(f.output_tokens),
            shown(usd_text(f.cost_usd) if f.cost_usd is not None else UNKNOWN, style),
            shown(usd_text(f.worst_cost_usd), "" if f.fits_context else BAD),
        )
    return table
