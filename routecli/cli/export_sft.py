"""`export --format sft`: the lines, and in one sentence what is not among them and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from routecli.cli.figures import count_text
from routecli.compose.distilling import LeftOut, Scan, samples, to_line
from routecli.domain.verdict import Strength
from routecli.errors import UsageFault

if TYPE_CHECKING:
    from routecli.ledger.ledger import Ledger


def sft_text(
    ledger: Ledger, since: datetime | None, root: Path | None, *, least: str, bare: bool, full: bool
) -> tuple[str, str]:
    """`(lines, what to tell)`. Raises UsageFault: nothing was kept; ConfigFault: no scanner."""
    receipts = [r for r in reversed(ledger.receipts(since)) if root is None or r.task.repo_root == root]
    left_out = LeftOut()
    lines = [to_line(s, bare=bare) for s in samples(receipts, ledger, Scan(full), Strength(least), left_out)]
    if not lines and left_out.not_kept and not (left_out.secret or left_out.too_weak):
        raise UsageFault(
            f"prompts and replies of no accepted run were kept ({left_out.not_kept} without)",
            hint="keep = true in your configuration, before the next runs",
        )
    return "".join(f"{line}\n" for line in lines), _said(len(lines), left_out, least)


def _said(lines: int, left_out: LeftOut, least: str) -> str:
    secrets = f"hold a secret ({', '.join(sorted(left_out.kinds_of_secret))})"
    why = (
        (left_out.too_weak, f"rest on less than {least}"),
        (left_out.not_kept, "were not kept"),
        (left_out.wrong, "turned out wrong"),
        (left_out.secret, secrets),
    )
    parts = [f"{count} {text}" for count, text in why if count]
    return f"{count_text(lines, 'run')} written" + (f"; left out: {', '.join(parts)}" if parts else "")
