"""Words of the command line as values, without typer's own way of doing it: that imports pydantic, a tenth of a second
of every command before anything useful began.

Only the plain types are taken over: text, whole number, path, choice, flag, and lists of these.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin

import typer

if TYPE_CHECKING:
    from typer._click.core import Parameter

_YES = ("1", "true", "t", "yes", "y", "on")
_NO = ("", "0", "false", "f", "no", "n", "off")
_PATH_RULES = ("exists", "resolve_path", "allow_dash", "writable")


class Unfit(ValueError):
    """The word is no such value; the message says what was expected."""


class Coercion:
    """Stands where typer keeps what turns words into values (`_runtime_param`): the same call, the same errors."""

    def __init__(self, one: Callable[[Any], Any]) -> None:
        self._one = one

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """`value` as its type; None stays None. Raises BadParameter."""
        many = param.multiple or param.nargs == -1
        if value is None:
            return () if many else None
        try:
            return [self._one(item) for item in value] if many else self._one(value)
        except Unfit as fault:
            raise typer.BadParameter(str(fault), ctx=ctx, param=param) from None


def coerce_plainly(param: Parameter) -> None:
    """Gives `param` a Coercion where its type is a plain one, and where this typer has the place for it."""
    descriptor = getattr(param, "type_descriptor", None)
    if descriptor is None or not hasattr(param, "_runtime_param"):
        return
    annotation = descriptor.annotation
    leaf = get_args(annotation)[0] if get_origin(annotation) is list else annotation
    one = _coercer(leaf, descriptor.parameter_info)
    if one is not None:
        param._runtime_param = Coercion(one)


def _coercer(leaf: Any, info: Any) -> Callable[[Any], Any] | None:
    if info.parser is not None or getattr(info, "formats", None) or not isinstance(leaf, type):
        return None
    if leaf is str:
        return os.fsdecode
    if leaf is bool:
        return _flag
    if leaf is int:
        return lambda value: _whole(value, info.min, info.max)
    if leaf is float:
        return lambda value: _number(value, info.min, info.max)
    if leaf is Path and not any(getattr(info, rule, False) for rule in _PATH_RULES):
        return Path
    if issubclass(leaf, Enum):
        return lambda value: _choice(value, leaf)
    return None


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in (*_YES, *_NO):
        raise Unfit(f"{value!r} is neither true nor false")
    return word in _YES


def _whole(value: Any, least: float | None, most: float | None) -> int:
    text = str(value).strip()
    if len(text) > 20 or not text.removeprefix("-").isdecimal():
        raise Unfit(f"{text[:40]!r} is no whole number")
    number = int(text)
    if (least is not None and number < least) or (most is not None and number > most):
        bounds = f"from {least} to {most}" if least is not None and most is not None else f"at least {least}"
        raise Unfit(f"{number} is not {bounds if least is not None else f'at most {most}'}")
    return number


def _number(value: Any, least: float | None, most: float | None) -> float:
    try:
        number = float(str(value)[:40])
    except ValueError:
        raise Unfit(f"{str(value)[:40]!r} is no number") from None
    if not (least is None or number >= least) or not (most is None or number <= most):
        raise Unfit(f"{number:g} is not from {least} to {most}")
    return number


def _choice(value: Any, choices: type[Enum]) -> Enum:
    found = next((choice for choice in choices if value is choice or str(value) == str(choice.value)), None)
    if found is None:
        from difflib import get_close_matches

        words = [str(choice.value) for choice in choices]
        near = get_close_matches(str(value), words, n=1)
        raise Unfit(f"{value!r} is none of {', '.join(words)}" + (f": did you mean {near[0]}?" if near else ""))
    return found
