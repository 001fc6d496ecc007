"""`routecli eval`: how often each tier solves the tasks of a suite, and what that asks of the routing."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from routecli.cli.paths_group import PathsGroup
from routecli.cli.session import open_config
from routecli.cli.streams import note
from routecli.cli.verb import shared, verb_app


class RunGroup(PathsGroup):
    """`eval SUITE` is `eval run SUITE`."""

    usual = "run"


app = verb_app(cls=RunGroup)


class Source(StrEnum):
    """What tasks are made of."""

    GIT = "git"
    RUNS = "runs"


Suite = Annotated[Path, typer.Argument(metavar="SUITE", show_default=False, help="A folder with one TOML file a task.")]
Tiers = Annotated[
    list[str] | None, typer.Option("--tier", metavar="NAME", help="A tier to try; may be repeated. Else all.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.callback()
def eval_() -> None:
    """Try the tiers on tasks with a known answer, and say what follows.

    `routecli eval SUITE` is `routecli eval run SUITE`: it costs money, up to its --budget.
    """


@app.command(
    epilog="""
    routecli eval make evals/
    routecli eval make evals/ --limit 50
    routecli eval make evals/ --from runs
    """
)
def make(
    ctx: typer.Context,
    suite: Suite,
    source: Annotated[
        Source, typer.Option("--from", help="git: commits with tests. runs: your own accepted runs that mended tests.")
    ] = Source.GIT,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=1000, help="At most N tasks.")] = 20,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Write tasks untried: their tests may pass before, or not after.")
    ] = False,
) -> None:
    """Make tasks of what was done in this repository: commits that change code and its tests, or your runs.

    Python, Go, Rust, Ruby, and JavaScript by `node --test`. The task is the commit's message, its tests judge and are
    shown to no model. A commit is left out where its tests, run here, do not fail before it and pass after it. A file
    that is there stays.
    """
    from routecli.cli.eval_run import make_suite

    for file in make_suite(ctx, suite, limit, from_runs=source is Source.RUNS, check=not no_check):
        note(f"written: {file}")


@app.command(
    epilog="""
    routecli eval run evals/ --budget 2
    routecli eval run evals/ --tier tier1 --jobs 2 --budget 5
    """
)
def run(
    ctx: typer.Context,
    suite: Suite,
    tier: Tiers = None,
    budget: Annotated[
        str, typer.Option("--budget", metavar="USD", help="The most that all tries together may cost.")
    ] = "5",
    jobs: Annotated[int, typer.Option("--jobs", "-j", metavar="N", min=1, max=32, help="Tries at once.")] = 1,
    limit: Annotated[int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="The first N tasks.")] = None,
    unsafe_no_sandbox: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="Where no isolation can be had, run the tests all the same.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Try each tier alone on each task, in a copy of the repository as it was then.

    What was tried before is not tried again, unless the task's file or the tier's models changed: a stopped
    evaluation goes on. Exit status 4: the budget ended it.
    """
    from routecli.cli.eval_run import run_suite

    return run_suite(
        ctx, suite, tier or [], open_config(ctx), budget=budget, jobs=jobs, limit=limit,
        unsafe=unsafe_no_sandbox, as_json=as_json,
    )  # fmt: skip


@app.command(
    epilog="""
    routecli eval show evals/
    routecli eval show evals/ --json
    """
)
def show(ctx: typer.Context, suite: Suite, as_json: AsJson = False) -> None:
    """Show how often each tier solved the suite, with 95 % intervals, and what it cost."""
    from routecli.cli.eval_run import show_suite

    show_suite(suite, open_config(ctx), as_json=as_json, no_color=shared(ctx).no_color)


@app.command(
    epilog="""
    routecli eval advise evals/
    routecli eval advise evals/ | patch -p0
    routecli eval advise evals/ --tier local
    """
)
def advise(
    ctx: typer.Context,
    suite: Suite,
    tier: Annotated[
        str | None, typer.Option("--tier", metavar="NAME", help="Of this tier: the kinds of task that it should take.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whether the first tier has earned more work or lost it, as a diff of your configuration. Writes nothing.

    0.95 and more promotes it (one file more before the next tier begins), below 0.92 the next tier begins. With --tier
    the same marks hold for each kind of task, over at least 20 of it, and the diff is of the tier's `kinds`.
    """
    from routecli.cli.eval_run import advise_kinds_of, advise_suite

    if tier is not None:
        advise_kinds_of(ctx, suite, tier, open_config(ctx), as_json=as_json)
        return
    advise_suite(ctx, suite, open_config(ctx), as_json=as_json)
