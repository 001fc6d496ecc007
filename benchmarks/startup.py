"""Start-up: `--help` and `--version` beside importing typer and rich alone.

    python benchmarks/startup.py [--runs 15]

Medians in turns; the goal is a ratio of 1.6. Completion is a static script: it starts nothing of ours.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import programs

GOAL = 1.6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    base = "import typer, rich.console"
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        base: [sys.executable, "-c", base],
        "routecli --version": [*programs.routecli(), "--version"],
        "routecli --help": [*programs.routecli(), "--help"],
        "routecli run --help": [*programs.routecli(), "run", "--help"],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory(prefix="routecli-bench-") as name:
        place = Path(name).resolve()
        env = programs.environment(place)
        for turn in range(options.runs + 1):
            for command, argv in commands.items():
                ended = programs.run(argv, place, env)
                if ended.exit_code != 0:
                    raise SystemExit(f"{command}: exit {ended.exit_code}\n{ended.error}")
                if turn:
                    took[command].append(ended.wall_s * 1000)
    beside = statistics.median(took[base])
    for command, times in took.items():
        ms = statistics.median(times)
        goal = f"  goal {GOAL} x" if command.endswith((" --help", "--version")) and "run" not in command else ""
        sys.stdout.write(f"{command:<28}{ms:8.0f} ms {ms / beside:6.2f} x{goal}\n")


if __name__ == "__main__":
    main()
