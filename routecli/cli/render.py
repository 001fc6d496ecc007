"""A receipt for people: what was tried and paid, what the top tier would have cost, and what verified the patch."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from routecli.cli.figures import (
    NONE,
    UNKNOWN,
    caching_text,
    count_text,
    middle_cut,
    seconds_text,
    tokens_text,
    usd_text,
    when_text,
)
from routecli.cli.screen import BAD, GOOD, MIND, QUIET, STRONG, joined, say, shown, write_out
from routecli.domain.answered import ANSWERS, Answered
from routecli.domain.classified import PURPOSE as CLASSIFICATION
from routecli.domain.families import same_model
from routecli.domain.money import UsageSource
from routecli.domain.opinion import PURPOSE as OPINION
from routecli.domain.receipt import NETWORK_WAS_THERE, Attempt, Baseline, Isolation, MoveKind, Outcome, Receipt
from routecli.domain.untrusted import headline, one_line
from routecli.domain.verdict import Accepted, CheckOutcome, CheckResult, Deferred, Strength, Verdict

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from routecli.ledger.records import RequestRow, RunRow

NARROW = 100
NO_MODEL = "no model"
_TOOLS = "tools/"
_OUTCOME: dict[Outcome, tuple[str, str, str]] = {
    Outcome.ACCEPTED: ("✓", "accepted", GOOD),
    Outcome.NOTHING_TO_CHANGE: ("✓", "nothing to change", GOOD),
    Outcome.ANSWERED: ("✓", "answered", GOOD),
    Outcome.UNVERIFIED: ("?", "unverified", MIND),
    Outcome.NOT_WRITTEN: ("!", "verified, not written", MIND),
    Outcome.DEFERRED: ("✗", "deferred", BAD),
    Outcome.REFUSED: ("✗", "refused", BAD),
    Outcome.BUDGET: ("✗", "stopped by the budget", BAD),
    Outcome.PROVIDER: ("✗", "no provider", BAD),
    Outcome.INTERRUPTED: ("✗", "interrupted", BAD),
    Outcome.FAILED: ("✗", "failed", BAD),
}
_ISOLATION = {
    Isolation.BUBBLEWRAP: "bubblewrap: {network}, empty home",
    Isolation.UNSHARE: "unshare: {network}, empty home",
    Isolation.WRAPPER: "a wrapper",
    Isolation.NONE: "none",
}
_PURPOSES = {
    "reproduction": " test",
    "failover": " broke off",
    "retry": " broke off",
    OPINION: " opinion",
    CLASSIFICATION: " level",
}
_CHECK_STYLE = {CheckOutcome.PASSED: GOOD, CheckOutcome.SKIPPED: QUIET, CheckOutcome.ENVIRONMENT: MIND}


def receipt(receipt: Receipt, console: Console) -> None:
    """Prints `receipt`. Everything in it that came from outside is made visible first."""
    parts: list[RenderableType] = [_headline(receipt)]
    if receipt.why and not _told_below(receipt):
        parts.append(_indented(middle_cut(one_line(receipt.why, limit=400))))
    if receipt.attempts:
        parts += ["", attempts_table(receipt, console.width)]
    parts += ["", _below(receipt)]
    say(console, *parts)


def _told_below(receipt: Receipt) -> bool:
    """Whether the reason is what `verified by` says anyway."""
    last = receipt.attempts[-1].verdict if receipt.attempts else None
    return isinstance(last, Accepted) and last.why == receipt.why


def _indented(text: str) -> RenderableType:
    from rich.padding import Padding

    return Padding(shown(text), (0, 0, 0, 2))


def _headline(receipt: Receipt) -> Text:
    sign, words, style = _OUTCOME[receipt.outcome]
    return joined(
        shown(f"{sign} {words}", f"{STRONG} {style}"),
        shown(f"  {headline(receipt.task.instruction)}", STRONG),
    )


def attempts_table(receipt: Receipt, width: int) -> Table:
    """One row per attempt and the total. Below 100 columns a model goes by its own name, where that is enough."""
    from rich.table import Table

    table = Table(
        box=None, show_footer=True, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET, footer_style=STRONG
    )
    table.add_column("tier", footer="total", no_wrap=True)
    table.add_column("model", overflow="fold")
    for name in ("in", "cached", "out"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("cost", footer=usd_text(receipt.cost_usd), justify="right", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    table.add_column("verdict", overflow="fold")
    models = {a.model for a in receipt.attempts}
    short = width < NARROW and len({_own_name(model) for model in models}) == len(models)
    for attempt in receipt.attempts:
        table.add_row(*_row(attempt, short=short))
    return table


def _own_name(model: str) -> str:
    return model.rpartition("/")[2]


def _row(attempt: Attempt, *, short: bool) -> Sequence[RenderableType]:
    usage = attempt.usage
    about = "~" if usage.source is UsageSource.ESTIMATED else ""
    model = NO_MODEL if is_tools(attempt.model) else _own_name(attempt.model) if short else attempt.model
    word, style = attempt_word(attempt)
    beside = " repair" if attempt.repair else _PURPOSES.get(attempt.purpose, "")
    return (
        shown(one_line(attempt.tier, limit=24) + beside),
        shown(one_line(model or NONE, limit=120)),
        *(shown(about + tokens_text(n) if n else NONE) for n in (usage.input_tokens, usage.cache_read_tokens)),
        shown(about + tokens_text(usage.output_tokens) if usage.output_tokens else NONE),
        shown(usd_text(attempt.cost_usd)),
        shown(seconds_text(attempt.wall_s)),
        shown(word, style),
    )


def is_tools(model: str) -> bool:
    """Whether it is tier 0 that answered: tools, no model."""
    return model.startswith(_TOOLS)


def verdict_word(verdict: Verdict) -> tuple[str, str]:
    """A verdict in a word, and its style."""
    match verdict:
        case Accepted():
            return "accepted", GOOD
        case Deferred(reason=reason):
            return reason.value, BAD
        case _:
            return "unverified", MIND


def attempt_word(attempt: Attempt) -> tuple[str, str]:
    """What came of an attempt in a word, and its style: a verdict, or what another model thinks."""
    if attempt.purpose == CLASSIFICATION:
        told = isinstance(attempt.verdict, Accepted)
        return (attempt.verdict.why, QUIET) if told else ("no level", MIND)
    if attempt.purpose != OPINION:
        return verdict_word(attempt.verdict)
    if attempt.doubts is None:
        return "no opinion", MIND
    return ("doubts", BAD) if attempt.doubts else ("no doubt", QUIET)


def outcome_style(outcome: str) -> str:
    """The colour of an outcome's word; plain for one that is none (`running`)."""
    return next((style for known, (_, _, style) in _OUTCOME.items() if known.value == outcome), "")


def unfinished(row: RunRow, requests: Sequence[RequestRow]) -> Iterator[Text]:
    """A run without a receipt: what the ledger knows of it, its calls at what each cost or may have cost."""
    yield shown(f"{row.outcome}  {headline(row.instruction)}", STRONG)
    yield shown(f"  {one_line(row.why, limit=300)}" if row.why else "  it has not ended yet")
    yield shown(f"  run {row.run_id}, begun {when_text(row.started_at)}, in {one_line(row.repo_root, limit=200)}")
    for call in requests:
        billed = call.cost_usd is not None
        cost = usd_text(call.cost_usd) if billed else f"at most {usd_text(call.reserved_usd)}"
        yield shown(f"  {one_line(call.tier, limit=24)} {one_line(call.model, limit=80)}: {call.state}, {cost}")


def _below(receipt: Receipt) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style=QUIET, no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in _facts(receipt):
        grid.add_row(shown(one_line(label, limit=24)), text)
    return grid


def _facts(receipt: Receipt) -> Iterator[tuple[str, Text]]:
    if receipt.task.kind in ANSWERS:
        yield from _answer_facts(receipt)
    else:
        yield from _verdict_facts(receipt)
        yield "isolation", shown(_isolation(receipt), BAD if receipt.isolation is Isolation.NONE else "")
        yield "patch", _fate(receipt)
    yield "cost", shown(_cost(receipt))
    yield from _cached(receipt)
    yield from _served(receipt)
    yield from _instead(receipt.baseline)
    yield "run", shown(f"{receipt.run_id}, {seconds_text(receipt.wall_s)} in all")
    yield from _moves(receipt)
    if receipt.hint:
        yield "hint", shown(one_line(receipt.hint, limit=300), STRONG)


def _answer_facts(receipt: Receipt) -> Iterator[tuple[str, Text]]:
    for attempt in receipt.attempts:
        if isinstance(attempt.verdict, Deferred):
            yield attempt.tier, shown(middle_cut(one_line(attempt.verdict.why, limit=300)))
    if receipt.answered is not None:
        yield "strength", shown(f"unverified: {answer_found(receipt.answered)}", MIND)


def answer_found(answered: Answered) -> str:
    """What is known of an answer: which of the places that it names exist."""
    if answered.scope:
        out = f"; {answered.left_out} at no line of the change left out" if answered.left_out else ""
        return f"{count_text(len(answered.remarks), 'finding')}{out}"
    right = len(answered.references) - len(answered.wrong)
    return f"{right} of {count_text(len(answered.references), 'place')} exist" if answered.references else "no places"


def _moves(receipt: Receipt) -> Iterator[tuple[str, Text]]:
    """Why there was more than one request, but for what the verdicts say already: that the code was wrong."""
    for move in receipt.moves:
        if move.kind is MoveKind.ESCALATION:
            continue
        step = move.source if move.source == move.target else f"{move.source} → {move.target}"
        yield move.kind.value, shown(middle_cut(one_line(f"{step}: {move.why}", limit=300)))


def _verdict_facts(receipt: Receipt) -> Iterator[tuple[str, Text]]:
    """Why each refused attempt was refused, then what the last verdict rests on. Where that is a refusal, its checks
    have nothing to add."""
    if not receipt.attempts:
        return
    last = receipt.attempts[-1].verdict
    refused = [a for a in receipt.attempts if not isinstance(a.verdict, Accepted)]
    for why, alike in groupby(refused, key=lambda attempt: attempt.verdict.why):
        yield _tiers(list(alike)), shown(middle_cut(one_line(why, limit=300)))
    if isinstance(last, Accepted):
        yield "verified by", shown(middle_cut(one_line(last.why, limit=300)))
        if last.rests_on:
            yield "strength", _strength(last)
    if isinstance(last, Deferred):
        return
    label = "checks"
    for check in last.checks:
        yield label, check_line(check)
        label = ""


def _strength(verdict: Accepted) -> Text:
    style = MIND if verdict.strength is Strength.WEAK else GOOD
    return joined(shown(verdict.strength.value, style), shown(f": {middle_cut(one_line(verdict.rests_on, limit=300))}"))


def _tiers(attempts: Sequence[Attempt]) -> str:
    """`tier1`, or `tier1–tier3` for several that were refused for the same reason."""
    first, last = attempts[0].tier, attempts[-1].tier
    return first if first == last else f"{first}–{last}"


def check_line(check: CheckResult) -> Text:
    """One check in a line: its name, what it found, how long it took."""
    summary = one_line(check.summary, limit=300).removeprefix(f"{check.name}: ")
    return joined(
        shown(one_line(check.name, limit=60), _CHECK_STYLE.get(check.outcome, BAD)),
        shown(f" {middle_cut(summary)} "),
        shown(f"({seconds_text(check.wall_s)})", QUIET),
    )


def _isolation(receipt: Receipt) -> str:
    note = one_line(receipt.isolation_note, limit=300)
    if receipt.isolation is Isolation.NONE:
        return f"none: {note.removeprefix('no sandbox: ') or 'the tests ran with your rights'}"
    hosts = one_line(", ".join(receipt.reached_hosts), limit=200)
    network = f"network: only {hosts} through a proxy, for the agent alone" if hosts else "no network"
    if NETWORK_WAS_THERE in note:
        network = "with the machine's network"
    return _ISOLATION[receipt.isolation].format(network=network) + (f"; {note}" if note else "")


def _fate(receipt: Receipt) -> Text:
    files = receipt.patch.paths if receipt.patch else _files_of(receipt.patch_text)
    names = one_line(", ".join(files), limit=400)
    if receipt.written:
        commit = f", commit {receipt.commit[:12]}" if receipt.commit else ""
        return shown(f"written: {names}{commit}", GOOD)
    if receipt.patch_text or receipt.patch:
        saved = f"{names}; nothing of yours was changed" if names else "nothing of yours was changed"
        return shown(f"not written: {saved}")
    return shown("none; nothing of yours was changed")


def _files_of(patch_text: str) -> tuple[str, ...]:
    """The files of a saved patch, off its `+++` lines (`---` where a file goes)."""
    lines = patch_text.splitlines()
    heads = [(a[4:], b[4:]) for a, b in pairwise(lines) if a.startswith("--- ") and b.startswith("+++ ")]
    names = [after if after != "/dev/null" else before for before, after in heads]
    return tuple(dict.fromkeys(name.partition("\t")[0].removeprefix("a/").removeprefix("b/") for name in names))


def _cost(receipt: Receipt) -> str:
    as_of = f", at prices of {receipt.prices_as_of.isoformat()}" if receipt.prices_as_of else ""
    return f"{usd_text(receipt.cost_usd)} for this run{as_of}"


def _cached(receipt: Receipt) -> Iterator[tuple[str, Text]]:
    """What caching saved, net of what writing to the cache cost: against the same tokens without any cache."""
    if saved := receipt.caching_usd:
        yield "caching", shown(caching_text(saved))


def _served(receipt: Receipt) -> Iterator[tuple[str, Text]]:
    """Where answers say that they were served at another service tier than the usual, which has prices of its own, or
    by another model than was asked for."""
    told = [f"{a.tier} at {a.usage.service_tier}" for a in receipt.attempts
            if a.usage.service_tier not in ("", "default", "standard", "auto")]  # fmt: skip
    told += [f"{a.tier} by {a.model_served}" for a in receipt.attempts
             if not is_tools(a.model) and not same_model(a.model, a.model_served)]  # fmt: skip
    if told:
        yield "served", shown(one_line(", ".join(dict.fromkeys(told)), limit=200))


def _instead(base: Baseline) -> Iterator[tuple[str, Text]]:
    """What the top tier alone would have cost: an estimate by name, with how it was made; or what it did cost."""
    if not base.tier:
        return
    how = one_line(base.how, limit=300)
    if base.cost_usd is None:
        text = f"{UNKNOWN}: {how}" if how else UNKNOWN
    elif base.estimated:
        text = f"about {usd_text(base.cost_usd)}, an estimate: {_own_name(one_line(base.model, limit=80))}"
        text += f", {how}" if how else ""
    else:
        text = f"{usd_text(base.cost_usd)}, {how}"
    yield f"{base.tier} alone", shown(text)


def diff_text(text: str) -> Text:
    """A unified diff, coloured by line, every hidden character shown."""
    from rich.text import Text

    out = Text()
    for line in text.split("\n"):
        if line.startswith(("--- ", "+++ ", "diff ", "index ", "new file", "deleted file", "rename ", "similarity")):
            style = STRONG
        elif line.startswith("@@"):
            style = QUIET
        else:
            style = {"+": GOOD, "-": BAD}.get(line[:1], "")
        out.append_text(shown(line, style)).append("\n")
    out.rstrip()
    out.no_wrap, out.overflow = True, "ignore"
    return out


def patch(text: str, console: Console) -> None:
    """A patch on stdout: coloured and made visible at a terminal, byte for byte where a program reads it."""
    if sys.stdout is not None and sys.stdout.isatty():
        say(console, diff_text(text))
    else:
        write_out(text if text.endswith("\n") or not text else text + "\n")


def files_line(count: int, tokens: int) -> str:
    """`3 files, 1,204 tokens`."""
    return f"{count_text(count, 'file')}, {count_text(tokens, 'token')}"
