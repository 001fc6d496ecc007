"""What a model's name tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.families import same_model


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("mine/m1", "m1"),
        ("openrouter/anthropic/claude-sonnet-5", "anthropic/claude-sonnet-5"),
        ("openai/gpt-5", "gpt-5-2026-01-01"),
        ("anthropic/claude-opus-5", "claude-opus-5-20260101"),
        ("anthropic/claude-opus-5-20260101", "claude-opus-5"),
        ("vertex/claude-opus-5@20260101", "claude-opus-5"),
        ("gemini/gemini-2.0-flash", "gemini-2.0-flash-001"),
        ("openrouter/deepseek/deepseek-chat:free", "deepseek/deepseek-chat"),
        ("openai/gpt-4o-latest", "GPT-4o-2024-11-20"),
        ("mine/m1", ""),
    ],
)
def test_row_60_the_same_model_by_another_name(asked: str, served: str) -> None:
    assert same_model(asked, served)


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("openai/gpt-5", "gpt-5-nano"),
        ("openai/gpt-4", "gpt-4.1"),
        ("anthropic/claude-sonnet-4", "claude-sonnet-4-5"),
        ("litellm/tier1", "gpt-5"),
        ("mine/m1", "m1-silently-another"),
    ],
)
def test_row_60_another_model(asked: str, served: str) -> None:
    assert not same_model(asked, served)


@given(st.text(), st.text())
def test_any_names_can_be_compared(asked: str, served: str) -> None:
    assert same_model(asked, asked)
    assert isinstance(same_model(asked, served), bool)
