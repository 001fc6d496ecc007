"""Providers built as the program builds them, and a context that remembers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from serving import ScriptedServer

from routecli.domain.ladder import ModelRef
from routecli.domain.money import usd
from routecli.domain.reply import Message, Request
from routecli.domain.settings import ProviderSettings
from routecli.domain.task import Kind, Task
from routecli.ports import Provider, Twin
from routecli.providers import build

KEY = "sk-canary-0123456789abcdef"
APIS = ("openai", "anthropic")


@dataclass
class Context:
    """ports.CallContext: keeps the text; `stop_at` raises once so many pieces have come."""

    chunks: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    stop_at: int | None = None
    stop_with: BaseException = field(default_factory=KeyboardInterrupt)

    def on_text(self, chunk: str) -> None:
        self.chunks.append(chunk)
        if len(self.chunks) == self.stop_at:
            raise self.stop_with

    def on_retry(self, why: str) -> None:
        self.again.append(why)

    def open_twin(self) -> AbstractContextManager[Twin]:
        raise AssertionError("no provider of a model needs a twin")


@pytest.fixture
def context() -> Context:
    return Context()


@pytest.fixture
def make_request() -> Callable[..., Request]:
    def make(text: str = "fix it", model: str = "some-model", **more: object) -> Request:
        task = Task(text, Kind.FIX, "", Path("/nowhere"), None, (), usd(1))
        messages = (Message("system", "Be brief.", cache_here=True), Message("user", text))
        return Request(task, ModelRef("mine", model), messages, 1000, **more)  # type: ignore[arg-type]

    return make


@pytest.fixture
def provider_at() -> Callable[..., Provider]:
    def make(api: str, server: ScriptedServer | str, key: str | None = KEY, **more: object) -> Provider:
        if isinstance(server, ScriptedServer):
            server = server.base_url if api == "openai" else server.anthropic_url
        settings = ProviderSettings("mine", api, server, api_key_env="MINE_KEY", **more)  # type: ignore[arg-type]
        return build(settings, key)

    return make


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDKs' back-off without its seconds."""
    for name in ("openai._base_client", "anthropic._base_client"):
        monkeypatch.setattr(f"{name}.INITIAL_RETRY_DELAY", 0.01)
