"""What comes of every fault on the way to a model: `python benchmarks/faults.py [--write]`.

Runs the table of tests/providers/faulting.py over real sockets for both APIs and prints it with the seconds that each
run took; `--write` makes benchmarks/faults.md of it. Fails where a fault is called by the wrong word.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from providers.fault_runs import meet, meet_alone, warm_up
from providers.faulting import FAULTS, Fault

PAGE = Path(__file__).parent / "faults.md"
APIS = ("openai", "anthropic")
HEAD = """# Faults

Made by `python benchmarks/faults.py --write`; tests/providers/test_faults.py runs the same table.

Each fault is met over a real socket, once by chat completions and once by messages. *Word*: what the run calls it,
where another model of the tier and a dearer tier would answer: `retry` (the same request again), `failover` (the
other model of the tier), `escalation` (the dearer tier), `error` (the run ends), `none` (the answer counts). *Stop*:
how the answer ended, where there was one. *Status*: the exit status where nobody else can be asked. *Spend*: who
counted the tokens of the faulty answer: the provider (`billed`), routecli (`estimated`, and marked), nobody (`free`:
nothing of it had come). *Seconds*: the longer of the two; where it is a silence that ends the call, the bound was set
to 1 s, and the deadline to 3 s. What ends as `malformed` was sent once more before another model was asked, but for
the rows that are so only once.

| Fault | Word | Stop | Status | Spend | Seconds |
|---|---|---|--:|---|--:|
"""


def row(fault: Fault) -> tuple[str, bool]:
    """The line of a fault, and whether both APIs agree with the table."""
    took, right = 0.0, True
    for api in APIS:
        began = time.perf_counter()
        happened = meet(fault, api)
        took = max(took, time.perf_counter() - began)
        found = (happened.word, happened.stop, happened.spend, meet_alone(fault, api))
        right = right and found == (fault.word, fault.stop, fault.spend, fault.status)
    stop = f"`{fault.stop}`" if fault.stop else "–"
    return f"| {fault.name} | {fault.word} | {stop} | {fault.status} | {fault.spend} | {took:.1f} |", right


def main(argv: list[str]) -> int:
    for api in APIS:
        warm_up(api)
    rows = [row(fault) for fault in FAULTS]
    text = HEAD + "\n".join(line for line, _ in rows) + "\n"
    sys.stdout.write(text)
    wrong = [line for line, right in rows if not right]
    if wrong:
        sys.stderr.write("wrong:\n" + "\n".join(wrong) + "\n")
        return 1
    if "--write" in argv:
        PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
