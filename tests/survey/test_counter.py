"""Counting texts without loading the tokenizer for a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from routecli.domain.task import FileRole
from routecli.survey import tokens
from routecli.survey.counter import BOUNDED_BYTES, Counter
from routecli.survey.remembered import Known, Remembered, content_id

LONG = "def total(items):\n    return sum(items)\n" * 100


def run(folder: Path, texts: list[str]) -> tuple[list[int], bool]:
    """The counts in a fresh process, and whether it loaded the tokenizer."""
    program = (
        "import json, sys\nfrom pathlib import Path\nfrom routecli.survey import Counter, Remembered\n"
        "counts = Counter(Remembered(Path(sys.argv[1])))(json.loads(sys.argv[2]))\n"
        "sys.stdout.write(json.dumps([counts, 'tiktoken' in sys.modules]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder), json.dumps(texts)], check=True, capture_output=True
    )
    counts, loaded = json.loads(done.stdout)
    return counts, loaded


def test_a_second_run_does_not_load_the_tokenizer(tmp_path: Path) -> None:
    first, loaded = run(tmp_path, [LONG, "fix it"])
    assert loaded
    assert first == tokens.count([LONG, "fix it"])
    second, loaded = run(tmp_path, [LONG, "fix it"])
    assert not loaded
    assert second[0] == first[0]
    assert second[1] >= first[1]


def test_a_file_that_was_surveyed_is_known_as_a_text(tmp_path: Path) -> None:
    Remembered(tmp_path).put({content_id(LONG.encode()): Known(len(LONG), 1234, FileRole.TEXT)})
    assert run(tmp_path, [LONG]) == ([1234], False)


def test_a_text_never_makes_a_file_look_harmless(tmp_path: Path) -> None:
    """A prompt may quote what a survey would call a secret: the survey must still look for itself."""
    Counter(Remembered(tmp_path))([LONG])
    assert Remembered(tmp_path).get([content_id(LONG.encode())]) == {}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "Z"]), max_size=BOUNDED_BYTES // 4))
def test_counts_are_exact_once_the_tokenizer_is_in_memory(text: str) -> None:
    tokens.preload()
    assert Counter(Remembered(None))([text]) == tokens.count([text])


def test_the_bound_is_above_the_count(tmp_path: Path) -> None:
    sentences = [
        "fix the rounding in invoice totals",
        "def f(x):\n    return x[0][1]\n",
        "naïve café",
        "1234567890" * 9,
    ]
    bounds, loaded = run(tmp_path, sentences)
    assert not loaded
    assert all(bound >= exact for bound, exact in zip(bounds, tokens.count(sentences), strict=True))
