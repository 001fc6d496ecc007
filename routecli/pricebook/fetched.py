"""A newer price list than the bundled one, as its publisher serves it: checked before it is kept, then one file with
the day on which it was fetched. What is not plausible is refused, and what was kept before stays."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routecli.domain.settings import STATE_VARIABLE
from routecli.nouns import dataclass

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider

MOST_BYTES = 16_000_000
"""Far above the list's size (1 to 3 MB)."""
_MOST_HEAD_BYTES = 4_000
_DEAREST_USD_PER_MTOK = Decimal(10_000)
"""No model has ever cost a tenth of it."""
_LEAP = 20
"""A rate that is so many times another for the same model is more likely a slip of a digit or a unit than a price."""
_MOST_LEAPS = 0.02
"""The share of models that may leap all the same: the list corrects itself."""


class BadBook(ValueError):
    """No price list, or not a plausible one; the message says why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A list that was fetched at `at` (aware) from `source`, and kept in `file`."""

    file: Path
    at: datetime
    source: str

    @property
    def day(self) -> date:
        """The day (UTC) that its prices speak for."""
        return self.at.astimezone(UTC).date()

    def providers(self) -> list[Provider]:
        """Raises BadBook: the file is not as it was kept, or this release of the library reads no such list."""
        try:
            with self.file.open("rb") as stream:
                stream.readline(_MOST_HEAD_BYTES)
                return _read(stream.read(MOST_BYTES + 1))
        except OSError as fault:
            raise BadBook(f"{self.file} cannot be read: {fault.strerror}") from fault


def price_list_file(environ: Mapping[str, str]) -> Path:
    """The file of a fetched list, in the state folder, whether it exists or not."""
    import platformdirs

    named = environ.get(STATE_VARIABLE)
    return (Path(named) if named else Path(platformdirs.user_state_dir("routecli"))) / "prices.json"


def found(file: Path | None) -> Fetched | None:
    """What is kept in `file`, by its first line alone; None where there is nothing that we have written."""
    if file is None:
        return None
    try:
        with file.open("rb") as stream:
            head = json.loads(stream.readline(_MOST_HEAD_BYTES))
        at = datetime.fromisoformat(head["fetched_at"])
        return Fetched(file, at, str(head["source"])) if at.tzinfo else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def as_kept(raw: bytes, at: datetime, source: str) -> bytes:
    """What goes into the file: a line that says when and from where, then the list as it came."""
    return json.dumps({"fetched_at": at.astimezone(UTC).isoformat(), "source": source}).encode() + b"\n" + raw


def checked(raw: bytes, before: Iterable[Provider], at: datetime) -> list[Provider]:
    """The list in `raw`, where it is one to be believed beside the list that priced runs until now.

    Raises BadBook: it is none; half of what was known is gone; a rate is below zero or beyond every price; or many
    models cost nothing or twenty times as much or as little as before.
    """
    after = _read(raw)
    old, new = dict(_models(before)), dict(_models(after))
    kept = sum(name in new for name in old)
    if not new or kept < len(old) / 2:
        raise BadBook(f"it knows {kept:,} of the {len(old):,} models that are known")
    for name, model in new.items():
        for rate in _rates(model, at):
            if not rate.is_finite() or not 0 <= rate <= _DEAREST_USD_PER_MTOK:
                raise BadBook(f"{'/'.join(name)} at ${rate} a million tokens")
    leaps = [name for name in old if name in new and _leaps(_rates(old[name], at), _rates(new[name], at))]
    if len(leaps) > _MOST_LEAPS * kept:
        raise BadBook(
            f"{len(leaps):,} models at a twentieth or twenty times their price, {'/'.join(leaps[0])} among them"
        )
    return after


def _leaps(before: list[Decimal], after: list[Decimal]) -> bool:
    if not before or not any(before):
        return False
    return not after or any(b and not b / _LEAP < a < b * _LEAP for b, a in zip(before, after, strict=True))


def _models(providers: Iterable[Provider]) -> Iterator[tuple[tuple[str, str], ModelInfo]]:
    return (((provider.id, model.id), model) for provider in providers for model in provider.models)


def _rates(model: ModelInfo, at: datetime) -> list[Decimal]:
    """Input and output at `at`, a million tokens; empty where tokens have no price."""
    listed = model.get_prices(at)
    pair = (getattr(listed, "input_mtok", None), getattr(listed, "output_mtok", None))
    return [Decimal(getattr(rate, "base", rate)) for rate in pair if rate is not None] if None not in pair else []


def _read(raw: bytes) -> list[Provider]:
    """By the library's own reader of what its publisher serves. Raises BadBook."""
    if len(raw) > MOST_BYTES:
        raise BadBook(f"it is longer than {MOST_BYTES:,} bytes")
    # The reader behind `UpdatePrices.fetch`, which itself keeps nothing, bounds nothing and has no public other name.
    from genai_prices.types import _providers_from_raw

    try:
        document: Any = json.loads(raw)
        if not isinstance(document, list):
            raise BadBook("it is no list of providers")
        return list(_providers_from_raw(document))
    except BadBook:
        raise
    except (ValueError, TypeError, RecursionError) as fault:  # bad JSON and the library's errors of validation
        raise BadBook("it is no price list that this release reads") from fault
