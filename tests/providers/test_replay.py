"""Recorded replies, from the file and over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from routecli.domain.money import Usage, UsageSource
from routecli.domain.reply import StopReason
from routecli.domain.settings import ProviderSettings
from routecli.errors import ConfigFault, ProviderFault
from routecli.providers import build
from routecli.providers.recorded import read
from routecli.providers.replay_server import serving

TAPE = """
[[replies]]
model = "small"
text = '''
wrong
'''
input_tokens = 400
cache_read_tokens = 100
output_tokens = 40

[[replies]]
model = "large"
text = "right 🦆"
input_tokens = 600
output_tokens = 50
reasoning_tokens = 9

[[replies]]
text = "half"
stop = "truncated"

[[replies]]
text = "no"
stop = "refused"
"""


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    path = tmp_path / "replies.toml"
    path.write_text(TAPE)
    return path


def through_http(tape: Path):  # type: ignore[no-untyped-def]
    with serving(tape) as server:
        yield build(ProviderSettings("demo", "openai", server.base_url, price_as="deepseek"))


def from_file(tape: Path):  # type: ignore[no-untyped-def]
    yield build(ProviderSettings("demo", "replay", replies=tape))


@pytest.mark.parametrize("way", [from_file, through_http])
def test_replies_come_in_order_and_by_model(way, tape: Path, make_request, context) -> None:  # type: ignore[no-untyped-def]
    provider = next(gen := way(tape))
    large = provider.complete(make_request(model="large"), context)
    assert (large.text, large.stop) == ("right 🦆", StopReason.END)
    assert large.usage == Usage(600, output_tokens=50, reasoning_tokens=9)
    assert large.model_served == "large"
    small = provider.complete(make_request(model="small"), context)
    assert small.text == "wrong\n"
    assert (small.usage.cache_read_tokens, small.usage.source) == (100, UsageSource.REPORTED)
    half = provider.complete(make_request(model="small"), context)
    assert (half.stop, half.usage.source) == (StopReason.TRUNCATED, UsageSource.ESTIMATED)
    assert provider.complete(make_request(model="x"), context).stop is StopReason.REFUSED
    with pytest.raises(ProviderFault, match="no recorded reply"):
        provider.complete(make_request(model="small"), context)
    assert "".join(context.chunks) == "right 🦆wrong\nhalfno"
    gen.close()


def test_the_server_without_streaming_and_with_nonsense(tape: Path) -> None:
    with serving(tape) as server:

        def post(body: bytes, path: str = "/chat/completions") -> tuple[int, dict[str, object]]:
            asked = urllib.request.Request(server.base_url + path, body)
            try:
                with urllib.request.urlopen(asked) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, json.load(error)

        status, said = post(b'{"model": "small"}')
        assert status == 200
        assert said["choices"][0]["message"]["content"] == "wrong\n"  # type: ignore[index]
        assert post(b"not json")[0] == 400
        assert post(b"[]")[0] == 400
        assert post(b"{}", "/messages")[0] == 400


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[replies]\n", "line 1"),
        ("x = 1", "nothing else"),
        ("replies = 3", "nothing else"),
        ("[[replies]]\nstop = 'end'", "reply 1 has no text"),
        ("[[replies]]\ntext = 'a'\n[[replies]]\ntext = 3", "reply 2: text is no text"),
        ("[[replies]]\ntext = 'a'\nstop = 'maybe'", "stop is not one of"),
        ("[[replies]]\ntext = 'a'\nouput_tokens = 1", "ouput_tokens is not one of"),
        ("[[replies]]\ntext = 'a'\noutput_tokens = -1", "output_tokens is no count"),
        ("[[replies]]\ntext = 'a'\noutput_tokens = true", "output_tokens is no count"),
    ],
)
def test_a_broken_file_says_where(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(text)
    with pytest.raises(ConfigFault, match=why):
        read(path)


def test_no_file(tmp_path: Path, make_request, context) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigFault, match="No such file"):
        read(tmp_path / "none.toml")
    with pytest.raises(ConfigFault, match="names no file"):
        build(ProviderSettings("demo", "replay")).complete(make_request(), context)
