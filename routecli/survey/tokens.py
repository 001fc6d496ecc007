"""How many tokens a text is: o200k_base, and what other models make of the same text.

tiktoken is imported at the first count, not before: whoever has every count remembered never pays for it.
"""

from __future__ import annotations

import math
import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from routecli.nouns import dataclass
from routecli.survey import ranks

if TYPE_CHECKING:
    from tiktoken import Encoding

TOKENIZER = ranks.NAME
_PIECE_CHARS = 400_000
"""tiktoken's splitter overflows its stack on a run of about a million blanks (seen with 0.14), so texts are cut."""
_WORTH_A_THREAD_CHARS = 200_000
_HELD_CHARS = 16_000_000
_lock = threading.Lock()
_encoding: Encoding | None = None


@dataclass(frozen=True, slots=True)
class Ratio:
    """A family of models whose tokenizer is not o200k_base. `times` is its tokens over o200k_base's on source code;
    `source` says where the figure is from. `pattern` is searched in the lower-cased model name."""

    family: str
    pattern: str
    times: float
    source: str


RATIOS: tuple[Ratio, ...] = (
    Ratio("OpenAI", r"\bgpt-|\bo[1-9]\b|\bcodex\b|gpt-oss", 1.0, "o200k_base is their own tokenizer"),
    Ratio(
        "DeepSeek", r"deepseek", 1.05, "its tokenizer gives 1.02 on prose, 1.04 on Python; billed over counted was 1.05"
    ),
    Ratio("Claude", r"claude", 1.40, "billed over counted, measured before this project: 1.35 to 1.45"),
    Ratio("others", r"", 1.10, "not measured: set high, so that a limit is not overrun"),
)
"""The first match counts. Where a model was billed for more than was expected, what is set aside before its next calls
grows by as much (compose/caps.py)."""


def ratio_of(model: str) -> float:
    """`model`'s tokens for each token of o200k_base."""
    name = model.lower()
    return next(r.times for r in RATIOS if re.search(r.pattern, name))


def for_model(tokens: int, model: str) -> int:
    """`tokens` of o200k_base as `model` would count them, rounded up: an estimate until the bill comes."""
    return math.ceil(round(tokens * ratio_of(model), 6))


def loaded() -> bool:
    """Whether a count would be quick: the ranks are in memory."""
    return _encoding is not None


def preload() -> None:
    """Loads the ranks (about 0.35 s). Safe from any thread; later calls return at once."""
    _the_encoding()


def count(texts: Sequence[str]) -> list[int]:
    """The tokens of each text. Special tokens are counted as the ordinary text that they are here."""
    if not texts:
        return []
    if len(texts) == 1 or sum(map(len, texts)) < _WORTH_A_THREAD_CHARS:
        return [_count_one(text) for text in texts]
    return list(count_each(texts))


def count_each(texts: Iterable[str]) -> Iterator[int]:
    """The tokens of each text, in order. While two threads count, the next texts are fetched (the encoder lets go of
    the interpreter's lock); a bounded number of characters is held at a time."""
    from concurrent.futures import Future, ThreadPoolExecutor

    waiting: deque[tuple[Future[int], int]] = deque()
    held = 0
    with ThreadPoolExecutor(2, thread_name_prefix="tokens") as pool:
        for text in texts:
            waiting.append((pool.submit(_count_one, text), len(text)))
            held += len(text)
            while held > _HELD_CHARS:
                counted, size = waiting.popleft()
                held -= size
                yield counted.result()
        while waiting:
            yield waiting.popleft()[0].result()


def _count_one(text: str) -> int:
    encoding = _the_encoding()
    if len(text) <= _PIECE_CHARS:
        return len(encoding.encode_ordinary(text))
    return sum(len(encoding.encode_ordinary(text[at : at + _PIECE_CHARS])) for at in range(0, len(text), _PIECE_CHARS))


def _the_encoding() -> Encoding:
    global _encoding  # noqa: PLW0603
    if _encoding is None:
        with _lock:
            if _encoding is None:
                from tiktoken import Encoding as Tiktoken

                _encoding = Tiktoken(
                    ranks.NAME,
                    pat_str=ranks.SPLIT_PATTERN,
                    mergeable_ranks=ranks.load(),
                    special_tokens=ranks.SPECIAL,
                )
    return _encoding
