"""What is staged, asked of git before the modules that judge it are loaded."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from routecli.git.staged import Staged, TreeSnapshot, look, snapshot_of

_LAST_S = 1.0


class Ahead:
    """What is staged in the repository around `cwd`, and its content where it changes something, looked at beside what
    the caller does."""

    def __init__(self, cwd: Path) -> None:
        self._cwd = cwd
        self._seen: Staged | None = None
        self._fault: BaseException | None = None
        self.content: TreeSnapshot | None = None
        self._looking = threading.Thread(target=self._look, name="routecli-staged", daemon=True)
        self._looking.start()

    def _look(self) -> None:
        try:
            seen = self._seen = look(self._cwd, os.environ)
            if seen.changed:
                self.content = snapshot_of(seen.store, seen.after)
        except BaseException as fault:  # noqa: BLE001 - raised where the answer is waited for
            self._fault = fault

    def staged(self) -> Staged | None:
        """The answer, waited for. Raises what the look raised."""
        self._looking.join()
        if self._fault is not None:
            raise self._fault
        return self._seen

    def close(self) -> None:
        """Drops the content. A look that is still under way may leave a file, which the next start removes."""
        self._looking.join(_LAST_S)
        if self.content is not None:
            self.content.close()
