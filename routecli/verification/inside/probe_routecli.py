"""Calls functions of the project again with what they were called with, and with values beside that.

Run in the project's folder: `probe_routecli.py SPEC`. SPEC holds the calls that a test run kept (calls_routecli). One
JSON line a call goes to the folder that ROUTECLI_REPORT_DIR names: what it gave, as text that two versions of the code
can be compared by. Each call is made twice, on values put together anew: what differs then is of no use, and not told.
"""

# ruff: noqa: ARG001, PTH109, PTH118, PTH122, PTH123
# Old Pythons run this file: os.path, nothing newer.

from __future__ import annotations

import contextlib
import decimal
import importlib
import io
import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from typing import Any

from calls_routecli import NotPlain, read, written  # type: ignore[import-not-found]

SECONDS = 2
ENDLESS = "did not end"
MOST_VARIED = 24
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def varied(value: Any) -> Iterator[Any]:
    """Values of the same type beside `value`, the same ones each time."""
    kind = type(value)
    if kind is bool:
        yield not value
    elif kind is int:
        yield from (value + 1, value * 2 + 3, value - 1, -value)
    elif kind is float:
        yield from (value * 1.5 + 0.25, -value, value + 1)
    elif kind is decimal.Decimal:
        yield from (value + 1, value * 3, value + decimal.Decimal("0.125"))
    elif kind is str:
        yield from (value + "x", value[::-1], value.swapcase(), value[:-1])
    elif kind is bytes:
        yield from (value + b"x", value[::-1])
    elif kind in (list, tuple):
        yield from (value + value[:1], value[::-1], value[:-1])
        for place, item in enumerate(value[:3]):
            for other in varied(item):
                yield kind([*value[:place], other, *value[place + 1 :]])
    elif kind is dict and value:
        yield dict(list(value.items())[:-1])
        key = next(iter(value))
        for other in varied(value[key]):
            yield {**value, key: other}


def told(value: Any) -> str:
    """`value` as a text that two versions of the code can be compared by."""
    try:
        return json.dumps(written(value), sort_keys=True)
    except (NotPlain, ValueError, RecursionError, TypeError):
        return type(value).__name__ + _ADDRESS.sub("", repr(value))[:2000]


class TooLong(BaseException):
    """A call did not end."""


def _ring(number: int, frame: Any) -> None:
    raise TooLong


def outcome(function: Any, call: Any) -> str:
    """What one call gave: a value, the kind of an exception, and what it made of its arguments."""
    positional, named = [read(v) for v in call[0]], {k: read(v) for k, v in call[1].items()}
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            gave = "gave " + told(function(*positional, **named))
    except TooLong:
        return ENDLESS
    except BaseException as raised:  # noqa: BLE001 - whatever it raises is its answer
        gave = "raised " + type(raised).__name__
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return gave + " leaving " + told([positional, named])


def found(entry: Any) -> Any:
    """The function of one kept call."""
    holder: Any = importlib.import_module(entry["module"])
    for name in entry["function"].split("."):
        inner = vars(holder).get(name) if isinstance(holder, type) else getattr(holder, name)
        holder = getattr(inner, "__func__", inner)
    return holder


def tries(entry: Any) -> Iterator[Any]:
    """The call itself, then calls with one argument of it changed."""
    yield "recorded", entry["call"]
    positional, named = entry["call"]
    count = 0
    for place, told_ in enumerate(positional):
        for other in varied(read(told_)):
            if count >= MOST_VARIED:
                return
            count += 1
            yield "varied", [[*positional[:place], written(other), *positional[place + 1 :]], named]


def shown(call: Any) -> str:
    """A call's arguments for people."""
    said = [repr(read(v)) for v in call[0]] + [k + "=" + repr(read(v)) for k, v in call[1].items()]
    return _ADDRESS.sub("", ", ".join(said))[:160]


def main() -> int:
    folder = os.environ.pop("ROUTECLI_REPORT_DIR")
    sys.path[0] = os.getcwd()
    with open(sys.argv[1], encoding="utf-8") as spec:
        entries = json.load(spec)
    sys.path[1:1] = sorted({os.path.join(os.getcwd(), root) for entry in entries if (root := root_of(entry))})
    signal.signal(signal.SIGALRM, _ring)
    with open(os.path.join(folder, "probe.jsonl"), "w", encoding="ascii") as out:
        for number, entry in enumerate(entries):
            for record in answers(number, entry):
                out.write(json.dumps(record) + "\n")
        out.write(json.dumps({"end": True}) + "\n")
        out.flush()
        os._exit(0)  # what the code left behind (threads, exit handlers) has no say


def root_of(entry: Any) -> str:
    """The folder that a module was found in, by its file and its name: `src` of `src/shop/money.py`, shop.money."""
    stem = os.path.splitext(entry["path"])[0]
    stem = stem[: -len("/__init__")] if stem.endswith("/__init__") else stem
    tail = entry["module"].replace(".", "/")
    return stem[: -len(tail)].rstrip("/") if stem.endswith("/" + tail) else ""


def answers(number: int, entry: Any) -> Iterator[Any]:
    """What each try of one kept call gave; a fault in place of it where the function is not there."""
    try:
        function = found(entry)
    except BaseException as fault:  # noqa: BLE001 - a module that cannot be imported gives no answers
        yield {"fault": type(fault).__name__, "function": entry["function"]}
        return
    for place, (how, call) in enumerate(tries(entry)):
        said = outcome(function, call)
        if said == ENDLESS or said == outcome(function, call):
            named = {"call": [number, place], "how": how, "function": entry["function"], "shown": shown(call)}
            yield {**named, "said": said[:4000]}
        if said == ENDLESS:
            return  # its other values would take as long


if __name__ == "__main__":
    main()
