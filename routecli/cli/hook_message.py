"""The `prepare-commit-msg` hook: a first line for the editor, made of what is staged, at tier 0."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from routecli.config.places import write_atomically
from routecli.errors import ConfigFault

if TYPE_CHECKING:
    from routecli.config.load import Loaded

_MOST_BYTES = 1_000_000


def prepare(loaded: Loaded, words: Sequence[str]) -> int:
    """`words` are git's: the file of the message and where it came from. Only a message that nobody gave is begun:
    not with -m, -F, a template, a merge, a squash or an amended commit. Returns the exit status, always 0."""
    if len(words) != 1:
        return 0
    file = Path(words[0])
    try:
        there = file.read_bytes()[:_MOST_BYTES]
        if any(line.strip() and not line.startswith(b"#") for line in there.split(b"\n")):
            return 0
        message = _message(loaded)
        if message:
            write_atomically(file, message.encode("utf-8", "replace") + b"\n" + there, mode=0o644)
    except OSError as fault:
        raise ConfigFault(f"{file} cannot be written: {fault.strerror}") from None
    return 0


def _message(loaded: Loaded) -> str:
    from routecli.compose.hooking import Scales

    return Scales(Path.cwd(), loaded, deadline_s=loaded.settings.hook.deadline_s).message()
