"""The agents that are known: how each is started, told of the door, and what its last words mean.

Command lines as tried with claude 2.1.197, codex 0.171, opencode 1.18, aider 0.86 and mini-swe-agent 2.4.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from routecli.domain.money import Usage
from routecli.nouns import dataclass
from routecli.providers.bodies import count, inner

INSIDE_KEY = "sk-routecli-inside"
"""What an agent is given for a key: the real one is put in by the door, and never comes into the sandbox."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a command line is made of. `url` is the provider as it is seen inside; `paths` the files of the task."""

    prompt: str
    model: str
    url: str
    paths: tuple[str, ...]
    max_output_tokens: int
    max_turns: int
    template: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What an agent printed at its end. `usage` and `cost_usd` (as it counts it itself) are None where it does not
    say."""

    text: str = ""
    usage: Usage | None = None
    cost_usd: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """One row. `hosts` are those that it talks to where it brings its own credentials; `prices` names its vendor in the
    price list."""

    argv: Callable[[Start], list[str]]
    env: Callable[[Start], dict[str, str]]
    read: Callable[[str], Said]
    install: str = ""
    default_url: str = ""
    hosts: tuple[str, ...] = ()
    prices: str = ""
    fixed_env: Mapping[str, str] = field(default_factory=dict)


def _claude(start: Start) -> list[str]:
    return [
        "claude", "-p", "--output-format", "json", "--model", start.model, "--permission-mode", "bypassPermissions",
        "--strict-mcp-config", "--no-session-persistence", "--disallowedTools", "WebFetch,WebSearch",
        "--", start.prompt,
    ]  # fmt: skip


def _claude_env(start: Start) -> dict[str, str]:
    """Every model that it would choose by itself is the tier's: no other can be billed."""
    names = ("ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL",
             "ANTHROPIC_DEFAULT_OPUS_MODEL", "CLAUDE_CODE_SUBAGENT_MODEL")  # fmt: skip
    own = {"ANTHROPIC_BASE_URL": start.url, "ANTHROPIC_API_KEY": INSIDE_KEY} if start.url else {}
    return dict.fromkeys(names, start.model) | own | {"CLAUDE_CODE_MAX_OUTPUT_TOKENS": str(start.max_output_tokens)}


def _claude_said(text: str) -> Said:
    """One JSON object, the last line that is one."""
    for found in _objects(reversed(text.splitlines())):
        if found.get("type") == "result":
            raw = inner(found, "usage")
            plain, output = count(raw, "input_tokens"), count(raw, "output_tokens")
            read, write = count(raw, "cache_read_input_tokens") or 0, count(raw, "cache_creation_input_tokens") or 0
            usage = None if plain is None or output is None else Usage(plain + read + write, read, write, output)
            cost = found.get("total_cost_usd")
            known = isinstance(cost, int | float) and not isinstance(cost, bool)
            return Said(str(found.get("result") or ""), usage, str(cost) if known else None)
    return Said(text)


def _codex(start: Start) -> list[str]:
    argv = [
        "codex", "exec", "--json", "--skip-git-repo-check", "--ephemeral", "--ignore-user-config",
        "--dangerously-bypass-approvals-and-sandbox", "--model", start.model,
    ]  # fmt: skip
    if start.url:
        provider = (
            f'{{name="routecli", base_url={json.dumps(start.url)}, env_key="CODEX_API_KEY", wire_api="responses"}}'
        )
        argv += ["-c", 'model_provider="routecli"', "-c", f"model_providers.routecli={provider}"]
    return [*argv, "--", start.prompt]


def _codex_said(text: str) -> Said:
    """Events, one a line: the last message, and the usage of each turn."""
    words, total = "", Usage()
    turns = 0
    for event in _objects(iter(text.splitlines())):
        item = inner(event, "item")
        if item.get("type") == "agent_message":
            words = str(item.get("text") or "")
        raw = inner(event, "usage")
        asked, output = count(raw, "input_tokens"), count(raw, "output_tokens")
        if event.get("type") == "turn.completed" and asked is not None and output is not None:
            turns += 1
            read = count(raw, "cached_input_tokens") or 0
            total = Usage(total.input_tokens + asked, total.cache_read_tokens + read,
                          output_tokens=total.output_tokens + output)  # fmt: skip
    return Said(words or text, total if turns else None)


def _openai_env(start: Start) -> dict[str, str]:
    own = {"OPENAI_BASE_URL": start.url, "OPENAI_API_BASE": start.url, "OPENAI_API_KEY": INSIDE_KEY}
    return own if start.url else {}


def _opencode(start: Start) -> list[str]:
    return ["opencode", "run", "--format", "json", "--model", f"routecli/{start.model}", start.prompt]


def _opencode_env(start: Start) -> dict[str, str]:
    """Its configuration by variable: one provider, the door."""
    options = {"baseURL": start.url, "apiKey": INSIDE_KEY}
    limit = {"context": 200_000, "output": start.max_output_tokens}
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "options": options,
        "models": {start.model: {"limit": limit}},
    }
    config = {"provider": {"routecli": provider}, "small_model": f"routecli/{start.model}", "autoupdate": False,
              "share": "disabled", "permission": "allow"}  # fmt: skip
    return {"OPENCODE_CONFIG_CONTENT": json.dumps(config), "OPENCODE_DISABLE_AUTOUPDATE": "1"}


def _aider(start: Start) -> list[str]:
    return [
        "aider", "--yes-always", "--no-git", "--no-auto-commits", "--no-check-update", "--no-show-release-notes",
        "--analytics-disable", "--no-show-model-warnings", "--no-stream", "--no-pretty", "--no-gitignore",
        "--no-suggest-shell-commands", "--edit-format", "diff",
        "--input-history-file", "/tmp/input", "--chat-history-file", "/tmp/chat",
        "--model", f"openai/{start.model}", "--weak-model", f"openai/{start.model}", "--message", start.prompt,
        *start.paths,
    ]  # fmt: skip


def _mini(start: Start) -> list[str]:
    return ["mini", "--yolo", "--exit-immediately", "--cost-limit", "0", "--model", f"openai/{start.model}",
            "--output", "/tmp/trajectory.json", "--task", start.prompt]  # fmt: skip


def _template(start: Start) -> list[str]:
    """The user's own words; `{paths}` as a word of its own stands for all of them."""
    words: list[str] = []
    for word in shlex.split(start.template):
        if word == "{paths}":
            words += start.paths
            continue
        for name in ("prompt", "model", "url"):
            word = word.replace("{" + name + "}", getattr(start, name))
        words.append(word)
    return words


def _template_env(start: Start) -> dict[str, str]:
    own = {"ANTHROPIC_BASE_URL": start.url, "ANTHROPIC_API_KEY": INSIDE_KEY} if start.url else {}
    return _openai_env(start) | own


def _plain(text: str) -> Said:
    return Said(text)


def _objects(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


AGENTS: dict[str, Agent] = {
    "claude": Agent(
        _claude, _claude_env, _claude_said, "npm install -g @anthropic-ai/claude-code", "https://api.anthropic.com",
        ("api.anthropic.com",), "anthropic",
        # The sandbox is ours; without the first it refuses to work for a user 0, as the sandbox's user may be.
        {"IS_SANDBOX": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"},
    ),
    "codex": Agent(
        _codex, lambda start: {"CODEX_API_KEY": INSIDE_KEY} if start.url else {}, _codex_said,
        "npm install -g @openai/codex", "https://api.openai.com/v1",
        ("api.openai.com", "chatgpt.com", "auth.openai.com"), "openai",
    ),
    "opencode": Agent(_opencode, _opencode_env, _plain, "npm install -g opencode-ai", "https://api.openai.com/v1"),
    "aider": Agent(_aider, _openai_env, _plain, "pipx install aider-chat", "https://api.openai.com/v1"),
    "mini-swe-agent": Agent(
        _mini, _openai_env, _plain, "pipx install mini-swe-agent", "https://api.openai.com/v1",
        fixed_env={"MSWEA_CONFIGURED": "true", "MSWEA_SILENT_STARTUP": "1", "MSWEA_COST_TRACKING": "ignore_errors"},
    ),
    "command": Agent(_template, _template_env, _plain, default_url="https://api.openai.com/v1"),
}  # fmt: skip
"""By the `agent` of the configuration. `command` is any program, by the template in `command`."""
