"""One value, from TOML or from a variable's text, as its key's type wants it. A fault says what was expected."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from routecli.config.keys import Key, Type

_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off")
_LARGEST = 10**12
_KEY_LIKE = re.compile(
    r"(?:(?:sk|pk|rk|gsk|xai|pplx|hf|ghp|gho|github_pat|AIza|AKIA|fw|csk|r8|nvapi)[-_]?(?=[A-Za-z0-9_-]*[0-9])"
    r"[A-Za-z0-9_-]{16,}|sk-.+|Bearer .+)"
)


_SECRET_PART = re.compile(r"(://[^/@\s]*?:|password=)[^@&\s]+", re.IGNORECASE)


class Unfit(ValueError):
    """A value is not what its key wants. The text ends the sentence "… must be"."""


def looks_like_a_key(text: str) -> bool:
    """Whether `text` is shaped like a credential of a known vendor."""
    return _KEY_LIKE.fullmatch(text.strip()) is not None


def from_toml(key: Key, value: Any, folder: Path) -> Any:
    """`value` of a TOML file (numbers with a point come as Decimal). Relative paths are relative to `folder`.

    Raises Unfit."""
    if key.type in (Type.TEXTS, Type.PATHS):
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise Unfit(key.type.value)
        return tuple(_one(key, Type.PATH if key.type is Type.PATHS else Type.TEXT, item, folder) for item in value)
    if key.type is Type.TABLE:
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise Unfit(key.type.value)
        return dict(value)
    return _one(key, key.type, value, folder)


def from_text(key: Key, text: str, folder: Path) -> Any:
    """The text of a variable or an option; a list is split at commas. Raises Unfit."""
    text = text.strip()
    if key.type in (Type.TEXTS, Type.PATHS):
        return from_toml(key, [item.strip() for item in text.split(",") if item.strip()], folder)
    if key.type is Type.FLAG:
        if text.lower() not in (*_YES, *_NO):
            raise Unfit("1 or 0")
        return text.lower() in _YES
    if key.type in (Type.COUNT, Type.SECONDS, Type.USD, Type.RATE, Type.SHARE, Type.POINTS):
        try:
            number = Decimal(text.replace("_", ""))
        except InvalidOperation:
            raise Unfit(key.type.value) from None
        whole = number.is_finite() and number == number.to_integral_value() and abs(number) <= _LARGEST
        return _one(key, key.type, int(number) if key.type is Type.COUNT and whole else number, folder)
    if key.type is Type.DATE:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise Unfit(key.type.value) from None
    return _one(key, key.type, text, folder)


def _one(key: Key, kind: Type, value: Any, folder: Path) -> Any:
    match kind:
        case Type.TEXT | Type.PATH | Type.LEDGER:
            return _text(key, kind, value, folder)
        case Type.FLAG:
            if not isinstance(value, bool):
                raise Unfit(kind.value)
            return value
        case Type.DATE:
            if not isinstance(value, date) or isinstance(value, datetime):
                raise Unfit(kind.value)
            return value
        case _:
            return _number(key, kind, value)


def _text(key: Key, kind: Type, value: Any, folder: Path) -> Any:
    if not isinstance(value, str) or "\0" in value:
        raise Unfit(kind.value)
    if not value.strip():
        raise Unfit(f"{kind.value} that is not empty")
    if key.choices and value not in key.choices:
        raise Unfit("one of " + ", ".join(key.choices))
    if kind is Type.LEDGER and "://" in value:
        return _address(value)
    if kind in (Type.PATH, Type.LEDGER):
        try:
            return folder / Path(value).expanduser()
        except RuntimeError:
            raise Unfit("a path without ~: no home folder is known") from None
    return value


def _address(text: str) -> str:
    """The address of a ledger's server. A password in it would be shown, logged and copied."""
    from urllib.parse import parse_qsl, urlsplit

    try:
        parts = urlsplit(text)
        secret = parts.password is not None or any("password" in name for name, _ in parse_qsl(parts.query))
    except ValueError:
        raise Unfit(Type.LEDGER.value) from None
    if parts.scheme not in ("postgresql", "postgres"):
        raise Unfit(Type.LEDGER.value)
    if secret:
        raise Unfit("an address without a password (PGPASSWORD or ~/.pgpass holds it)")
    return text


def without_password(text: str) -> str:
    """`text` fit to be shown: what may be a password in an address is not."""
    return _SECRET_PART.sub(r"\1…", text)


def _number(key: Key, kind: Type, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Unfit(kind.value)
    if kind is Type.COUNT and not isinstance(value, int):
        raise Unfit(kind.value)
    number = Decimal(str(value))
    if not number.is_finite() or abs(number) > _LARGEST:
        raise Unfit(f"{kind.value}, finite and of a sensible size")
    if key.least is not None and number < key.least:
        raise Unfit(f"{kind.value}, at least {key.least}")
    if kind is Type.SHARE and not 0 <= number <= 1:
        raise Unfit(kind.value)
    if kind is Type.COUNT:
        return value
    return float(number) if kind in (Type.SECONDS, Type.SHARE) else number
