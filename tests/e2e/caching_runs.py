"""Runs of the real command line at a server that caches prompts and keeps its own bill."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from e2e.rig import Rig, block
from serving import Received, ScriptedServer
from serving.caching import VENDORS, Till

COUNT = 24
RATES = {"m1": (Decimal("0.5"), Decimal("1.5")), "m2": (Decimal(3), Decimal(12)), "m3": (Decimal(15), Decimal(75))}


def module(broken: int) -> str:
    """So many functions that a prompt with them is worth caching; one of them subtracts."""
    return "\n\n".join(
        f'def add_{n}(left, right):\n    """The sum of two amounts of ledger {n}: the left one and the right one.\n\n'
        f'    Both are whole cents; the result is in whole cents of ledger {n} too.\n    """\n'
        f"    total_{n} = left {'-' if n == broken else '+'} right\n    return total_{n}\n"
        for n in range(COUNT)
    )


TESTS = "import unittest\n\nimport sums\n\n\nclass SumsTest(unittest.TestCase):\n" + "\n".join(
    f"    def test_add_{n}(self):\n        self.assertEqual(sums.add_{n}(2, 3), 5)\n" for n in range(COUNT)
)


@dataclass
class Run:
    """One run: what its receipt says and what the server billed for it."""

    status: int
    attempts: int
    cost_usd: Decimal
    uncached_usd: Decimal
    billed_usd: Decimal


class Office:
    """A repository, a vendor, and runs that come one after the other."""

    def __init__(self, folder: Path, vendor: str) -> None:
        rules = VENDORS[vendor]()
        self.till = Till(rules, RATES)
        self.rig = Rig.make(folder, {"sums.py": module(-1), "test_sums.py": TESTS})
        self._wrong_first = False
        self._told = 0

    def _answer(self, received: Received) -> str:
        """The fix of the function that the task names; the first time a wrong one, where that is wanted."""
        name = re.findall(r"fix add_(\d+)", received.text)[-1]
        self._told += 1
        sign = "*" if self._wrong_first and self._told == 1 else "+"
        return block(f"    total_{name} = left {sign} right", f"    total_{name} = left - right", "sums.py")

    def open(self, scripted: int) -> ScriptedServer:
        """The server, with answers for so many requests."""
        server = ScriptedServer([self.till.answering(self._answer)] * scripted)
        rules = self.till.rules
        self.rig.serve(server, rules.api)
        lines = (self.rig.home / "config.toml").read_text()
        lines = lines.replace('api_key_env = "RIG_KEY"', 'api_key_env = "RIG_KEY"\ncache_key = true')
        lines = lines.replace('edit_format = "search_replace"', 'edit_format = "search_replace"\nattempts = 2')
        for model, (read, _) in RATES.items():
            head = f'[prices."mine/{model}"]\n'
            lines = lines.replace(
                head, f"{head}cache_read_usd_per_mtok = {read * rules.read_rate}\n"
                f"cache_write_usd_per_mtok = {read * (rules.write_rate or 1)}\n",
            )  # fmt: skip
        (self.rig.home / "config.toml").write_text(lines)
        return server

    def run(self, number: int, *, wrong_first: bool, after_s: float = 60.0) -> Run:
        """Breaks one function and has it mended, `after_s` of the vendor's time after the last run."""
        self.till.now_s += after_s
        self._wrong_first, self._told = wrong_first, 0
        (self.rig.repo.root / "sums.py").write_text(module(number % COUNT))
        before = self.till.billed_usd
        task = f"fix add_{number % COUNT}: it subtracts"
        done = self.rig.run("run", task, "sums.py", "--json", "--reproduce", "off")
        receipt = done.receipt
        uncached = sum((Decimal(a["uncached_cost_usd"]) for a in receipt["attempts"]), Decimal(0))
        billed = self.till.billed_usd - before
        return Run(done.status, len(receipt["attempts"]), Decimal(receipt["cost_usd"]), uncached, billed)
