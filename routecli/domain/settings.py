"""What the configuration says, as frozen values; `config/` reads it, everybody else receives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from routecli.domain.ladder import Tier
from routecli.domain.money import Usd, usd
from routecli.domain.reply import PATIENT, Patience
from routecli.nouns import dataclass

ARCHITECTURE_WORDS = ("architect", "architecture", "redesign", "rewrite", "re-architect", "system design")
"""Words that lead to the top tier (published router A, `redesign` and `rewrite` among its signals)."""


STATE_VARIABLE = "ROUTECLI_STATE_DIR"
"""Names another state folder."""
PRICES_URL = "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json"
"""Where the bundled price list's publisher serves the newest one (`UpdatePrices` of genai-prices)."""


class Quirk(StrEnum):
    """What a service does in its own way; config/services.py says what each means."""

    API_KEY_HEADER = "api-key-header"
    BILLED_COST = "billed-cost"
    COMPLETION_CAP = "completion-cap"
    NO_STREAM_OPTIONS = "no-stream-options"
    PORTKEY_HEADERS = "portkey-headers"
    RESPONSES = "responses"
    THOUGHTS_IN_TOTAL = "thoughts-in-total"
    UPSTREAMS = "upstreams"


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One `[providers.NAME]`. `api_key_env` names a variable: the key itself is never in a configuration. `order`,
    `data_collection` and `zdr` choose upstreams, `region` and `project` a cloud's, `proxy` and `ca_file` the way there.
    What follows is for agents: `agent` is its row in their table, `run_usd` what one run of it costs where nothing else
    says so."""

    name: str
    api: str
    base_url: str | None = None
    api_key_env: str | None = None
    price_as: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    replies: Path | None = None
    month_usd: Decimal | None = None
    quirks: frozenset[Quirk] = frozenset()
    order: tuple[str, ...] = ()
    data_collection: str | None = None
    zdr: bool | None = None
    region: str | None = None
    project: str | None = None
    proxy: str | None = None
    ca_file: Path | None = None
    agent: str | None = None
    command: str | None = None
    hosts: tuple[str, ...] = ()
    pass_env: tuple[str, ...] = ()
    max_turns: int | None = None
    run_usd: Decimal | None = None
    cache_key: bool | None = None
    service_tier: str | None = None


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """`[prices."provider/model"]`: the user's own rates, US dollars a million tokens."""

    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal
    cache_read_usd_per_mtok: Decimal | None = None
    cache_write_usd_per_mtok: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """`[routing]`: more than these leads to the middle or the top tier (published router A)."""

    middle_files: int = 1
    top_files: int = 5
    middle_tokens: int = 50_000
    top_tokens: int = 200_000
    architecture_words: tuple[str, ...] = ARCHITECTURE_WORDS


@dataclass(frozen=True, slots=True)
class ClassifierSettings:
    """`[routing]`: who says how hard a task is. `how` is words, complexity or shadow; `tier` the tier that a shadow
    asks (None: the cheapest). `obeyed` False: what it says is written down, and nothing follows from it."""

    how: str = "words"
    tier: str | None = None
    obeyed: bool = True
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """`[verify]`. Commands are texts, split as a shell splits words and run without a shell, in the sandbox.
    `probe`: changed functions are called again, on both versions. `require` is the least strength to accept,
    `require_in` the same for files, as pairs of a glob and a strength; `reproduce` is auto, always or off,
    `second_opinion` auto, on or off; `suite` is whole or affected; `holdout` are globs of tests that judge and that no
    prompt may show. `commands_from_repo` names those that came from the repository's own configuration: they need
    trust."""

    tests: bool = True
    lint: bool = True
    test_cmd: str | None = None
    lint_cmd: str | None = None
    accept_cmd: str | None = None
    bench_cmd: str | None = None
    timeout_s: float = 600.0
    reproduce: str = "auto"
    reproduce_tier: str | None = None
    reproduce_candidates: int = 1
    second_opinion: str = "auto"
    second_opinion_tier: str | None = None
    holdout: tuple[str, ...] = ()
    flaky_days: int = 30
    probe: bool = True
    require: str = "weak"
    require_in: tuple[tuple[str, str], ...] = ()
    suite: str = "whole"
    commands_from_repo: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """`[sandbox]`, the user's file only. `binds` are further read-only folders, `env` further variable names, `network`
    is `none` or `host`; `wrapper` and `wrapper_bind` are words of a command as a shell splits them."""

    binds: tuple[Path, ...] = ()
    env: tuple[str, ...] = ()
    network: str = "none"
    wrapper: str | None = None
    wrapper_bind: str = "-v {path}:{path}:ro"
    unsafe_no_sandbox: bool = False


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """`[context]`: what is never sent. `exclude` are further globs; `secret_scan` is `own` or `full`."""

    exclude: tuple[str, ...] = ()
    max_file_bytes: int = 256_000
    secret_scan: str = "own"


@dataclass(frozen=True, slots=True)
class SharedCaps:
    """`[budget]`: what all runs may spend together, since the day or the month began (UTC); `repository_usd` is a month
    of one repository, `user_…` counts the calls of one user of the ledger, `team_…` those of one team. None: no cap."""

    day_usd: Decimal | None = None
    month_usd: Decimal | None = None
    repository_usd: Decimal | None = None
    user_day_usd: Decimal | None = None
    user_month_usd: Decimal | None = None
    team_day_usd: Decimal | None = None
    team_month_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class HookSettings:
    """`[hook]`. `tests` is affected, all or off; `fix` is off, offer or stage; `unable` is pass or stop: what becomes
    of a commit that cannot be judged; `message` is tier0 or tier1: who begins a commit's message."""

    tests: str = "affected"
    fix: str = "off"
    budget_usd: Decimal = Decimal("0.25")
    deadline_s: float = 30.0
    unable: str = "pass"
    message: str = "tier0"


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration after all layers. `tiers` hold no tools tier: tier 0 is there unless `tools` is off.
    `max_tier` is the dearest tier that a run may climb to; None: the last. The ledger is the file `ledger_path` or lies
    at `ledger_url`; None, both: a file in the state folder. `user` None: as the system calls them. `keep`: prompts and
    replies are kept. `lane` is auto or the lane of every task; `lanes` are pairs of a kind and its lane."""

    preset: str
    lineup_reviewed: date | None
    providers: Mapping[str, ProviderSettings]
    tiers: tuple[Tier, ...]
    tools: bool = True
    policy: str = "auto"
    tolerance_points: Decimal = Decimal(1)
    explore_usd_per_day: Usd = field(default_factory=lambda: usd(0))
    detection: float | None = None
    infer_days: int = 14
    fallback_tier: str | None = None
    hour_usd: Decimal = Decimal(10)
    prices_url: str = PRICES_URL
    deep_tier: str | None = None
    refusal_tier: str | None = None
    thresholds: Thresholds = Thresholds()
    verify: VerifySettings = VerifySettings()
    sandbox: SandboxSettings = SandboxSettings()
    context: ContextSettings = ContextSettings()
    prices: Mapping[str, PriceOverride] = field(default_factory=dict)
    budget_usd: Usd = field(default_factory=lambda: usd(5))
    caps: SharedCaps = SharedCaps()
    attempts: int | None = None
    allow_unpriced: bool = False
    request_timeout_s: float = 600.0
    patience: Patience = PATIENT
    prose_tokens: int = 3_000
    max_calls: int = 15
    ledger_path: Path | None = None
    ledger_url: str | None = None
    ledger_away: str = "refuse"
    user: str | None = None
    team: str | None = None
    keep_days: int | None = None
    max_tier: str | None = None
    hook: HookSettings = HookSettings()
    keep: bool = False
    lane: str = "auto"
    lanes: tuple[tuple[str, str], ...] = ()
    classifier: ClassifierSettings = ClassifierSettings()
