"""What is remembered, and that nothing depends on it."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from routecli.domain.task import FileRole
from routecli.git.command import git_ok
from routecli.survey.remembered import Known, Remembered, content_id, default_folder

TEXT = Known(10, 3, FileRole.TEXT)


def the_file(folder: Path) -> Path:
    (found,) = folder.glob("*.sqlite")
    return found


def test_what_was_put_is_found_by_the_next_run(tmp_path: Path) -> None:
    secret = Known(5, 0, FileRole.SECRET, "private key")
    Remembered(tmp_path / "c").put({"a": TEXT, "b": secret})
    assert Remembered(tmp_path / "c").get(["a", "b", "absent", "a"]) == {"a": TEXT, "b": secret}


def test_thousands_are_found_at_once(tmp_path: Path) -> None:
    many = {f"{n:040x}": Known(n, n, FileRole.TEXT) for n in range(3_000)}
    remembered = Remembered(tmp_path)
    remembered.put(many)
    assert remembered.get(many) == many


def test_no_folder_remembers_nothing() -> None:
    remembered = Remembered(None)
    remembered.put({"a": TEXT})
    assert remembered.get(["a"]) == {}


def test_a_corrupt_file_is_dropped_and_made_anew(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path)
    remembered.put({"a": TEXT})
    the_file(tmp_path).write_bytes(b"this is no database at all" * 100)
    assert remembered.get(["a"]) == {}
    remembered.put({"a": TEXT})
    assert remembered.get(["a"]) == {"a": TEXT}


def test_a_corrupt_file_does_not_fail_a_put(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path)
    remembered.put({"a": TEXT})
    the_file(tmp_path).write_bytes(b"\0" * 5_000)
    remembered.put({"b": TEXT})
    assert remembered.get(["a"]) == {}


def test_a_row_of_another_meaning_is_dropped(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path)
    remembered.put({"a": TEXT})
    with sqlite3.connect(the_file(tmp_path)) as base:
        base.execute("UPDATE counted SET role = 'unheard-of'")
    base.close()
    assert remembered.get(["a"]) == {}


def test_a_locked_file_is_left_alone(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path)
    remembered.put({"a": TEXT})
    other = sqlite3.connect(the_file(tmp_path))
    other.execute("BEGIN EXCLUSIVE")
    assert remembered.get(["a"]) == {}
    remembered.put({"b": TEXT})
    other.rollback()
    other.close()
    assert remembered.get(["a", "b"]) == {"a": TEXT}


@pytest.mark.parametrize("folder", ["file", "file/under"])
def test_a_folder_that_cannot_be_made_is_no_fault(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("in the way")
    remembered = Remembered(tmp_path / folder)
    remembered.put({"a": TEXT})
    assert remembered.get(["a"]) == {}


def test_many_writers_at_once_leave_a_sound_file(tmp_path: Path) -> None:
    def write(start: int) -> None:
        for n in range(5):
            Remembered(tmp_path).put({f"{start}-{n}": TEXT})

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sqlite3.connect(the_file(tmp_path)) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    base.close()


def test_the_id_of_a_content_is_gits(tmp_path: Path) -> None:
    git_ok(tmp_path, "init", "-q")
    for content in (b"", b"hello\n", bytes(range(256))):
        (tmp_path / "f").write_bytes(content)
        assert git_ok(tmp_path, "hash-object", "--no-filters", "f").decode().strip() == content_id(content)


def test_the_default_folder_is_the_users(own_home: Path) -> None:
    folder = default_folder()
    assert folder is not None
    assert folder.is_relative_to(own_home)
