"""Other coding agents as models: they work in a twin, in the sandbox, and what they changed is judged like any patch.

`api = "agent"`. With a key or an address, every request of theirs goes through our door, which puts the key in, holds
them to the tier's model, and pays for each request by itself (`metered`). Without one they bring their own credentials,
named by `pass_env`, and reach their declared hosts only; what such a run costs is declared in `run_usd`.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from routecli.domain.command import Command, Completed, Door
from routecli.domain.money import Usage, UsageSource
from routecli.domain.patch import FileEdit
from routecli.domain.reply import Reply, Request, StopReason
from routecli.domain.settings import ProviderSettings
from routecli.domain.untrusted import one_line, redact
from routecli.errors import ConfigFault, ProviderFault
from routecli.ports import CallContext
from routecli.providers import address, wire
from routecli.providers.agent.gateway import Gateway, Seen, Upstream
from routecli.providers.agent.table import AGENTS, Agent, Said, Start

MAX_TURNS = 40
_MAX_PROMPT_BYTES = 120_000
"""One argument of a command has 128 KiB at most (Linux)."""


class AgentProvider:
    """See ports.Provider and ports.Metered."""

    def __init__(self, settings: ProviderSettings, key: str | None = None) -> None:
        self.name = settings.name
        self.metered = settings.api_key_env is not None or settings.base_url is not None
        self._settings = settings
        self._key = key
        self.hosts = _hosts(settings, metered=self.metered)

    @property
    def _agent(self) -> Agent:
        return AGENTS[self._settings.agent or "command"]

    def preload(self) -> None:
        """See ports.Provider.preload: what the door needs is loaded at its first request."""

    def complete(self, request: Request, context: CallContext) -> Reply:
        """See ports.Provider.complete. Raises SandboxFault; BudgetFault where not one request fits."""
        started = time.monotonic()
        upstream = self._upstream(request)
        with context.open_twin() as twin, Gateway(upstream, context.meter() if self.metered else None) as gateway:
            port = _free_port()
            start = self._start(request, upstream, port)
            env = self._env(start, port)
            argv = tuple(self._agent.argv(start))
            done = twin.run(Command(argv, timeout_s=request.deadline_s, env=env, door=Door(gateway.socket, port)))
            edits = twin.changes()
            seen = gateway.seen
        self._check(done, seen, edits)
        said = self._agent.read(done.stdout.decode("utf-8", "replace"))
        return self._reply(request, done, said, seen, edits, time.monotonic() - started)

    def _upstream(self, request: Request) -> Upstream:
        settings, agent = self._settings, self._agent
        url = address.checked_url(settings, agent.default_url) if self.metered else ""
        key = address.checked_key(settings, self._key) if settings.api_key_env else ""
        wire.way_of(settings).trusted()  # a fault is told here, not by a door that answers nothing
        return Upstream(
            self.name, url, key, request.model.model, request.max_output_tokens, settings.max_turns or MAX_TURNS,
            _tunnels(settings, metered=self.metered), address.checked_headers(settings), request.patience,
            wire.way_of(settings),
        )  # fmt: skip

    def _start(self, request: Request, upstream: Upstream, port: int) -> Start:
        inside = f"http://127.0.0.1:{port}{urlsplit(upstream.url).path}".rstrip("/") if upstream.url else ""
        text = "\n\n".join(m.text for m in request.messages)
        prompt = text.encode()[:_MAX_PROMPT_BYTES].decode("utf-8", "ignore")
        return Start(
            prompt, request.model.model, inside, tuple(request.task.paths), request.max_output_tokens,
            upstream.max_turns, self._settings.command or "",
        )  # fmt: skip

    def _env(self, start: Start, port: int) -> dict[str, str]:
        passed = {name: os.environ[name] for name in self._settings.pass_env if name in os.environ}
        door = f"http://127.0.0.1:{port}"
        proxies = {"HTTPS_PROXY": door, "https_proxy": door, "NO_PROXY": "127.0.0.1,localhost"}
        return passed | dict(self._agent.fixed_env) | self._agent.env(start) | proxies

    def _check(self, done: Completed, seen: Seen, edits: tuple[FileEdit, ...]) -> None:
        """Raises what is no answer of the agent's. What was changed is judged in any case: it is paid for."""
        program = Path(done.argv[0]).name
        if done.not_found:
            raise ConfigFault(f"{program} is not installed", hint=self._agent.install or "routecli config show")
        if edits or seen.turns:
            return
        if seen.budget is not None:
            raise seen.budget
        if seen.status in (401, 403):
            raise ConfigFault(
                f"{self.name} refused the key in ${self._settings.api_key_env} ({seen.status})",
                hint=f"export {self._settings.api_key_env}=…",
            )
        if seen.status or done.died:
            why = done.died or f"status {seen.status}: {redact(seen.said, [self._key or ''])}"
            raise ProviderFault(f"{program} got no answer from {self.name}: {one_line(why)}", hint="routecli doctor")

    def _reply(
        self, request: Request, done: Completed, said: Said, seen: Seen, edits: tuple[FileEdit, ...], wall_s: float
    ) -> Reply:
        raw = {"cost_usd": said.cost_usd} if said.cost_usd is not None else {}
        usage = said.usage or Usage(source=UsageSource.ESTIMATED)
        return Reply(
            text=redact(said.text, [self._key or ""])[-20_000:],
            stop=StopReason.END if edits else StopReason.EMPTY,
            usage=Usage(usage.input_tokens, usage.cache_read_tokens, usage.cache_write_tokens, usage.output_tokens,
                        usage.reasoning_tokens, usage.source, usage.raw | raw),
            model_served=request.model.model,
            latency_s=wall_s,
            detail=one_line(redact(_why(done, said, seen), [self._key or ""])),
            edits=edits,
        )  # fmt: skip


def _tunnels(settings: ProviderSettings, *, metered: bool) -> tuple[str, ...]:
    """Hosts that are reached by TLS of the agent's own."""
    hosts = settings.hosts or (() if metered else AGENTS[settings.agent or "command"].hosts)
    return tuple(host.lower() for host in hosts)


def _hosts(settings: ProviderSettings, *, metered: bool) -> tuple[str, ...]:
    """All hosts that a door leads to."""
    url = (settings.base_url or AGENTS[settings.agent or "command"].default_url) if metered else ""
    asked = urlsplit(url).hostname or ""
    return tuple(dict.fromkeys(filter(None, (asked, *_tunnels(settings, metered=metered)))))


def _why(done: Completed, said: Said, seen: Seen) -> str:
    """Why an agent that changed nothing did not, or what ended it early."""
    if done.timed_out:
        return done.stopped or f"stopped after {done.wall_s:.0f} s"
    if seen.budget is not None:
        return seen.budget.what
    if seen.limit:
        return seen.limit
    if done.exit_code:
        words = said.text.strip() or done.stderr.decode("utf-8", "replace").strip()
        return f"it ended with {done.exit_code}: {words[-300:]}"
    return f"it changed nothing: {said.text.strip()[-300:]}"


def _free_port() -> int:
    """A port that is free here; in a sandbox with a network of its own any is."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
