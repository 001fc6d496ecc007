"""What changed functions were called with, as plain data: to be called again, on other versions of the code.

`ROUTECLI_CALLS` names functions by file, qualified name and first line: `{"shop/money.py": [["rate_of", 5]]}`. Only
plain values are kept (numbers, texts, dates, containers of these), and objects whose whole state is plain. Nothing of
the project's is called to write one down, and a value is put together again without calling anything of it either.
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import importlib
import json
import pathlib
import sys
from typing import Any

MOST_CALLS = 12
MOST_CHARS = 4000
MOST_DEPTH = 6
PATIENCE = 20000
_RESUMED = 0x20 | 0x80 | 0x200  # generators and coroutines: a call of one is no step of its own
_PLAIN = (type(None), bool, int, str)


class NotPlain(ValueError):
    """A value that cannot be written down."""


def written(value: Any, depth: int = 0) -> Any:
    """`value` as JSON; raises NotPlain."""
    kind = type(value)
    if depth > MOST_DEPTH:
        raise NotPlain
    if kind in _PLAIN:
        return value
    if kind is float:
        return {"float": value.hex()}
    if kind is bytes:
        return {"bytes": value.hex()}
    if kind in (list, tuple, set, frozenset):
        items = sorted(value, key=repr) if kind in (set, frozenset) else value
        return {kind.__name__: [written(item, depth + 1) for item in items]}
    if kind is dict:
        return {"dict": [[written(k, depth + 1), written(v, depth + 1)] for k, v in value.items()]}
    if kind in (decimal.Decimal, fractions.Fraction, pathlib.PosixPath):
        return {kind.__name__: str(value)}
    if kind in (datetime.date, datetime.datetime, datetime.time) and getattr(value, "tzinfo", None) is None:
        return {kind.__name__: value.isoformat()}
    if kind is datetime.timedelta:
        return {"timedelta": [value.days, value.seconds, value.microseconds]}
    return _object(value, kind, depth)


def _object(value: Any, kind: Any, depth: int) -> Any:
    """An object of a class that a module holds by name, whose state is its `__dict__`."""
    module = sys.modules.get(kind.__module__)
    held = getattr(module, kind.__qualname__, None) if module is not None else None
    slots = any("__slots__" in vars(c) for c in kind.__mro__[:-1])
    if held is not kind or slots or kind.__reduce__ is not object.__reduce__:
        raise NotPlain
    try:
        state = object.__getattribute__(value, "__dict__")
    except AttributeError:
        raise NotPlain from None
    if "_member_map_" in vars(kind):  # a member of an enumeration is one object, and made of nothing
        return {"member": [kind.__module__, kind.__qualname__, state["_name_"]]}
    return {"object": [kind.__module__, kind.__qualname__, [[k, written(v, depth + 1)] for k, v in state.items()]]}


def read(told: Any) -> Any:
    """The value that `told` was written of."""
    if not isinstance(told, dict):
        return told
    ((kind, body),) = told.items()
    if kind == "float":
        return float.fromhex(body)
    if kind == "bytes":
        return bytes.fromhex(body)
    if kind in ("list", "tuple", "set", "frozenset"):
        return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind](read(item) for item in body)
    if kind == "dict":
        return {read(k): read(v) for k, v in body}
    if kind in ("Decimal", "Fraction", "PosixPath"):
        return {"Decimal": decimal.Decimal, "Fraction": fractions.Fraction, "PosixPath": pathlib.PosixPath}[kind](body)
    if kind in ("date", "datetime", "time"):
        return getattr(datetime, kind).fromisoformat(body)
    if kind == "timedelta":
        return datetime.timedelta(*body)
    module, name, state = body
    found = getattr(importlib.import_module(module), name)
    if kind == "member":
        return found[state]
    made = object.__new__(found)
    object.__getattribute__(made, "__dict__").update((k, read(v)) for k, v in state)
    return made


class Calls:
    """The calls of the functions that are asked for."""

    def __init__(self, asked: str) -> None:
        self._wanted: dict[str, dict[int, str]] = {
            path: {line: name for name, line in functions}
            for path, functions in (json.loads(asked) if asked else {}).items()
        }
        self._known: set[str] = set()
        self.kept: list[dict[str, Any]] = []
        self._counts: dict[str, int] = {}
        self._patience = PATIENCE

    def open(self) -> bool:
        """Whether more calls are of use; asked at each step, and not for ever."""
        self._patience -= 1
        return self._patience > 0 and any(
            self._counts.get(name, 0) < MOST_CALLS for held in self._wanted.values() for name in held.values()
        )

    def note(self, path: str, frame: Any) -> None:
        """A call begins in `frame`, of a file called `path`."""
        code = frame.f_code
        name = self._wanted.get(path, {}).get(code.co_firstlineno)
        if (
            name is None
            or code.co_name != name.rpartition(".")[2]
            or code.co_flags & _RESUMED
            or self._counts.get(name, 0) >= MOST_CALLS
        ):
            return
        try:
            told = _arguments(code, frame.f_locals)
            text = json.dumps(told)
        except Exception:  # noqa: BLE001 - whatever cannot be written down is left: the test goes on
            return
        key = name + text
        if len(text) > MOST_CHARS or key in self._known:
            return
        self._known.add(key)
        self._counts[name] = self._counts.get(name, 0) + 1
        self.kept.append({"path": path, "function": name, "module": str(frame.f_globals.get("__name__")), "call": told})


def _arguments(code: Any, held: Any) -> Any:
    """`[positional, by name]`, as the call would be written."""
    count, named = code.co_argcount, code.co_kwonlyargcount
    names = code.co_varnames
    positional = [written(held[n]) for n in names[:count]]
    by_name = {n: written(held[n]) for n in names[count : count + named]}
    place = count + named
    if code.co_flags & 0x04:
        positional += [written(item) for item in held[names[place]]]
        place += 1
    if code.co_flags & 0x08:
        by_name.update((k, written(v)) for k, v in held[names[place]].items())
    return [positional, by_name]
