"""No isolation at all: the command runs in the twin's folder with a clean environment, and that is all. Only where
the user asked for it by `--unsafe-no-sandbox`."""

from __future__ import annotations

from routecli.workspace.view import View


def program() -> str | None:
    """Always there."""
    return "/bin/sh"


def words(view: View, _status_fd: int | None) -> list[str]:
    """The command under its limits. It runs at the twin's own path: nothing is mounted over the repository."""
    return list(view.launched)
