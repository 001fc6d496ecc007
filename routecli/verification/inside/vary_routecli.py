"""Calls one function with given arguments and notes what each call gives back: run on two versions of it, elsewhere
compared. The arguments are literals; each call is made twice, and what differs from itself is noted as unknown.

It writes to the folder that ROUTECLI_REPORT_DIR names, and takes that name out of the environment.
"""

# ruff: noqa: BLE001, PTH100, PTH118, PTH123, SIM115
# Old Pythons run this file; and whatever a call raises is what it does.

from __future__ import annotations

import ast
import importlib
import itertools
import json
import os
import re
import signal
import sys
from typing import Any

CALL_S = 0.5
MOST_CHARS = 2000
MOST_ITEMS = 50
ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


class Slow(BaseException):
    """A call took too long."""


def stop(_number: int, _frame: Any) -> None:
    """Ends the call that is under way."""
    raise Slow


def told(value: Any) -> str:
    """A value as text that is the same for equal ones."""
    if hasattr(value, "__next__"):
        value = list(itertools.islice(value, MOST_ITEMS))
    return ADDRESS.sub("0x", repr(value))[:MOST_CHARS]


def once(function: Any, text: str) -> str:
    """What one call does: its result and what became of its arguments, or the name of what it raises."""
    args, kwargs = ast.literal_eval(text)
    before = repr((args, kwargs))
    try:
        signal.setitimer(signal.ITIMER_REAL, CALL_S)
        said = told(function(*args, **kwargs))
        after = repr((args, kwargs))
    except Slow:
        return "does not end"
    except BaseException as fault:
        return "raises " + type(fault).__name__
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return said if after == before else said + ", and leaves " + after[:MOST_CHARS]


def main() -> None:
    """The job is one JSON text: `roots`, `module`, `function`, `calls`."""
    folder = os.environ.pop("ROUTECLI_REPORT_DIR", "")
    job = json.loads(sys.argv[1])
    out = open(os.path.join(folder, "answers.jsonl"), "w", encoding="ascii")
    sys.argv = sys.argv[:1]
    sys.stdout = sys.stderr = open(os.devnull, "w")
    sys.path[:0] = [os.path.abspath(root) for root in job["roots"]]
    signal.signal(signal.SIGALRM, stop)
    function = getattr(importlib.import_module(job["module"]), job["function"])
    for text in job["calls"]:
        try:
            one, other = once(function, text), once(function, text)
        except Slow:  # it came between the end of a call and the end of its clock
            one, other = "", "does not end"
        out.write(json.dumps(one if one == other else None) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
