"""Tests in the file that they test: what a patch makes of them does not judge it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.task import Kind, Task
from routecli.verification.inline_tests import with_former_tests
from routecli.verification.integrity import split

CODE = "pub fn one() -> i32 {\n    1\n}\n"
TESTS = '#[cfg(test)]\nmod tests {\n    #[test]\n    fn ok() {\n        assert_eq!(super::one(), 1, "}{");\n    }\n}\n'
WEAK = TESTS.replace("assert_eq!(super::one(), 1", "assert_eq!(1, 1")


def edit(before: str | None, after: str | None, path: str = "src/lib.rs") -> FileEdit:
    return FileEdit(
        path, before.encode() if before is not None else None, after.encode() if after is not None else None
    )


@pytest.mark.parametrize(
    ("after", "guarded"),
    [
        (f"{CODE}\n{WEAK}", f"{CODE}\n{TESTS}"),
        (f"{CODE.replace('1', '2')}\n{WEAK}", f"{CODE.replace('1', '2')}\n{TESTS}"),
        (f"{CODE.replace('1', '2')}", f"{CODE.replace('1', '2')}\n{TESTS}"),
        (f"{CODE}", f"{CODE}\n{TESTS}"),
        (f"{CODE}\n{TESTS}\n#[test]\nfn more() {{}}\n", f"{CODE}\n{TESTS}"),
    ],
    ids=["weaker", "weaker-with-code", "gone-with-code", "gone", "another"],
)
def test_the_former_tests_stand_in_the_new_code(after: str, guarded: str) -> None:
    found = with_former_tests(edit(f"{CODE}\n{TESTS}", after))
    assert found is not None
    assert found.after is not None
    assert found.after.decode() == guarded


@pytest.mark.parametrize(
    "one",
    [
        edit(f"{CODE}\n{TESTS}", f"{CODE.replace('1', '2')}\n{TESTS}"),
        edit(CODE, CODE.replace("1", "2")),
        edit(None, f"{CODE}\n{TESTS}"),
        edit(f"{CODE}\n{TESTS}", None),
        edit(f"{CODE}\n{TESTS}", f"{CODE}\n{WEAK}", "src/lib.txt"),
        FileEdit("src/lib.rs", b"\xff", b"\xfe"),
    ],
    ids=["code-only", "no-tests", "new", "deleted", "no-rust", "no-text"],
)
def test_what_changes_no_test_is_no_second_thing(one: FileEdit) -> None:
    assert with_former_tests(one) is None


def test_braces_in_texts_comments_and_characters_end_nothing() -> None:
    lines = "// }\n/* } /* } */ } */\nconst A: char = '}';\nconst B: &str = r#\"}\"}\"#;\nfn l<'a>(x: &'a str) {}\n"
    odd = TESTS.replace("    #[test]", lines + "    #[test]")
    found = with_former_tests(edit(f"{CODE}\n{odd}\n{CODE}", f"{CODE}\n{WEAK}\n{CODE.replace('1', '2')}"))
    assert found is not None
    assert found.after == f"{CODE}\n{odd}\n{CODE.replace('1', '2')}".encode()


def test_new_tests_in_a_file_without_any_are_taken_in_the_second_step() -> None:
    found = with_former_tests(edit(CODE, f"{CODE.replace('1', '2')}\n{TESTS}"))
    assert found is not None
    assert found.after == CODE.replace("1", "2").encode()


def test_a_patch_is_divided_within_a_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("root")
    task = Task("do it", Kind.FIX, "given", root, None, ("src/lib.rs",), usd(1))
    both = edit(f"{CODE}\n{TESTS}", f"{CODE.replace('1', '2')}\n{WEAK}")
    parts = split(Patch((both,)), task)
    assert parts.held_back == (both,)
    assert [e.after for e in parts.guarded.edits] == [f"{CODE.replace('1', '2')}\n{TESTS}".encode()]
    only = split(Patch((edit(f"{CODE}\n{TESTS}", f"{CODE}\n{WEAK}"),)), task)
    assert only.guarded.edits == ()


@given(st.text(alphabet="{}#[]cfg(test)\n\"'/*\\ mod", max_size=60), st.text(max_size=60))
def test_garbage_is_divided_without_a_fault(before: str, after: str) -> None:
    try:
        found = with_former_tests(edit(before, after))
    except UnicodeEncodeError:
        return
    assert found is None or found.before == before.encode()
