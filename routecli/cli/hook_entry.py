"""What an installed hook starts: `python -P -m routecli.cli.hook_entry NAME ARGS…`, without the command line's parser.

Everything that can go wrong here ends in one line and lets git go on, or not, as `hook.unable` says.
"""

from __future__ import annotations

import gc
import os
import sys

_OBJECTS_PER_COLLECTION = 50_000
"""As for `run`: objects that live to the end make each import slower for Python's own 700."""


def main() -> None:
    """Runs the hook and leaves with its exit status: 0 lets git go on."""
    gc.set_threshold(_OBJECTS_PER_COLLECTION)
    from routecli.cli import signals
    from routecli.cli.streams import hold_standard_streams

    hold_standard_streams()
    signals.install()
    from routecli.cli.hooking import Asked, run_hook

    name, *words = sys.argv[1:] or ["pre-commit"]

    status = run_hook(name, Asked(words=tuple(words)))
    sys.stderr.flush()
    os._exit(status)  # a thread that still waits for a server holds no commit back


if __name__ == "__main__":
    main()
