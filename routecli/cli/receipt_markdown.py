"""A receipt as Markdown for a pull request: what was asked, what verified it, what it cost. No text of anybody else's
can become a heading, a link, an image, a mention or HTML in it."""

from __future__ import annotations

import re

from routecli.cli.figures import seconds_text, tokens_text, usd_text
from routecli.cli.render import check_line, is_tools, verdict_word
from routecli.domain.answered import ANSWERS
from routecli.domain.receipt import Attempt, Outcome, Receipt
from routecli.domain.untrusted import headline, one_line
from routecli.domain.verdict import Accepted, Deferred

_TICKS = re.compile(r"`+")


def markdown_of(receipt: Receipt) -> str:
    """The whole text, ended by a line end."""
    parts = [
        f"### routecli: {receipt.outcome.value}",
        code(headline(receipt.task.instruction, limit=200), 200),
        _table(receipt.attempts, receipt),
        *_checks(receipt),
        *_money(receipt),
        f"<sub>run {code(receipt.run_id, 40)}, {receipt.started_at.date().isoformat()}, "
        f"{seconds_text(receipt.wall_s)}, {_ran(receipt)}</sub>",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _ran(receipt: Receipt) -> str:
    return "nothing was run" if receipt.task.kind in ANSWERS else f"tests ran in {receipt.isolation.value}"


def code(text: str, limit: int) -> str:
    """`text` on one line as a code span, in which Markdown reads nothing: fenced by more ticks than it holds. A pipe
    would end a table's cell even there, so it is written as its look-alike."""
    line = one_line(text, limit=limit).replace("|", "¦") or "–"
    fence = "`" * (max((len(run) for run in _TICKS.findall(line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _table(attempts: tuple[Attempt, ...], receipt: Receipt) -> str:
    if not attempts:
        return ""
    lines = ["| tier | model | tokens in | out | cost | verdict |", "|---|---|--:|--:|--:|---|"]
    for one in attempts:
        model = "tools, no model" if is_tools(one.model) else code(one.model, 80)
        lines.append(
            f"| {code(one.tier, 40)} | {model} | {tokens_text(one.usage.input_tokens)} | "
            f"{tokens_text(one.usage.output_tokens)} | {usd_text(one.cost_usd)} | {_verdict(one)} |"
        )
    lines.append(f"| **total** | | | | **{usd_text(receipt.cost_usd)}** | |")
    return "\n".join(lines)


def _verdict(attempt: Attempt) -> str:
    verdict, word = attempt.verdict, verdict_word(attempt.verdict)[0]
    return f"{word}: {code(verdict.why, 160)}" if isinstance(verdict, Deferred) else word


def _checks(receipt: Receipt) -> list[str]:
    last = receipt.attempts[-1].verdict if receipt.attempts else None
    if not isinstance(last, Accepted):
        return [f"Not verified: {code(receipt.why, 300)}"] if receipt.why else []
    return ["\n".join(["Verified by", "", *(f"- {code(check_line(check).plain, 200)}" for check in last.checks)])]


def _money(receipt: Receipt) -> list[str]:
    base = receipt.baseline
    if receipt.outcome is Outcome.NOTHING_TO_CHANGE or base.cost_usd is None or not base.tier:
        return []
    about, kind = ("about ", "an estimate: ") if base.estimated else ("", "")
    return [f"{code(base.tier, 40)} alone: {about}{usd_text(base.cost_usd)} ({kind}{code(base.how, 200)})"]
