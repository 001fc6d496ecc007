"""How long the ledger's answers take with many runs in it.

    python benchmarks/ledger.py [--runs 100000] [-n 5] [--keep FOLDER]

Writes RUNS runs of a year as routecli itself writes them (receipts of their real size, calls, attempts), then times
`stats`, `history` and the prompt segment as a person types them. Told are the least and the middle of N, in
milliseconds; `python` is the interpreter's own start. `routing` is all that a route and its `--explain` ask, in one
process, of three models; beside it the same of an empty ledger.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from routecli.ledger.ledger import FILE_NAME, Ledger

_TIERS = (("tier1", "openrouter/deepseek-v4-flash", 0.0012), ("tier2", "openrouter/kimi-k2.6", 0.009),
          ("tier3", "anthropic/claude-opus-4.7", 0.16))  # fmt: skip
_CONFIG = """
[providers.openrouter]
api = "openai"
base_url = "http://127.0.0.1:9/v1"
[providers.anthropic]
api = "anthropic"
base_url = "http://127.0.0.1:9"
""" + "".join(
    f'[[tiers]]\nname = "{tier}"\nmodels = ["{model}"]\n'
    f'[prices."{model}"]\ninput_usd_per_mtok = 1\noutput_usd_per_mtok = 5\n'
    for tier, model, _ in _TIERS
)
"""The line-up that ran: beside the sums, `stats` looks for a drift of its tiers and for prices that moved."""
_SEGMENT = Path(__file__).parents[1] / "routecli" / "cli" / "prompt_segment.py"
_KINDS = ("fix", "docstring", "tests", "refactor", "feature", "imports")


def fill(file: Path, runs: int) -> None:
    """A year of runs: four in five end at the first tier."""
    Ledger.open(file).close()
    lot = random.Random(1)
    begin = datetime.now(UTC) - timedelta(days=365)
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA synchronous = OFF")
    padding = json.dumps({"patch": "", "why": "x" * 3500})
    for number in range(runs):
        at = begin + timedelta(days=365) * (number / runs)
        run_id = f"{at:%Y%m%d-%H%M%S}-{number:06x}"
        last = lot.choices((0, 1, 2), (80, 14, 6))[0]
        right = lot.random() < 0.93
        total = 0.0
        for place in range(last + 1):
            tier, model, mean = _TIERS[place]
            cost = round(mean * lot.uniform(0.3, 2), 9)
            total += cost
            stamp = at.isoformat(timespec="microseconds")
            connection.execute(
                "INSERT INTO requests (run_id, state, asked_at, attempt, tier, model, cost_usd, input_tokens, "
                "cache_read_tokens, output_tokens, usage_raw, latency_s, first_token_s, stop, usage_source, "
                "estimated_input_tokens) "
                "VALUES (?, 'settled', ?, ?, ?, ?, ?, ?, ?, ?, ?, 2.5, 0.4, 'end', 'reported', 900)",
                (run_id, stamp, place + 1, tier, model, f"{cost:.9f}", lot.randint(900, 9000), 500,
                 lot.randint(50, 900), '{"prompt_tokens": 1, "completion_tokens": 1}'),
            )  # fmt: skip
            verdict = "accepted" if place == last and right else "deferred"
            connection.execute(
                "INSERT INTO attempts (run_id, place, judged_at, number, tier, model, edit_format, repair, verdict, "
                "cost_usd, wall_s, confidence) VALUES (?, ?, ?, ?, ?, ?, 'search_replace', 0, ?, ?, 2.0, ?)",
                (run_id, place + 1, stamp, place + 1, tier, model, verdict, f"{cost:.9f}", lot.choice((None, 7, 9))),
            )
        connection.execute(
            "INSERT INTO runs (run_id, started_at, finished_at, pid, pid_started, instruction, repo_root, kind, "
            "first_tier, outcome, cost_usd, baseline_cost_usd, wall_s, receipt, truth, climbed) "
            "VALUES (?, ?, ?, 1, '', 'fix the rounding in invoice totals', ?, ?, 'tier1', ?, ?, ?, 9.0, ?, ?, ?)",
            (run_id, stamp, stamp, f"/home/you/project{number % 12}", lot.choice(_KINDS),
             "accepted" if right else "deferred", f"{total:.9f}", f"{0.16 * lot.uniform(0.3, 2):.9f}", padding,
             "good" if number % 50 == 0 and right else "", last > 0),
        )  # fmt: skip
    for project, kind, size, (tier, _, mean), after in itertools.product(
        range(12), _KINDS, ("small", "medium", "large"), _TIERS, (0, 1)
    ):
        connection.execute(
            "INSERT INTO tallies (repo_root, kind, size, tier, after, accepted, deferred, known_right, "
            "known_wrong, priced, cost_usd) "
            "VALUES (?, ?, ?, ?, ?, 80, 20, 2, 1, 100, ?)",
            (f"/home/you/project{project}", kind, size, tier, after, f"{100 * mean:.4f}"),
        )
    connection.commit()
    connection.close()


def routing(file: Path, times: int) -> dict[str, float]:
    """What planning asks of the ledger, and what `--explain` and `select` ask besides."""
    ledger = Ledger.open(file)
    took = []
    for _ in range(times + 1):
        began = time.perf_counter()
        ledger.evidence(Path("/home/you/project3"), "fix", "small")
        ledger.inferred(repo_root=Path("/home/you/project3"))
        ledger.failed_before(Path("/home/you/project3"), "fix the rounding in invoice totals")
        ledger.deferrals(Path("/home/you/project3"), ("src/invoice.py",))
        ledger.cooling(datetime.now(UTC))
        ledger.explored_usd(datetime.now(UTC) - timedelta(days=1))
        for _, model, _ in _TIERS:
            ledger.confidences(model)
            ledger.speed(model)
            ledger.dialect_record(model)
            ledger.most_over_estimate(model)
            ledger.opinion_record(model)
        took.append(1000 * (time.perf_counter() - began))
    ledger.close()
    return {"least_ms": round(min(took[1:]), 2), "middle_ms": round(statistics.median(took[1:]), 2)}


def timed(words: list[str], env: dict[str, str], times: int) -> dict[str, int]:
    """Wall clock, and processor time of the program and its children: on a busy machine only that travels."""
    took, used = [], []
    for _ in range(times + 1):
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(words, env=env, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(1000 * (time.perf_counter() - began))
        used.append(1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return {"least_ms": round(min(took[1:])), "middle_ms": round(statistics.median(took[1:])),
            "processor_ms": round(min(used[1:]))}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("-n", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="where the ledger is kept, and found again")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / FILE_NAME).exists():
            fill(folder / FILE_NAME, asked.runs)
        print(f"{'routing':<14} {routing(folder / FILE_NAME, asked.n)}")
        print(f"{'  empty ledger':<14} {routing(Path(temporary) / 'empty' / FILE_NAME, asked.n)}")
        told = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        env = {**told, "ROUTECLI_STATE_DIR": str(folder), "HOME": temporary}
        program = [sys.executable, "-m", "routecli"]
        for name, words in {
            "python": [sys.executable, "-c", "pass"],
            "--version": [*program, "--version"],
            "stats": [*program, "stats", "--days", "3650"],
            "stats --json": [*program, "stats", "--days", "3650", "--json"],
            "stats, 30 days": [*program, "stats"],
            "history": [*program, "history"],
            "segment": [sys.executable, "-I", "-S", str(_SEGMENT), str(folder / FILE_NAME)],
            "python -I -S": [sys.executable, "-I", "-S", "-c", "pass"],
        }.items():
            print(f"{name:<14} {timed(words, env, asked.n)}")


if __name__ == "__main__":
    main()
