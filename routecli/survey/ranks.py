"""The token ranks of o200k_base as package data: no download, ever.

`data/o200k_base.z` is zlib over 199,998 length bytes followed by the tokens in rank order. `data/o200k_base.NOTICE`
holds their licence; a test unpacks them and compares the sha256 that tiktoken expects of its own download.
"""

from __future__ import annotations

import zlib
from importlib.resources import files
from itertools import accumulate, pairwise

NAME = "o200k_base"
TOKENS = 199_998
SPECIAL = {"<|endoftext|>": 199_999, "<|endofprompt|>": 200_018}

_CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
SPLIT_PATTERN = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + _CONTRACTION,
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + _CONTRACTION,
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
"""How o200k_base cuts text before merging: part of the encoding's definition (tiktoken, MIT)."""


def load() -> dict[bytes, int]:
    """Token to rank. About 0.1 s and 20 MB; the caller keeps it."""
    packed = files("routecli").joinpath("data", "o200k_base.z").read_bytes()
    raw = zlib.decompress(packed)
    ends = accumulate(raw[:TOKENS], initial=TOKENS)
    return {raw[start:end]: rank for rank, (start, end) in enumerate(pairwise(ends))}
