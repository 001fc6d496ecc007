"""Money, tokens and times as people read them. No amount that is not zero is ever shown as zero."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

LONGEST_WORD = 60
"""Test ids are longer than a line of the receipt; up to here they fit beside their label at 80 columns."""
UNKNOWN = "unknown"
NONE = "–"


def usd_text(amount: Decimal | None) -> str:
    """`amount` in dollars: cents from one dollar up, four places below, and below a tenth of a cent as many as two
    significant digits need. None is `unknown`, never zero."""
    if amount is None:
        return UNKNOWN
    if not amount.is_finite():
        return str(amount)
    if amount == 0:
        return "$0"
    places = 2 if abs(amount) >= 1 else max(4, 1 - amount.adjusted())
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    sign = "-" if rounded < 0 else ""
    return f"{sign}${abs(rounded):,.{places}f}"


def tokens_text(tokens: int) -> str:
    """A count with separators; a dash for none."""
    return f"{tokens:,}" if tokens else NONE


def seconds_text(duration_s: float) -> str:
    """A duration: tenths of a second below a minute, then minutes and seconds."""
    if duration_s < 59.95:
        return f"{duration_s:.1f} s"
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"


def when_text(moment: datetime) -> str:
    """A time in the reader's own zone, to the minute."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def caching_text(saved_usd: Decimal) -> str:
    """What prompt caching saved, net of its writes: a fall below zero is a cost."""
    return f"{'saved' if saved_usd >= 0 else 'cost'} {usd_text(abs(saved_usd))}, net"


def count_text(count: int, noun: str) -> str:
    """`1 file`, `2 files`, `1,200 files`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def middle_cut(text: str, most: int = LONGEST_WORD) -> str:
    """`text` with each word longer than `most` characters cut in its middle, at a dot, a slash or a colon if it can
    be: of `tests/a/test_b.py::Case::test_c` the beginning and `test_c` say the most."""
    return re.sub(rf"\S{{{most + 1},}}", lambda found: _cut(found[0], most), text)


def _cut(word: str, most: int) -> str:
    tail = re.split(r"(?<=[./:])", word)[-1] or word
    if len(tail) > most * 3 // 4:
        tail = tail[-(most * 3 // 4) :]
    head = word[: most - 1 - len(tail)]
    return (re.sub(r"[^./:]+$", "", head) or head) + "…" + tail


def rate_text(usd_per_mtok: Decimal | None) -> str:
    """A price a million tokens, exactly, with at least cents; a dash where there is none."""
    return NONE if usd_per_mtok is None else cap_text(usd_per_mtok)


def cap_text(amount: Decimal) -> str:
    """An amount that somebody set, exactly, with at least cents."""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"${amount:,.{places}f}"


def model_text(model: str, *, narrow: bool) -> str:
    """A model's name; where the screen is narrow, its own name on a line below its provider's."""
    return "/\n".join(model.rsplit("/", 1)) if narrow and len(model) > 20 else model
