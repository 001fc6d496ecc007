"""Task, files and earlier attempts as messages: what stays the same first, what is foreign fenced as data."""

from __future__ import annotations

from routecli.prompting.building import Draft, Earlier, Part, build, repair
from routecli.prompting.ordering import AGENT_FORMAT
from routecli.prompting.prompter import TaskPrompter
from routecli.prompting.questions import Question
from routecli.prompting.showing import hidden_characters, shown_file, shown_text

__all__ = [
    "AGENT_FORMAT", "Draft", "Earlier", "Part", "Question", "TaskPrompter", "build", "hidden_characters", "repair",
    "shown_file", "shown_text",
]  # fmt: skip
