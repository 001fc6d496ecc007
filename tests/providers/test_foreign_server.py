"""Both APIs against a server that others wrote: aimock (`npm install -g @copilotkit/aimock`, its `llmock` on PATH)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from routecli.domain.money import UsageSource
from routecli.domain.reply import StopReason
from routecli.errors import ProviderFault

LLMOCK = shutil.which("llmock")
pytestmark = [
    pytest.mark.skipif(LLMOCK is None, reason="aimock is not installed: npm install -g @copilotkit/aimock"),
    pytest.mark.parametrize("api", ["openai", "anthropic"]),
]

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
FIXTURES = {
    "fixtures": [
        {"match": {"userMessage": "fix it"}, "response": {"content": "Hello from a stranger. " * 9, "usage": USAGE}},
        {"match": {"userMessage": "half"}, "response": {"content": "one two", "finishReason": "length"}},
        {"match": {"userMessage": "busy"}, "response": {"error": {"message": "Slow down", "type": "x"}, "status": 429}},
    ]
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("fixtures")
    (folder / "all.json").write_text(json.dumps(FIXTURES))
    assert LLMOCK is not None
    server = subprocess.Popen([LLMOCK, "-p", "0", "-f", str(folder), "--strict"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        for line in server.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        else:
            raise AssertionError("aimock did not start")
        yield found.group()
    finally:
        server.terminate()
        server.wait(10)
        server.stdout.close()


def at(api: str, address: str) -> str:
    return f"{address}/v1" if api == "openai" else address


def test_an_answer(api: str, address: str, provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    reply = provider_at(api, at(api, address)).complete(make_request("fix it"), context)
    assert reply.text == "Hello from a stranger. " * 9
    assert reply.stop is StopReason.END
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (11, 7)
    assert reply.usage.source is UsageSource.REPORTED
    assert len(context.chunks) > 3


def test_a_truncated_answer(api: str, address: str, provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    assert provider_at(api, at(api, address)).complete(make_request("half"), context).stop is StopReason.TRUNCATED


def test_throttled(api: str, address: str, provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProviderFault, match="Slow down"):
        provider_at(api, at(api, address)).complete(make_request("busy"), context)


def test_nothing_matches(api: str, address: str, provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProviderFault, match="no fixture matched"):
        provider_at(api, at(api, address)).complete(make_request("something else"), context)


def test_interrupted(api: str, address: str, provider_at, make_request, context) -> None:  # type: ignore[no-untyped-def]
    context.stop_at = 2
    with pytest.raises(KeyboardInterrupt) as caught:
        provider_at(api, at(api, address)).complete(make_request("fix it"), context)
    assert caught.value.partial_reply.text == "".join(context.chunks)  # type: ignore[attr-defined]
