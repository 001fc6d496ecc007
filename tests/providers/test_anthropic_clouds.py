"""Anthropic's models at Amazon and Google: the SDK's own clients through our line, against a server that checks."""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from collections.abc import Callable

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from providers.conftest import KEY, Context
from serving import Fail, Raw, Received, Say, ScriptedServer, formats

from routecli.domain.reply import Request, StopReason
from routecli.domain.settings import ProviderSettings
from routecli.errors import ConfigFault, ProviderFault
from routecli.providers import build

MakeRequest = Callable[..., Request]
SAID = Say("the answer", input_tokens=50, output_tokens=5)
ACCESS, SECRET = "AKIACANARY", "secret-canary-0123456789"


def frame(event: bytes) -> bytes:
    """One event in Amazon's event stream encoding: two lengths, a checksum, headers, payload, a checksum."""
    payload = json.dumps({"bytes": base64.b64encode(event).decode()}).encode()
    pairs = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        bytes([len(n)]) + n.encode() + b"\x07" + struct.pack(">H", len(v)) + v.encode() for n, v in pairs.items()
    )
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    prelude += struct.pack(">I", binascii.crc32(prelude))
    return prelude + headers + payload + struct.pack(">I", binascii.crc32(prelude + headers + payload))


def amazon() -> Raw:
    events = [e.partition(b"data: ")[2].strip() for e in formats.anthropic_events(SAID, "m")]
    headers = {"content-type": "application/vnd.amazon.eventstream", "x-amzn-requestid": "r-1"}
    return Raw(tuple(frame(e) for e in events), headers=headers)


def bedrock(server: ScriptedServer, **more: object) -> ProviderSettings:
    return ProviderSettings("cloud", "bedrock", server.anthropic_url, region="eu-west-1", **more)  # type: ignore[arg-type]


def signature(received: Received, url: str) -> tuple[str, str]:
    """The one that came, and the one that is right for what came."""
    found = re.search(r"SignedHeaders=([^,]+), Signature=(\w+)", received.headers["authorization"])
    assert found is not None
    kept = {name: received.headers[name] for name in found[1].split(";")}
    body = json.dumps(received.body, ensure_ascii=False, separators=(",", ":")).encode()
    request = AWSRequest("POST", url + received.path, headers=kept, data=body)
    request.context["timestamp"] = received.headers["x-amz-date"]
    auth = SigV4Auth(Credentials(ACCESS, SECRET), "bedrock", "eu-west-1")
    return found[2], auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)


def test_bedrock_is_signed_by_amazons_own_credentials(
    make_request: MakeRequest, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    with ScriptedServer([amazon()]) as server:
        reply = build(bedrock(server, headers={"x-team": "tools"})).complete(make_request(model="eu.claude:0"), context)
        came, right = signature(server.posts[0], server.anthropic_url)
    assert came == right, "what our line takes away was taken away before it was signed"
    assert server.posts[0].path == "/model/eu.claude:0/invoke-with-response-stream"
    assert server.posts[0].headers["x-team"] == "tools"
    assert not [name for name in server.posts[0].headers if name.startswith("x-stainless")]
    assert (reply.text, reply.stop, reply.usage.input_tokens, reply.usage.output_tokens) == (
        "the answer", StopReason.END, 50, 5,
    )  # fmt: skip


def test_bedrock_takes_a_key_of_its_own(make_request: MakeRequest, context: Context) -> None:
    with ScriptedServer([amazon()]) as server:
        provider = build(bedrock(server, api_key_env="BEDROCK_KEY"), KEY)
        assert provider.complete(make_request(), context).text == "the answer"
    assert server.posts[0].headers["authorization"] == f"Bearer {KEY}"


def test_vertex_is_asked_at_its_project_and_region(make_request: MakeRequest, context: Context) -> None:
    with ScriptedServer([Raw(tuple(formats.anthropic_events(SAID, "m")))]) as server:
        settings = ProviderSettings(
            "cloud", "vertex", f"{server.anthropic_url}/v1", "TOKEN", region="europe-west1", project="mine"
        )
        reply = build(settings, KEY).complete(make_request(model="claude@1"), context)
    path = "/v1/projects/mine/locations/europe-west1/publishers/anthropic/models/claude@1:streamRawPredict"
    assert (server.posts[0].path, server.posts[0].headers["authorization"]) == (path, f"Bearer {KEY}")
    assert (reply.text, reply.usage.input_tokens) == ("the answer", 50)


@pytest.mark.parametrize("api", ["bedrock", "vertex"])
def test_a_cloud_needs_its_region(api: str, make_request: MakeRequest, context: Context) -> None:
    with pytest.raises(ConfigFault, match="no region"):
        build(ProviderSettings("cloud", api)).complete(make_request(), context)


def test_a_cloud_without_its_extra_says_which(
    make_request: MakeRequest, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routecli.providers.anthropic_clouds.find_spec", lambda name: None)
    with pytest.raises(ConfigFault) as fault:
        build(ProviderSettings("cloud", "bedrock", region="eu-west-1")).complete(make_request(), context)
    assert fault.value.hint == "pip install 'routecli[bedrock]'"


def test_a_cloud_that_is_down_is_a_fault_and_no_trace(
    make_request: MakeRequest, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer([Fail(503)] * 4) as server, pytest.raises(ProviderFault, match="down or throttles"):
        build(bedrock(server, api_key_env="BEDROCK_KEY"), KEY).complete(make_request(), context)
    assert len(server.posts) == 4
