"""What must hold for every text: the intended tree or a refusal, no other exception, patches that survive a trip."""

from __future__ import annotations

import random

import pytest
from edit_damages import DAMAGES
from edit_writers import write
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from routecli import edits
from routecli.domain.patch import FileEdit, Patch

DIALECTS = ("search_replace", "unified_diff", "begin_patch", "whole_file")


class Memory:
    """Files in memory."""

    def __init__(self, content: dict[str, bytes]) -> None:
        self.content = content

    def read(self, path: str) -> bytes | None:
        return self.content.get(path)

    def paths(self) -> list[str]:
        return list(self.content)


WORDS = ["alpha", "beta", "if x:", "return 1", "}", "", "  # note", 'print("a")', "\titem", "value = 10", "end"]
LINES = st.lists(
    st.one_of(
        st.sampled_from(WORDS), st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12)
    ),
    min_size=1,
    max_size=25,
)


@st.composite
def changes(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Lines and an edit of them: some replaced, some inserted, some gone."""
    old = draw(LINES)
    new = list(old)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(new)))
        size = draw(st.integers(0, 2))
        new[at : at + size] = draw(st.lists(st.sampled_from([*WORDS, "fresh line", "another one"]), max_size=3))
    return old, new


def to_bytes(lines: list[str], end: str, final: bool, bom: bool) -> bytes:
    text = end.join(lines) + (end if final else "")
    return (b"\xef\xbb\xbf" if bom else b"") + text.encode()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@example(
    (["alpha", "", "alpha"], ["alpha", "alpha", "", "alpha"]), "\n", False, False, "search_replace", "blank_ends", 0, 1
)
@given(
    changes(),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(DIALECTS),
    st.sampled_from(sorted(DAMAGES)),
    st.integers(0, 3),
    st.integers(0, 2**32),
)
def test_the_intended_tree_or_a_refusal(change, end, final, bom, dialect, damage, context, seed) -> None:
    if len(change[0]) < 2 and not final:
        end = "\n"  # a file without any line end says nothing of how it ends lines
    before, after = (to_bytes(lines, end, final, bom) for lines in change)
    made = write(dialect, {"src/a.py": (before, after)}, context)
    if made is None or damage in {"misquoted_change"}:
        return
    reply = DAMAGES[damage](made[0], random.Random(seed))
    if reply is None:
        return
    files = Memory({"src/a.py": before, "src/b.py": b"other\n"})
    try:
        patch = edits.read(reply, files)
    except edits.EditsRefused:
        return
    got = dict(files.content) | {e.path: e.after for e in patch.edits}
    assert got == {"src/a.py": after, "src/b.py": b"other\n"}


PIECES = [
    "--- /dev/null\n+++ b/n.py", "--- a/a.py\n+++ b/a.py", "a.py\n<<<<<<< SEARCH\nx = 1", "--- a/a.py\n+++ /dev/null",
    "<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "```", "```python", "~~~", "*** Begin Patch", "*** End Patch",
    "*** Update File: a.py", "*** Add File: b.py", "*** Delete File: a.py", "*** Move to: c.py", "@@",
    "@@ -1,2 +1,2 @@", "--- a/a.py", "+++ b/a.py", "diff --git a/a.py b/a.py", "new file mode 100644",
    "rename from a.py", "rename to z.py",
    "a.py", "`a.py`:", "-x = 1", "+x = 2", " x = 1", "x = 1", "y = 2", "...", "# ... rest of code", "<edit>", "</edit>",
    "<path>a.py</path>", "<old>", "</old>", "<new>", "</new>", '{"path": "a.py", "old": "x", "new": "y"}', "> a.py", "",
    "\\ No newline at end of file", "GIT binary patch", "{", "[", '{"edits": [', "   ", "\t", "<source>", "</source>",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=40), st.sampled_from(["\n", "\r\n"]))
def test_no_text_makes_it_fail(lines: list[str], end: str) -> None:
    files = Memory({"a.py": b"x = 1\ny = 2\nx = 3\n", "d/b.txt": b"\xef\xbb\xbfa\r\nb"})
    text = end.join(lines)
    edits.currently_editing(text)
    try:
        patch = edits.read(text, files)
    except edits.EditsRefused as refused:
        assert refused.reason
        assert edits.feedback(refused, files)
        return
    assert edits.render(patch) or not patch.edits


CONTENT = st.one_of(
    st.none(),
    st.lists(
        st.sampled_from([b"a\n", b"b\n", b"c\r\n", b"-- d\n", b"++ e\n", b"\n", b"@@ f\n", b"last"]), max_size=12
    ).map(b"".join),
)
PATHS = st.sampled_from(["a.py", "dir/b c.txt", "späte/ü.md", 'q"uote.txt', "tab\tx.txt", "-dash", "back\\slash"])


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(PATHS, st.tuples(CONTENT, CONTENT), max_size=4), st.booleans())
def test_a_rendered_patch_gives_the_patch_back(content, back: bool) -> None:
    # Two files of one path cannot be, and a new file may not have every name that an old one has.
    made = []
    for path, (before, after) in sorted(content.items()):
        odd = path in {"tab\tx.txt", "-dash", "back\\slash"}
        if before == after or (odd and (before is None or (back and after is None))) or path == "back\\slash":
            continue
        made.append(FileEdit(path, before, after))
    patch = Patch(tuple(made))
    if back:
        patch = edits.reverse(patch)
    if not patch.edits:
        return
    files = Memory({e.path: e.before for e in patch.edits if e.before is not None})
    got = edits.read(edits.render(patch), files)
    assert got.edits == patch.edits


@pytest.mark.parametrize("dialect", sorted(edits.EDIT_FORMATS))
def test_every_format_has_a_writer(dialect: str) -> None:
    assert dialect in DIALECTS
