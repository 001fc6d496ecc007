"""What is asked about a change of a repository: the change as a reviewer sees it, fenced as data, after the rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import ClassVar

from routecli.domain.ladder import ModelRef
from routecli.domain.patch import Patch
from routecli.domain.reply import Prompt
from routecli.domain.untrusted import redact
from routecli.prompting.building import Draft, Part
from routecli.prompting.reviewing import Shown, fenced_block, shown_change


class AboutChange:
    """The half of ports.Questioner that asks. `scope` says what the change is (`staged`, `main..HEAD`), `count` and
    `tokens` are as in TaskPrompter; `secrets` are values that are taken out. A subclass has the rules, the same in
    every call, and reads the answer."""

    rules: ClassVar[str]
    wanted: ClassVar[str]
    """What the prompt ends with."""

    def __init__(
        self,
        patch: Patch,
        scope: str,
        count: Callable[[Sequence[str]], list[int]],
        tokens: Callable[[ModelRef, int], int],
        secrets: Collection[str] = (),
    ) -> None:
        self.scope = scope
        self._count = count
        self._tokens = tokens
        self.shown: Shown = shown_change(patch)
        self._draft = self._build(tuple(secrets))

    def ask(self, model: ModelRef) -> Prompt:
        """See ports.Questioner.ask."""
        return Prompt(self._draft.messages, "", self._tokens(model, self._draft.tokens(self._count)))

    def _build(self, secrets: tuple[str, ...]) -> Draft:
        text = fenced_block(redact(self.shown.text, secrets))
        cut = (
            "" if self.shown.whole else "The change is longer; its other files are not shown: say nothing of them.\n\n"
        )
        change = f"Change:\n\n{text}\n{cut}{self.wanted}:\n"
        return Draft((Part("system", (self.rules,), cache_here=True), Part("user", (change,))))
