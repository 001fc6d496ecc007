"""What a survey of a whole repository costs, beside the programs that bound it.

    python benchmarks/survey.py PATH_TO_REPOSITORY [ROUNDS]

cold: nothing remembered, beside reading every tracked text file and tiktoken on two threads (goal: 1.5 times that);
warm: everything remembered, in a process of its own, beside `git ls-files -s` (goal: 2 times that, the snapshot
included). Medians; use the ratios.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from routecli.domain.settings import ContextSettings
from routecli.git.command import git_ok
from routecli.git.repository import open_repository
from routecli.git.snapshot import Snapshot
from routecli.git.snapshot import take as take_snapshot
from routecli.survey import Remembered, chosen_by_paths, ranks, take


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def survey(root: Path, snapshot: Snapshot, folder: Path) -> int:
    chosen = chosen_by_paths(["."], root, root, snapshot)
    return take("measure", chosen, snapshot, ContextSettings(), Remembered(folder)).context_tokens


def read_and_count(root: Path, snapshot: Snapshot) -> int:
    """The floor: the same encoding, every text file read once, two threads, nothing else done."""
    import tiktoken

    encoding = tiktoken.Encoding(
        ranks.NAME, pat_str=ranks.SPLIT_PATTERN, mergeable_ranks=ranks.load(), special_tokens=ranks.SPECIAL
    )
    texts = []
    for path, entry in snapshot.entries.items():
        if entry.mode.startswith("100"):
            raw = (root / path).read_bytes()
            if b"\0" not in raw and len(raw) <= ContextSettings().max_file_bytes:
                texts.append(raw.decode("utf-8", "replace"))
    return sum(map(len, encoding.encode_ordinary_batch(texts, num_threads=2)))


def main() -> None:
    root = Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    repository = open_repository(root)
    snapshot = take_snapshot(repository)
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        cold = seconds(lambda: survey(root, snapshot, folder))
        floor = seconds(lambda: read_and_count(root, snapshot))
        print(f"{len(snapshot.entries)} files, {survey(root, snapshot, folder):,} tokens")
        print(f"cold  {cold:8.2f} s   read and count {floor:8.2f} s   ratio {cold / floor:.2f}  (goal 1.5)")
        listed, taken, warm = [], [], []
        for _ in range(rounds):
            listed.append(seconds(lambda: git_ok(root, "ls-files", "-s")))
            taken.append(seconds(lambda: take_snapshot(repository).entries))
            warm.append(seconds(lambda: survey(root, snapshot, folder)))
    git, snap, counted = (statistics.median(s) * 1_000 for s in (listed, taken, warm))
    print(f"git ls-files -s     {git:8.1f} ms")
    print(f"warm                {counted:8.1f} ms  ratio {counted / git:.2f}")
    print(f"warm with snapshot  {counted + snap:8.1f} ms  ratio {(counted + snap) / git:.2f}  (goal 2)")


if __name__ == "__main__":
    main()
