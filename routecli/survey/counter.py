"""Counts of texts through what is remembered: the prompt's own size without loading a tokenizer twice a day."""

from __future__ import annotations

import math
from collections.abc import Sequence

from routecli.domain.task import FileRole
from routecli.survey import tokens
from routecli.survey.remembered import Known, Remembered, content_id

BOUNDED_BYTES = 1_024
_OWN = "text:"
"""Marks what was counted here: nobody looked for secrets in it, so a file may not be judged by it."""
_LEAST_BYTES_PER_TOKEN = 2
"""Prose has more than four bytes a token, code more than three, dense digits above two (o200k_base)."""


class Counter:
    """Counts texts; remembered ones cost a look-up."""

    def __init__(self, remembered: Remembered) -> None:
        self._remembered = remembered
        self._known: dict[str, int] = {}

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text.

        Exact, but for texts of at most BOUNDED_BYTES that were never counted before while the tokenizer is not in
        memory: those get an upper bound, since a sentence is not worth a third of a second before the first request.
        """
        raws = [text.encode("utf-8", "replace") for text in texts]
        ids = [content_id(raw) for raw in raws]
        self._learn(ids, raws, texts)
        return [self._known[key] if key in self._known else _bound(raw) for key, raw in zip(ids, raws, strict=True)]

    def _learn(self, ids: Sequence[str], raws: Sequence[bytes], texts: Sequence[str]) -> None:
        unknown = [key for key in ids if key not in self._known]
        for key, known in self._remembered.get([*unknown, *map(_own, unknown)]).items():
            if known.role is FileRole.TEXT:
                self._known[key.removeprefix(_OWN)] = known.tokens
        missing = {k: (r, t) for k, r, t in zip(ids, raws, texts, strict=True) if k not in self._known}
        if not tokens.loaded() and all(len(raw) <= BOUNDED_BYTES for raw, _ in missing.values()):
            return
        counts = tokens.count([text for _, text in missing.values()])
        self._known.update(zip(missing, counts, strict=True))
        self._remembered.put(
            {
                _own(key): Known(len(raw), self._known[key], FileRole.TEXT)
                for key, (raw, _) in missing.items()
                if len(raw) > BOUNDED_BYTES
            }
        )


def _bound(raw: bytes) -> int:
    return math.ceil(len(raw) / _LEAST_BYTES_PER_TOKEN)


def _own(key: str) -> str:
    return _OWN + key
