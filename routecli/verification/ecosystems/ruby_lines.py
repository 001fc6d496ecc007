"""Which changed lines of Ruby are looked for, and how our runners are asked which of them were run: by Ruby's own
`Coverage`."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from routecli.domain.command import Command
from routecli.domain.patch import FileEdit
from routecli.verification.changed_lines import Group, Spots, Watch, line_spots

_NO_STEP = re.compile(rb"[\s{}()\[\];,|]*|#.*|(?:end|else|ensure|begin|private|protected)\b[\s).,;]*")
_MOST_BYTES_ASKED = 60_000


def ruby_spots(edit: FileEdit) -> tuple[Group, ...] | None:
    """The lines that `edit` changes and that are a step. None for another language, or a file too long to compare."""
    return line_spots(edit, _NO_STEP) if edit.path.endswith(".rb") else None


def _watching(command: Command, spots: Spots) -> Command:
    prefix = "" if command.cwd == "." else f"{command.cwd}/"
    inside = {
        path.removeprefix(prefix): sorted({n for group in groups for n in group})
        for path, groups in spots.items()
        if path.startswith(prefix)
    }
    said = json.dumps(inside, separators=(",", ":"))
    if not inside or len(said) > _MOST_BYTES_ASKED:
        return command
    return replace(command, env={**command.env, "ROUTECLI_LINES": said})


WATCH = Watch(ruby_spots, _watching)
