"""Rows of docs/security.md that this room answers for. Reading writes nothing: what is judged here is the Patch."""

from __future__ import annotations

import pytest

from routecli import edits
from routecli.domain.verdict import DeferralReason
from routecli.edits.assembly import MAX_FILES, MAX_NEW_LINES
from routecli.edits.reading import MAX_REPLY_BYTES

BAD_PATHS = [
    "../x", "a/../../x", "/etc/passwd", "/x", "~/x", "~root/x", ".git/hooks/pre-commit", ".GIT/config", ".Git/config",
    "git~1/config", "GIT~2/x", "sub/.git/config", ".git./config", ".git /config", ".git::$INDEX_ALLOCATION/x",
    ".git:x/config", ".g\u200cit/config", ".gi\ufeff\u200dt/config", "a//b", "./../x", "a/./../../x", "C:/x", "C:\\x",
    "..\\x", ".git\\config", "\uff0egit/config", "x\u0000y", "x\x1b[2Jy", "x\ny", "x\u202ey", "x\U000e0041y", "-x",
    "a/-rf", "con", "nul.txt", "x ", "x.", "a" * 256, "/".join(["a" * 200] * 6),
]  # fmt: skip


class Memory:
    """Files in memory; `links` exist but cannot be read, as with links and submodules."""

    def __init__(self, content: dict[str, bytes], links: tuple[str, ...] = ()) -> None:
        self.content = content
        self.links = links

    def read(self, path: str) -> bytes | None:
        return self.content.get(path)

    def paths(self) -> list[str]:
        return [*self.content, *self.links]


def quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace("\n", "\\n").replace("\x1b", "\\033").replace("\x00", "\\000") + '"'


def refused(reply: str, files: Memory, **more: object) -> edits.EditsRefused:
    with pytest.raises(edits.EditsRefused) as caught:
        edits.read(reply, files, **more)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize("path", BAD_PATHS, ids=lambda p: ascii(p)[1:40])
class TestRow01:
    def test_row_01_13_no_file_is_made_there(self, path: str) -> None:
        files = Memory({"app.py": b"a\n"})
        name = quoted(f"b/{path}" if not path.startswith("/") else path)
        for reply in (
            f"diff --git {quoted('a/' + path)} {name}\nnew file mode 100644\n"
            f"--- /dev/null\n+++ {name}\n@@ -0,0 +1 @@\n+x\n",
            f"*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch\n",
            f"{path}\n```\n<<<<<<< SEARCH\n=======\nx\n>>>>>>> REPLACE\n```\n",
            f"{path}\n```\nx\n```\n",
        ):
            try:
                patch = edits.read(reply, files)
            except edits.EditsRefused:
                continue
            assert [
                e.path for e in patch.edits if e.path == path or ".." in e.path or ".git" in e.path.casefold()
            ] == []
            assert all(e.path.strip() == e.path and e.path.isprintable() for e in patch.edits)

    def test_row_01_13_no_file_is_moved_there(self, path: str) -> None:
        reply = f"*** Begin Patch\n*** Update File: app.py\n*** Move to: {path}\n@@\n-a\n+b\n*** End Patch\n"
        if path != path.strip() or "\n" in path:
            return  # this dialect cannot say such a path
        assert refused(reply, Memory({"app.py": b"a\n"})).reason

    def test_row_01_13_nothing_there_is_changed_or_deleted(self, path: str) -> None:
        files = Memory({"app.py": b"a\n"})
        assert refused(f"*** Begin Patch\n*** Delete File: {path}\n*** End Patch\n", files)
        assert refused(f"{path}\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n", files)


@pytest.mark.parametrize("mode", ["120000", "160000", "040000", "100666"])
def test_row_02_no_link_or_submodule_is_made(mode: str) -> None:
    head = f"diff --git a/l b/l\nnew file mode {mode}\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n"
    assert refused(head, Memory({"a": b"a\n"})).refusals[0].kind is edits.RefusalKind.LINK
    turned = f"diff --git a/a b/a\nold mode 100644\nnew mode {mode}\n"
    assert refused(turned, Memory({"a": b"a\n"})).refusals[0].kind is edits.RefusalKind.LINK


def test_row_02_nothing_is_written_through_a_link() -> None:
    files = Memory({"a.py": b"a\n"}, links=("link",))
    for reply in ("*** Add File: link/x.py\n+x\n", "*** Update File: link\n@@\n-a\n+b\n", "*** Add File: link\n+x\n"):
        assert refused(f"*** Begin Patch\n{reply}*** End Patch\n", files).reason is not DeferralReason.NO_EDITS


def test_row_02_rename_then_write() -> None:
    reply = (
        "diff --git a/link b/other\nsimilarity index 100%\nrename from link\nrename to other\n"
        "diff --git a/other/x b/other/x\nnew file mode 100644\n--- /dev/null\n+++ b/other/x\n@@ -0,0 +1 @@\n+x\n"
    )
    assert refused(reply, Memory({"a": b"a\n"}, links=("link",)))


def test_row_03_what_is_shown_is_what_is_meant() -> None:
    """The rendered text of a patch is the patch: no reader can see other paths in it than we did."""
    files = Memory({"app.py": b"a\n"})
    patch = edits.read("*** Begin Patch\n*** Add File: n.py\n++++ b/../../x\n+--- a/y\n*** End Patch\n", files)
    assert edits.read(edits.render(patch), files).edits == patch.edits


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", DeferralReason.NO_EDITS),
        ("   \n\n", DeferralReason.NO_EDITS),
        ("I cannot help with that.", DeferralReason.NO_EDITS),
        ("Use `app.py`:\n```bash\npytest\n```\n", DeferralReason.NO_EDITS),
        ("app.py\n```python\na\nb\nc", DeferralReason.TRUNCATED),
        ("app.py\n<<<<<<< SEARCH\na\n=======\nb", DeferralReason.TRUNCATED),
        ("*** Begin Patch\n*** Update File: app.py\n@@\n-a\n+b\n", DeferralReason.TRUNCATED),
        ("*** Begin Patch\n*** End Patch\n", DeferralReason.MALFORMED_EDITS),
        ("app.py\n<<<<<<< SEARCH\nstale\n=======\nb\n>>>>>>> REPLACE\n", DeferralReason.DOES_NOT_APPLY),
        ("--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n-stale\n+b\n", DeferralReason.DOES_NOT_APPLY),
        ("../app.py\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n", DeferralReason.OUT_OF_SCOPE),
        ("--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n-a\n+b\n--- a/no.py\n+++ b/no.py\n@@ -1 +1 @@\n-a\n+b\n",
         DeferralReason.DOES_NOT_APPLY),
    ],
)  # fmt: skip
def test_row_05_each_bad_reply_has_its_name_and_applies_nothing(reply: str, reason: DeferralReason) -> None:
    assert refused(reply, Memory({"app.py": b"a\n"})).reason is reason


def test_row_12_replies_and_patches_are_capped() -> None:
    files = Memory({"app.py": b"a\n"})
    assert refused("x" * (MAX_REPLY_BYTES + 1), files).refusals[0].kind is edits.RefusalKind.TOO_BIG
    many = "".join(f"*** Add File: d/{i}.py\n+x\n" for i in range(MAX_FILES + 1))
    assert refused(f"*** Begin Patch\n{many}*** End Patch\n", files).refusals[0].kind is edits.RefusalKind.TOO_BIG
    long = "+x\n" * (MAX_NEW_LINES + 1)
    reply = f"*** Begin Patch\n*** Add File: n.py\n{long}*** End Patch\n"
    assert refused(reply, files).refusals[0].kind is edits.RefusalKind.TOO_BIG


def test_row_12_one_endless_line_is_read() -> None:
    assert refused("```" * 500_000, Memory({"app.py": b"a\n"}))


def test_row_13_odd_names_that_exist_survive() -> None:
    names = ["-dash", "a b", "\u00fc.py", 'q"q', "tab\tx", "nl\nx", "\udcff.bin", "con", "trail ", "dot.", "a:b"]
    for name in names:
        reply = edits.render(edits.read(_json(name), Memory({name: b"a\n"}))) if name.isprintable() else None
        if reply is not None:
            assert edits.read(reply, Memory({name: b"a\n"})).edits[0].path == name


def _json(name: str) -> str:
    import json

    return json.dumps({"path": name, "old": "a\n", "new": "b\n"}) + "\n"


def test_feedback_is_visible_capped_and_says_that_nothing_was_applied() -> None:
    files = Memory({"app.py": b"a = 1\nb = 2\nc = 3\n" + b"x\n" * 50_000, "b.py": b"never shown\n"})
    fault = refused("app.py\n<<<<<<< SEARCH\na = 1\nb\x1b[2J = 7\nc = 3\n=======\nz\n>>>>>>> REPLACE\n", files)
    said = edits.feedback(fault, files)
    assert "Nothing was applied" in said
    assert "\x1b" not in said
    assert "    2  b = 2" in said
    assert "never shown" not in said
    assert len(said) < 25_000


def test_feedback_names_the_file_where_it_would_fit() -> None:
    files = Memory({"app.py": b"a\n", "lib.py": b"def far_away():\n    return 1\n"})
    fault = refused("app.py\n<<<<<<< SEARCH\ndef far_away():\n=======\nz\n>>>>>>> REPLACE\n", files)
    assert fault.refusals[0].fits_in == ("lib.py",)
    assert "It would fit in: lib.py." in edits.feedback(fault, files)


def test_feedback_shows_both_places() -> None:
    fault = refused("app.py\n<<<<<<< SEARCH\na\n=======\nz\n>>>>>>> REPLACE\n", Memory({"app.py": b"a\nb\na\n"}))
    assert fault.refusals[0].places == (1, 3)
    assert "Lines: 1, 3." in edits.feedback(fault, Memory({"app.py": b"a\nb\na\n"}))
