"""What the pre-commit hook takes beside the checks themselves.

    python benchmarks/hook.py [-n 15] [--files 200]

Makes a repository of FILES modules with a test each, changes one, and runs the hook as git would. The checks are timed
by the hook's own account of them; the rest of its wall clock is the overhead: Python, git, the twin. Told are the least
and the middle of N.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_TOOK = re.compile(r"\((\d+\.\d+) s\)")


def git(root: Path, *args: str) -> None:
    named = ("-c", "user.name=Bench", "-c", "user.email=bench@example.com")
    subprocess.run(["git", *named, *args], cwd=root, check=True, capture_output=True)


def make(root: Path, files: int) -> None:
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    for number in range(files):
        (root / f"m{number}.py").write_text(f"def f(x):\n    return x + {number}\n")
        (root / f"test_m{number}.py").write_text(
            f"import unittest\n\nfrom m{number} import f\n\n\nclass T(unittest.TestCase):\n"
            f"    def test_f(self):\n        self.assertEqual(f(1), {number + 1})\n"
        )
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")


def once(root: Path, env: dict[str, str], number: int) -> tuple[float, float]:
    """`(all, the checks)` in seconds."""
    (root / "m0.py").write_text(f"def f(x):\n    return x + 0\n\n\nX = {number}\n")
    git(root, "add", "-A")
    argv = [sys.executable, "-P", "-m", "routecli.cli.hook_entry", "pre-commit"]
    began = time.perf_counter()
    done = subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    said = _TOOK.search(done.stderr)
    if done.returncode != 0 or said is None:
        raise SystemExit(f"the hook did not judge: {done.stderr}")
    return took, float(said[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=15)
    parser.add_argument("--files", type=int, default=100, help="modules; as many tests")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        root = home / "repository"
        make(root, asked.files)
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            "HOME": folder,
            "ROUTECLI_STATE_DIR": f"{folder}/state",
            "ROUTECLI_CACHE_DIR": f"{folder}/cache",
        }
        once(root, env, 0)
        pairs = [once(root, env, number + 1) for number in range(asked.n)]
    over = sorted(1000 * (whole - checks) for whole, checks in pairs)
    print(json.dumps({"files": 2 * asked.files, "runs": asked.n, "overhead_least_ms": round(over[0]),
                      "overhead_middle_ms": round(statistics.median(over))}))  # fmt: skip


if __name__ == "__main__":
    main()
