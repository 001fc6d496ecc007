"""The text of an installed hook: a few lines of sh that start this very routecli, or say that it is gone."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

_HEAD = """\
#!/bin/sh
# routecli hook: {name}. `routecli hook install` wrote it, `routecli hook uninstall` takes it away.
before="$0.before-routecli"
python={python}
entry={entry}
"""

_PLAIN = """\
if [ -z "${PRE_COMMIT_RUNNING_LEGACY:-}" ] && [ -x "$before" ]; then
    "$before" "$@" || exit $?
fi
if [ -x "$python" ] && [ -f "$entry" ]; then
    exec "$python" -P -m routecli.cli.hook_entry {name} "$@"
elif command -v routecli >/dev/null 2>&1; then
    exec routecli hook run {name} -- "$@"
fi
echo "warning: routecli is gone from $python: nothing was judged" >&2
"""

_FED = """\
fed=$(cat)
if [ -z "${PRE_COMMIT_RUNNING_LEGACY:-}" ] && [ -x "$before" ]; then
    printf '%s\\n' "$fed" | "$before" "$@" || exit $?
fi
if [ -x "$python" ] && [ -f "$entry" ]; then
    printf '%s\\n' "$fed" | "$python" -P -m routecli.cli.hook_entry {name} "$@"
    exit $?
elif command -v routecli >/dev/null 2>&1; then
    printf '%s\\n' "$fed" | routecli hook run {name} -- "$@"
    exit $?
fi
echo "warning: routecli is gone from $python: nothing was judged" >&2
"""
"""For a hook that git tells something on its standard input."""


def script(name: str) -> str:
    """The hook `name` for this installation of routecli.

    `-P` keeps the current folder out of the modules' path: no file of the repository is ever imported."""
    entry = Path(__file__).with_name("hook_entry.py")
    head = _HEAD.format(name=name, python=shlex.quote(sys.executable), entry=shlex.quote(str(entry)))
    body = _FED if name == "pre-push" else _PLAIN
    return head + body.replace("{name}", name)
