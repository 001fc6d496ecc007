"""The door over a real socket, in front of a scripted server."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from serving import Drop, Fail, Raw, Say, ScriptedServer

from routecli.domain.money import UsageSource
from routecli.domain.reply import Reply, StopReason
from routecli.errors import BudgetFault
from routecli.providers.agent.gateway import MAX_FAILURES, Gateway, Upstream

KEY = "sk-canary-0123456789abcdef"


@dataclass
class Purse:
    """ports.Meter: remembers, and is empty after `fits` requests."""

    fits: int = 99
    reserved: list[tuple[int, int]] = field(default_factory=list)
    bills: list[Reply | None] = field(default_factory=list)

    def reserve(self, input_tokens: int, max_output_tokens: int) -> None:
        if len(self.reserved) >= self.fits:
            raise BudgetFault("nothing is left")
        self.reserved.append((input_tokens, max_output_tokens))

    def bill(self, reply: Reply | None) -> None:
        self.bills.append(reply)


class Through(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__("127.0.0.1")
        self._gateway = gateway

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._gateway.socket))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer([Say("ok", input_tokens=50, output_tokens=5)] * 20) as serving:
        yield serving


Asks = Callable[..., tuple[int, bytes]]


def ask(gateway: Gateway, path: str = "/v1/chat/completions", method: str = "POST", **more: Any) -> tuple[int, bytes]:
    headers = more.pop("headers", {})
    body = (
        json.dumps({"model": "m1", "messages": [{"role": "user", "content": "hi"}]} | more)
        if method == "POST"
        else None
    )
    connection = Through(gateway)
    connection.request(method, path, body, {"content-type": "application/json", "authorization": "Bearer x"} | headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, said


def upstream(server: ScriptedServer, **more: Any) -> Upstream:
    return replace(Upstream("it", server.base_url, KEY, "m1", 1000, 40), **more)


def test_a_request_is_paid_and_answered_with_the_real_key(server: ScriptedServer) -> None:
    purse = Purse()
    with Gateway(upstream(server, headers={"X-Team": "tools"}), purse) as gateway:
        status, said = ask(gateway, headers={"cookie": "mine", "x-stainless-os": "Linux"})
        status2, streamed = ask(gateway, stream=True)
    assert (status, status2) == (200, 200)
    assert json.loads(said)["choices"][0]["message"]["content"] == "ok"
    assert streamed.rstrip().endswith(b"[DONE]")
    sent = server.posts[0]
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert (sent.headers["x-team"], "cookie" in sent.headers) == ("tools", False)
    assert sent.body["max_tokens"] == 1000
    assert [(b.usage.input_tokens, b.usage.source) for b in purse.bills if b] == [(50, UsageSource.REPORTED)] * 2
    assert [b.stop for b in purse.bills if b] == [StopReason.END] * 2
    assert not gateway.socket.exists()


def test_messages_carry_the_key_in_their_own_header(server: ScriptedServer) -> None:
    with Gateway(upstream(server, url=server.anthropic_url), Purse()) as gateway:
        status, _ = ask(
            gateway, "/v1/messages?beta=true", headers={"anthropic-version": "2023-06-01", "x-api-key": "y"}
        )
    assert (status, server.posts[0].headers["x-api-key"]) == (200, KEY)


@pytest.mark.parametrize(
    ("path", "method", "more"),
    [
        ("/v1/embeddings", "POST", {}),
        ("/other/chat/completions", "POST", {}),
        ("/v1/../admin/chat/completions", "POST", {}),
        ("http://elsewhere.example/v1/chat/completions", "POST", {}),
        ("/v1/chat/completions", "GET", {}),
        ("/v1/chat/completions", "POST", {"model": "dearer"}),
        ("/v1/chat/completions", "POST", {"headers": {"content-encoding": "zstd"}}),
    ],
)
def test_what_may_not_leave_is_refused_and_free(server: ScriptedServer, path: str, method: str, more: Any) -> None:
    purse = Purse()
    with Gateway(upstream(server), purse) as gateway:
        status, said = ask(gateway, path, method, **more)
    assert status == 400
    assert json.loads(said)["error"]["message"].startswith("routecli: ")
    assert (server.requests, purse.reserved) == ([], [])


def test_lists_of_models_are_free(server: ScriptedServer) -> None:
    purse = Purse()
    with Gateway(upstream(server), purse) as gateway:
        status, said = ask(gateway, "/v1/models", "GET")
    assert (status, json.loads(said)["data"][0]["id"], purse.reserved) == (200, "scripted", [])


def test_a_request_that_no_cap_allows_is_not_sent(server: ScriptedServer) -> None:
    with Gateway(upstream(server), Purse(fits=1)) as gateway:
        assert [ask(gateway)[0] for _ in range(3)] == [200, 400, 400]
        assert gateway.seen.budget is not None
    assert len(server.posts) == 1


def test_turns_and_failures_have_an_end(server: ScriptedServer) -> None:
    with Gateway(upstream(server, max_turns=2), Purse()) as gateway:
        assert [ask(gateway)[0] for _ in range(3)] == [200, 200, 400]
        assert "limit of 2" in gateway.seen.limit
    with ScriptedServer([Fail(503)] * 20) as down, Gateway(upstream(down), Purse()) as gateway:
        assert [ask(gateway)[0] for _ in range(MAX_FAILURES + 1)] == [503] * MAX_FAILURES + [400]


@pytest.mark.parametrize(
    ("fault", "status"), [(Fail(401), 401), (Drop(), 502), (Fail(307, headers={"location": "/x"}), 307)]
)
def test_an_error_is_passed_on_and_free(fault: Any, status: int) -> None:
    purse = Purse()
    with ScriptedServer([fault]) as failing, Gateway(upstream(failing), purse) as gateway:
        assert ask(gateway)[0] == status
    assert purse.bills == [None]
    assert len(failing.posts) == 1, "no redirect is followed"


def test_an_answer_that_breaks_off_is_billed_by_estimate() -> None:
    purse = Purse()
    with ScriptedServer([Say("words " * 100, cut_after=5)]) as cutting, Gateway(upstream(cutting), purse) as gateway:
        try:
            ask(gateway, stream=True)
        except (http.client.HTTPException, OSError):
            cut = True
        else:
            cut = False
    assert cut
    (bill,) = purse.bills
    assert bill is not None
    assert bill.usage.source is UsageSource.ESTIMATED
    assert bill.usage.output_tokens > 0


def test_an_endless_answer_ends_with_the_agent() -> None:
    purse = Purse()
    with ScriptedServer([Raw((b"data: {}\n\n",), endless=True, pause_s=0.01)]) as endless:
        with Gateway(upstream(endless), purse) as gateway:
            connection = Through(gateway)
            connection.request("POST", "/v1/chat/completions", json.dumps({"model": "m1", "stream": True}))
            connection.getresponse().read(20)
        connection.close()
    assert len(purse.bills) == 1


@pytest.mark.parametrize("host", ["elsewhere.example:443", "allowed.example:80", "allowed.example:22", "127.0.0.1:443"])
def test_tunnels_lead_to_declared_hosts_only(server: ScriptedServer, host: str) -> None:
    with Gateway(upstream(server, hosts=("allowed.example",)), Purse()) as gateway:
        assert ask(gateway, host, "CONNECT")[0] == 400


def test_a_tunnel_carries_both_ways(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.create_connection

    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        assert address == ("allowed.example", 443)
        return real(("127.0.0.1", server.port), timeout=timeout)

    monkeypatch.setattr("routecli.providers.agent.gateway.socket.create_connection", dial)
    there = upstream(server, url="", hosts=("allowed.example",))
    with Gateway(there, None) as gateway, socket.socket(socket.AF_UNIX) as door:
        door.connect(str(gateway.socket))
        door.sendall(b"CONNECT allowed.example:443 HTTP/1.1\r\n\r\n")
        assert b"200" in door.recv(4096)
        door.sendall(b"GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        said = b""
        while piece := door.recv(4096):
            said += piece
    assert b"scripted" in said
