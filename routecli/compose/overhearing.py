"""Providers whose calls somebody else hears too: what `keep` keeps and what `--debug` writes down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from routecli.domain.reply import Reply, Request
from routecli.ports import CallContext, Metered, Provider


class Ear(Protocol):
    """Hears a call from both ends. Nothing here raises."""

    def asked(self, provider: str, request: Request, /) -> None:
        """Before it is sent."""

    def answered(self, provider: str, request: Request, reply: Reply, /) -> None:
        """When there is an answer."""

    def failed(self, provider: str, request: Request, fault: BaseException, /) -> None:
        """When there is none."""


class Overheard:
    """A provider with an ear at it. Satisfies ports.Provider."""

    def __init__(self, inner: Provider, ear: Ear) -> None:
        self.name = inner.name
        self._inner = inner
        self._ear = ear

    def preload(self) -> None:
        """See ports.Provider.preload."""
        self._inner.preload()

    def complete(self, request: Request, context: CallContext) -> Reply:
        """See ports.Provider.complete."""
        self._ear.asked(self.name, request)
        try:
            reply = self._inner.complete(request, context)
        except BaseException as fault:
            self._ear.failed(self.name, request, fault)
            raise
        self._ear.answered(self.name, request, reply)
        return reply


def overheard(providers: Mapping[str, Provider], ear: Ear) -> dict[str, Provider]:
    """All providers with `ear` at them; agents pay by the meter for requests of their own, and stay as they are: their
    events tell of each."""
    return {
        name: provider if isinstance(provider, Metered) else Overheard(provider, ear)
        for name, provider in providers.items()
    }


__all__ = ["Ear", "overheard"]
