"""Families and versions by name."""

from __future__ import annotations

import pytest

from routecli.pricebook.lineage import later

LISTED = (
    "claude-haiku-4-5", "claude-haiku-5-5", "claude-3-haiku", "claude-opus-5-5", "deepseek/deepseek-v4-flash-0731",
    "deepseek/deepseek-v4.1-flash", "deepseek/deepseek-v4.1-flash:free", "gpt-5.6-luna", "gpt-6-luna", "gpt-6.1-sol",
    "other/deepseek-v9-flash",
)  # fmt: skip


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("claude-haiku-4-5", ("claude-haiku-5-5",)),
        ("claude-3-haiku", ("claude-haiku-5-5", "claude-haiku-4-5")),
        ("claude-haiku-5-5", ()),
        ("deepseek/deepseek-v4-flash-0731", ("deepseek/deepseek-v4.1-flash",)),
        ("gpt-5.6-luna", ("gpt-6-luna",)),
        ("codestral-latest", ()),
        ("deepseek/deepseek-v4-flash:free", ()),
        ("", ()),
    ],
)
def test_later_ones_of_the_same_family_and_vendor(model: str, found: tuple[str, ...]) -> None:
    assert later(model, LISTED) == found
