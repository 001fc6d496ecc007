"""One stream of events, several listeners; one that breaks is dropped, never the run."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from routecli.domain.events import Event, Warned
from routecli.domain.ladder import Reason
from routecli.domain.untrusted import one_line
from routecli.ports import Listener


class Broadcast:
    """Satisfies ports.Listener for many. Events come from several threads and are told one at a time."""

    def __init__(self, listeners: Iterable[Listener] = ()) -> None:
        self._listeners = list(listeners)
        self._lock = threading.RLock()

    def add(self, listener: Listener) -> None:
        """From now on `listener` hears as well."""
        with self._lock:
            self._listeners.append(listener)

    def __call__(self, event: Event) -> None:
        """Tells everyone."""
        with self._lock:
            for listener in tuple(self._listeners):
                try:
                    listener(event)
                except Exception as fault:  # noqa: BLE001 - whatever a listener does, the run goes on
                    self._listeners.remove(listener)
                    self(Warned(Reason("listener", f"a listener was dropped: {one_line(str(fault))}")))
