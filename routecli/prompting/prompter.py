"""The prompts of one run (ports.Prompter). Everything of other rooms is handed in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from routecli.domain.ladder import ModelRef, Tier
from routecli.domain.opinion import Opinion
from routecli.domain.patch import Patch
from routecli.domain.receipt import Attempt
from routecli.domain.reply import Prompt
from routecli.domain.task import RepoPath, Task
from routecli.domain.untrusted import one_line
from routecli.domain.verdict import Deferred, Unverified
from routecli.errors import UsageFault
from routecli.ports import Files, Reproduction
from routecli.prompting.building import Earlier, build, repair
from routecli.prompting.ordering import AGENT_FORMAT, build_order
from routecli.prompting.reproducing import build_reproduction, read_reproduction
from routecli.prompting.reviewing import build_review, read_opinion, shown_change

FormatFor = Callable[[Tier, ModelRef], tuple[str, str]]
"""The dialect that a model is to answer in, by name, and its instructions."""


class TaskPrompter:
    """Builds the prompts of `task`. Its files are read once: every tier is asked about the same bytes."""

    def __init__(
        self,
        task: Task,
        paths: Sequence[RepoPath],
        files: Files,
        format_for: FormatFor,
        render: Callable[[Patch], str],
        count: Callable[[Sequence[str]], list[int]],
        tokens: Callable[[ModelRef, int], int],
        secrets: Collection[str] = (),
    ) -> None:
        self._task = task
        self._paths = tuple(paths)
        self._files = files
        self._format_for = format_for
        self._render = render
        self._count = count
        self._tokens = tokens
        self._secrets = tuple(secrets)
        self._contents: dict[RepoPath, bytes] = {}

    def ask(self, tier: Tier, model: ModelRef, earlier: Sequence[Attempt]) -> Prompt:
        """See ports.Prompter.ask. Raises UsageFault where a file has vanished since the survey."""
        dialect, instructions = self._format_for(tier, model)
        before = [told for attempt in earlier if (told := self._told(attempt)) is not None]
        if dialect == AGENT_FORMAT:
            order = build_order(self._task.instruction, self._paths, before, self._secrets)
            return Prompt(order.messages, dialect, self._tokens(model, order.tokens(self._count)))
        draft = build(
            self._task.instruction,
            self._read(),
            instructions,
            before,
            secrets=self._secrets,
            cache_files=tier.attempts > 1,
        )
        return Prompt(draft.messages, dialect, self._tokens(model, draft.tokens(self._count)))

    def repair(self, prompt: Prompt, model: ModelRef, said: str, refusal: Deferred) -> Prompt:
        """See ports.Prompter.repair."""
        messages, added = repair(prompt.messages, said, refusal.feedback or refusal.why, secrets=self._secrets)
        more = sum(self._count(added)) + 4 * len(added)
        return Prompt(messages, prompt.edit_format, prompt.input_tokens + self._tokens(model, more))

    def reproduce(self, model: ModelRef, asked: Reproduction) -> Prompt:
        """See ports.Prompter.reproduce."""
        draft = build_reproduction(self._task.instruction, self._read(), asked.path, asked.runner)
        return Prompt(draft.messages, "", self._tokens(model, draft.tokens(self._count)))

    def reproduction_in(self, text: str) -> str:
        """See ports.Prompter.reproduction_in."""
        return read_reproduction(text)

    def reviewable(self, patch: Patch) -> bool:
        """See ports.Prompter.reviewable."""
        return any(shown_change(patch).lines.values())

    def review(self, model: ModelRef, patch: Patch) -> Prompt:
        """See ports.Prompter.review."""
        draft = build_review(self._task.instruction, patch, self._secrets)
        return Prompt(draft.messages, "", self._tokens(model, draft.tokens(self._count)))

    def opinion_in(self, text: str, patch: Patch) -> Opinion | None:
        """See ports.Prompter.opinion_in."""
        return read_opinion(text, patch)

    def _read(self) -> dict[RepoPath, bytes]:
        if not self._contents:
            for path in self._paths:
                raw = self._files.read(path)
                if raw is None:
                    raise UsageFault(
                        f"{one_line(path)} is gone since it was counted", hint="run the same command again"
                    )
                self._contents[path] = raw
        return self._contents

    def _told(self, attempt: Attempt) -> Earlier | None:
        """What a later attempt is told of this one; nothing of tools that found nothing to do."""
        verdict = attempt.verdict
        if attempt.purpose:
            return None  # a test of the task: whoever fixes it must not write to pass it
        in_vain = attempt.patch is None and not attempt.usage.input_tokens
        if in_vain or not isinstance(verdict, Deferred | Unverified):
            return None
        feedback = verdict.feedback if isinstance(verdict, Deferred) else ""
        patch_text = self._render(attempt.patch) if attempt.patch is not None else ""
        return Earlier(attempt.tier, verdict.why, patch_text, feedback)
