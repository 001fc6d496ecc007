"""Which changed lines of Ruby are looked for, and how our runners are asked which of them were run: by Ruby's own
`Coverage`."""

from __future__ import annotations

import re

from routecli.domain.command import Command
from routecli.domain.patch import FileEdit
from routecli.verification.changed_lines import Group, Spots, Watch, asking, below, each_line, line_spots

_NO_STEP = re.compile(rb"[\s{}()\[\];,|]*|#.*|(?:end|else|ensure|begin|private|protected)\b[\s).,;]*")


def ruby_spots(edit: FileEdit) -> tuple[Group, ...] | None:
    """The lines that `edit` changes and that are a step. None for another language, or a file too long to compare."""
    return line_spots(edit, _NO_STEP) if edit.path.endswith(".rb") else None


def _watching(command: Command, spots: Spots) -> Command:
    return asking(command, each_line(below(spots, command.cwd))) or command


WATCH = Watch(ruby_spots, _watching)
