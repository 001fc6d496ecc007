"""What prompt caching saves over many runs: `python benchmarks/caching.py [RUNS] [VENDOR…]` (50, all).

Real runs of the command line on one repository, at servers that cache and bill by the rules that Anthropic, OpenAI and
DeepSeek document (tests/serving/caching.py). A run comes a minute after the last, every tenth an hour after it; each
third needs a second attempt. Prints hit rate and saving, net of what writes cost; fails where a receipt is not the
server's bill to the last digit.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from e2e.caching_runs import Office
from serving.caching import VENDORS


def measure(vendor: str, runs: int) -> bool:
    """All runs at one vendor; whether every receipt was right."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder), vendor)
        wrong = 0
        with office.open(2 * runs):
            for number in range(runs):
                after_s = 3600.0 if number % 10 == 9 else 60.0
                run = office.run(number, wrong_first=number % 3 == 0, after_s=after_s)
                wrong += run.status != 0 or run.cost_usd != run.billed_usd
    till = office.till
    sys.stdout.write(
        f"| {vendor} | {runs} | {till.requests} | {till.input_tokens:,} | {till.read_tokens / till.input_tokens:.0%} | "
        f"{till.written_tokens / till.input_tokens:.0%} | ${till.uncached_usd:.4f} | ${till.billed_usd:.4f} | "
        f"{1 - till.billed_usd / till.uncached_usd:.1%} | {wrong} |\n"
    )
    sys.stdout.flush()
    return not wrong


def main(argv: list[str]) -> int:
    runs = int(argv[0]) if argv else 50
    sys.stdout.write(
        "| Vendor | Runs | Requests | Input tokens | Read | Written | Without | Billed | Saved | Wrong |\n"
    )
    sys.stdout.write("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
    right = [measure(vendor, runs) for vendor in argv[1:] or VENDORS]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
