"""The writer's confidence on the last line changes nothing of its edits, whatever the dialect."""

from __future__ import annotations

import pytest

from routecli.edits import EDIT_FORMATS, EditsRefused, read

FILES = {"a.py": "x = 1\ny = 2\n"}
REPLIES = {
    "search_replace": "a.py\n```python\n<<<<<<< SEARCH\ny = 2\n=======\ny = 3\n>>>>>>> REPLACE\n```\n",
    "unified_diff": "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n x = 1\n-y = 2\n+y = 3\n",
    "begin_patch": "*** Begin Patch\n*** Update File: a.py\n@@\n x = 1\n-y = 2\n+y = 3\n*** End Patch\n",
    "whole_file": "a.py\n```python\nx = 1\ny = 3\n```\n",
}


@pytest.mark.parametrize("dialect", sorted(EDIT_FORMATS))
@pytest.mark.parametrize("end", ["CONFIDENCE: 7\n", "\nCONFIDENCE: 10", "\n**CONFIDENCE:** 3/10\n\n"])
def test_the_patch_is_the_same_with_it(dialect: str, end: str) -> None:
    plain = read(REPLIES[dialect], FILES, scope=["a.py"])
    assert [e.after for e in plain.edits] == [b"x = 1\ny = 3\n"]
    assert read(REPLIES[dialect] + end, FILES, scope=["a.py"]) == plain


def test_within_the_fence_of_a_whole_file_it_is_no_line_of_the_file() -> None:
    inside = REPLIES["whole_file"].replace("y = 3\n", "y = 3\nCONFIDENCE: 8\n")
    assert read(inside, FILES, scope=["a.py"]).edits[0].after == b"x = 1\ny = 3\n"


def test_a_file_that_has_such_lines_keeps_them() -> None:
    files = {"a.py": "CONFIDENCE: 7\n"}
    reply = "a.py\n```python\nx = 1\nCONFIDENCE: 8\n```\n"
    assert read(reply, files, scope=["a.py"]).edits[0].after == b"x = 1\nCONFIDENCE: 8\n"


def test_alone_it_is_no_edit() -> None:
    with pytest.raises(EditsRefused, match="no edits"):
        read("I can not.\nCONFIDENCE: 1\n", FILES, scope=["a.py"])
