"""A wrapper of the user's own around each command: docker, gVisor, a company's launcher.

In the words of `sandbox.wrapper`, `{tree}` is the twin's folder on this machine, `{root}` the path at which the command
expects it, `{cwd}` the folder that it runs in, `{report}` a folder that must be the same inside and out, `{binds}` the
read-only folders that it needs, each by the words of `sandbox.wrapper_bind` with `{path}`; `{command}` is the command
with its whole environment. Whether it isolates is not taken on trust: it has to pass the self-test of our own levels.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator

from routecli.workspace.view import View

_PLACE = re.compile(r"\{(tree|root|cwd|report)\}")
NEEDED = ("{command}", "{tree}", "{root}")


def program_of(template: str) -> str | None:
    """The path of the wrapper's program; None where it is not there."""
    words = shlex.split(template)
    return shutil.which(words[0]) if words else None


def words_of(template: str, bind: str, view: View) -> list[str]:
    """The command line for `view`."""
    places = {
        "tree": str(view.tree),
        "root": str(view.root),
        "cwd": str(view.cwd),
        "report": str(view.report or view.tree.parent / "report"),
    }

    def filled() -> Iterator[str]:
        for word in shlex.split(template):
            if word == "{command}":
                yield from _command(view)
            elif word == "{binds}":
                for source, _ in view.read_only:
                    yield from (part.replace("{path}", str(source)) for part in shlex.split(bind))
            else:
                yield _PLACE.sub(lambda found: places[found[1]], word)

    return list(filled())


def _command(view: View) -> Iterator[str]:
    """The environment goes with the words: what a wrapper passes on is its own affair."""
    yield from ("/usr/bin/env", "-i")
    yield from (f"{name}={value}" for name, value in view.env.items())
    yield from view.launched
