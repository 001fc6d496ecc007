"""`config check` asks for models: an answer, a refused key, nobody there."""

from __future__ import annotations

import pytest
from serving import ScriptedServer

from routecli.domain.settings import ProviderSettings
from routecli.errors import ConfigFault, ProviderFault
from routecli.providers.reach import reach


def settings(api: str, server: ScriptedServer | str, **more: str) -> ProviderSettings:
    url = server if isinstance(server, str) else server.base_url
    return ProviderSettings("mine", api, url, api_key_env="MINE_KEY", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("api", ["openai", "anthropic"])
def test_the_models_come_back(api: str) -> None:
    with ScriptedServer(models=("a", "b")) as server:
        found = reach(settings(api, server), "sk-123456")
    assert found is not None
    assert found.models == ("a", "b")
    assert server.requests[0].path == "/v1/models"
    assert server.requests[0].headers["authorization"] == "Bearer sk-123456"
    assert server.posts == []


@pytest.mark.parametrize("api", ["openai", "anthropic"])
def test_nobody_there(api: str) -> None:
    with pytest.raises(ProviderFault, match="cannot be reached"):
        reach(settings(api, "http://127.0.0.1:9/v1"), "sk-123456", deadline_s=2)


def test_a_refused_key() -> None:
    with ScriptedServer(get_status=401) as server, pytest.raises(ConfigFault, match="MINE_KEY"):
        reach(settings("openai", server), "sk-123456")


def test_a_server_without_a_list_is_reached() -> None:
    with ScriptedServer(get_status=404) as server:
        found = reach(settings("openai", server), "sk-123456")
    assert found is not None
    assert found.models == ()


def test_a_missing_key_is_not_asked_about() -> None:
    with ScriptedServer() as server, pytest.raises(ConfigFault, match="MINE_KEY"):
        reach(settings("openai", server), None)
    assert server.requests == []


def test_backends_that_call_nobody() -> None:
    assert reach(ProviderSettings("tools", "tools"), None) is None
