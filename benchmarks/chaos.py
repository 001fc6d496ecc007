"""What survives when deliveries, recoveries, undos and ledger writes are struck at a random moment.

    python benchmarks/chaos.py [-n 1000] [--seed 5]

Each injection gets a repository of its own with work of the user's in it, and a forked child that works on it. The
strike falls at a random system call of the child or after a random time; then comes the next start, and everything is
looked at. A full disk needs a small file system, so the right to mount one. Exit status 1 where anything was lost.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from chaos_ground import LAST, look, make_template, patch, small_disk, state, turn_of
from chaos_strikes import Kind, Moment, Strike, arm, lift, strike

from routecli.cli import signals
from routecli.errors import RoutecliError
from routecli.git.repository import Repository
from routecli.ledger.ledger import Ledger
from routecli.workspace import journal
from routecli.workspace.delivery import deliver, recover
from routecli.workspace.journal import Turn
from routecli.workspace.undoing import choose, turn_back

OPERATIONS = ("delivery", "recovery", "undo", "side by side", "ledger")
FAULTS = ("bytes lost", "mixed", "litter", "left running", "other")
DONE, REFUSED, BROKEN = 0, 7, 99


@dataclass
class Child:
    """A forked process that does `work`; `exit` is its exit status, None until then or where it was killed."""

    pid: int
    trace: Path
    exit: int | None = None
    ended: bool = False

    @classmethod
    def fork(cls, base: Path, work: Callable[[], None], struck: Strike | None = None) -> Child:
        trace = base / f"trace-{time.monotonic_ns()}"
        pid = os.fork()
        if pid:
            return cls(pid, trace)
        status = BROKEN
        try:
            status = _in_child(work, struck, trace)
        finally:
            os._exit(status)

    def over(self, *, wait: bool = True) -> bool:
        if not self.ended:
            pid, status = os.waitpid(self.pid, 0 if wait else os.WNOHANG)
            self.ended = pid != 0
            if self.ended and os.WIFEXITED(status):
                self.exit = os.WEXITSTATUS(status)
        return self.ended

    def left_running(self) -> bool:
        """Whether anything of its process group outlives it by half a second."""
        for _ in range(50):
            try:
                os.killpg(self.pid, 0)
            except ProcessLookupError:
                return False
            time.sleep(0.01)
        return True


def _in_child(work: Callable[[], None], struck: Strike | None, trace: Path) -> int:
    os.setpgid(0, 0)
    try:
        signals.install()
        if struck is not None:
            arm(struck)
        work()
    except RoutecliError:
        return REFUSED
    except signals.Signalled as stopped:
        return stopped.status
    except BaseException:  # noqa: BLE001 - told by the parent
        trace.write_text(traceback.format_exc())
        return BROKEN
    return DONE


@dataclass
class Field:
    """Where injections happen: a folder, a template of a repository in it, and how much work there is to strike."""

    base: Path
    template: Repository
    chance: random.Random
    calls: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def fresh(self) -> Repository:
        root = self.base / "r"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.template.root, root)
        return replace(self.template, root=root, git_dir=root / ".git", common_dir=root / ".git")

    def calibrate(self) -> None:
        """How many calls and seconds each operation takes where nothing strikes it."""
        for operation in OPERATIONS:
            repository = self.fresh()
            self.calls[operation] = 120  # until it is known
            prepare(self, operation, repository)
            counted = self.base / "calls"
            counted.unlink(missing_ok=True)
            silent = Strike(Kind.NONE, repository.root, counted)
            child = Child.fork(self.base, lambda o=operation, r=repository: work(o, r, 0, None), silent)
            began = time.monotonic()
            child.over()
            self.seconds[operation] = time.monotonic() - began
            self.calls[operation] = counted.stat().st_size if counted.exists() else 0


def prepare(field_: Field, operation: str, repository: Repository) -> None:
    """For a recovery: a delivery that was killed somewhere."""
    if operation == "recovery":
        total = field_.calls["delivery"]
        call = field_.chance.randrange(total // 4, total)
        killed = Strike(Kind.KILL, repository.root, field_.base / "killed", at_call=call)
        Child.fork(field_.base, lambda: work("delivery", repository, 0, None), killed).over()


def work(operation: str, repository: Repository, number: int, acks: int | None) -> None:
    """What a child does."""
    if operation == "delivery":
        deliver(patch(LAST, LAST + 1), repository, label="run x")
    elif operation == "recovery":
        recover(repository)
    elif operation == "undo":
        turn_back(repository, choose(repository, Turn.UNDO))
    elif operation == "side by side":
        for step in range(4):
            with contextlib.suppress(RoutecliError, OSError):  # another was quicker, or the folder cannot be read
                recover(repository)
                now = turn_of((repository.root / "a.py").read_bytes())
                deliver(patch(now, 1000 * (number + 1) + step), repository)
    else:
        record(repository.root.parent / "state" / "ledger.db", acks)


def record(path: Path, acks: int | None) -> None:
    """Rows in the ledger; each that is on disk is acknowledged by its name."""
    ledger = Ledger.open(path)
    for _ in range(12):
        row = ledger.reserve("run", "p/m", None)
        ledger.settle(row, None)
        if ledger.path is not None and acks is not None:
            os.write(acks, f"{row}\n".encode())
    ledger.close()


def inject(field_: Field, kind: Kind, moment: Moment, operation: str) -> Counter[str] | None:
    """One injection and what came of it: old, new, or faults by name. None where the work was over before it."""
    repository = field_.fresh()
    shutil.rmtree(field_.base / "state", ignore_errors=True)
    prepare(field_, operation, repository)
    mark = field_.base / "struck"
    mark.unlink(missing_ok=True)
    plan = Strike(kind, repository.root, mark, seed=field_.chance.random())
    if moment is Moment.CALL:
        plan = replace(plan, at_call=field_.chance.randrange(max(1, field_.calls[operation])))
    reading, acks = os.pipe()
    several = 3 if operation in ("side by side", "ledger") else 1
    children = [
        Child.fork(
            field_.base, lambda n=n: work(operation, repository, n, acks), plan if n == 0 else replace(plan, at_call=-1)
        )
        for n in range(several)
    ]
    os.close(acks)
    if moment is Moment.TIME:
        time.sleep(field_.chance.uniform(0, field_.seconds[operation] * 1.1))
        if not children[0].over(wait=False):
            strike(plan, children[0].pid)
    for child in children:
        child.over()
    lift(plan)
    acknowledged = os.fdopen(reading, "rb").read()
    found: Counter[str] = Counter()
    found["left running"] = sum(child.left_running() for child in children)
    for child in children:
        if child.exit == BROKEN:
            found["other"] += 1
            sys.stderr.write(f"{kind} {operation}: {child.trace.read_text()}\n")
    if operation == "ledger":
        found += judge_ledger(field_.base / "state", acknowledged)
    else:
        found += judge(field_, operation, repository, children[0].exit, mark)
    return found if mark.exists() else None


def judge_ledger(folder: Path, acknowledged: bytes) -> Counter[str]:
    """The next start opens it; what was acknowledged is there."""
    found: Counter[str] = Counter()
    ledger = Ledger.open(folder / "ledger.db")
    rows = {row[0] for row in ledger._rows("SELECT ref FROM requests WHERE state = 'settled'")}
    whole = ledger._rows("PRAGMA integrity_check")[0][0] == "ok"
    found["other"] = int(not whole) + len(ledger.warnings)
    ledger.close()
    found["bytes lost"] = len(set(acknowledged.decode().split()) - rows)
    found["litter"] = len([p for p in folder.iterdir() if p.name != "ledger.db"])
    return found


def judge(field_: Field, operation: str, repository: Repository, status: int | None, mark: Path) -> Counter[str]:
    """The next start recovers; then the user's own files, the touched ones, our folders, and one more delivery."""
    found: Counter[str] = Counter()
    root = repository.root
    if Child.fork(field_.base, lambda: recover(repository)).over() and list((repository.own_dir / "pending").iterdir()):
        found["litter"] += 1
    files, mine = look(root), look(field_.template.root)
    found["litter"] += len([p for p in files if ".routecli-" in p])
    touched = {*state(0), *state(1)}
    found["bytes lost"] = sum(files.get(path) != mine[path] for path in {*mine} - touched)
    saved = mark.read_text().splitlines() if mark.exists() else []
    now = {path: files[path] for path in touched & files.keys()}
    if len(saved) == 2:
        path, text = saved
        found["bytes lost"] += now.pop(path, (0, b""))[1] != text.encode()
        touched.discard(path)
    old, new = (LAST, LAST - 1) if operation == "undo" else (LAST, LAST + 1)
    allowed = [old, new]
    if operation == "side by side":
        allowed += [1000 * number + step for number in (1, 2, 3) for step in range(4)]
    wholes = {t: {p: held for p, held in state(t).items() if p in touched} for t in allowed}
    stands = next((turn for turn, whole in wholes.items() if whole == now), None)
    if stands is None:
        torn = [p for p, held in now.items() if held not in [whole.get(p) for whole in wholes.values()]]
        found["bytes lost" if torn else "mixed"] += 1
    found["old" if stands == old else "new"] += 1
    if operation in ("delivery", "undo") and status in (DONE, REFUSED):
        found["other"] += stands != (new if status == DONE else old)  # it said something else
    if stands is not None and len(saved) < 2:
        after = Child.fork(field_.base, lambda: deliver(patch(stands, 5001), repository) and None)
        found["other"] += after.over() and (after.exit != DONE or turn_of((root / "a.py").read_bytes()) != 5001)
        kept = [journal.load(p) for p in (repository.own_dir / "deliveries").iterdir()]
        found["litter"] += kept.count(None)
    return found


def run(count: int, seed: int, base: Path) -> dict[tuple[Kind, str], Counter[str]]:
    """About `count` injections below the folder `base`, the same number of each sort."""
    table: dict[tuple[Kind, str], Counter[str]] = {}
    chance = random.Random(seed)
    with small_disk(base) as small:
        places = {Kind.FULL: small} if small else {}
        fields = {place: _field(place, chance) for place in (base, *places.values())}
        kinds = [k for k in Kind if k is not Kind.NONE and (k is not Kind.FULL or small)]
        sorts = [(k, o) for k in kinds for o in OPERATIONS if k is not Kind.SAVE or o in ("delivery", "undo")]
        for kind, operation in sorts:
            total = table.setdefault((kind, operation), Counter())
            for number in range(max(1, count // len(sorts))):
                for _ in range(20):
                    moment = Moment.TIME if operation in ("side by side", "ledger") else list(Moment)[number % 2]
                    found = inject(fields[places.get(kind, base)], kind, moment, operation)
                    if found is not None:
                        if any(found[name] for name in FAULTS):
                            print(f"{kind} {moment} {operation}: {dict(found)}", file=sys.stderr)
                        total += found
                        total["runs"] += 1
                        break
    return table


def _field(place: Path, chance: random.Random) -> Field:
    made = Field(place, make_template(place / "template"), chance)
    made.calibrate()
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        table = run(options.n, options.seed, Path(name).resolve())
    names = ("runs", "old", "new", *FAULTS)
    print(f"| Strike | during | {' | '.join(names)} |\n|---|---|{'--:|' * len(names)}")
    for (kind, operation), found in table.items():
        print(f"| {kind} | {operation} | {' | '.join(str(found[name]) for name in names)} |")
    total = sum(table.values(), Counter())
    print(f"| **all** | | {' | '.join(str(total[name]) for name in names)} |")
    if not any(kind is Kind.FULL for kind, _ in table):
        print("A full disk was left out: no right to mount a file system.")
    return int(any(total[name] for name in FAULTS))


if __name__ == "__main__":
    sys.exit(main())
