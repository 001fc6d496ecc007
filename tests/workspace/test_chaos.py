"""Fifty strikes at random moments, by the program that makes a thousand; and each fault that it once found."""

from __future__ import annotations

import errno
import importlib.util
import os
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from repositories import Repo, fingerprint, make_repo

from routecli.domain.patch import FileEdit, Patch
from routecli.git.repository import Repository, open_repository
from routecli.workspace import delivery, journal, replacing
from routecli.workspace.delivery import deliver, recover
from routecli.workspace.replacing import Target

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "chaos.py"


def chaos() -> ModuleType:
    spec = importlib.util.spec_from_file_location("chaos", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["chaos"] = module
    sys.path.append(str(PROGRAM.parent))  # last: other programs there are called like packages of tests
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(PROGRAM.parent))
    return module


@pytest.mark.slow
def test_row_44_45_46_48_fifty_strikes_lose_nothing(tmp_path: Path) -> None:
    program = chaos()
    table = program.run(55, 44, tmp_path)
    total: Counter[str] = sum(table.values(), Counter())
    assert total["runs"] >= 44
    assert {name: total[name] for name in program.FAULTS} == dict.fromkeys(program.FAULTS, 0)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return make_repo(tmp_path / "project", {"a.py": "a = 1\n", "b.py": "b = 1\n", "gone.py": "gone\n"})


@pytest.fixture
def opened(repo: Repo) -> Repository:
    return open_repository(repo.root)


PATCH = Patch(
    (
        FileEdit("a.py", b"a = 1\n", b"a = 2\n"),
        FileEdit("b.py", b"b = 1\n", b"b = 2\n"),
        FileEdit("gone.py", b"gone\n", None),
        FileEdit("new.py", None, b"new\n"),
    )
)
NEW = {"a.py": "a = 2\n", "b.py": "b = 2\n", "new.py": "new\n"}


def texts(repo: Repo) -> dict[str, str]:
    return {p.name: p.read_text() for p in repo.root.iterdir() if p.is_file()}


def interrupted(opened: Repository, monkeypatch: pytest.MonkeyPatch, *, asides: bool) -> None:
    """All files are swapped, the journal is not done; `asides` says whether the displaced files are still there."""

    class Power(BaseException):
        """It went."""

    def gone(*_: object) -> None:
        raise Power

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "roll_back", lambda _: ())
        patched.setattr(Target, "drop_temp", gone) if asides else patched.setattr(delivery.journals, "finish", gone)
        with pytest.raises(Power):
            deliver(PATCH, opened)


def test_a_signal_after_the_last_step_leaves_all_new(
    repo: Repo, opened: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = journal.finish

    def late(*words: object) -> None:
        real(*words)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(delivery.journals, "finish", late)
    with pytest.raises(KeyboardInterrupt):
        deliver(PATCH, opened)
    assert texts(repo) == NEW
    assert recover(opened) == ()


@pytest.mark.parametrize("code", [errno.EACCES, errno.EMFILE, errno.EIO])
def test_what_cannot_be_read_now_is_recovered_later(
    repo: Repo, opened: Repository, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Neither a file nor a journal counts as gone because it cannot be opened."""
    before = texts(repo)
    interrupted(opened, monkeypatch, asides=True)
    real = os.open
    for name in (b"b.py", "journal.json"):

        def refused(path, *words, name=name, **named):  # type: ignore[no-untyped-def]
            if path == name or getattr(path, "name", None) == name:
                raise OSError(code, os.strerror(code), path)
            return real(path, *words, **named)

        with monkeypatch.context() as patched:
            patched.setattr(os, "open", refused)
            recover(opened)
        assert journal.all_of(opened.own_dir / "pending")
    recover(opened)
    assert texts(repo) == before
    assert not journal.all_of(opened.own_dir / "pending")


def test_a_recovery_that_is_cut_off_while_it_writes_is_made_again(
    repo: Repo, opened: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file that was being put back is not taken for what the user had."""
    before = texts(repo)
    interrupted(opened, monkeypatch, asides=False)

    class Power(BaseException):
        """It went."""

    def cut_off(self: Target, content: bytes, *_: object) -> None:
        (self.root / os.fsdecode(self.temp)).write_bytes(content[:2])
        raise Power

    with monkeypatch.context() as patched:
        patched.setattr(Target, "write_temp", cut_off)
        with pytest.raises(Power):
            recover(opened)
    recover(opened)
    assert texts(repo) == before


def test_a_full_disk_while_it_recovers_leaves_no_half_file(
    repo: Repo, opened: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = texts(repo)
    interrupted(opened, monkeypatch, asides=False)

    def full(handle: int) -> None:
        if os.fstat(handle).st_size:
            os.ftruncate(handle, 2)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(replacing.os, "fsync", full)
        assert recover(opened)[0].left
    assert recover(opened)[0].left == ()
    assert texts(repo) == before


def test_what_the_user_saved_after_the_crash_has_no_old_copy_beside_it(
    repo: Repo, opened: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(opened, monkeypatch, asides=True)
    repo.write({"a.py": "mine\n", "gone.py": "mine too\n"})
    assert recover(opened)[0].left == ("a.py", "gone.py")
    assert texts(repo) == {"a.py": "mine\n", "b.py": "b = 1\n", "gone.py": "mine too\n"}


def test_what_is_left_of_a_removal_that_was_cut_off_goes_with_the_next_one(repo: Repo, opened: Repository) -> None:
    content = b"a = 1\n"
    for number in range(journal.KEPT):
        after = b"a = %d\n#\n" % number
        deliver(Patch((FileEdit("a.py", content, after),)), opened)
        content = after
    half = opened.own_dir / "deliveries" / "20260101T000000000000-00000000"
    half.mkdir()
    (half / "contents").write_bytes(b"x")
    before = fingerprint(repo.root)
    deliver(Patch((FileEdit("b.py", b"b = 1\n", b"b = 2\n"),)), opened)
    assert fingerprint(repo.root) != before
    assert not half.exists()
    assert len(journal.all_of(opened.own_dir / "deliveries")) == journal.KEPT
