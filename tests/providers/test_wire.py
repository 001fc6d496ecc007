"""Retry-After in every spelling, loopback or not, and the collector left as it was."""

from __future__ import annotations

import gc
import threading
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.providers.address import is_loopback
from routecli.providers.importing import uncollected
from routecli.providers.incoming import Undecodable, decoded
from routecli.providers.wire import asked_wait_s


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait_s(headers) == seconds


def test_retry_after_without_end() -> None:
    assert asked_wait_s({"retry-after": "inf"}) == float("inf")
    assert (asked_wait_s({"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT"}) or 0) > 10**9


@given(st.text(max_size=40))
def test_no_retry_after_raises(text: str) -> None:
    asked = asked_wait_s({"retry-after": text, "retry-after-ms": text})
    assert asked is None or asked >= 0


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "0.0.0.0", "fe80::1"]
)
def test_not_this_machine(host: str) -> None:
    assert not is_loopback(host)


@given(st.binary(max_size=5000), st.integers(1, 400))
def test_decoding_is_the_same_in_any_pieces(data: bytes, size: int) -> None:
    packed = zlib.compress(data)
    pieces = [packed[i : i + size] for i in range(0, len(packed), size)]
    assert b"".join(decoded(pieces, "deflate", 10_000)) == data


@given(st.binary(min_size=1, max_size=200))
def test_no_bytes_break_the_decoder_otherwise(data: bytes) -> None:
    try:
        b"".join(decoded([data], "gzip", 1000))
    except Undecodable:
        return


def test_the_collector_is_left_as_it_was() -> None:
    gc.enable()
    inside = threading.Barrier(2)
    states = []

    def work() -> None:
        with uncollected():
            inside.wait(10)
            states.append(gc.isenabled())

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == [False, False]
    assert gc.isenabled()
    gc.disable()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
