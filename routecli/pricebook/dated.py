"""The day that the bundled price list speaks for, read off its text: importing it takes a good part of a second."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_CHANGE = re.compile(rb"start_date=datetime\.date\((\d{4}), (\d{1,2}), (\d{1,2})\)")


@cache
def as_of() -> date | None:
    """The list carries no date of its own, so it is the newest price change in it that is not later than the day it
    was installed: a lower bound, so that prices look older rather than fresher than they are. None where no change of
    a price is found."""
    found = find_spec("genai_prices")
    if found is None or not found.submodule_search_locations:
        return None
    listed = Path(found.submodule_search_locations[0]) / "data.py"
    try:
        installed = datetime.fromtimestamp(listed.stat().st_mtime, UTC).date()
        changes = set(_CHANGE.findall(listed.read_bytes()))
    except OSError:
        return None
    past = [
        day for year, month, of_month in changes if (day := date(int(year), int(month), int(of_month))) <= installed
    ]
    return max(past, default=None)
