"""What the commands of `eval` do: read the suite, try, tell."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from routecli.cli.eval_view import diff_of, print_rates, rates_json, result_line
from routecli.cli.screen import answer_console, side_console, write_json, write_out
from routecli.cli.session import open_config, open_ledger, repository_root, state_folder
from routecli.cli.streams import note
from routecli.cli.verb import shared
from routecli.config.values import Unfit, from_text
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, ExitStatus, UsageFault
from routecli.evaluation import results
from routecli.evaluation.making import from_history, from_receipts
from routecli.evaluation.suite import SuiteTask, read_suite, write_suite
from routecli.evaluation.trying import Candidate, Money, try_all
from routecli.routing.standing import share

if TYPE_CHECKING:
    from routecli.config.load import Loaded

_CANDIDATES = 5
"""So many commits are looked at for each task that is wanted: most of a project's past no longer runs."""


def make_suite(ctx: typer.Context, folder: Path, limit: int, *, from_runs: bool, check: bool) -> tuple[Path, ...]:
    """Writes the tasks. `check`: only those that can judge here. Raises UsageFault: no repository, or nothing in it
    that makes a task; SandboxFault: there is none to check them in."""
    from routecli.verification.integrity import stands_with_tests

    root = repository_root()
    if root is None:
        raise UsageFault(f"{Path.cwd()} is in no git repository", hint="cd into the repository")
    if from_runs:
        with open_ledger(ctx, open_config(ctx)) as ledger:
            tasks = tuple(from_receipts(ledger.receipts(), root, most=limit))
    else:
        made = from_history(root, is_test=stands_with_tests, most=limit * _CANDIDATES if check else limit)
        tasks = _suitable(ctx, made, limit) if check else tuple(made)
    if not tasks and from_runs:
        raise UsageFault("no accepted run here mended a test that had failed", hint="routecli history --here")
    if not tasks:
        found = "no commit here changes code together with its tests" + (", and can judge here" if check else "")
        raise UsageFault(found, hint="git log --stat")
    written = write_suite(folder, tasks)
    note(f"{len(written)} tasks written, {len(tasks) - len(written)} were there")
    return written


def _suitable(ctx: typer.Context, made: Iterable[SuiteTask], limit: int) -> tuple[SuiteTask, ...]:
    """The first `limit` of `made` that can judge here; of each other one a line says why not."""
    from routecli.compose.suitable import unsuitable

    loaded, kept = open_config(ctx), list[SuiteTask]()
    for task in made:
        why = unsuitable(task, loaded)
        if not why:
            kept.append(task)
        elif not shared(ctx).quiet:
            note(f"left out: {task.name}: {why}")
        if len(kept) >= limit:
            break
    return tuple(kept)


def run_suite(
    ctx: typer.Context,
    folder: Path,
    tiers: Sequence[str],
    loaded: Loaded,
    *,
    budget: str,
    jobs: int,
    limit: int | None,
    unsafe: bool,
    as_json: bool,
) -> int:
    """Tries what was not tried yet. Raises UsageFault, ConfigFault."""
    total = _amount(budget)
    tasks = read_suite(folder, repository_root())[:limit]
    candidates = _candidates(loaded, tiers)
    done = {(r.task, r.tier) for r in _current(folder, tasks, candidates)}
    wanted = [(task, one) for task in tasks for one in candidates if (task.name, one.tier) not in done]
    options, side = shared(ctx), side_console(no_color=shared(ctx).no_color)

    told, spent = 0, Decimal(0)

    def tell(result: results.Result) -> None:
        nonlocal told, spent
        told, spent = told + 1, spent + (result.cost_usd or 0)
        results.append(folder, result)
        if not options.quiet:
            side.print(result_line(result, told, len(wanted), spent))

    left = try_all(
        wanted, Money(total, loaded.settings.budget_usd, jobs), options=_passed_on(ctx, unsafe=unsafe),
        environ=os.environ, jobs=jobs, tell=tell, trusting=lambda task, root: _trusting(ctx, task, root),
    )  # fmt: skip
    _tell(folder, tasks, candidates, as_json=as_json, no_color=options.no_color)
    if left:
        note(f"the budget ended it: {left} tries are left; the same command goes on")
    return ExitStatus.BUDGET if left else ExitStatus.ACCEPTED


@contextmanager
def _trusting(ctx: typer.Context, task: SuiteTask, root: Path) -> Iterator[None]:
    """While a try runs in the copy `root`, the commands of its own configuration are trusted there, if these very ones
    are in the repository. Raises ConfigFault: they are not, and nobody can be asked."""
    from routecli.config.load import load
    from routecli.config.trust import Trust

    options = shared(ctx)
    commands = load(
        repo_root=root, flags={}, environ=os.environ, config_file=options.config, profile=options.profile
    ).repo_commands
    trust = Trust(state_folder())
    if not commands:
        yield
        return
    if not trust.is_trusted(task.repository, commands):
        raise ConfigFault(
            f"the commands of its own configuration at {one_line(task.base, limit=20)} are not trusted: "
            f"{one_line(', '.join(commands.values()), limit=120)}",
            hint=f"routecli trust add, in {task.repository}",
        )
    trust.add(root, commands)
    try:
        yield
    finally:
        trust.remove(root)


def show_suite(folder: Path, loaded: Loaded, *, as_json: bool, no_color: bool) -> None:
    """Tells what is known. Raises UsageFault, ConfigFault."""
    _tell(folder, read_suite(folder, repository_root()), _candidates(loaded, ()), as_json=as_json, no_color=no_color)


def advise_suite(ctx: typer.Context, folder: Path, loaded: Loaded, *, as_json: bool) -> None:
    """The advice on stderr, the diff on stdout. Raises UsageFault, ConfigFault."""
    from routecli.routing.promotion import Step, advise

    candidates = _candidates(loaded, ())
    found = _current(folder, read_suite(folder, repository_root()), candidates)
    first = results.rates(found, [candidates[0].tier])[0]
    thresholds = loaded.settings.thresholds
    advice = advise(first.tier, share(first.solved, first.tried), thresholds)
    diff = ""
    if advice.step is not Step.HOLD:
        diff = diff_of(loaded.user_file, "routing", "middle_files", advice.thresholds.middle_files)
    if as_json:
        write_json({
            "step": advice.step.value, "tier": first.tier, "why": advice.why, "diff": diff or None,
            "middle_files": {"now": thresholds.middle_files, "then": advice.thresholds.middle_files},
        })  # fmt: skip
        return
    if not shared(ctx).quiet:
        note(f"{advice.step.value}: {advice.why}")
    write_out(diff)


def advise_kinds_of(ctx: typer.Context, folder: Path, tier: str, loaded: Loaded, *, as_json: bool) -> None:
    """The same for the kinds of the tier `tier`. Raises UsageFault, ConfigFault."""
    from routecli.cli.eval_view import kinds_diff
    from routecli.routing import classify
    from routecli.routing.promotion import advise_kinds

    (candidate,) = _candidates(loaded, [tier])
    tasks = read_suite(folder, repository_root())
    kinds = {task.name: task.kind or classify(task.task)[0].value for task in tasks}
    found = [r for r in _current(folder, tasks, [candidate]) if r.ending in results.JUDGED]
    passed = {
        kind: share(sum(kinds[r.task] == kind and r.ending is results.Ending.SOLVED for r in found), tried)
        for kind in set(kinds.values())
        if (tried := sum(kinds[r.task] == kind for r in found))
    }
    now = next(t.kinds for t in loaded.settings.tiers if t.name == tier)
    advice = advise_kinds(tier, passed, now)
    diff = kinds_diff(loaded.user_file, tier, advice.kinds) if set(advice.kinds) != set(now) else ""
    if as_json:
        write_json({"tier": tier, "kinds": {"now": sorted(now), "then": list(advice.kinds)}, "why": list(advice.why),
                    "diff": diff or None})  # fmt: skip
        return
    if not shared(ctx).quiet:
        for line in advice.why or (f"{tier}: no task of this suite was tried yet",):
            note(line)
    write_out(diff)


def _tell(
    folder: Path, tasks: Sequence[SuiteTask], candidates: Sequence[Candidate], *, as_json: bool, no_color: bool
) -> None:
    found = _current(folder, tasks, candidates)
    rates = results.rates(found, [c.tier for c in candidates])
    if as_json:
        write_json(rates_json(len(tasks), rates, found))
    else:
        print_rates(len(tasks), rates, answer_console(no_color=no_color))


def _current(folder: Path, tasks: Sequence[SuiteTask], candidates: Sequence[Candidate]) -> list[results.Result]:
    return results.current(results.read(folder), tasks, {c.tier: c.models for c in candidates})


def _candidates(loaded: Loaded, tiers: Sequence[str]) -> list[Candidate]:
    known = [Candidate(t.name, tuple(str(m) for m in t.models)) for t in loaded.settings.tiers]
    if not known:
        raise ConfigFault(loaded.no_tiers, hint=loaded.no_tiers_hint)
    wrong = [name for name in tiers if name not in {c.tier for c in known}]
    if wrong:
        raise UsageFault(f"there is no tier {one_line(wrong[0])}", hint="one of: " + ", ".join(c.tier for c in known))
    return [c for c in known if not tiers or c.tier in tiers]


def _amount(text: str) -> Decimal:
    from routecli.config.keys import BY_NAME

    try:
        found: Any = from_text(BY_NAME["budget.run_usd"], text, Path.cwd())
    except Unfit as fault:
        raise UsageFault(f"--budget must be {fault}", hint="routecli eval run SUITE --budget 2") from None
    return Decimal(found)


def _passed_on(ctx: typer.Context, *, unsafe: bool) -> list[str]:
    options = shared(ctx)
    words = ["--unsafe-no-sandbox"] if unsafe else []
    words += ["--config", str(options.config.absolute())] if options.config else []
    return [*words, *(["--profile", options.profile] if options.profile else [])]
