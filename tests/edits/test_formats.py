"""The contract of every row of EDIT_FORMATS, and the choice among them."""

from __future__ import annotations

import re

import pytest

from routecli import edits
from routecli.domain.ladder import ModelRef, Tier
from routecli.edits.formats import FAILS_AFTER, SMALL_FILE_TOKENS
from routecli.survey import tokens

CHEAP = Tier("tier1", 1, (ModelRef("p", "m"),))
DEAR = Tier("tier3", 3, (ModelRef("p", "m"),))


class Memory:
    """Files in memory."""

    def __init__(self, **content: bytes) -> None:
        self.content = {"src/greet.py": b'class Greeter:\n    def greet(self, name):\n        return "Hello " + name\n'}
        self.content["src/old.py"] = b"x = 1\n"
        self.content |= content

    def read(self, path: str) -> bytes | None:
        return self.content.get(path)

    def paths(self) -> list[str]:
        return list(self.content)


@pytest.mark.parametrize("name", sorted(edits.EDIT_FORMATS))
class TestContract:
    def test_its_name_is_its_key(self, name: str) -> None:
        assert edits.EDIT_FORMATS[name].name == name

    def test_its_instructions_are_short(self, name: str) -> None:
        assert tokens.count([edits.EDIT_FORMATS[name].instructions])[0] <= 250

    def test_its_example_is_read_by_itself(self, name: str) -> None:
        """What a model is shown is an answer that we understand: it changes the example's file as it says."""
        text = edits.EDIT_FORMATS[name].instructions
        example = text[: text.rindex("\n\n- ")] if "\n\n- " in text else text
        files = Memory()
        if name == "search_replace":
            files.content["src/greet.py"] = b'def greet(name):\n    return "Hello " + name\n'
        if name == "begin_patch":
            files.content["src/greet.py"] = b'class Greeter\ndef greet(self, name):\n    return "Hello " + name\n'
        patch = edits.read(example, files)
        after = {e.path: e.after or b"" for e in patch.edits}
        assert b'return f"Hello, {name}!"' in after["src/greet.py"]

    def test_it_leaves_prose_alone(self, name: str) -> None:
        from routecli.edits.paths import Names
        from routecli.edits.replies import Reply

        lines = ["Here is what I think:", "", "- one", "- two", "", "a = b", "--- ", "=====", "> quote", "@ x"]
        reply = Reply(lines, Names(Memory(), None))
        assert all(edits.EDIT_FORMATS[name].at(reply, i) is None for i in range(len(lines)))


def test_small_files_on_cheap_tiers_are_asked_for_whole() -> None:
    name, why = edits.choose_format({"a.py": SMALL_FILE_TOKENS}, CHEAP, {})
    assert (name, why.code) == ("whole_file", "edit-format-small")


@pytest.mark.parametrize(("size", "tier"), [(SMALL_FILE_TOKENS + 1, CHEAP), (10, DEAR)])
def test_else_blocks(size: int, tier: Tier) -> None:
    name, why = edits.choose_format({"a.py": size, "b.py": 1}, tier, {})
    assert (name, why.code) == ("search_replace", "edit-format-blocks")


def test_what_a_model_fails_at_is_not_asked_for() -> None:
    record = {"whole_file": (10, 4), "search_replace": (10, 1)}
    name, why = edits.choose_format({"a.py": 10}, CHEAP, record)
    assert name == "search_replace"
    assert why.code == "edit-format-record"
    assert "whole_file failed 4 of 10 times" in why.text


def test_a_short_record_says_nothing() -> None:
    assert (
        edits.choose_format({"a.py": 10}, CHEAP, {"whole_file": (FAILS_AFTER - 1, FAILS_AFTER - 1)})[0] == "whole_file"
    )


def test_where_all_fail_blocks_are_asked_for() -> None:
    record = dict.fromkeys(edits.EDIT_FORMATS, (10, 10))
    assert edits.choose_format({"a.py": 10}, CHEAP, record)[0] == "search_replace"


def test_a_set_format_is_kept() -> None:
    tier = Tier("tier1", 1, (ModelRef("p", "m"),), edit_format="unified_diff")
    assert edits.choose_format({"a.py": 10}, tier, {"unified_diff": (10, 10)})[0] == "unified_diff"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ""),
        ("Some prose about a.py only.\n", ""),
        ("src/a.py\n```python\n<<<<<<< SEARCH\nx", "src/a.py"),
        ("**src/a.py**\n\n```python\nx", "src/a.py"),
        ("```python\nsrc/a.py\n<<<<<<< SEARCH\n", "src/a.py"),
        ("*** Begin Patch\n*** Update File: src/a.py\n", "src/a.py"),
        ("--- a/src/a.py\n+++ b/src/a.py\n@@", "src/a.py"),
        ("a.py\n```\nx\n```\n\nb.py\n```\ny", "b.py"),
        ("--- a/gone.py\n+++ /dev/null\n", ""),
    ],
)
def test_where_a_stream_is_at(text: str, path: str) -> None:
    assert edits.currently_editing(text) == path


def test_every_refusal_has_a_reason() -> None:
    for kind in edits.RefusalKind:
        assert edits.EditsRefused((edits.Refusal(kind, "a", "b"),)).reason
        assert re.fullmatch(r"[a-z-]+", kind.value)
