"""Counts, and what other models make of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routecli.survey import tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("hello world", 2),
        ("def total(items):\n    return sum(items)\n", 9),
        ("<|endoftext|>", 7),
    ],
)
def test_known_counts(text: str, expected: int) -> None:
    assert tokens.count([text]) == [expected]


def test_no_text_no_tokenizer() -> None:
    assert tokens.count([]) == []


def test_a_million_blanks_do_not_overflow_the_splitter() -> None:
    assert 0 < tokens.count([" " * 1_000_000])[0] < 20_000


def test_bytes_that_were_no_unicode_are_counted() -> None:
    assert tokens.count(["caf\udce9"])[0] >= 2


def test_many_texts_in_two_threads_are_counted_in_order() -> None:
    texts = ["word " * n for n in range(400)]
    assert tokens.count(texts) == [tokens.count([text])[0] for text in texts]


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_any_text_has_at_most_a_token_a_byte(text: str) -> None:
    (counted,) = tokens.count([text])
    assert counted <= len(text.encode("utf-8", "replace"))
    assert bool(counted) == bool(text)


@pytest.mark.parametrize(
    ("model", "ratio"),
    [
        ("gpt-5.5", 1.0),
        ("openai/o3-mini", 1.0),
        ("deepseek-v4-flash", 1.05),
        ("anthropic/claude-opus-4.7", 1.40),
        ("qwen-3.6-27b", 1.10),
        ("something-new", 1.10),
    ],
)
def test_ratio_by_family(model: str, ratio: float) -> None:
    assert tokens.ratio_of(model) == ratio


@given(st.integers(0, 10**7), st.sampled_from(["gpt-5.5", "deepseek-v4-pro", "claude-opus-4.7", "x"]))
def test_a_model_never_counts_fewer_than_we_do(counted: int, model: str) -> None:
    adjusted = tokens.for_model(counted, model)
    assert counted <= adjusted <= counted * 2 + 1
    assert tokens.for_model(100, "deepseek-v4-pro") == 105


def test_counting_needs_no_network_and_no_cache_of_tiktokens() -> None:
    program = (
        "import socket\n"
        "def refuse(*a, **k): raise AssertionError('a socket was opened')\n"
        "socket.socket.connect = refuse\n"
        "socket.getaddrinfo = refuse\n"
        "from routecli.survey import tokens\n"
        "assert not tokens.loaded()\n"
        "tokens.preload()\n"
        "assert tokens.loaded() and tokens.count(['hello world']) == [2]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"TIKTOKEN_CACHE_DIR": "/nonexistent"})


def test_the_page_holds_every_ratio() -> None:
    page = (Path(__file__).parents[2] / "docs" / "routing.md").read_text()
    rows = re.findall(r"^\| ([\w ]+) \| ([\d.]+) \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(r.family, str(r.times), r.source) for r in tokens.RATIOS]
