"""What a run would send first, word for word, and what it would not send."""

from __future__ import annotations

from routecli.compose.planning import Plan
from routecli.compose.wiring import prompter_of
from routecli.domain.ladder import ModelRef
from routecli.domain.reply import Prompt
from routecli.domain.task import FileRole, RepoPath
from routecli.ledger.ledger import Ledger
from routecli.nouns import dataclass


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that the task is about and that is not sent. `why` says how it came in and why it stays out."""

    path: RepoPath
    role: FileRole
    why: str


@dataclass(frozen=True, slots=True)
class FirstCall:
    """The first request of a run: the texts of `prompt.messages` are what the body of the request carries. `others`
    counts files of the repository that the task is not about; `after_tools`: only if the tools of tier 0 find nothing
    to do (what they changed in vain would be told as well)."""

    tier: str
    model: ModelRef
    prompt: Prompt
    left_out: tuple[LeftOut, ...]
    others: int
    after_tools: bool


def first_call(plan: Plan, ledger: Ledger) -> FirstCall | None:
    """The first request to a model; None where tools are all that would be tried. Calls nobody.

    Where the tier's first model is down the next one is sent the same files, perhaps in another edit dialect. Raises
    UsageFault: a file is gone since it was counted.
    """
    tier = next((tier for tier in plan.route.ladder if not tier.is_tools and tier.models), None)
    if tier is None:
        return None
    files = plan.survey.files
    return FirstCall(
        tier=tier.name,
        model=tier.models[0],
        prompt=prompter_of(plan, ledger).ask(tier, tier.models[0], ()),
        left_out=tuple(LeftOut(f.path, f.role, f.why) for f in files if f.role is not FileRole.TEXT),
        others=plan.survey.repo_files - len(files),
        after_tools=plan.route.ladder[0].is_tools,
    )
