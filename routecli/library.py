"""routecli for programs: what `routecli run` and `routecli estimate` do, as two functions with typed answers.

The same floors as the command line: the same survey, routes, caps, twins, sandbox, trust and ledger. Nothing is
printed, nobody is asked unless `consent` asks them, and no exit status is anybody's business.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routecli.domain.events import Event, Warned
from routecli.domain.ladder import Reason, Route
from routecli.domain.receipt import Receipt
from routecli.domain.task import Kind, Survey, Task
from routecli.errors import UsageFault
from routecli.nouns import dataclass

if TYPE_CHECKING:
    from routecli.compose import Order
    from routecli.config.load import Loaded
    from routecli.ledger.ledger import Ledger

Overrides = Mapping[str, Any]
"""Configuration over every layer, by the name of its option (`test_cmd`) or its dotted key (`verify.require`)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is decided before anyone is paid: the task as it is understood, its files, and the route with a forecast of
    each tier (`route.forecasts`, US dollars; an estimate by name)."""

    task: Task
    survey: Survey
    route: Route


def run(
    task: str,
    paths: Sequence[str | os.PathLike[str]] = (),
    *,
    root: str | os.PathLike[str] | None = None,
    kind: Kind | str | None = None,
    tier: str | None = None,
    max_tier: str | None = None,
    explain: bool = False,
    budget_usd: Decimal | str | None = None,
    config: Overrides | None = None,
    config_file: str | os.PathLike[str] | None = None,
    profile: str | None = None,
    write: bool = True,
    yes: bool = False,
    commit: bool = False,
    consent: Callable[[str], bool] | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Receipt:
    """Does `task` with the cheapest tier that can, verified by the repository's own tests, as `routecli run` does.

    `paths` are relative to `root`, a folder in the repository (the current one if not given); without any, the files
    that the task names. `write` False leaves the tree as it is: the patch is in `patch_text`. `yes` and `commit` are
    the options of those names; `explain` has the route say why, in figures (`route.explained`). `consent` answers
    yes-or-no questions; without it, every answer is no. `on_event` hears what happens, as it happens; where it raises,
    it hears no more.

    From the first call on there is a Receipt, whatever comes: `outcome` says how it ended, `why` and `hint` what to do.
    What stops before is raised: UsageFault, ConfigFault, SandboxFault of `routecli.errors`, and nothing was spent.
    KeyboardInterrupt is raised again, with the receipt in the ledger.
    """
    from routecli.compose import Broadcast, Wishes
    from routecli.compose.carrying_out import keep_patch, planned, readied

    flags = _flags(config, budget_usd, max_tier)
    with _opened(root, flags, config_file, profile) as (cwd, loaded, ledger, warnings):
        emit = Broadcast([ledger.listener, *([on_event] if on_event is not None else ())])
        plan = planned(_order(task, paths, cwd, kind, tier, max_tier, explain), loaded, ledger, emit)
        wishes = Wishes(yes=yes, patch_only=not write, commit=commit)
        with readied(plan, ledger, emit, wishes, agrees=consent or _nobody, consent=consent) as ready:
            for warning in warnings:
                emit(Warned(warning))
            done = ready.run()
        keep_patch(done, ledger)
        if isinstance(done.fault, KeyboardInterrupt):
            raise done.fault
        return done.receipt


def estimate(
    task: str,
    paths: Sequence[str | os.PathLike[str]] = (),
    *,
    root: str | os.PathLike[str] | None = None,
    kind: Kind | str | None = None,
    tier: str | None = None,
    max_tier: str | None = None,
    explain: bool = False,
    budget_usd: Decimal | str | None = None,
    config: Overrides | None = None,
    config_file: str | os.PathLike[str] | None = None,
    profile: str | None = None,
) -> Estimate:
    """Which tier `task` would go to, why, and what it may cost: the first half of `run`, with the same arguments.

    Raises UsageFault and ConfigFault of `routecli.errors`; nobody is called and nothing is spent."""
    from routecli.compose import make_plan

    flags = _flags(config, budget_usd, max_tier)
    with _opened(root, flags, config_file, profile) as (cwd, loaded, ledger, _):
        plan = make_plan(_order(task, paths, cwd, kind, tier, max_tier, explain), loaded, ledger)
        plan.close()
        return Estimate(plan.task, plan.survey, plan.route)


def _order(
    task: str,
    paths: Sequence[str | os.PathLike[str]],
    cwd: Path,
    kind: Kind | str | None,
    tier: str | None,
    max_tier: str | None,
    explain: bool,
) -> Order:
    from routecli.compose import Order
    from routecli.domain.answered import ANSWERS

    try:
        known = None if kind is None else Kind(kind)
    except ValueError:
        listed = ", ".join(k.value for k in Kind if k not in ANSWERS)
        raise UsageFault(f"there is no kind {kind!r}", hint=f"one of: {listed}") from None
    if known in ANSWERS:
        raise UsageFault(f"{known} is no task", hint="routecli ask --json, routecli review --json")
    if isinstance(paths, str | os.PathLike):
        raise UsageFault("paths is one path, not several", hint="paths=[…]")
    return Order(task, tuple(os.fspath(path) for path in paths), cwd, known, tier, max_tier, explain=explain)


def _flags(config: Overrides | None, budget_usd: Decimal | str | None, max_tier: str | None) -> dict[str, Any]:
    given = {"budget": None if budget_usd is None else str(budget_usd), "max_tier": max_tier}
    return dict(config or {}) | {name: value for name, value in given.items() if value is not None}


def _nobody(_question: str) -> bool:
    return False


@contextmanager
def _opened(
    root: str | os.PathLike[str] | None,
    flags: Overrides,
    config_file: str | os.PathLike[str] | None,
    profile: str | None,
) -> Iterator[tuple[Path, Loaded, Ledger, tuple[Reason, ...]]]:
    """Where one stands, the configuration of all layers, its ledger, and what is odd about them."""
    from routecli.config.load import load
    from routecli.config.places import state_place
    from routecli.git.repository import open_repository
    from routecli.ledger.opening import open_ledger

    cwd = Path(os.fspath(root)).absolute() if root is not None else Path.cwd()
    if not cwd.is_dir():
        raise UsageFault(f"there is no folder {cwd}", hint="root=… names a folder in a repository")
    loaded = load(
        repo_root=open_repository(cwd).root,
        flags=flags,
        environ=os.environ,
        config_file=None if config_file is None else Path(os.fspath(config_file)),
        profile=profile,
    )
    place = None if loaded.settings.ledger_path else state_place(os.environ)
    ledger = open_ledger(loaded.settings, place.path if place else None, secrets=loaded.secrets)
    odd = [place.warning] if place and place.warning else []
    try:
        yield cwd, loaded, ledger, (*loaded.warnings, *odd, *ledger.warnings)
    finally:
        ledger.close()
