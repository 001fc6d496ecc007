"""How many wrong patches does the verdict refuse, and how many right ones?

    python benchmarks/detection.py [CASES.jsonl] --results RESULTS.jsonl [--contracts CLONE…] [--fakes] [--markdown]
                                      [--prompts PROMPTS.jsonl] [--opinions REPLIES.jsonl]

CASES.jsonl comes from benchmarks/detection_cases.py; the clones that it names are checked out from commit to commit.
Each right and each wrong patch is judged by the product's verifier in its sandbox. Results are appended patch by patch,
so a run that was stopped goes on where it was; `--markdown` alone prints the table of what is there.

A wrong patch counts as refused by a layer when this layer or one before it speaks against it. A right one that is
deferred is a false alarm. What is neither deferred nor accepted is unverified: nothing is proven or delivered unasked.

No model is asked here. `--prompts` writes what the product would send for a second opinion of each patch that was let
through; `--opinions` adds the replies that you recorded as a further layer (detection_opinions.py).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from contract_cases import judged as contracts_judged
from detection_cases import Case
from detection_ground import DictCache
from detection_judges import LAYERS, FixJudge, append
from detection_opinions import asked as opinions_asked
from detection_opinions import heard
from fake_rows import judged as fakes_judged
from intervals import shown

from routecli.errors import RoutecliError

Rows = list[dict[str, Any]]


def judge_fixes(project: str, cases: list[Case], results: Path, done: set[str]) -> None:
    """All cases of one clone, one after the other."""
    warnings.simplefilter("ignore")  # what `ast` says of old code
    begun = time.monotonic()
    for case in cases:
        keys = {f"fix:{case.sha}:{n}" for n in range(len(case.wrong) + 1)}
        if keys <= done:
            continue
        try:
            rows = [row.as_dict() for row in FixJudge(case, DictCache()).rows()]
        except RoutecliError as fault:
            print(f"{project} {case.sha[:10]}: {fault}", file=sys.stderr)
            continue
        append(results, rows)
    print(f"{Path(project).name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)


def table(title: str, names: Iterable[str], rows_of: Callable[[str], Rows]) -> None:
    """One line for each name."""
    print(
        f"\n| {title} | Wrong: deferred | Wrong: accepted | Right: deferred | Right: accepted |\n|---|--:|--:|--:|--:|"
    )
    for name in names:
        cells = []
        for right in (False, True):
            said = [r["verdict"] for r in rows_of(name) if r["right"] is right]
            cells += [shown(said.count(word), len(said)) for word in ("deferred", "accepted")]
        print(f"| {name} | {' | '.join(cells)} |")


def by_layer(rows: Rows) -> None:
    """The same patches, each layer added to those before it."""
    print("\n| Layer added | Wrong patches refused | Right ones refused |\n|---|--:|--:|")
    wrong, right = [r for r in rows if not r["right"]], [r for r in rows if r["right"]]
    for count, layer in enumerate(LAYERS, 1):
        upto = set(LAYERS[:count])
        if not any(layer in r["refused_by"] for r in rows):
            continue
        if count > 1:
            upto -= {"exit code"}  # ids replace it: what failed before may go on failing
        said = [sum(bool(upto & set(r["refused_by"])) for r in side) for side in (wrong, right)]
        print(f"| {layer} | {shown(said[0], len(wrong))} | {shown(said[1], len(right))} |")


def by_strength(rows: Rows) -> None:
    """What was let through, by what it was said to rest on."""
    print("\n| Strength | Let through | Of them wrong |\n|---|--:|--:|")
    for strength in ("proven", "tested", "weak"):
        held = [r for r in rows if r["verdict"] == "accepted" and r.get("strength") == strength]
        print(f"| {strength} | {len(held)} | {shown(sum(not r['right'] for r in held), len(held))} |")


def report(rows: Rows) -> None:
    """The tables."""
    groups: dict[str, Rows] = defaultdict(list)
    for row in {r["key"]: r for r in rows}.values():
        groups[row["group"]].append(row)
    for group, held in sorted(groups.items()):
        cases = {r["key"].rpartition(":")[0] for r in held}
        print(f"\n{group}: {len(cases)} cases of {len({r['project'] for r in held})} projects, {len(held)} verdicts")
        if group != "contract":
            by_layer(held)
            by_strength(held)
        for title, key in (("Kind", "kind"), ("Slip", "how"), ("Project", "project")):
            names = sorted({r[key] for r in held if r["how"] != "right" or key != "how"})
            table(title, ("all", *names), lambda n, k=key, h=held: h if n == "all" else [r for r in h if r[k] == n])


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("cases", type=Path, nargs="?")
    words.add_argument("--results", type=Path, required=True)
    words.add_argument("--jobs", type=int, default=2)
    words.add_argument("--contracts", type=Path, nargs="*", default=[], help="clones: contract cases of their files")
    words.add_argument("--kinds", nargs="*", default=[], help="only the contracts of these kinds")
    words.add_argument("--fakes", action="store_true", help="the known fake passes on a tiny repository")
    words.add_argument("--prompts", type=Path, help="write the prompts for second opinions there, and end")
    words.add_argument("--opinions", type=Path, help="their replies")
    words.add_argument("--markdown", action="store_true", help="only print what the results say")
    asked = words.parse_args()
    asked.results.touch()
    done = {json.loads(line)["key"] for line in asked.results.read_text().splitlines()}
    cases: dict[str, list[Case]] = defaultdict(list)
    for line in asked.cases.read_text().splitlines() if asked.cases else ():
        case = Case(**json.loads(line))
        cases[case.project].append(case)
    if not asked.markdown and not asked.prompts:
        with ProcessPoolExecutor(asked.jobs) as pool:
            pending = [
                pool.submit(contracts_judged, c.resolve(), asked.results, done, frozenset(asked.kinds))
                for c in asked.contracts
            ]
            wait(pending)  # a clone is at one commit at a time
            pending += [pool.submit(judge_fixes, p, held, asked.results, done) for p, held in cases.items()]
        for future in pending:
            future.result()
        if asked.fakes:
            append(asked.results, [row.as_dict() for row in fakes_judged()])
    rows = list({(r := json.loads(line))["key"]: r for line in asked.results.read_text().splitlines()}.values())
    every = [case for held in cases.values() for case in held]
    if asked.prompts:
        asked.prompts.write_text("".join(f"{json.dumps(p)}\n" for p in opinions_asked(every, _fixes(rows))))
        return 0
    report(rows)
    if asked.opinions:
        report_opinions(every, _fixes(rows), asked.opinions)
    return 0


def _fixes(rows: Rows) -> Rows:
    return [r for r in rows if r["key"].startswith("fix:")]


def report_opinions(cases: list[Case], rows: Rows, replies: Path) -> None:
    """The same patches with recorded second opinions: of weak acceptances alone, and of all."""
    said = {(r := json.loads(line))["key"]: r["reply"] for line in replies.read_text().splitlines()}
    for title, weak_only in (("of what is weak", True), ("of all that was let through", False)):
        with_them, formless = heard(cases, rows, said, weak_only=weak_only)
        print(f"\nWith second opinions {title} ({formless} replies in no form)")
        report(with_them)


if __name__ == "__main__":
    sys.exit(main())
