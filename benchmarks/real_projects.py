"""Real projects, a planted bug each: a wrong reply at the first tier, the right one at the second.

    python benchmarks/real_projects.py CASES.toml [--only NAME…] [--variant NAME…] [--routecli PATH]

Nothing of a project is kept here: the case file names repositories on this machine, each with its own environment
installed and its own tests passing. A case is one table:

    [[project]]
    path = "/where/it/is"
    layout = "src, editable"          # for the table only
    task = "fix …"
    suite = ".venv/bin/python -m pytest -q"
    file = "src/thing/core.py"        # holds `good` once; the bug replaces it
    good = "…"
    bug = "…"
    wrong = "…"                       # what the first tier makes of the bug
    dirty = "README.md"               # no code; gets a change that must survive
    folder = "docs"                   # where the variant `folder` starts from

The replies come from the tests' scripted server over real HTTP on loopback. Looked at after each run: the exit status,
every file of the repository and its mode, the index, HEAD, the references, the bill. At the end every byte is back.
Columns: `suite`, the project's own tests once without us; `cold`, a first climb, baseline and all; `warm`, the variant
with the baseline remembered; `own`, warm without the checks: what is ours, the sandbox's start included.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from serving import Received, Say, ScriptedServer

KEY = "sk-real-projects-never-seen"
PRICES = {"m1": ("0.5", "1.5"), "m2": ("3", "12"), "m3": ("15", "75")}
UNTRACKED = "routecli-benchmark untracked.bin"
LEFT_ALONE = (".git", ".venv", "venv", "node_modules", "__pycache__", ".pytest_cache", ".hypothesis")


@dataclass(frozen=True)
class Case:
    """One project and its bug."""

    path: Path
    task: str
    suite: str
    file: str
    good: str
    bug: str
    wrong: str
    dirty: str
    folder: str = "."
    layout: str = ""

    @property
    def name(self) -> str:
        return self.path.name

    @cached_property
    def original(self) -> bytes:
        """The file as it was when the case was first looked at: the right answer."""
        held = (self.path / self.file).read_bytes()
        if held.count(self.good.encode()) != 1:
            raise SystemExit(f"{self.path / self.file} does not hold `good` exactly once")
        return held

    def text(self, place: str) -> bytes:
        """The file with `bug` or `wrong` in the place of `good`, or as it was."""
        said = {"good": self.good, "bug": self.bug, "wrong": self.wrong}[place]
        return self.original.replace(self.good.encode(), said.encode())


@dataclass(frozen=True)
class Variant:
    """What the tiers say, and what has to come of it."""

    replies: Callable[[Case], dict[str, list[Say]]]
    status: int = 0
    verdicts: tuple[str, ...] | None = ("deferred", "accepted")
    written: bool = True
    flags: tuple[str, ...] = ()
    from_folder: bool = False


def edited(case: Case, place: str, dialect: str = "search_replace") -> Say:
    """A reply that turns the bug into `place`."""
    before, after = (case.text(p).decode().splitlines(keepends=True) for p in ("bug", place))
    if dialect == "unified_diff":
        diff = "".join(difflib.unified_diff(before, after, f"a/{case.file}", f"b/{case.file}"))
        return Say(f"```diff\n{diff}```\n", input_tokens=5000)
    parts = []
    groups = difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(3)
    for group in groups:
        old, new = before[group[0][1] : group[-1][2]], after[group[0][3] : group[-1][4]]
        parts.append(f"<<<<<<< SEARCH\n{''.join(old)}=======\n{''.join(new)}>>>>>>> REPLACE\n")
    return Say(f"The change:\n\n{case.file}\n```python\n{''.join(parts)}```\n", input_tokens=5000)


def climbing(case: Case) -> dict[str, list[Say]]:
    return {"m1": [edited(case, "wrong")], "m2": [edited(case, "good")], "m3": []}


def cut_off(case: Case) -> dict[str, list[Say]]:
    text = edited(case, "good").text
    short = Say(text[: len(text) * 2 // 3], input_tokens=5000, stop="length")
    return {"m1": [short], "m2": [edited(case, "good", "unified_diff")], "m3": []}


def always(say: Callable[[Case], Say]) -> Callable[[Case], dict[str, list[Say]]]:
    return lambda case: {model: [say(case)] * 3 for model in PRICES}


def prose(_: Case) -> Say:
    return Say("The comparison is the wrong way round; please turn it round.", input_tokens=4000)


VARIANTS = {
    "climb": Variant(climbing),
    "truncated": Variant(cut_off),
    "all-wrong": Variant(always(lambda c: edited(c, "wrong")), 1, ("deferred",) * 3, False),
    "prose": Variant(always(prose), 1, None, False),
    "folder": Variant(climbing, from_folder=True),
    "patch-only": Variant(climbing, verdicts=None, written=False, flags=("--patch-only",)),
}


@dataclass
class Outcome:
    """One row of the table; `faults` is empty where everything was as it has to be."""

    case: Case
    variant: str
    wall_s: float = 0.0
    checks_s: float = 0.0
    faults: list[str] = field(default_factory=list)

    def need(self, holds: bool, what: str) -> None:
        if not holds:
            self.faults.append(what)


def git(root: Path, *words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["git", "--no-optional-locks", *words], check=False, cwd=root, input=stdin, capture_output=True
    )


def files_of(root: Path) -> dict[str, tuple[str, ...]]:
    """Every file of the working tree with its mode and a digest of its bytes."""
    found = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in LEFT_ALONE]
        for name in names:
            path = Path(folder, name)
            held = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            found[str(path.relative_to(root))] = (oct(path.lstat().st_mode), hashlib.sha256(held).hexdigest())
    return found


def state_of(root: Path) -> dict[str, bytes]:
    """The index to the byte, HEAD, the references, and what git keeps beside its objects."""
    own = Path(os.fsdecode(git(root, "rev-parse", "--absolute-git-dir").stdout.strip()))
    kept = sorted(
        str(p.relative_to(own)) for p in own.rglob("*") if p.is_file() and not {"objects", "routecli"} & set(p.parts)
    )
    return {
        "index": (own / "index").read_bytes(),
        "HEAD": (own / "HEAD").read_bytes(),
        "references": git(root, "for-each-ref").stdout,
        "files in .git": "\n".join(kept).encode(),
    }


@contextmanager
def planted(case: Case) -> Iterator[None]:
    """The bug, an unrelated change and an untracked file in the tree; afterwards every byte is as before."""
    changed = {case.path / case.file: case.original, case.path / case.dirty: (case.path / case.dirty).read_bytes()}
    untracked = case.path / UNTRACKED
    try:
        (case.path / case.file).write_bytes(case.text("bug"))
        (case.path / case.dirty).write_bytes(changed[case.path / case.dirty] + b"\nan unrelated change\r\n")
        untracked.write_bytes(b"\x00\xff untracked\n")
        yield
    finally:
        untracked.unlink(missing_ok=True)
        for path, held in changed.items():
            path.write_bytes(held)


def configuration(server: ScriptedServer) -> str:
    text = f'[providers.mine]\napi = "openai"\nbase_url = "{server.base_url}"\napi_key_env = "REAL_PROJECTS_KEY"\n'
    for number, (model, (asked, answered)) in enumerate(PRICES.items(), 1):
        text += f'[[tiers]]\nname = "tier{number}"\nmodels = ["mine/{model}"]\n'
        text += f'[prices."mine/{model}"]\ninput_usd_per_mtok = {asked}\noutput_usd_per_mtok = {answered}\n'
    return text


def counted(script: dict[str, list[Say]], bill: list[Decimal]) -> dict[str, list[Callable[[Received], Say]]]:
    """The script, each answer writing down what it costs."""

    def one(say: Say) -> Callable[[Received], Say]:
        def answer(received: Received) -> Say:
            asked, answered = map(Decimal, PRICES[received.model])
            bill.append((say.input_tokens * asked + say.billed_output_tokens * answered) / 1_000_000)
            return say

        return answer

    return {model: [one(say) for say in says] for model, says in script.items()}


def run(case: Case, name: str, program: str, scratch: Path) -> Outcome:
    """One run, looked at from all sides."""
    variant, row = VARIANTS[name], Outcome(case, name)
    bill: list[Decimal] = []
    with ScriptedServer(counted(variant.replies(case), bill)) as server:
        config = scratch / "config.toml"
        config.write_text(configuration(server))
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ROUTECLI_", "GIT_", "XDG_"))}
        places = {f"ROUTECLI_{n}_DIR": str(scratch / n.lower()) for n in ("STATE", "CACHE")}
        env = kept | places | {"ROUTECLI_CONFIG": str(config), "REAL_PROJECTS_KEY": KEY, "HOME": str(scratch)}
        env.pop("VIRTUAL_ENV", None)
        start = case.path / case.folder if variant.from_folder else case.path
        flags = variant.flags or ("--json",)
        argv = [program, "run", case.task, os.path.relpath(case.path / case.file, start), "--tier", "tier1", *flags]
        files, state = files_of(case.path), state_of(case.path)
        begun = time.monotonic()
        done = subprocess.run(argv, check=False, cwd=start, env=env, capture_output=True)
        row.wall_s = time.monotonic() - begun
        row.need(not server.beyond_script, f"{server.beyond_script} calls more than expected")
        row.need(not any(KEY in r.text for r in server.posts), "the key is in a prompt")
    row.need(
        done.returncode == variant.status, f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-600:]}"
    )
    row.need(KEY.encode() not in done.stdout + done.stderr, "the key is in the output")
    look_at_tree(row, variant, files, state)
    if "--patch-only" in flags:
        look_at_patch(row, done.stdout)
    else:
        look_at_receipt(row, variant, done.stdout, sum(bill, Decimal(0)))
    return row


def look_at_tree(row: Outcome, variant: Variant, files: dict[str, tuple[str, ...]], state: dict[str, bytes]) -> None:
    case = row.case
    now = files_of(case.path)
    changed = sorted(p for p in files.keys() | now.keys() if files.get(p) != now.get(p))
    row.need(changed == ([case.file] if variant.written else []), f"changed: {changed}")
    if variant.written:
        row.need(case.text("good") == (case.path / case.file).read_bytes(), f"{case.file} is not what it has to be")
        row.need(now[case.file][0] == files[case.file][0], f"{case.file} has another mode")
    for what, held in state_of(case.path).items():
        row.need(held == state[what], f"{what} changed")


def look_at_patch(row: Outcome, patch: bytes) -> None:
    case = row.case
    done = git(case.path, "apply", stdin=patch)
    row.need(done.returncode == 0, f"git apply: {done.stderr.decode(errors='replace')[:300]}")
    row.need(case.text("good") == (case.path / case.file).read_bytes(), "the patch does not make the right file")


def look_at_receipt(row: Outcome, variant: Variant, said: bytes, bill: Decimal) -> None:
    try:
        receipt: dict[str, Any] = json.loads(said)
        attempts = receipt["attempts"]
    except (ValueError, KeyError) as fault:
        row.faults.append(f"no receipt: {fault!r}")
        return
    verdicts = tuple(a["verdict"]["kind"] for a in attempts)
    row.need(
        variant.verdicts in (None, verdicts),
        f"verdicts {[(v, a['verdict']['why']) for v, a in zip(verdicts, attempts, strict=True)]}",
    )
    row.need(Decimal(receipt["cost_usd"] or "-1") == bill, f"receipt {receipt['cost_usd']}, billed {bill}")
    row.need(receipt["isolation"] == "bubblewrap", f"isolation {receipt['isolation']}")
    # the checks of an attempt run side by side: the longest is what it waits for
    row.checks_s = sum(max((check["wall_s"] for check in a["checks"]), default=0.0) for a in attempts)


def suite_seconds(case: Case) -> float:
    begun = time.monotonic()
    subprocess.run(shlex.split(case.suite), check=False, cwd=case.path, capture_output=True)
    return time.monotonic() - begun


def show(row: Outcome, suite_s: float, cold_s: float) -> None:
    own_s = row.wall_s - row.checks_s
    print(
        f"{row.case.name:20} {row.variant:10} {suite_s:8.1f} {cold_s:8.1f} {row.wall_s:8.1f} {own_s:8.1f}  "
        f"{'WRONG' if row.faults else 'as it has to be':15}  {row.case.layout}",
        flush=True,
    )
    for fault in row.faults:
        print(f"    {fault}", flush=True)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("cases", type=Path)
    words.add_argument("--only", nargs="*", default=[])
    words.add_argument("--variant", nargs="*", default=["climb"], choices=[*VARIANTS, "all"])
    words.add_argument("--routecli", default=shutil.which("routecli") or str(Path(sys.executable).parent / "routecli"))
    asked = words.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the planted bug is taken out again
    tables = tomllib.loads(asked.cases.read_text())["project"]
    cases = [Case(**{**table, "path": Path(table["path"])}) for table in tables]
    print(
        f"{'project':20} {'variant':10} {'suite s':>8} {'cold s':>8} {'warm s':>8} {'own s':>8}  {'outcome':15}  layout"
    )
    good = True
    for case in cases:
        if asked.only and case.name not in asked.only:
            continue
        suite_s = suite_seconds(case)
        with tempfile.TemporaryDirectory(prefix="real-projects-") as scratch:
            with planted(case):
                cold = run(case, "climb", asked.routecli, Path(scratch))
            for name in VARIANTS if "all" in asked.variant else asked.variant:
                with planted(case):
                    row = run(case, name, asked.routecli, Path(scratch))
                row.faults += [f"cold: {fault}" for fault in cold.faults]
                good &= not row.faults
                show(row, suite_s, cold.wall_s)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
