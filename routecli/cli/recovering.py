"""Before any command does its work: what a killed delivery left is put right (security.md row 44).

Nearly always that is a look at one empty folder: a few system calls, no process, nothing heavy imported.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from routecli.cli.streams import note, warn
from routecli.git.finding import find

if TYPE_CHECKING:
    from routecli.workspace.recovery import Recovered


def recover_first(*, quiet: bool = False) -> None:
    """Undoes interrupted deliveries of the repository around the current folder, and says so in a line. Never raises
    for a folder that cannot be used: the command itself may need none of it."""
    try:
        found = find(Path.cwd())
        own_dir = found.common_dir / "routecli" if found else None
        if found is None or own_dir is None or not os.listdir(own_dir / "pending"):  # noqa: PTH208 - names suffice
            return
    except OSError:
        return
    from routecli.errors import RoutecliError
    from routecli.workspace.delivery import recover_in

    try:
        for recovered in recover_in(own_dir):
            _tell(recovered, quiet)
    except (RoutecliError, OSError) as fault:
        what = fault.what if isinstance(fault, RoutecliError) else str(fault)
        warn(f"an interrupted delivery could not be undone: {what}")


def _tell(recovered: Recovered, quiet: bool) -> None:
    from routecli.cli.figures import count_text
    from routecli.domain.untrusted import one_line

    if recovered.left:
        named = ", ".join(one_line(path) for path in recovered.left[:5])
        warn(f"an interrupted delivery was undone, but for what changed since or cannot be written: {named}")
    elif not quiet:
        note(f"an interrupted delivery was undone: {count_text(len(recovered.restored), 'file')} as before it")
