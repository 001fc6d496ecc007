"""The day that a price list speaks for. The bundled one's is read off its text: importing it takes long."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from routecli.pricebook.fetched import Fetched, found

_CHANGE = re.compile(rb"start_date=datetime\.date\((\d{4}), (\d{1,2}), (\d{1,2})\)")


@cache
def as_of() -> date | None:
    """The list carries no date of its own, so it is the newest price change in it that is not later than the day it
    was installed: a lower bound, so that prices look older rather than fresher than they are. None where no change of
    a price is found."""
    package = find_spec("genai_prices")
    if package is None or not package.submodule_search_locations:
        return None
    listed = Path(package.submodule_search_locations[0]) / "data.py"
    try:
        installed = datetime.fromtimestamp(listed.stat().st_mtime, UTC).date()
        changes = set(_CHANGE.findall(listed.read_bytes()))
    except OSError:
        return None
    past = [
        day for year, month, of_month in changes if (day := date(int(year), int(month), int(of_month))) <= installed
    ]
    return max(past, default=None)


def newest(price_list: Path | None) -> Fetched | None:
    """The fetched list in the file `price_list`, where it is at least as new as the bundled one; else None."""
    kept = found(price_list)
    bundled = as_of() if kept is not None else None
    return None if kept is None or (bundled is not None and kept.day < bundled) else kept
