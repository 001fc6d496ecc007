"""`config import`: what was carried over, on stdout or in the user's own file; what was not, on stderr."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from routecli.cli.streams import note, warn


def carry_over(source: Path, own: Path, *, print_only: bool, force: bool) -> None:
    """Reads `source`, tries the result as a configuration, then prints it or writes it to `own`. Raises ConfigFault,
    UsageFault."""
    from routecli.cli.screen import write_out
    from routecli.config.importing import read_litellm
    from routecli.config.init import write_new

    found = read_litellm(source)
    _try_out(found.text)
    if print_only:
        write_out(found.text)
    else:
        again = f"routecli config import {source} --force"
        note(f"written: {write_new(own, found.text, force=force, again=again)} (tiers {', '.join(found.tiers)})")
    for line in found.notes:
        note(line)
    for line in found.lost:
        warn(f"not carried over: {line}")


def _try_out(text: str) -> None:
    """Raises ConfigFault where `text` is no configuration: before anything is replaced."""
    from routecli.config.load import load

    with tempfile.TemporaryDirectory(prefix="routecli-import-") as folder:
        file = Path(folder) / "imported.toml"
        file.write_text(text, "utf-8")
        load(repo_root=None, flags={}, environ=os.environ, config_file=file)
