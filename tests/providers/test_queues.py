"""Queues of servers of one's own, as vLLM and llama.cpp report them, over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.settings import ProviderSettings
from routecli.providers.queues import read_waiting, waiting_at

VLLM = """# HELP vllm:num_requests_waiting Number of requests waiting to be processed.
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_running{engine="0",model_name="Qwen/Qwen3.6-27B"} 4.0
vllm:num_requests_waiting{engine="0",model_name="Qwen/Qwen3.6-27B"} 3.0
vllm:num_requests_waiting{engine="1",model_name="Qwen/Qwen3.6-27B"} 2.0
vllm:num_requests_waiting{engine="0",model_name="other"} 40.0
"""
LLAMA = "llamacpp:requests_processing 1\nllamacpp:requests_deferred 7\n"


@contextmanager
def serving(page: str, status: int = 200) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server with `page` at /metrics; its address, and the headers of each request."""
    heard: list[dict[str, str]] = []

    class Page(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return

        def do_GET(self) -> None:
            heard.append({**dict(self.headers.items()), "path": self.path})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(page.encode())

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", heard
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("page", "model", "waiting"),
    [(VLLM, "Qwen/Qwen3.6-27B", 5), (VLLM, "gone", None), (LLAMA, "any", 7), ("", "x", None)],
)
def test_the_queue_of_a_model(page: str, model: str, waiting: int | None) -> None:
    with serving(page) as (url, heard):
        assert waiting_at(ProviderSettings("mine", "openai", url, api_key_env="MINE"), model) == waiting
    assert [h["path"] for h in heard] == ["/metrics"]
    assert "authorization" not in {name.lower() for name in heard[0]}


@pytest.mark.parametrize("url", ["https://api.example.com/v1", "http://127.0.0.1:9/v1", None])
def test_nobody_else_is_asked_and_nobody_there_is_no_answer(url: str | None) -> None:
    assert waiting_at(ProviderSettings("mine", "openai", url), "m") is None


def test_a_server_without_metrics_says_nothing() -> None:
    with serving(VLLM, status=404) as (url, _):
        assert waiting_at(ProviderSettings("mine", "openai", url), "other") is None


@given(
    st.text(max_size=200) | st.sampled_from(["vllm:num_requests_waiting 1e999\n", "llamacpp:requests_deferred 1.2.3\n"])
)
def test_no_page_breaks_it(text: str) -> None:
    assert read_waiting(text, "m") is None
