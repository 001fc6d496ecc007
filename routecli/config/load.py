"""All layers as one frozen `Settings`, each value with where it came from.

flag > `ROUTECLI_` variable > repository (what is inert) > profile > user's file > preset > built in. Nothing here
opens a socket or reads a key: that happens when a provider is made, after trust was asked for (security.md rows 17,
18, 20).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from decimal import Decimal
from pathlib import Path
from typing import Any

from routecli.config import preset
from routecli.config.keys import BY_NAME, KEYS, LANES, Key, Repo
from routecli.config.ladder import build_providers, build_tiers, drop_keyless
from routecli.config.layers import Layer, Value, environ_layer, flags_layer
from routecli.config.nearest import nearest
from routecli.config.sources import UserFile, read_repo, read_user
from routecli.domain.ladder import Reason, Tier
from routecli.domain.money import Usd
from routecli.domain.reply import Patience
from routecli.domain.settings import (
    ClassifierSettings,
    ContextSettings,
    HookSettings,
    PriceOverride,
    ProviderSettings,
    SandboxSettings,
    Settings,
    SharedCaps,
    Thresholds,
    VerifySettings,
)
from routecli.domain.task import Kind
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, UsageFault
from routecli.nouns import dataclass

MAX_TIER = "limits.max_tier"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The configuration. `settings.tiers` is empty where no model can be called: `no_tiers` then says why in one line
    and `no_tiers_hint` what to do; tier 0 and `demo` work all the same. `wanted_variables` would be picked up.

    `provenance` maps each dotted key to its value and where that was set. `repo_commands` are commands that the
    repository's own configuration proposes and that nothing above it overrules: ask for trust before running them.
    """

    settings: Settings
    provenance: Mapping[str, Value]
    warnings: tuple[Reason, ...]
    files: tuple[Path, ...]
    user_file: Path
    profile: str | None
    profiles: tuple[str, ...]
    repo_commands: Mapping[str, str]
    wanted_variables: tuple[str, ...]
    no_tiers: str
    no_tiers_hint: str
    environ: Mapping[str, str] = field(repr=False)

    def key_of(self, provider: str) -> str | None:
        """The key of a configured provider, from its variable; None where it has none or the variable is not set."""
        found = self.settings.providers.get(provider)
        variable = found.api_key_env if found else None
        return (self.environ.get(variable, "").strip() or None) if variable else None

    @property
    def price_list(self) -> Path:
        """The file of a fetched price list, whether there is one or not."""
        from routecli.pricebook.fetched import price_list_file  # the pricebook: nothing before a price needs it

        return price_list_file(self.environ)

    @property
    def secrets(self) -> Keys:
        """The keys of all configured providers (ports.Secrets)."""
        return Keys(self)


@dataclass(frozen=True, slots=True)
class Keys:
    """Satisfies ports.Secrets. Reads the variables only when asked."""

    loaded: Loaded

    def values(self) -> tuple[str, ...]:
        """The keys that are set, and the password of the ledger's server."""
        keys = [self.loaded.key_of(name) for name in self.loaded.settings.providers]
        keys.append(self.loaded.environ.get("PGPASSWORD") if self.loaded.settings.ledger_url else None)
        return tuple({key for key in keys if key})


def load(
    *,
    repo_root: Path | None,
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    config_file: Path | None = None,
    profile: str | None = None,
) -> Loaded:
    """Reads every layer. `config_file` stands in for the user's file and must exist; `profile` names one of its
    `[profiles.NAME]`. `flags` are options by name (`budget`, `no_tests`, `test_cmd`) or by dotted key; None: not given.

    Raises ConfigFault: file, line and key, what was expected, and the nearest name.
    """
    try:
        return _load(repo_root, flags, environ, config_file, profile)
    except ConfigFault as fault:
        # Names in it are somebody's text: a quoted TOML key may hold a line break or an escape sequence.
        raise ConfigFault(one_line(fault.what, limit=500), hint=one_line(fault.hint, limit=500)) from None


def _load(
    repo_root: Path | None,
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    config_file: Path | None,
    profile: str | None,
) -> Loaded:
    user = read_user(environ, config_file, profile)
    repo, repo_files, warnings = read_repo(repo_root)
    above = (flags_layer(flags), environ_layer(environ))
    name, asked_at = _preset_name(above, user, environ)
    layers = (*user.layers, preset.preset_layer(name, asked_at) if name else Layer())
    values = {key.name: _resolve(key, above, repo, layers) for key in KEYS} | {"preset": Value(name, asked_at)}
    line_up = _line_up(layers, user.own_tiers, environ)
    if user.own_tiers and values["reviewed"].where.startswith("preset "):
        values["reviewed"] = Value(None, "default")  # the preset's date says nothing of other tiers
    _check_max_tier(values, line_up.named, line_up.tiers, repo)
    settings = _settings(values, line_up, repo)
    wanted = _variables(line_up) if name else tuple(preset.BY_KEY)
    return Loaded(
        settings=settings,
        provenance=_provenance(values, line_up),
        warnings=tuple(warnings + line_up.warnings),
        files=((user.file,) if user.there else ()) + repo_files,
        user_file=user.file,
        profile=user.profile,
        profiles=user.profiles,
        repo_commands={name: getattr(settings.verify, name) for name in settings.verify.commands_from_repo},
        wanted_variables=wanted,
        no_tiers="" if line_up.tiers else _why_no_tiers(name, wanted),
        no_tiers_hint="" if line_up.tiers else _NO_TIERS_HINT.format(wanted[0]),
        environ=environ,
    )


@dataclass(frozen=True, slots=True)
class _LineUp:
    """Who may be asked: `named` are all tiers, `tiers` those that are left without the models whose key is missing."""

    known: Mapping[str, Mapping[str, Value]]
    prices: Mapping[str, Mapping[str, Value]]
    tables: Sequence[Mapping[str, Value]]
    providers: Mapping[str, ProviderSettings]
    named: tuple[Tier, ...]
    tiers: tuple[Tier, ...]
    warnings: list[Reason]


def _line_up(layers: Sequence[Layer], own_tiers: bool, environ: Mapping[str, str]) -> _LineUp:
    known = _overlay([layer.providers for layer in (*layers, preset.providers_layer())])
    prices = _overlay([layer.prices for layer in layers])
    tables = next((layer.tiers for layer in layers if layer.tiers is not None), [])
    providers = build_providers(known)
    named = build_tiers(tables, providers)
    tiers, dropped = (named, []) if own_tiers else drop_keyless(named, providers, environ)
    return _LineUp(known, prices, tables, providers, named, tiers, dropped if tiers else [])


def _preset_name(above: Sequence[Layer], user: UserFile, environ: Mapping[str, str]) -> tuple[str, str]:
    for layer in (*above, *user.layers):
        if "preset" in layer.values:
            value = layer.values["preset"]
            return value.value, value.where
    if user.own_tiers:
        return "", "tiers of your own"
    name = preset.preset_by_key(environ)
    found = next((variable for variable in preset.BY_KEY if environ.get(variable, "").strip()), "")
    return name, f"{found} is set" if name else "no key found"


def _resolve(key: Key, above: Sequence[Layer], repo: Layer, below: Sequence[Layer]) -> Value:
    if key.repo is Repo.ADD:
        return _added(key, [*above, repo, *below])
    value = next((layer.values[key.name] for layer in below if key.name in layer.values), Value(key.default, "default"))
    proposed = repo.values.get(key.name)
    if proposed is not None and key.name != MAX_TIER:  # tiers have no order yet: see _check_max_tier
        lower = value.value is None or key.repo is Repo.COMMAND or proposed.value < value.value
        value = proposed if lower else value
    return next((layer.values[key.name] for layer in above if key.name in layer.values), value)


def _added(key: Key, layers: Sequence[Layer]) -> Value:
    found = [layer.values[key.name] for layer in layers if key.name in layer.values]
    if not found:
        return Value(key.default, "default")
    items = dict.fromkeys(item for value in found for item in value.value)
    return Value(tuple(items), ", ".join(value.where for value in found))


def _check_max_tier(values: dict[str, Value], tiers: Sequence[Tier], kept: Sequence[Tier], repo: Layer) -> None:
    """The user's `max_tier` must exist; the repository's may only lower it, and one that does not exist is nothing.
    Where the named tier was left out for want of a key, the last one below it counts."""
    ranks = {tier.name: tier.rank for tier in tiers} | {"tools": 0}
    mine, theirs = values[MAX_TIER], repo.values.get(MAX_TIER)
    if mine.value is not None and mine.value not in ranks and tiers:
        near = nearest(mine.value, ranks)
        fault = UsageFault if mine.where.startswith("--") else ConfigFault
        raise fault(
            f"{mine.where}: no tier {one_line(mine.value, limit=60)}",
            hint=f"did you mean {near}?" if near else "one of: " + ", ".join(ranks),
        )
    overruled = mine.where.startswith(("--", "ROUTECLI_"))
    proposed = theirs is not None and theirs.value in ranks and not overruled
    if theirs is not None and proposed and (mine.value is None or ranks[theirs.value] < ranks[mine.value]):
        mine = theirs
    there = [tier.name for tier in kept if ranks[tier.name] <= ranks.get(mine.value, 0)]
    if mine.value is not None and kept and mine.value not in {tier.name for tier in kept}:
        mine = Value(there[-1] if there else "tools", mine.where)
    values[MAX_TIER] = mine


def _overlay(layers: Sequence[Mapping[str, Mapping[str, Value]]]) -> dict[str, dict[str, Value]]:
    """Named tables, each key from the first layer that has it."""
    merged: dict[str, dict[str, Value]] = {}
    for layer in reversed(layers):
        for name, record in layer.items():
            merged.setdefault(name, {}).update(record)
    return merged


_NO_TIERS_HINT = (
    'export {}=…   (without a key: `routecli demo`, and for what needs no model `routecli "sort the imports" .`)'
)


def _variables(line_up: _LineUp) -> tuple[str, ...]:
    found = [line_up.providers[model.provider].api_key_env for tier in line_up.named for model in tier.models]
    return tuple(dict.fromkeys(name for name in found if name)) or tuple(preset.BY_KEY)


def _why_no_tiers(name: str, wanted: Sequence[str]) -> str:
    listed = ", ".join(wanted)
    if name:
        return f"the preset {name} needs a key: none of {listed} is set"
    return f"no model key was found: routecli picks up {listed}"


def _settings(values: Mapping[str, Value], line_up: _LineUp, repo: Layer) -> Settings:
    v = {name: value.value for name, value in values.items()}

    def part(section: str, *names: str) -> dict[str, Any]:
        return {name: v[f"{section}.{name}"] for name in names}

    from_repo = tuple(
        name.removeprefix("verify.")
        for name, value in repo.values.items()
        if BY_NAME[name].repo is Repo.COMMAND and values[name] is value
    )
    words = ("middle_files", "top_files", "middle_tokens", "top_tokens", "architecture_words")
    boxed = ("binds", "env", "network", "wrapper", "wrapper_bind", "unsafe_no_sandbox")
    caps = (
        "day_usd", "month_usd", "repository_usd", "user_day_usd", "user_month_usd", "team_day_usd", "team_month_usd",
    )  # fmt: skip
    checks = (
        "tests", "lint", "test_cmd", "lint_cmd", "accept_cmd", "bench_cmd", "timeout_s", "reproduce", "reproduce_tier",
        "reproduce_candidates", "second_opinion", "second_opinion_tier", "holdout", "flaky_days", "probe", "suite",
        "require",
    )  # fmt: skip
    return Settings(
        preset=v["preset"],
        lineup_reviewed=v["reviewed"],
        providers=line_up.providers,
        tiers=line_up.tiers,
        tools=v["routing.tools"],
        policy=v["routing.policy"],
        tolerance_points=Decimal(v["routing.tolerance_points"]),
        explore_usd_per_day=Usd(Decimal(v["routing.explore_usd_per_day"])),
        detection=v["routing.detection"],
        infer_days=v["routing.infer_days"],
        fallback_tier=v["routing.fallback_tier"],
        hour_usd=Decimal(v["routing.hour_usd"]),
        prices_url=v["prices_url"],
        deep_tier=v["routing.deep_tier"],
        refusal_tier=v["routing.refusal_tier"],
        thresholds=Thresholds(**part("routing", *words)),
        verify=VerifySettings(
            **part("verify", *checks), require_in=_require_in(values["verify.require_in"]), commands_from_repo=from_repo
        ),
        sandbox=SandboxSettings(**part("sandbox", *boxed)),
        context=ContextSettings(**part("context", "exclude", "max_file_bytes", "secret_scan")),
        prices={name: _price(name, record) for name, record in line_up.prices.items()},
        budget_usd=Usd(Decimal(v["budget.run_usd"])),
        caps=SharedCaps(**part("budget", *caps)),
        attempts=v["limits.attempts"],
        allow_unpriced=v["budget.allow_unpriced"],
        request_timeout_s=v["limits.request_timeout_s"],
        prose_tokens=v["limits.prose_tokens"],
        patience=Patience(*(v[f"limits.{name}_timeout_s"] for name in ("connect", "first_byte", "idle"))),
        max_calls=v["limits.max_calls"],
        ledger_path=v["ledger"] if isinstance(v["ledger"], Path) else None,
        ledger_url=v["ledger"] if isinstance(v["ledger"], str) else None,
        ledger_away=v["ledger_away"],
        user=v["team.user"],
        team=v["team.name"],
        keep_days=v["keep_days"],
        keep=v["keep"],
        lane=v["routing.lane"],
        lanes=_lanes(values["routing.lanes"]),
        classifier=ClassifierSettings(
            how=v["routing.classifier"],
            **{name: v[f"routing.classifier_{name}"] for name in ("tier", "obeyed", "timeout_s")},
        ),
        max_tier=v["limits.max_tier"],
        hook=HookSettings(**part("hook", "tests", "fix", "budget_usd", "deadline_s", "unable", "message")),
    )


def _require_in(value: Value) -> tuple[tuple[str, str], ...]:
    """`GLOB: STRENGTH`, one a text."""
    pairs = [tuple(part.strip() for part in text.rpartition(":")[::2]) for text in value.value]
    for glob, strength in pairs:
        if not glob or strength not in ("weak", "tested", "proven"):
            raise ConfigFault(
                f"{value.where}: verify.require_in: {one_line(f'{glob}: {strength}', limit=80)} is no rule",
                hint='verify.require_in = ["src/payments/**: tested"]   (weak, tested or proven)',
            )
    return tuple((glob, strength) for glob, strength in pairs)


def _lanes(value: Value) -> tuple[tuple[str, str], ...]:
    """`KIND: LANE`, one a text."""
    pairs = [tuple(part.strip() for part in text.rpartition(":")[::2]) for text in value.value]
    kinds = {kind.value for kind in Kind}
    for kind, lane in pairs:
        if kind not in kinds or lane not in LANES[1:]:
            raise ConfigFault(
                f"{value.where}: routing.lanes: {one_line(f'{kind}: {lane}', limit=80)} is no rule",
                hint='routing.lanes = ["docs: background"]   (a kind of task, then ' + ", ".join(LANES[1:]) + ")",
            )
    return tuple((kind, lane) for kind, lane in pairs)


def _price(name: str, record: Mapping[str, Value]) -> PriceOverride:
    for needed in ("input_usd_per_mtok", "output_usd_per_mtok"):
        if needed not in record:
            where = next(iter(record.values())).where if record else "prices"
            raise ConfigFault(f'{where}: prices."{one_line(name, limit=60)}" has no {needed}')
    return PriceOverride(**{key: value.value for key, value in record.items()})


def _provenance(values: Mapping[str, Value], line_up: _LineUp) -> dict[str, Value]:
    found = dict(values)
    for section, records in (("providers", line_up.known), ("prices", line_up.prices)):
        for name, record in records.items():
            found |= {f"{section}.{name}.{key}": value for key, value in record.items()}
    for table in line_up.tables:
        found |= {f"tiers.{table['name'].value}.{key}": value for key, value in table.items() if key != "name"}
    return found
