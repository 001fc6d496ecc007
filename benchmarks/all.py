"""Every benchmark, one after the other: start-up, the tiny task, the survey, isolation.

    python benchmarks/all.py [--repository PATH] [--claude PATH] [--quick]

`--repository` is surveyed (default: this one); `--claude` names Claude Code's program where it is not on PATH.
`--quick` makes few runs: enough to see that all of it works. No number is asserted; docs/performance.md holds a table.
benchmarks/edits.py, real_projects.py, detection.py and static_rule.py measure being right, not being quick, and want
projects to work on.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", default=str(HERE.parent))
    parser.add_argument("--claude")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    quick = options.quick
    claude = ["--claude", options.claude] if options.claude else []
    steps = {
        "start-up": ["startup.py", "--runs", "3" if quick else "15"],
        "the tiny task": ["tiny_task.py", "--runs", "1" if quick else "11", *claude],
        "survey": ["survey.py", options.repository, "3" if quick else "15"],
        "isolation": ["isolation.py", "--files", *(["200"] if quick else ["200", "5000"])],
    }
    failed = 0
    for title, (script, *words) in steps.items():
        sys.stdout.write(f"\n== {title}\n")
        sys.stdout.flush()
        failed += subprocess.run([sys.executable, str(HERE / script), *words], check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
