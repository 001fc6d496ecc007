"""What a small model could learn from: accepted runs whose prompts were kept, without secrets, with a licence note."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import field
from functools import cache
from pathlib import Path

from routecli.config.places import read_small
from routecli.domain.receipt import Attempt, Outcome, Receipt
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Accepted, Strength
from routecli.errors import ConfigFault
from routecli.exports.sft import Sample, to_line
from routecli.ledger.exchanges import Exchange
from routecli.ledger.ledger import Ledger
from routecli.nouns import dataclass
from routecli.survey.scanner import second_look
from routecli.survey.secrets import held_secret

_LICENCES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt", "LICENCE.md", "COPYING")
_WRONG = ("bad", "reverted")


@dataclass(slots=True)
class LeftOut:
    """How many accepted runs gave no line, and why."""

    not_kept: int = 0
    too_weak: int = 0
    wrong: int = 0
    secret: int = 0
    kinds_of_secret: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Scan:
    """`full`: detect-secrets has to be there, else ConfigFault; otherwise it helps where it is installed."""

    full: bool

    def found_in(self, text: str) -> str:
        """The kind of secret in `text`; empty for none. Raises ConfigFault."""
        own = held_secret(text.encode("utf-8", "surrogateescape"))
        if own:
            return own
        try:
            return second_look(text)
        except ConfigFault:
            if self.full:
                raise
            return ""


def samples(
    receipts: Iterable[Receipt], ledger: Ledger, scan: Scan, least: Strength, left_out: LeftOut
) -> Iterator[Sample]:
    """One for each accepted run whose prompt was kept, whose acceptance is at least `least`, and of which nobody said
    that it was wrong. `left_out` counts the others. Raises ConfigFault."""
    truths = ledger.truths()
    for receipt in receipts:
        attempt = _accepted(receipt)
        if attempt is None or not isinstance(attempt.verdict, Accepted):
            continue
        truth = truths.get(receipt.run_id, "")
        said = _exchange(ledger.exchanges(receipt.run_id), attempt)
        if truth in _WRONG:
            left_out.wrong += 1
        elif not attempt.verdict.strength.reaches(least):
            left_out.too_weak += 1
        elif said is None:
            left_out.not_kept += 1
        else:
            sample = _sample(receipt, attempt, said, ledger.patch(receipt.run_id) or "", truth)
            secret = scan.found_in(_text(sample))
            if secret:
                left_out.secret += 1
                left_out.kinds_of_secret.add(secret)
            else:
                yield sample


def _accepted(receipt: Receipt) -> Attempt | None:
    if receipt.outcome not in (Outcome.ACCEPTED, Outcome.NOT_WRITTEN):
        return None
    mine = [a for a in receipt.attempts if not a.purpose and isinstance(a.verdict, Accepted)]
    return mine[-1] if mine and not mine[-1].model.startswith("tools/") else None


def _exchange(said: Iterable[Exchange], attempt: Attempt) -> Exchange | None:
    mine = [e for e in said if e.attempt == attempt.number and e.model == attempt.model and not e.purpose]
    return mine[-1] if mine and mine[-1].reply else None


def _sample(receipt: Receipt, attempt: Attempt, said: Exchange, patch: str, truth: str) -> Sample:
    assert isinstance(attempt.verdict, Accepted)
    return Sample(
        receipt.run_id, receipt.task.kind.value, attempt.tier, attempt.model, attempt.edit_format, said.messages,
        said.reply, patch, attempt.verdict.strength.value, licence_of(receipt.task.repo_root), truth,
    )  # fmt: skip


def _text(sample: Sample) -> str:
    return "\n".join([*(m.text for m in sample.messages), sample.reply, sample.patch])


@cache
def licence_of(root: Path) -> str:
    """A note on the licence of a repository, by what it says itself: the name in pyproject.toml, else the first line
    of its licence file. No judgement of what that allows."""
    declared = _declared(root / "pyproject.toml")
    for name in _LICENCES:
        first = _first_line(root / name)
        if first:
            return f"{declared or first} ({name})"
    return f"{declared} (pyproject.toml)" if declared else "none found"


def _declared(file: Path) -> str:
    try:
        found = tomllib.loads((read_small(file) or b"").decode()).get("project", {}).get("license", "")
    except (OSError, ValueError, AttributeError, RecursionError):
        return ""
    text = found.get("text", "") if isinstance(found, dict) else found
    return one_line(text, limit=60) if isinstance(text, str) else ""


def _first_line(file: Path) -> str:
    try:
        raw = (read_small(file) or b"").decode("utf-8", "replace")
    except OSError:
        return ""
    return next((one_line(line, limit=60) for line in raw.splitlines() if line.strip()), "")


__all__ = ["LeftOut", "Scan", "licence_of", "samples", "to_line"]
