"""Real commits, written in each dialect, undamaged and damaged: how often are they read right, refused, wrong?

    python benchmarks/edits.py PATH_TO_REPOSITORY… [--commits N] [--show KIND]

Repositories are given by path and only read. A commit's own change is what is meant; it is written down by
`tests/edits/edit_writers.py` (and, as the row `git diff`, by git itself), damaged by `tests/edits/edit_damages.py`, and
read back against the parent commit. Right: exactly the intended tree. Refused: no patch. Wrong: any other tree.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "edits"))

from edit_damages import DAMAGES
from edit_writers import Change, write

from routecli import edits

DIALECTS = ("search_replace", "unified_diff", "begin_patch", "whole_file")
MAX_FILES = 20
MAX_FILE_BYTES = 300_000


def git(repo: Path, *args: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(["git", *args], cwd=repo, input=stdin, capture_output=True, check=True).stdout


@dataclass
class Commit:
    """One commit as a change: files before and after, and git's own diff of it."""

    repo: Path
    sha: str
    change: Change
    paths: frozenset[str]
    diff: str


@dataclass
class Before:
    """The parent's files. Those that the commit leaves alone exist but are not read: no dialect needs them."""

    commit: Commit
    extra: dict[str, bytes] = field(default_factory=dict)

    def read(self, path: str) -> bytes | None:
        if path in self.commit.change:
            return self.commit.change[path][0]
        return b"(another file)\n" if path in self.commit.paths else None

    def paths(self) -> frozenset[str]:
        return self.commit.paths


def commits(repo: Path, count: int) -> Iterator[Commit]:
    """The newest commits of ordinary size, merges left out."""
    shas = git(repo, "log", "--no-merges", "--format=%H", f"-n{count * 4}").decode().split()
    found = 0
    for sha in shas:
        try:
            commit = _commit(repo, sha)
        except subprocess.CalledProcessError:
            continue  # a first commit, or one whose objects a partial copy lacks
        if commit is not None:
            found += 1
            yield commit
        if found >= count:
            return


def _commit(repo: Path, sha: str) -> Commit | None:
    raw = git(repo, "diff-tree", "-r", "-z", "--no-renames", "--no-commit-id", f"{sha}^", sha)
    parts = raw.split(b"\0")[:-1]
    rows = [
        (parts[i].decode().split(), parts[i + 1].decode("utf-8", "surrogateescape")) for i in range(0, len(parts), 2)
    ]
    if (
        not rows
        or len(rows) > MAX_FILES
        or any(m[:2] == "16" or m == "120000" for r, _ in rows for m in (r[0][1:], r[1]))
    ):
        return None
    change: dict[str, tuple[bytes | None, bytes | None]] = {}
    for row, path in rows:
        before, after = (None if set(oid) == {"0"} else git(repo, "cat-file", "blob", oid) for oid in row[2:4])
        if max(len(before or b""), len(after or b"")) > MAX_FILE_BYTES:
            return None
        change[path] = (before, after)
    paths = git(repo, "ls-tree", "-r", "-z", "--name-only", f"{sha}^").decode("utf-8", "surrogateescape").split("\0")
    diff = git(repo, "diff", "-M", f"{sha}^", sha).decode("utf-8", "surrogateescape")
    return Commit(repo, sha, change, frozenset(p for p in paths if p), diff)


def judge(commit: Commit, reply: str, meant: Change) -> tuple[str, str]:
    """`(right | refused | wrong, why)`."""
    try:
        patch = edits.read(reply, Before(commit))
    except edits.EditsRefused as refused:
        return "refused", "; ".join(f"{r.kind}: {r.path}: {r.what}" for r in refused.refusals[:2])
    got = {e.path: e.after for e in patch.edits if e.before != e.after}
    want = {p: after for p, (before, after) in meant.items() if before != after}
    if got == want:
        return "right", ""
    odd = [p for p in set(got) | set(want) if got.get(p, b"?") != want.get(p, b"?")]
    return "wrong", f"{odd[:3]} {[p.match.value for p in patch.placements]}"


def rows(commit: Commit, rng: random.Random) -> Iterator[tuple[str, str, str, Change]]:
    """`(dialect, damage, reply, what is meant)` for everything that can be said of a commit."""
    whole = {p: c for p, c in commit.change.items() if b"\0" not in (c[0] or b"") and b"\0" not in (c[1] or b"")}
    if len(whole) == len(commit.change):
        yield "git diff", "none", commit.diff, whole
    for dialect in DIALECTS:
        made = write(dialect, commit.change, rng.choice([1, 2, 3]))
        if made is None:
            continue
        for name, damage in DAMAGES.items():
            reply = damage(made[0], rng)
            if reply is not None:
                yield dialect, name, reply, made[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--commits", type=int, default=70, help="commits per repository")
    parser.add_argument("--show", default="wrong", help="print the first cases of: wrong, refused, both")
    parser.add_argument("--limit", type=int, default=15, help="how many of them")
    parser.add_argument("--dump", type=Path, help="write the shown replies into this folder")
    args = parser.parse_args()
    table: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    shown = total = 0
    started = time.monotonic()
    for repo in args.repositories:
        for commit in commits(repo, args.commits):
            total += 1
            rng = random.Random(commit.sha)
            for dialect, damage, reply, meant in rows(commit, rng):
                outcome, why = judge(commit, reply, meant)
                table[dialect, damage][outcome] += 1
                unwanted = outcome == "wrong" or (outcome == "refused" and damage == "none")
                if shown < args.limit and (outcome == args.show or (args.show == "both" and unwanted)):
                    shown += 1
                    print(f"{outcome}: {repo.parent.name} {commit.sha[:10]} {dialect}/{damage}: {why}", file=sys.stderr)
                    if args.dump:
                        args.dump.mkdir(exist_ok=True)
                        (args.dump / f"{shown}-{commit.sha[:8]}-{damage}.txt").write_text(
                            reply, errors="surrogateescape"
                        )
    report(table, total, len(args.repositories), time.monotonic() - started)
    return 1 if any(c["wrong"] for c in table.values()) else 0


def report(table: dict[tuple[str, str], Counter[str]], total: int, repositories: int, seconds: float) -> None:
    """The table in Markdown."""
    replies = sum(c.total() for c in table.values())
    print(f"{total} commits of {repositories} repositories, {replies} replies, {seconds:.0f} s\n")
    print("| dialect | damage | replies | right | refused | wrong |\n|---|---|--:|--:|--:|--:|")
    for (dialect, damage), c in sorted(table.items(), key=lambda r: (r[0][0], r[0][1] != "none", r[0][1])):
        shares = " | ".join(f"{c[k]} ({c[k] / c.total():.1%})" for k in ("right", "refused"))
        print(f"| {dialect} | {damage} | {c.total()} | {shares} | {c['wrong']} |")


if __name__ == "__main__":
    sys.exit(main())
