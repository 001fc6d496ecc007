"""Every key of the configuration, in one typed table: validation, `ROUTECLI_` variables, docs/configuration.md and
`config show` all come from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

from routecli.domain.reply import PATIENT
from routecli.domain.settings import (
    ARCHITECTURE_WORDS,
    ClassifierSettings,
    HookSettings,
    SandboxSettings,
    Settings,
    Thresholds,
    VerifySettings,
)
from routecli.nouns import dataclass

APIS = ("openai", "openai-responses", "anthropic", "bedrock", "vertex", "agent", "replay", "tools")
"""What a provider may speak; `providers/` has one file for each."""
AGENTS = ("claude", "codex", "opencode", "aider", "mini-swe-agent", "command")
"""The agents of `api = "agent"`; `providers/agent/` has a row for each."""
EDIT_FORMATS = ("auto", "search_replace", "unified_diff", "begin_patch", "whole_file")
"""The dialects that a tier may be told to answer in; `edits/` has one file for each but `auto`."""
LANES = ("auto", "tools", "local", "background", "real-time")
"""What `routing.lane` may be; `routing/lanes.py` has the rule of each but `auto`."""
TIER_LANES = ("local", "background", "cloud")
POLICIES = ("auto", "thresholds", "hint", "class", "static", "cascade", "expected-cost")


SELECTS = ("order", "price", "latency", "balanced")
"""How the models of a tier are put in order; `routing/selecting.py` has the rule of each."""


class Type(StrEnum):
    """What a value must be. The text is what an error says that it expected."""

    TEXT = "a text"
    FLAG = "true or false"
    COUNT = "a whole number"
    SECONDS = "a number of seconds"
    USD = "an amount in US dollars"
    RATE = "US dollars a million tokens"
    SHARE = "a share from 0 to 1"
    POINTS = "a number of points"
    DATE = "a date (2026-11-27)"
    PATH = "a path"
    LEDGER = "a path or postgresql://…"
    TEXTS = "a list of texts"
    PATHS = "a list of paths"
    TABLE = "a table of texts"


class Repo(StrEnum):
    """What a repository's own configuration may do with a key (security.md row 17)."""

    IGNORED = "no"
    TIGHTEN = "only lower"
    ADD = "adds"
    COMMAND = "after trust"


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `flag` is its option of `run`; a flag that begins with `--no-` sets it to false. `least` is the
    smallest value that makes sense."""

    name: str
    type: Type
    default: Any
    doc: str
    repo: Repo = Repo.IGNORED
    flag: str = ""
    choices: tuple[str, ...] = ()
    least: int | None = None

    @property
    def option(self) -> str:
        """The name of its option as a Python name: `test_cmd`, `no_tests`; empty where there is none."""
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def negated(self) -> bool:
        """Its option says the opposite."""
        return self.flag.startswith("--no-")

    @property
    def variable(self) -> str:
        """Its `ROUTECLI_` variable."""
        return "ROUTECLI_" + (self.option or self.name.replace(".", "_")).upper()


def _of(cls: type[Any], name: str) -> Any:
    """The default of a field of domain/settings.py: said once."""
    found = next(field for field in fields(cls) if field.name == name)
    return found.default_factory() if callable(found.default_factory) else found.default


KEYS: tuple[Key, ...] = (
    Key("preset", Type.TEXT, "", "The line-up of models to start from. Without it, and without tiers of your own, "
        "the first key found decides: OPENROUTER_API_KEY, ANTHROPIC_API_KEY, OPENAI_API_KEY, DEEPSEEK_API_KEY."),
    Key("reviewed", Type.DATE, None, "When your own tiers were last reviewed: models change every few weeks."),
    Key("prices_url", Type.TEXT, _of(Settings, "prices_url"), "Where `models --refresh` fetches the price list: by "
        "https, or from this machine."),
    Key("ledger", Type.LEDGER, None, "The file of the ledger; else `ledger.db` in the state folder. Or "
        "`postgresql://USER@HOST/DATABASE`, for a team (docs/team.md): PGPASSWORD or ~/.pgpass holds the password."),
    Key("ledger_away", Type.TEXT, "refuse", "While the ledger's server is away: calls under a cap of day, month, user, "
        "team, repository or key are refused, or held to what this machine knows.", choices=("refuse", "local-cap")),
    Key("keep_days", Type.COUNT, None, "The texts of a run (task, feedback, patch, prompts, trace) are forgotten after "
        "so many days, by the next command that reads the ledger; else never. Its money stays.", least=0),
    Key("team.user", Type.TEXT, None, "Your name in the ledger; else the one that the system has for you."),
    Key("team.name", Type.TEXT, None, "The team that your runs are counted for."),
    Key("keep", Type.FLAG, False, "Keep the prompts and replies of each run beside the ledger (0600, keys taken out), "
        "for `show --prompts` and `export --format sft`. They hold your code."),
    Key("budget.run_usd", Type.USD, Decimal(5), "The most that one run may cost. A call whose worst case does not fit "
        "is not sent.", Repo.TIGHTEN, "--budget", least=0),
    Key("budget.day_usd", Type.USD, None, "The most that all runs together may cost in a day (UTC); else no cap. Set "
        "aside before each call, for all processes at once.", Repo.TIGHTEN, least=0),
    Key("budget.month_usd", Type.USD, None, "The same for a month.", Repo.TIGHTEN, least=0),
    Key("budget.repository_usd", Type.USD, None, "The same for a month of one repository.", Repo.TIGHTEN, least=0),
    Key("budget.user_day_usd", Type.USD, None, "The most that the runs of one user of the ledger may cost in a day "
        "(UTC).", Repo.TIGHTEN, least=0),
    Key("budget.user_month_usd", Type.USD, None, "The same for a month.", Repo.TIGHTEN, least=0),
    Key("budget.team_day_usd", Type.USD, None, "The most that the runs of your team (`team.name`) may cost in a day "
        "(UTC).", Repo.TIGHTEN, least=0),
    Key("budget.team_month_usd", Type.USD, None, "The same for a month.", Repo.TIGHTEN, least=0),
    Key("budget.allow_unpriced", Type.FLAG, False, "Send calls whose price is unknown.", flag="--allow-unpriced"),
    Key("limits.attempts", Type.COUNT, None, "The most attempts of one run, over all tiers; else as many as the tiers "
        "allow.", Repo.TIGHTEN, "--attempts", least=1),
    Key("limits.max_tier", Type.TEXT, None, "The dearest tier that a run may climb to; else the last.", Repo.TIGHTEN,
        "--max-tier"),
    Key("limits.max_calls", Type.COUNT, _of(Settings, "max_calls"), "The most calls of one run, repairs of a reply's "
        "form included.", Repo.TIGHTEN, least=1),
    Key("limits.request_timeout_s", Type.SECONDS, _of(Settings, "request_timeout_s"), "The longest that one call may "
        "take, retries included.", Repo.TIGHTEN, least=1),
    Key("limits.prose_tokens", Type.COUNT, _of(Settings, "prose_tokens"), "A reply that is so long and holds no edit "
        "yet is stopped; 0: never.", least=0),
    Key("limits.connect_timeout_s", Type.SECONDS, PATIENT.connect_s, "The longest that connecting to a provider may "
        "take.", Repo.TIGHTEN, least=0),
    Key("limits.first_byte_timeout_s", Type.SECONDS, PATIENT.first_byte_s, "The longest wait for the head of an "
        "answer. What is not answered by then is not sent again: it may be billed.", Repo.TIGHTEN, least=0),
    Key("limits.idle_timeout_s", Type.SECONDS, PATIENT.idle_s, "The longest silence inside an answer.", Repo.TIGHTEN,
        least=0),
    Key("routing.policy", Type.TEXT, "auto", "How the ladder is chosen. `auto`: by the thresholds until the ledger "
        "holds 30 judged attempts, then by expected cost.", flag="--policy", choices=POLICIES),
    Key("routing.tolerance_points", Type.POINTS, _of(Settings, "tolerance_points"), "For `expected-cost`: of a hundred "
        "tasks, how many more the ladder may get wrong than the top tier alone.", least=0),
    Key("routing.explore_usd_per_day", Type.USD, Decimal(0), "For `expected-cost`: the most that trials of ladders not "
        "believed to be best may cost a day. 0: none.", least=0),
    Key("routing.detection", Type.SHARE, None, "For `expected-cost`: the share of wrong patches that your checks catch "
        "(0 to 1); else a measured figure by kind."),
    Key("routing.infer_days", Type.COUNT, _of(Settings, "infer_days"), "A delivered patch that git shows reverted, or "
        "mostly rewritten, within so many days counts as wrong, until `feedback` says otherwise. 0: never.", least=0),
    Key("routing.fallback_tier", Type.TEXT, None, "The tier for a task whose hint is no tier's name, and where a whole "
        "tier is throttled or down."),
    Key("routing.deep_tier", Type.TEXT, None, "The tier for a task whose hint is `planning`; else the last."),
    Key("routing.refusal_tier", Type.TEXT, None, "The tier that is asked next where a model refuses or a safety filter "
        "cuts in; else the next of the ladder."),
    Key("routing.hour_usd", Type.USD, _of(Settings, "hour_usd"), "For tiers with `select = \"balanced\"`: what an hour "
        "of waiting for a model is worth.", least=0),
    Key("routing.lane", Type.TEXT, "auto", "By whom a task is answered first. `auto`: by `routing.lanes`; else local "
        "where a classifier calls it LOW and a tier is local; else real-time. `background`: it may take a while, so it "
        "begins at the cheapest tier of that lane. `tools`: no model.", flag="--lane", choices=LANES),
    Key("routing.lanes", Type.TEXTS, (), "The lane of a kind of task: `docs: background`."),
    Key("routing.classifier", Type.TEXT, "words", "Who says how hard a task is. `words`: the policy reads words and "
        "counts. `complexity`: points for length, code, files, tokens, who names them, their history. `shadow`: a "
        "model answers LOW, MEDIUM or HIGH to the task's words; it is paid, and anything else is the middle.",
        choices=("words", "complexity", "shadow")),
    Key("routing.classifier_tier", Type.TEXT, None, "The tier that a shadow classifier asks; else the cheapest."),
    Key("routing.classifier_obeyed", Type.FLAG, True, "Whether the level moves the start of the ladder. Off: it is "
        "written down beside what the run needed, for `stats`."),
    Key("routing.classifier_timeout_s", Type.SECONDS, _of(ClassifierSettings, "timeout_s"), "The longest wait for a "
        "shadow classifier; then the words decide.", least=1),
    Key("routing.tools", Type.FLAG, True, "Try tools (tier 0: ruff, rope) before any model where the task is "
        "mechanical."),
    Key("routing.middle_files", Type.COUNT, _of(Thresholds, "middle_files"), "More files than this start at the middle "
        "tier.", least=0),
    Key("routing.top_files", Type.COUNT, _of(Thresholds, "top_files"), "More files than this start at the top tier.",
        least=0),
    Key("routing.middle_tokens", Type.COUNT, _of(Thresholds, "middle_tokens"), "More tokens of context than this start "
        "at the middle tier.", least=0),
    Key("routing.top_tokens", Type.COUNT, _of(Thresholds, "top_tokens"), "More tokens of context than this start at "
        "the top tier.", least=0),
    Key("routing.architecture_words", Type.TEXTS, ARCHITECTURE_WORDS, "Words of a task that start at the top tier."),
    Key("verify.tests", Type.FLAG, True, "Run the project's tests.", flag="--no-tests"),
    Key("verify.lint", Type.FLAG, True, "Run the project's linters.", flag="--no-lint"),
    Key("verify.test_cmd", Type.TEXT, None, "The test command, in place of what is detected. Split as a shell splits "
        "words, run without a shell, in the sandbox.", Repo.COMMAND, "--test-cmd"),
    Key("verify.lint_cmd", Type.TEXT, None, "The lint command, in place of what is detected.", Repo.COMMAND,
        "--lint-cmd"),
    Key("verify.accept_cmd", Type.TEXT, None, "A command that must fail before the patch and pass after it.",
        flag="--accept"),
    Key("verify.bench_cmd", Type.TEXT, None, "For tasks of the kind `performance`: a command that has to take less "
        "time with the patch and say the same.", Repo.COMMAND, "--bench"),
    Key("verify.timeout_s", Type.SECONDS, 600.0, "The longest that one run of the tests or of a linter may take.",
        Repo.TIGHTEN, "--timeout", least=1),
    Key("verify.reproduce", Type.TEXT, "auto", "`auto`: for a fix that no failing test speaks of, a cheap tier first "
        "writes a test from the task alone, which has to fail before and pass after. `always`: for every fix.",
        flag="--reproduce", choices=("auto", "always", "off")),
    Key("verify.reproduce_tier", Type.TEXT, None, "The tier that writes it; else the first model tier of the ladder."),
    Key("verify.reproduce_candidates", Type.COUNT, 1, "How many such tests are written; the fix has to pass most of "
        "them.", least=1),
    Key("verify.second_opinion", Type.TEXT, "auto", "`auto`: where a patch passes and the acceptance is weak, "
        "a cheap model of another family looks for what is wrong with it; its doubts buy the next tier. Not "
        "where its record shows it worthless. `on`: of every patch.", flag="--second-opinion",
        choices=("auto", "on", "off")),
    Key("verify.second_opinion_tier", Type.TEXT, None, "The tier that gives it; else the cheapest with a model of "
        "another family than the writer's."),
    Key("verify.holdout", Type.TEXTS, (), "Globs of tests that judge and that no request may show: a model cannot "
        "learn them by heart. All layers add up.", Repo.ADD),
    Key("verify.suite", Type.TEXT, "whole", "`whole`: all tests judge a patch, in a slow suite those that reach the "
        "change first. `affected`: only those, where that can be told; the receipt says so.", flag="--suite",
        choices=("whole", "affected")),
    Key("verify.flaky_days", Type.COUNT, _of(VerifySettings, "flaky_days"), "How many days a test that failed and "
        "passed on the same code counts for nothing in this repository. 0: none is remembered.", least=0),
    Key("verify.probe", Type.FLAG, True, "For changes that promise to keep behaviour: call the changed functions "
        "again with what the tests called them with, and with values beside that, on the code before and after.",
        flag="--no-probe"),
    Key("verify.require", Type.TEXT, "weak", "The least that an accepted patch may rest on; what rests on less is "
        "deferred. `tested`: tests run every changed line. `proven`: the contract of the task's kind holds.",
        flag="--require", choices=("weak", "tested", "proven")),
    Key("verify.require_in", Type.TEXTS, (), "The same for files: `GLOB: tested` or `GLOB: proven`. All layers add "
        "up, and the strictest counts.", Repo.ADD),
    Key("sandbox.binds", Type.PATHS, (), "Further folders that commands in the sandbox may read."),
    Key("sandbox.env", Type.TEXTS, (), "Further variables, by name, that commands in the sandbox may see."),
    Key("sandbox.network", Type.TEXT, "none", "`host` lets commands in the sandbox reach the network; the receipt "
        "says so.", choices=("none", "host")),
    Key("sandbox.wrapper", Type.TEXT, None, "A command of your own to isolate with, in place of bubblewrap: its words "
        "hold `{tree}`, `{root}`, `{cwd}`, `{report}`, `{binds}` and `{command}`. It has to pass the self-test."),
    Key("sandbox.wrapper_bind", Type.TEXT, _of(SandboxSettings, "wrapper_bind"), "How your wrapper is told of one "
        "read-only folder, `{path}`: what stands for `{binds}`, once for each."),
    Key("sandbox.unsafe_no_sandbox", Type.FLAG, False, "Run tests without isolation where none can be had. A patch "
        "of a model's then runs with all your rights.", flag="--unsafe-no-sandbox"),
    Key("context.exclude", Type.TEXTS, (), "Globs of files that are never sent, beside the built-in ones. All layers "
        "add up.", Repo.ADD),
    Key("context.secret_scan", Type.TEXT, "own", "`full`: detect-secrets looks through files as well (the extra "
        "`secrets`).", choices=("own", "full")),
    Key("context.max_file_bytes", Type.COUNT, 256_000, "Files larger than this are never sent.", Repo.TIGHTEN,
        least=1),
    Key("hook.tests", Type.TEXT, _of(HookSettings, "tests"), "Which tests the pre-commit hook runs: those that what is "
        "staged can reach, all, or none.", choices=("affected", "all", "off")),
    Key("hook.fix", Type.TEXT, _of(HookSettings, "fix"), "Whether a stopped commit asks the tiers for a fix: `offer` "
        "saves one for the files, `stage` for files and index. It is never applied by the hook.",
        choices=("off", "offer", "stage")),
    Key("hook.budget_usd", Type.USD, _of(HookSettings, "budget_usd"), "The most that one such fix, or a "
        "message, may cost.", least=0),
    Key("hook.deadline_s", Type.SECONDS, _of(HookSettings, "deadline_s"), "The longest that a hook may hold a commit, "
        "a fix included. Where you are asked whether you want one, it begins anew with your answer.", least=1),
    Key("hook.unable", Type.TEXT, _of(HookSettings, "unable"), "What becomes of a commit that could not be judged (too "
        "slow, no sandbox, no test runner): `pass` says so and lets it through.", choices=("pass", "stop")),
    Key("hook.message", Type.TEXT, _of(HookSettings, "message"), "Who begins a commit's message (`hook install "
        "prepare-commit-msg`): `tier0` reads it off files and functions, `tier1` asks the cheapest tier, within "
        "`hook.budget_usd` and `hook.deadline_s`.", choices=("tier0", "tier1")),
)  # fmt: skip
"""The single values. A repository may tighten, add and propose; nothing else of it is read."""

TIER_KEYS: tuple[Key, ...] = (
    Key("name", Type.TEXT, None, "What `--tier` and the receipt call it."),
    Key("models", Type.TEXTS, None, "`provider/model`, one or more: the next is asked when a provider is down."),
    Key("select", Type.TEXT, "order", "Which of its models is asked first: as written, or by what an attempt costs, by "
        "how long the last ones took and who waits there, or by both.", choices=SELECTS),
    Key("edit_format", Type.TEXT, "auto", "The dialect that it is told to answer in.", choices=EDIT_FORMATS),
    Key("attempts", Type.COUNT, 1, "Tries before the next tier.", least=1),
    Key("repairs", Type.COUNT, 1, "Further calls where only the form of a reply was wrong.", least=0),
    Key("kinds", Type.TEXTS, (), "The kinds of task that it takes (docs/kinds.md), those at which it was promoted, "
        "say; else all. `--tier` overrules."),
    Key("prior", Type.SHARE, None, "For `expected-cost`: the share of tasks that it is taken to get right before the "
        "ledger knows better; else what recorded models were right on, from the cheapest to the strongest."),
    Key("lane", Type.TEXT, None, "Where it answers: `local` (on this machine), `background` (slow and cheap), `cloud`. "
        "Else local where all its models are reached on this machine, and cloud.",
        choices=TIER_LANES),
    Key("max_output_tokens", Type.COUNT, 8192, "The longest reply that is paid for.", least=1),
    Key("context_limit_tokens", Type.COUNT, None, "The tier is passed over for prompts longer than this; else never.",
        least=1),
)  # fmt: skip
"""`[[tiers]]`, cheapest first. A configuration with tiers of its own replaces those of its preset."""

PROVIDER_KEYS: tuple[Key, ...] = (
    Key("api", Type.TEXT, None, "What it speaks.", choices=APIS),
    Key("base_url", Type.TEXT, None, "Its address: https, or http on this machine. Else the vendor's own."),
    Key("api_key_env", Type.TEXT, None, "The variable that holds the key. Never the key itself."),
    Key("price_as", Type.TEXT, None, "Its name in the price data; `local` says that its models cost nothing."),
    Key("service", Type.TEXT, None, "A known service whose keys it starts from, where its own name is another."),
    Key(
        "quirks",
        Type.TEXTS,
        (),
        "What it does in its own way (docs/providers.md); a known service's are there already.",
    ),
    Key("order", Type.TEXTS, (), "OpenRouter: the upstreams to try, in order; no others."),
    Key(
        "data_collection",
        Type.TEXT,
        None,
        "OpenRouter: `deny` leaves out upstreams that keep what is sent.",
        choices=("allow", "deny"),
    ),
    Key("zdr", Type.FLAG, None, "OpenRouter: only upstreams that retain nothing."),
    Key("region", Type.TEXT, None, "Bedrock and Vertex: the region."),
    Key("project", Type.TEXT, None, "Vertex: the project."),
    Key("proxy", Type.TEXT, None, "The HTTP proxy on the way there; else `HTTPS_PROXY`. No credentials."),
    Key("ca_file", Type.PATH, None, "Further certificates to trust for it (PEM), beside the machine's."),
    Key("headers", Type.TABLE, None, "Further headers of each request. No credentials."),
    Key("replies", Type.PATH, None, "For `replay`: the file of recorded replies."),
    Key("month_usd", Type.USD, None, "The most that its key may be charged in a month (UTC), over all runs.", least=0),
    Key(
        "cache_key",
        Type.FLAG,
        None,
        "For `openai`: send a `prompt_cache_key`, the same for prompts that begin alike. Else "
        "to OpenAI and Mistral only: others may refuse what they do not know.",
    ),
    Key(
        "service_tier",
        Type.TEXT,
        None,
        "For `openai`, `openai-responses`: `flex` (cheaper, slower, may be refused "
        "while busy) or `priority` (dearer, faster); priced by what the answer says it was served at. No `batch`: it "
        "is a file, answered within a day.",
        choices=("flex", "priority", "batch"),
    ),
    Key("agent", Type.TEXT, None, "For `agent`: which one. `command` is any program, by `command`.", choices=AGENTS),
    Key(
        "command",
        Type.TEXT,
        None,
        'For `agent = "command"`: its words, with `{prompt}`, `{model}`, `{url}` (its '
        "provider as it is seen in the sandbox) and `{paths}`.",
    ),
    Key("hosts", Type.TEXTS, (), "For `agent`: further hosts that it may reach, by TLS. Else only its provider."),
    Key(
        "pass_env",
        Type.TEXTS,
        (),
        "For `agent`: variables, by name, that it may see, secrets included. The key of "
        "`api_key_env` needs none: it is put into requests outside of the sandbox.",
    ),
    Key("max_turns", Type.COUNT, None, "For `agent`: the most requests of one run; else 40.", least=1),
    Key(
        "run_usd",
        Type.USD,
        None,
        "For `agent` without `api_key_env`: what one run costs, where the agent itself does "
        "not say. 0: a subscription pays.",
        least=0,
    ),
)
"""`[providers.NAME]`. Providers of the presets are there already; a table of the same name changes single keys."""

PRICE_KEYS: tuple[Key, ...] = (
    Key("input_usd_per_mtok", Type.RATE, None, "Input.", least=0),
    Key("output_usd_per_mtok", Type.RATE, None, "Output.", least=0),
    Key("cache_read_usd_per_mtok", Type.RATE, None, "Input read from the provider's cache; else as input.", least=0),
    Key("cache_write_usd_per_mtok", Type.RATE, None, "Input written to the provider's cache; else as input.", least=0),
)
"""`[prices."provider/model"]`: your own rates, in place of the price data's; `"provider/model@flex"`: those of calls
that were served at that service tier."""

BY_NAME: Mapping[str, Key] = {key.name: key for key in KEYS}
TABLES = ("providers", "tiers", "prices", "profiles")
SECTIONS = tuple(sorted({key.name.split(".")[0] for key in KEYS if "." in key.name}))
