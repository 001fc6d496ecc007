"""`run --dry-run`: the baseline, the prompt and its worst case, and then no call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routecli.cli.figures import tokens_text, usd_text
from routecli.cli.manner import Manner, Output
from routecli.cli.plan_view import plan_json, show_plan
from routecli.cli.screen import MIND, QUIET, answer_console, say, shown, write_json
from routecli.domain.receipt_json import money
from routecli.domain.untrusted import one_line
from routecli.errors import ExitStatus

if TYPE_CHECKING:
    from routecli.compose import Ready
    from routecli.domain.money import Usd


def rehearse(ready: Ready, manner: Manner) -> int:
    """Runs the checks on the code as it is, builds the first prompt, works out its worst case; prints it all. Raises
    BudgetFault where the call would not be sent."""
    ready.verifier.prepare()
    fault = ready.verifier.environment_fault()
    tier = ready.plan.route.ladder[0]
    prompt_tokens: int | None = None
    worst: Usd | None = None
    if not tier.is_tools:
        model = tier.models[0]
        prompt_tokens = ready.prompter.ask(tier, model, ()).input_tokens
        worst = ready.budget.foresee(model.provider, model.model, prompt_tokens, tier.max_output_tokens)
    if manner.output is Output.TEXT:
        _show(ready, manner, fault, prompt_tokens, worst)
    else:
        write_json(_as_json(ready, fault, prompt_tokens, worst))
    return ExitStatus.ACCEPTED


def _as_json(ready: Ready, fault: str | None, prompt_tokens: int | None, worst: Usd | None) -> dict[str, Any]:
    checks = [{"name": c.name, "argv": list(c.argv), "why": c.why} for c in ready.verifier.plan()]
    return plan_json(ready.plan) | {
        "checks": checks,
        "environment_fault": fault,
        "isolation": ready.workspace.isolation.value,
        "prompt_tokens": prompt_tokens,
        "worst_cost_usd": money(worst),
    }


def _show(ready: Ready, manner: Manner, fault: str | None, prompt_tokens: int | None, worst: Usd | None) -> None:
    console = answer_console(no_color=manner.no_color)
    show_plan(ready.plan, console)
    for check in ready.verifier.plan():
        say(console, shown(f"would run {check.name}: ").append_text(shown(one_line(check.why), QUIET)))
    if not ready.verifier.plan():
        say(console, shown("no test or linter was found: nothing could verify a patch", MIND))
    if fault:
        say(console, shown(f"the checks cannot run here: {one_line(fault)}", MIND))
    if prompt_tokens is not None:
        line = f"the first call would send {tokens_text(prompt_tokens)} tokens and cost {usd_text(worst)} at most"
        say(console, shown(line))
    say(console, shown("dry run: nothing was sent, nothing was written", QUIET))
