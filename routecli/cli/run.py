"""`routecli run`: the main job."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from routecli.cli import ordering as o
from routecli.cli.manner import Output
from routecli.cli.session import open_config
from routecli.cli.verb import verb_app
from routecli.domain.task import Kind

app = verb_app()


@app.command(
    epilog="""
    routecli run "fix the rounding in invoice totals" src/invoice.py
    routecli "sort the imports" src/
    routecli run "add docstrings" src/ --budget 0.50 --max-tier tier2
    routecli run --accept "pytest tests/test_totals.py" "totals are a cent too low" src/
    routecli run --bench "python bench.py" "make the parser quicker" src/parser.py
    pytest 2>&1 | routecli run - src/
    routecli run --watch "pytest -q" src/parser.py
    routecli run "rename total to net_total" src/ --patch-only | git apply
    """
)
def run(
    ctx: typer.Context,
    task: o.TaskWord = None,
    paths: o.PathWords = None,
    task_file: o.TaskFile = None,
    words: o.Words = False,
    tier: o.TierName = None,
    max_tier: o.MaxTier = None,
    attempts: o.Attempts = None,
    budget: o.Budget = None,
    kind: o.KindName = None,
    policy: o.Policy = None,
    hint: o.Hint = "",
    lane: o.LaneName = None,
    test_cmd: o.TestCmd = None,
    lint_cmd: o.LintCmd = None,
    accept: o.Accept = None,
    bench: o.Bench = None,
    watch: o.Watch = None,
    no_tests: o.NoTests = False,
    no_lint: o.NoLint = False,
    reproduce: o.Reproduce = None,
    require: o.Require = None,
    no_probe: o.NoProbe = False,
    suite: o.Suite = None,
    with_test: o.WithTest = False,
    second_opinion: o.SecondOpinion = None,
    timeout: o.Timeout = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", envvar="ROUTECLI_DRY_RUN", help="Do everything up to the first call, then stop."),
    ] = False,
    explain: o.Explain = False,
    debug: Annotated[
        bool,
        typer.Option(
            "--debug", envvar="ROUTECLI_TRACE", help="Keep a trace of the run: prompts, replies, events; no key."
        ),
    ] = False,
    patch_only: Annotated[
        bool,
        typer.Option(
            "--patch-only", envvar="ROUTECLI_PATCH_ONLY", help="The verified patch on stdout, nothing written."
        ),
    ] = False,
    commit: Annotated[
        bool, typer.Option("--commit", envvar="ROUTECLI_COMMIT", help="Make one commit of only these files.")
    ] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", "-y", envvar="ROUTECLI_YES", help="Write it even if nothing verified it, and to protected files."
        ),
    ] = False,
    allow_unpriced: o.Unpriced = False,
    unsafe_no_sandbox: o.NoSandbox = False,
    output: Annotated[
        Output,
        typer.Option("--output", envvar="ROUTECLI_OUTPUT", help="text, json (the receipt) or jsonl (the events)."),
    ] = Output.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --output json.")] = False,
) -> int:
    """Do a coding task with the cheapest model that can, verified by your tests.

    Each option has its variable: ROUTECLI_BUDGET, ROUTECLI_TEST_CMD, ROUTECLI_TIER and so on.
    """
    from routecli.cli.manner import manner_of
    from routecli.cli.running import carry_out

    kind = kind or (Kind.PERFORMANCE if bench else None)
    if watch is not None:
        order = o.watched(task, paths, tier, max_tier)
    else:
        order = o.make_order(task, paths, task_file, kind, tier, max_tier, hint, loose=words)
    flags = o.flags_of(
        max_tier=max_tier, policy=policy, lane=lane, attempts=attempts, budget=budget, test_cmd=test_cmd,
        lint_cmd=lint_cmd,
        accept=watch or accept, bench=bench, reproduce=reproduce, require=require, no_probe=no_probe, suite=suite,
        no_tests=no_tests, no_lint=no_lint, timeout=timeout, allow_unpriced=allow_unpriced,
        unsafe_no_sandbox=unsafe_no_sandbox, second_opinion=o.opinion_word(second_opinion),
    )  # fmt: skip
    manner = replace(
        manner_of(ctx), output=Output.JSON if as_json else output, dry_run=dry_run, patch_only=patch_only,
        commit=commit, yes=yes, explain=explain, with_test=with_test, debug=debug,
    )  # fmt: skip
    order = replace(order, explain=explain)
    if watch is not None:
        from routecli.cli.watching import watch as look_on

        return look_on(ctx, order, open_config(ctx, flags), manner)
    return carry_out(ctx, order, open_config(ctx, flags), manner)
