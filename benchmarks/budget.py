"""Processes that share a daily cap: `python benchmarks/budget.py [--processes 8] [--calls 1000] [--cap 1]`.

Each process reserves, calls nobody, and settles what a provider might have billed: anything up to the worst case, now
and then an unknown bill, now and then it dies in the middle. Meanwhile a watcher reads what counts. Prints what was
spent, set aside and refused; fails where more than the cap counted at any moment, or more was billed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from routecli.budget import RunBudget
from routecli.compose.caps import LedgerTill
from routecli.domain.money import Cost, usd
from routecli.domain.settings import Settings, SharedCaps
from routecli.errors import BudgetFault
from routecli.ledger.ledger import Ledger

WORST_USD = Decimal("0.01")


def settings_of(cap_usd: Decimal) -> Settings:
    """Nothing but a daily cap."""
    return Settings("", None, {}, (), caps=SharedCaps(day_usd=cap_usd))


def spend(
    file: str, name: int, calls: int, cap_usd: Decimal, told: multiprocessing.Queue[tuple[int, int, Decimal]]
) -> None:
    """`calls` calls of one process, in runs of ten."""
    source = random.Random(name)
    ledger = Ledger.open(Path(file))
    refused, billed = 0, Decimal(0)
    for call in range(calls):
        till = LedgerTill(settings_of(cap_usd), ledger, f"run-{name}-{call // 10}", "/repo")
        worst = Decimal(str(round(source.uniform(0.0001, float(WORST_USD)), 6)))
        budget = RunBudget(usd(5), lambda *_, worst=worst: Cost(usd(worst)), till=till)
        try:
            reserved = budget.reserve("p", "m", 1, 1)
        except BudgetFault:
            refused += 1
            continue
        luck = source.random()
        if luck < 0.02:
            continue  # its process died here: the worst case stays
        bill = None if luck < 0.05 else usd((worst * Decimal(str(round(source.random(), 4)))).quantize(Decimal("1e-9")))
        budget.settle(reserved, bill)
        billed += bill or Decimal(0)
    told.put((calls, refused, billed))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--cap", type=Decimal, default=Decimal(1))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return watch(Path(folder) / "ledger.db", given.processes, given.calls, given.cap)


def watch(file: Path, processes: int, calls: int, cap_usd: Decimal) -> int:
    """Starts them all, reads along, adds up."""
    ledger, since = Ledger.open(file), datetime.now(UTC) - timedelta(minutes=1)
    told: multiprocessing.Queue[tuple[int, int, Decimal]] = multiprocessing.Queue()
    shares = [calls // processes + (place < calls % processes) for place in range(processes)]
    began, highest = time.monotonic(), Decimal(0)
    children = [
        multiprocessing.Process(target=spend, args=(os.fspath(file), place, share, cap_usd, told))
        for place, share in enumerate(shares)
    ]
    for child in children:
        child.start()
    while any(child.is_alive() for child in children):
        highest = max(highest, Decimal(ledger.spent_usd(since)))
        time.sleep(0.01)
    ends = [told.get() for _ in children]
    done, refused, billed = sum(e[0] for e in ends), sum(e[1] for e in ends), sum((e[2] for e in ends), Decimal(0))
    counted = Decimal(ledger.spent_usd(since))
    sys.stdout.write(
        f"{processes} processes, {done} calls in {time.monotonic() - began:.1f} s: "
        f"{done - refused} sent, {refused} refused; "
        f"cap ${cap_usd}, billed ${billed}, counted ${counted} (worst cases of unknown bills among it), "
        f"highest seen ${max(highest, counted)}\n"
    )
    return 0 if done == calls and max(highest, counted, billed) <= cap_usd and refused else 1


if __name__ == "__main__":
    sys.exit(main())
