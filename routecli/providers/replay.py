"""Recorded replies as a provider: no network, no key. For tests and for trying things out."""

from __future__ import annotations

import threading
import time

from routecli.domain.money import Usage, UsageSource
from routecli.domain.reply import Reply, Request
from routecli.domain.settings import ProviderSettings
from routecli.errors import ConfigFault, ProviderFault
from routecli.ports import CallContext
from routecli.providers.recorded import Recorded, Tape, read

_PIECE_CHARS = 200


class Replay:
    """See ports.Provider. Replies are given in the order of the file, each once."""

    def __init__(self, settings: ProviderSettings, key: str | None = None) -> None:  # noqa: ARG002 (a factory's shape)
        self.name = settings.name
        self._settings = settings
        self._lock = threading.Lock()
        self._tape: Tape | None = None

    def preload(self) -> None:
        """See ports.Provider.preload: there is nothing slow to import."""

    def complete(self, request: Request, context: CallContext) -> Reply:
        """See ports.Provider.complete. Raises ProviderFault where the tape has no reply left for the model."""
        started = time.monotonic()
        recorded = self._open().take(request.model.model)
        if recorded is None:
            raise ProviderFault(f"{self.name} has no recorded reply left for {request.model.model}")
        for at in range(0, len(recorded.text), _PIECE_CHARS):
            context.on_text(recorded.text[at : at + _PIECE_CHARS])
        return Reply(
            recorded.text, recorded.stop, _usage(recorded, request), request.model.model, time.monotonic() - started
        )

    def _open(self) -> Tape:
        with self._lock:
            if self._tape is None:
                if self._settings.replies is None:
                    raise ConfigFault(
                        f"providers.{self.name} names no file of recorded replies",
                        hint=f"set providers.{self.name}.replies",
                    )
                self._tape = Tape(read(self._settings.replies))
            return self._tape


def _usage(recorded: Recorded, request: Request) -> Usage:
    if recorded.input_tokens is None or recorded.output_tokens is None:
        asked = request.input_tokens or sum(len(m.text) for m in request.messages) // 4
        return Usage(asked, output_tokens=-(-len(recorded.text) // 4), source=UsageSource.ESTIMATED)
    return Usage(
        recorded.input_tokens,
        recorded.cache_read_tokens,
        recorded.cache_write_tokens,
        recorded.output_tokens,
        recorded.reasoning_tokens,
    )
