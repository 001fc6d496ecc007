"""A ledger that stays usable: what is done where its file is broken or its server goes away, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from routecli.domain.ladder import Reason
from routecli.domain.untrusted import redact
from routecli.ledger.store import Params, Row, Store, StoreFault

if TYPE_CHECKING:
    from routecli.ports import Secrets

_TRIES = 4
_T = TypeVar("_T")


class Guarded:
    """A store, and every way to it that outlives its faults."""

    def __init__(
        self, store: Store, secrets: Secrets | None = None, on_warning: Callable[[Reason], None] | None = None
    ) -> None:
        self._store = store
        self._secrets = secrets
        self._on_warning = on_warning
        self._told = len(store.warnings)

    @property
    def path(self) -> Path | None:
        """The file; None where this run is kept in memory."""
        return self._store.path

    @property
    def away(self) -> str:
        """Why the server that all share cannot be asked; empty where it can, or where there is none. Asks it."""
        self._safely(lambda: self._store.rows("SELECT 1"))
        return self._store.away

    @property
    def warnings(self) -> tuple[Reason, ...]:
        """What was wrong with the file, in order."""
        return tuple(self._store.warnings)

    def close(self) -> None:
        """Closes the file. What comes after is lost."""
        self._store.close()

    def _safely(self, write: Callable[[], _T]) -> _T:
        """`write()`; where the file turns out bad, once more on what took its place."""
        try:
            return write()
        except StoreFault as fault:
            return self._again(write, fault)

    def _again(self, write: Callable[[], _T], fault: StoreFault) -> _T:
        """A server may be lost more than once before its rows wait on this machine."""
        for _ in range(_TRIES):
            if not self._store.recover(fault):
                self._store.give_up(str(fault))
            try:
                result = write()
            except StoreFault as other:
                fault = other
                continue
            self._tell()
            return result
        raise fault

    def _quietly(self, work: Callable[[], _T]) -> _T | None:
        """`work()`; None where the ledger cannot be used."""
        try:
            return self._safely(work)
        except StoreFault as fault:
            self._store.warnings.append(Reason("ledger", f"cooldowns could not be kept: {fault}"))
            self._tell()
            return None

    def _tell(self) -> None:
        for reason in self._store.warnings[self._told :]:
            if self._on_warning is not None:
                self._on_warning(reason)
        self._told = len(self._store.warnings)

    def _clean(self, text: str) -> str:
        return redact(text, self._secrets.values()) if self._secrets is not None else text

    def _rows(self, sql: str, params: Params = ()) -> list[Row]:
        return self._safely(lambda: self._store.rows(sql, params))


__all__ = ["Guarded"]
