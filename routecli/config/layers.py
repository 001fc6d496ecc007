"""One source of configuration as a checked layer: each value with the place where it stands.

The user's own files are strict: an unknown key is an error that names the nearest one. A repository's is not trusted:
what it may not set is left out and told of once (security.md row 17).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from decimal import Decimal
from pathlib import Path
from typing import Any

from routecli.config.keys import BY_NAME, KEYS, PRICE_KEYS, PROVIDER_KEYS, SECTIONS, TABLES, TIER_KEYS, Key, Repo
from routecli.config.nearest import nearest
from routecli.config.places import read_small
from routecli.config.values import Unfit, from_text, from_toml, looks_like_a_key, without_password
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, UsageFault
from routecli.nouns import dataclass

_CREDENTIAL_HEADERS = ("authorization", "x-api-key", "api-key", "proxy-authorization", "cookie")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER = re.compile(r"\s*\[{1,2}\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
_ASSIGN = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")


@dataclass(frozen=True, slots=True)
class Value:
    """A value and where it was set, for people: `--budget`, `ROUTECLI_BUDGET`, `…/config.toml:3`."""

    value: Any
    where: str


@dataclass(slots=True)
class Layer:
    """One source. `tiers` None: it names none. `ignored` are the keys of a repository that are not its to set."""

    values: dict[str, Value] = field(default_factory=dict)
    providers: dict[str, dict[str, Value]] = field(default_factory=dict)
    tiers: list[dict[str, Value]] | None = None
    prices: dict[str, dict[str, Value]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table comes from. `lines` finds the line of a dotted key, for messages."""

    name: str
    folder: Path
    lines: Callable[[str], int | None] = lambda _: None

    def at(self, dotted: str) -> str:
        """`file:line` of a key, or the file alone."""
        line = self.lines(dotted)
        return self.name if line is None else f"{self.name}:{line}"


def read_toml(path: Path) -> tuple[dict[str, Any], str] | None:
    """The table and the text of a TOML file; None where there is none. Raises ConfigFault with line and column."""
    try:
        raw = read_small(path)
    except OSError as fault:
        raise ConfigFault(f"{path} cannot be read: {fault.strerror or fault}") from None
    if raw is None:
        return None
    try:
        text = raw.decode("utf-8-sig")
        return tomllib.loads(text, parse_float=Decimal), text
    except UnicodeDecodeError as fault:
        line = raw[: fault.start].count(b"\n") + 1
        raise ConfigFault(f"{path}:{line}: not UTF-8 text") from None
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        what, line, column = _toml_fault(fault, text)
        raise ConfigFault(
            f"{path}:{line}:{column}: broken TOML: {what}", hint=f"open {path} at line {line}, column {column}"
        ) from None


def _toml_fault(fault: Exception, text: str) -> tuple[str, int, int]:
    said = str(fault)
    at = re.search(r" \(at line (\d+), column (\d+)\)$", said)
    if at:
        return said[: at.start()], int(at[1]), int(at[2])
    lines = text.splitlines() or [""]
    return said.removesuffix(" (at end of document)") or "nested too deeply", len(lines), len(lines[-1]) + 1


def line_finder(text: str, under: tuple[str, ...] = ()) -> Callable[[str], int | None]:
    """Finds the line of a dotted key, counted from 1, below the table `under`. For messages only: it reads lines, not
    TOML, so that an odd file costs a missing number and nothing else."""
    found: dict[str, int] = {}

    def scan() -> None:
        table: tuple[str, ...] = ()
        counts: dict[tuple[str, ...], int] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            header, assign = _HEADER.match(line), _ASSIGN.match(line)
            if header:
                table = _parts(header[1])
                if line.lstrip().startswith("[["):
                    counts[table] = counts.get(table, 0) + 1
                    table = (*table, str(counts[table] - 1))
                found.setdefault(".".join(table), number)
            elif assign:
                found.setdefault(".".join((*table, *_parts(assign[1]))), number)

    def find(dotted: str) -> int | None:
        if not found:
            scan()
        whole = ".".join((*under, dotted))
        return found.get(whole) or next((n for name, n in found.items() if name.startswith(whole + ".")), None)

    return find


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(a or b or c for a, b, c in _PART.findall(dotted))


def user_layer(table: Mapping[str, Any], source: Source, *, prefix: str = "") -> Layer:
    """The user's file, or one of its profiles (`prefix` then is `profiles.NAME.`). Raises ConfigFault."""
    layer = Layer()
    for dotted, value in _flatten(table):
        key = BY_NAME.get(dotted)
        if key is None:
            raise _unknown(prefix + dotted, dotted, source, [*BY_NAME, *SECTIONS, *TABLES], prefix)
        layer.values[dotted] = _checked(key, value, source, prefix + dotted)
    layer.providers = _named(table.get("providers"), PROVIDER_KEYS, source, f"{prefix}providers")
    for name, provider in layer.providers.items():
        _check_provider(name, provider)
    layer.prices = _named(table.get("prices"), PRICE_KEYS, source, f"{prefix}prices")
    if "tiers" in table:
        layer.tiers = _tiers(table["tiers"], source, f"{prefix}tiers")
    return layer


def _flatten(table: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """The single values of a table as dotted keys."""
    for name, value in table.items():
        if name in TABLES:
            continue
        if isinstance(value, Mapping) and name in SECTIONS:
            yield from ((f"{name}.{inner}", deeper) for inner, deeper in value.items())
        else:
            yield name, value


def _unknown(shown: str, name: str, source: Source, known: Iterable[str], prefix: str = "") -> ConfigFault:
    near = nearest(name, known)
    hint = f"did you mean {prefix}{near}?" if near else "routecli config show lists every key"
    return ConfigFault(f"{source.at(shown)}: unknown key {one_line(shown, limit=80)}", hint=hint)


def _checked(key: Key, value: Any, source: Source, dotted: str) -> Value:
    where = source.at(dotted)
    if any(looks_like_a_key(text) for text in _texts(value)):
        raise _literal_key(dotted, where)
    try:
        return Value(from_toml(key, value, source.folder), where)
    except Unfit as fault:
        raise ConfigFault(
            f"{where}: {dotted} must be {fault}, not {one_line(without_password(_shown(value)), limit=60)}"
        ) from None


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | Mapping):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return "a table" if isinstance(value, Mapping) else str(value)


def _literal_key(dotted: str, where: str) -> ConfigFault:
    return ConfigFault(
        f"{where}: {one_line(dotted, limit=80)} looks like an API key: keys do not belong in a configuration",
        hint='name the variable that holds it: api_key_env = "MY_KEY"; revoke the key if others can read the file',
    )


def _record(table: Any, keys: tuple[Key, ...], source: Source, dotted: str) -> dict[str, Value]:
    if not isinstance(table, Mapping):
        raise ConfigFault(f"{source.at(dotted)}: {dotted} must be a table")
    known = {key.name: key for key in keys}
    record: dict[str, Value] = {}
    for name, value in table.items():
        key = known.get(name)
        if key is None and name in ("api_key", "key", "token"):
            raise _literal_key(f"{dotted}.{name}", source.at(f"{dotted}.{name}"))
        if key is None:
            raise _unknown(f"{dotted}.{name}", name, source, known, f"{dotted}.")
        record[name] = _checked(key, value, source, f"{dotted}.{name}")
    return record


def _named(table: Any, keys: tuple[Key, ...], source: Source, dotted: str) -> dict[str, dict[str, Value]]:
    if table is None:
        return {}
    if not isinstance(table, Mapping):
        raise ConfigFault(f"{source.at(dotted)}: {dotted} must be a table of tables")
    return {name: _record(inner, keys, source, f"{dotted}.{name}") for name, inner in table.items()}


def _tiers(tables: Any, source: Source, dotted: str) -> list[dict[str, Value]]:
    if not isinstance(tables, list) or not tables:
        raise ConfigFault(f"{source.at(dotted)}: tiers must be one or more [[tiers]] tables")
    tiers = [_record(table, TIER_KEYS, source, f"{dotted}.{place}") for place, table in enumerate(tables)]
    for place, tier in enumerate(tiers):
        for needed in ("name", "models"):
            if needed not in tier or not tier[needed].value:
                raise ConfigFault(f"{source.at(f'{dotted}.{place}')}: tier {place + 1} has no {needed}")
    return tiers


def _check_provider(name: str, provider: Mapping[str, Value]) -> None:
    env = provider.get("api_key_env")
    if env is not None and not _ENV_NAME.fullmatch(env.value):
        raise ConfigFault(
            f"{env.where}: providers.{name}.api_key_env must be the name of a variable",
            hint='the key itself stays out of the file: api_key_env = "MY_KEY"',
        )
    headers = provider.get("headers")
    for header, value in headers.value.items() if headers is not None else ():
        if header.lower() in _CREDENTIAL_HEADERS or looks_like_a_key(value):
            raise _literal_key(f"providers.{name}.headers.{header}", headers.where if headers else "")


def repo_layer(table: Mapping[str, Any], source: Source, prefix: str = "") -> Layer:
    """A repository's table: inert keys only, all others in `ignored`. Raises ConfigFault where an inert key has a
    value that is none."""
    layer = Layer()
    for dotted, value in _flatten(table):
        key = BY_NAME.get(dotted)
        if key is None or key.repo is Repo.IGNORED:
            layer.ignored.append(prefix + dotted)
        else:
            layer.values[dotted] = _checked(key, value, source, dotted)
    layer.ignored += [prefix + name for name in TABLES if name in table]
    return layer


def environ_layer(environ: Mapping[str, str]) -> Layer:
    """The `ROUTECLI_…` variables; an empty one counts as not set. Raises ConfigFault."""
    layer = Layer()
    for key in KEYS:
        text = environ.get(key.variable, "")
        if text.strip():
            value = _from_text(key, text, key.variable)
            layer.values[key.name] = Value((not value) if key.negated else value, key.variable)
    return layer


def flags_layer(flags: Mapping[str, Any]) -> Layer:
    """Options of the command line, by option name (`test_cmd`, `no_tests`) or by key (`verify.test_cmd`). None: not
    given. Values are texts or already of the key's type. Raises UsageFault: it is the command line that is wrong."""
    try:
        return _flags_layer(flags)
    except ConfigFault as fault:
        raise UsageFault(fault.what, hint=fault.hint) from None


def _flags_layer(flags: Mapping[str, Any]) -> Layer:
    options = {key.option: key for key in KEYS if key.option}
    layer = Layer()
    for name, given in flags.items():
        if given is None:
            continue
        key = BY_NAME.get(name) or options[name]
        where = key.flag or name
        if isinstance(given, str):
            value = _from_text(key, given, where)
        else:
            try:
                value = from_toml(key, given, Path.cwd())
            except Unfit as fault:
                raise ConfigFault(
                    f"{where} must be {fault}, not {one_line(without_password(_shown(given)), limit=60)}",
                    hint="routecli run --help",
                ) from None
        if key.negated and name == key.option:
            if not value:
                continue
            value = False
        layer.values[key.name] = Value(value, where)
    return layer


def _from_text(key: Key, text: str, where: str) -> Any:
    if looks_like_a_key(text):
        raise _literal_key(key.name, where)
    try:
        return from_text(key, text, Path.cwd())
    except Unfit as fault:
        raise ConfigFault(
            f"{where} must be {fault}, not {one_line(without_password(text), limit=60)!r}", hint="routecli run --help"
        ) from None
