"""What is stopped while it is being written, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.cascade.watching import LOOP_CHARS, LOOP_TIMES, StoppedEarly, Watch, loop_of
from routecli.domain.reply import Message, StopReason

BLOCK = "a.py\n```python\n<<<<<<< SEARCH\nold\n=======\n"


def stopped(text: str, step: int = 97, **more: object) -> StopReason | None:
    """How a reply that grows by `step` characters is stopped, if it is."""
    watch = Watch(more.pop("max_output_tokens", 8192), **more)  # type: ignore[arg-type]
    try:
        for end in range(step, len(text) + step, step):
            watch.look(text[:end])
    except StoppedEarly as early:
        return early.stop
    return None


@pytest.mark.parametrize(
    "words",
    [
        "I'm sorry, but I can't assist with that request.",
        "I’m sorry, but I can’t help with that.",
        "Sorry, I cannot comply with this.",
        "I cannot help with that request, since",
        "Unfortunately, I am unable to assist with this.",
        "I won't help you with that.",
    ],
)
def test_a_refusal_in_the_first_words(words: str) -> None:
    assert stopped(words + " It would not be right to." * 40) is StopReason.REFUSED


@pytest.mark.parametrize(
    "words",
    [
        "I can't see why this fails, but helpfully the test says it.",
        "Sorry for the confusion: the loop runs once too often.",
        "I cannot help noticing that the index is off by one. " + BLOCK,
        "The function cannot assist because its argument is None.",
        BLOCK + "I'm sorry, but I can't assist with that.",
    ],
)
def test_what_only_sounds_like_one_goes_on(words: str) -> None:
    assert stopped(words + "\nx = 1 # nothing here twice" * 3) is None


@pytest.mark.parametrize(
    "piece", ["la ", "I will now fix the bug.\n", "\n", "x = compute(x)\n" * 20 + "y = 2\n", "0, "]
)
def test_a_loop(piece: str) -> None:
    text = BLOCK + piece * (3 * LOOP_CHARS // len(piece) + LOOP_TIMES)
    assert stopped(text, max_output_tokens=100_000) is StopReason.LOOPING


def test_what_the_files_repeat_may_be_repeated() -> None:
    table = "0, 0, 0, 0,\n" * 2_000
    assert stopped(BLOCK + table, max_output_tokens=100_000) is StopReason.LOOPING
    asked = (Message("user", f"Files:\n{table}"),)
    assert stopped(BLOCK + table, max_output_tokens=100_000, asked=asked) is None


def test_rows_that_differ_are_no_loop() -> None:
    rows = "".join(f"    case({n}, {n * n}),\n" for n in range(3_000))
    assert stopped(BLOCK + rows, max_output_tokens=100_000) is None


def test_prose_without_an_edit() -> None:
    prose = " ".join(f"Then step {n} of the plan follows." for n in range(2_000))
    assert stopped(prose) is StopReason.NO_DIALECT
    assert stopped(prose, prose_tokens=0) is None
    assert stopped(prose, wants_edits=False) is None
    assert stopped(prose[:10_000] + "\n" + BLOCK + prose, max_output_tokens=100_000) is None


@pytest.mark.parametrize("mark", ["<<<<<<< SEARCH", "*** Begin Patch", "--- a/x.py", "```python", "@@ -1 +1 @@"])
def test_every_dialect_is_known_by_its_marks(mark: str) -> None:
    prose = " ".join(f"Then step {n} of the plan follows." for n in range(2_000))
    assert stopped(f"{mark}\n{prose}") is None


def test_a_length_beyond_the_cap() -> None:
    rows = "".join(f"    case({n}, {n * n}),\n" for n in range(900))
    assert stopped(BLOCK + rows, max_output_tokens=1_000) is StopReason.RUNAWAY
    assert stopped(BLOCK + rows, max_output_tokens=5_000) is None


@given(st.text(max_size=40), st.text(min_size=1, max_size=400), st.integers(0, 300))
def test_a_loop_is_found_wherever_it_is_cut(before: str, piece: str, cut: int) -> None:
    text = before + piece * (2 * LOOP_CHARS // len(piece) + LOOP_TIMES)
    text = text[: len(text) - min(cut, len(piece) - 1)]
    found = loop_of(text)
    assert found
    assert text.endswith(found * LOOP_TIMES)


@given(st.text(max_size=2 * LOOP_CHARS))
def test_what_is_called_a_loop_is_one(text: str) -> None:
    found = loop_of(text)
    assert not found or text.endswith(found * LOOP_TIMES)
