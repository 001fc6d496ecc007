"""A Plan becomes a Cascade that is ready to run."""

from __future__ import annotations

import os
from collections.abc import Callable

from routecli import edits, survey
from routecli.budget import RunBudget
from routecli.cascade import Cascade, Limits, Parts, Run
from routecli.compose.caps import budget_of
from routecli.compose.classifying import shadow_of
from routecli.compose.cooling import LedgerHealth, detours_of
from routecli.compose.counterfactual import baseline_of
from routecli.compose.planning import Plan
from routecli.compose.reviewing import reviewers_of
from routecli.compose.seams import Consent, PatchReader, TreeDeliverer
from routecli.config.places import cache_place
from routecli.domain.confidence import calibrated
from routecli.domain.events import Warned
from routecli.domain.ladder import ModelRef, Reason, Tier
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Isolation
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, UsageFault
from routecli.ledger.baselines import Baselines
from routecli.ledger.ledger import Ledger
from routecli.nouns import dataclass
from routecli.ports import Listener
from routecli.prompting import AGENT_FORMAT, TaskPrompter
from routecli.survey import tokens as tokenizer
from routecli.verification.accept import AcceptState
from routecli.verification.verifier import ProjectVerifier
from routecli.workspace.workspace import GitWorkspace

BASELINES = "baselines"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to become of the patch. `isolation` overrides the probe: only for the demonstration's own code."""

    yes: bool = False
    patch_only: bool = False
    commit: bool = False
    isolation: Isolation | None = None
    with_test: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """A cascade and what it rests on."""

    plan: Plan
    cascade: Cascade
    verifier: ProjectVerifier
    workspace: GitWorkspace
    prompter: TaskPrompter
    budget: RunBudget
    emit: Listener

    def preflight(self) -> None:
        """What can be known before paying. Raises UsageFault: a command that is not there, no runner for the tests, an
        `--accept` that passes already, a commit that could not hold only the patch; SandboxFault."""
        missing = self.verifier.environment_fault()
        if missing is not None:
            raise UsageFault(missing, hint=self.verifier.environment_hint or "routecli run --no-tests …")
        before = self.verifier.check_accept()
        if before is not None and before.state is AcceptState.PASSES_ALREADY:
            raise UsageFault(f"--accept passes before anything was changed: {before.why}", hint=before.hint)
        if before is not None and before.state is AcceptState.CANNOT_RUN:
            raise UsageFault(f"--accept cannot be run: {before.why}", hint=before.hint)
        slow = self.verifier.check_bench()
        if slow:
            raise UsageFault(f"--bench fails before anything was changed: {slow}", hint="try it yourself first")

    def run(self) -> Run:
        """Tells what was decided, then climbs."""
        self.plan.announce(self.emit)
        if not self.verifier.plan():
            self.emit(Warned(Reason("no-checks", "no test or linter was found: nothing can verify the patch")))
        return self.cascade.run()


def make_ready(
    plan: Plan, ledger: Ledger, emit: Listener, *, wishes: Wishes = Wishes(), consent: Consent | None = None
) -> Ready:
    """Wires the rooms for `plan`. Raises SandboxFault (exit 3), UsageFault; nothing was spent."""
    loaded, settings, snapshot, task = plan.loaded, plan.loaded.settings, plan.snapshot, plan.task
    if wishes.commit:
        _committable(plan)
    workspace = GitWorkspace(plan.repository, snapshot, settings.sandbox, isolation=wishes.isolation)
    cache = cache_place(os.environ).path
    verifier = ProjectVerifier(
        workspace, task.repo_root, snapshot, task, settings.verify,
        listener=emit, secrets=loaded.secrets.values(), tree=f"{snapshot.tree} {workspace.isolation_note}".strip(),
        cache=Baselines(cache / BASELINES if cache else None),
        memory=ledger.flaky_tests(task.repo_root, settings.verify.flaky_days),
    )  # fmt: skip
    prompter = prompter_of(plan, ledger)
    budget = budget_of(plan, ledger)
    deliverer = TreeDeliverer(
        plan.repository, snapshot, run_id=plan.run_id, save=_saving(plan, ledger), consent=consent,
        yes=wishes.yes, patch_only=wishes.patch_only, commit=wishes.commit,
    )  # fmt: skip
    top = max(settings.tiers, key=lambda t: t.rank, default=None)
    parts = Parts(
        providers=plan.providers,
        prompter=prompter,
        reader=PatchReader(snapshot, plan.files, task.paths),
        pricer=plan.prices,
        purse=budget,
        workspace=workspace,
        verifier=verifier,
        deliverer=deliverer,
        emit=emit,
        baseline=lambda attempts: baseline_of(top, plan.route, attempts, plan.prices, _converted),
        isolation_note=workspace.isolation_note,
        reproducer=_reproducer(plan),
        health=LedgerHealth(ledger),
        detours=detours_of(plan),
        hidden=lambda: hidden_from_agents(plan),
        reviewers=reviewers_of(plan, ledger),
        misgiving=lambda model, confidence: calibrated(ledger.confidences(model)).misgiving(confidence),
        classifying=shadow_of(plan),
    )  # fmt: skip
    limits = Limits(
        settings.attempts, settings.max_calls, settings.request_timeout_s, settings.verify.reproduce_candidates,
        wishes.with_test, settings.patience, settings.prose_tokens,
    )  # fmt: skip
    return Ready(
        plan, Cascade(plan.run_id, task, plan.route, parts, limits), verifier, workspace, prompter, budget, emit
    )


def hidden_from_agents(plan: Plan) -> Patch | None:
    """What an agent's twin is without: files that may not leave this machine. An agent would find them."""
    settings = plan.loaded.settings
    barred = survey.unsendable(plan.snapshot, settings.context, settings.verify.holdout)
    gone = [FileEdit(path, plan.files.read(path), None) for path in sorted(barred)]
    return Patch(tuple(gone)) if gone else None


def _is_agent(plan: Plan, model: ModelRef) -> bool:
    found = plan.loaded.settings.providers.get(model.provider)  # tier 0's tools are nobody's
    return found is not None and found.api == "agent"


def _reproducer(plan: Plan) -> Tier | None:
    """Who writes a test of the task: the tier that the user named, else the first of the ladder with a model. Raises
    ConfigFault: there is no such tier."""
    named = plan.loaded.settings.verify.reproduce_tier
    tiers = plan.loaded.settings.tiers if named else plan.route.ladder
    writers = [t for t in tiers if not t.is_tools and not any(_is_agent(plan, model) for model in t.models)]
    found = next((t for t in writers if named in (None, t.name)), None)
    if named and found is None:
        known = ", ".join(t.name for t in writers)
        raise ConfigFault(f"verify.reproduce_tier: no tier {one_line(named)}", hint=f"one of: {known}")
    return found


def prompter_of(plan: Plan, ledger: Ledger) -> TaskPrompter:
    """Makes the prompts of `plan`: the very ones for `run` and for who only asks what would be sent."""
    return TaskPrompter(
        plan.task, plan.task.paths, plan.files, _format_for(plan, ledger), edits.render,
        survey.Counter(plan.remembered), lambda model, count: tokenizer.for_model(count, model.model),
        plan.loaded.secrets.values(),
    )  # fmt: skip


def _converted(model: str, count: int, other: str) -> int:
    """`count` tokens of `model` (`provider/name`) as tokens of `other`, by the table of ratios."""
    own = tokenizer.ratio_of(model.partition("/")[2])
    return round(count / float(own) * float(tokenizer.ratio_of(other)))


def edit_formats(plan: Plan, ledger: Ledger) -> tuple[tuple[str, Reason], ...]:
    """The dialect that each tier of the ladder would be told to answer in, by the tier's name, and why."""
    sizes = {file.path: file.tokens for file in plan.survey.text_files}
    return tuple(
        (
            tier.name,
            Reason("agent", "an agent changes the files itself")
            if _is_agent(plan, tier.models[0])
            else edits.choose_format(sizes, tier, ledger.dialect_record(str(tier.models[0])))[1],
        )
        for tier in plan.route.ladder
        if not tier.is_tools
    )


def _format_for(plan: Plan, ledger: Ledger) -> Callable[[Tier, ModelRef], tuple[str, str]]:
    sizes = {file.path: file.tokens for file in plan.survey.text_files}

    def choose(tier: Tier, model: ModelRef) -> tuple[str, str]:
        if _is_agent(plan, model):
            return AGENT_FORMAT, ""
        name, _ = edits.choose_format(sizes, tier, ledger.dialect_record(str(model)))
        return name, edits.EDIT_FORMATS[name].instructions

    return choose


def _saving(plan: Plan, ledger: Ledger) -> Callable[[Patch], None]:
    def save(patch: Patch) -> None:
        ledger.save_patch(plan.run_id, edits.render(patch))

    return save


def _committable(plan: Plan) -> None:
    dirty = sorted(plan.snapshot.changed_since_head() & set(plan.task.paths))
    if dirty:
        raise UsageFault(
            f"--commit: {dirty[0]} has uncommitted changes, and the commit would hold them too",
            hint=f"git commit {dirty[0]}, or leave out --commit",
        )
