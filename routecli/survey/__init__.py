"""Which files a task is about, what each is to a prompt, and how many tokens: facts before anyone is paid."""

from __future__ import annotations

from routecli.survey.choosing import chosen_by_paths, nearest
from routecli.survey.content import Chosen, Content
from routecli.survey.counter import Counter
from routecli.survey.naming import chosen_by_task
from routecli.survey.remembered import Remembered, default_folder
from routecli.survey.taking import take, unsendable

__all__ = [
    "Chosen", "Content", "Counter", "Remembered", "chosen_by_paths", "chosen_by_task", "default_folder", "nearest",
    "take", "unsendable",
]  # fmt: skip
