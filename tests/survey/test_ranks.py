"""The packed ranks are the published ones, byte for byte."""

from __future__ import annotations

import base64
import hashlib
import inspect
from pathlib import Path

import routecli
from routecli.survey import ranks

PUBLISHED_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
"""Of the file that tiktoken would download, as tiktoken itself expects it."""


def test_the_ranks_are_those_that_tiktoken_would_download() -> None:
    loaded = ranks.load()
    rebuilt = b"".join(base64.b64encode(token) + b" %d\n" % rank for token, rank in loaded.items())
    assert hashlib.sha256(rebuilt).hexdigest() == PUBLISHED_SHA256
    from tiktoken_ext import openai_public

    assert PUBLISHED_SHA256 in inspect.getsource(openai_public.o200k_base)


def test_the_split_pattern_is_tiktokens() -> None:
    from tiktoken_ext import openai_public

    source = inspect.getsource(openai_public.o200k_base)
    contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    assert contraction in source
    for alternative in ranks.SPLIT_PATTERN.replace(contraction, "\0").split("|"):
        assert alternative.replace("\0", "") in source


def test_the_licence_lies_beside_them() -> None:
    notice = (Path(routecli.__file__).parent / "data" / "o200k_base.NOTICE").read_text()
    assert "MIT License" in notice
    assert "OpenAI" in notice
