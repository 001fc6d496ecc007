"""Undo and redo: whole, exactly the old bytes, and never over somebody's work."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from repositories import Repo, fingerprint, make_repo

from routecli.domain.patch import FileEdit, Patch
from routecli.errors import DeliveryFault, UsageFault
from routecli.git.repository import Repository, open_repository
from routecli.workspace import journal, replacing
from routecli.workspace.delivery import deliver, recover
from routecli.workspace.journal import Turn
from routecli.workspace.undoing import NotAsDelivered, choose, delivered, turn_back, turned
from workspace.conftest import edits, snap

FILES: dict[str, str | bytes] = {
    "a.py": "a = 1\n",
    "sub/b.py": b"b = 2\r\n",
    "c.bin": bytes(range(256)),
    "gone/d.py": "d\n",
}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = make_repo(tmp_path / "project", FILES)
    made.write({"unrelated.txt": "mine\n"})
    return made


@pytest.fixture
def opened(repo: Repo) -> Repository:
    return open_repository(repo.root)


def whole_patch(repo: Repo) -> Patch:
    return edits(
        snap(repo), {"a.py": "a = 2\n", "sub/b.py": b"b\r\n", "c.bin": b"\0", "gone/d.py": None, "new/deep/n.py": "n\n"}
    )


def undo(opened: Repository, wanted: str | None = None) -> None:
    turn_back(opened, choose(opened, Turn.UNDO, wanted))


def redo(opened: Repository, wanted: str | None = None) -> None:
    turn_back(opened, choose(opened, Turn.REDO, wanted))


def litter(repo: Repo) -> list[Path]:
    own = repo.root / ".git" / "routecli"
    return [p for p in repo.root.rglob(".routecli-*") if ".git" not in p.parts] + list((own / "pending").glob("*"))


def test_row_63_there_and_back_as_often_as_wanted(repo: Repo, opened: Repository) -> None:
    (repo.root / "a.py").chmod(0o754)
    (repo.root / "gone/d.py").chmod(0o640)
    before = repo.state()
    deliver(whole_patch(repo), opened, label="run 20261127-1")
    after = fingerprint(repo.root)
    for _ in range(3):
        undo(opened)
        assert repo.state() == before
        redo(opened)
        assert fingerprint(repo.root) == after
    assert repo.state()[:3] == before[:3]
    assert litter(repo) == []


def test_row_63_permissions_come_back_unless_somebody_set_their_own(repo: Repo, opened: Repository) -> None:
    (repo.root / "a.py").chmod(0o710)
    (repo.root / "sub/b.py").chmod(0o755)
    deliver(edits(snap(repo), {"a.py": "x\n", "sub/b.py": "y\n"}), opened)  # both lose git's bit
    assert (repo.root / "a.py").stat().st_mode & 0o777 == 0o600
    (repo.root / "sub/b.py").chmod(0o600)
    undo(opened)
    assert (repo.root / "a.py").stat().st_mode & 0o777 == 0o710
    assert (repo.root / "sub/b.py").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("spoil", "path", "why"),
    [
        (lambda r: (r / "sub/b.py").write_text("newer\n"), "sub/b.py", "changed since it was delivered"),
        (lambda r: (r / "sub/b.py").unlink(), "sub/b.py", "gone"),
        (lambda r: (r / "sub/b.py").chmod(0o755), "sub/b.py", "another mode since it was delivered"),
        (lambda r: ((r / "a.py").unlink(), (r / "a.py").symlink_to("c.bin")), "a.py", "symbolic link"),
        (lambda r: ((r / "gone").mkdir(), (r / "gone/d.py").touch()), "gone/d.py", "exists"),
        (lambda r: (r / "new/deep/n.py").write_text("mine\n"), "new/deep/n.py", "changed since"),
    ],
    ids=["bytes", "gone", "mode", "link", "there-again", "created-and-changed"],
)
def test_row_63_nothing_is_undone_where_a_file_is_not_what_was_delivered(  # type: ignore[no-untyped-def]
    repo: Repo, opened: Repository, spoil, path: str, why: str
) -> None:
    deliver(whole_patch(repo), opened, label="run 20261127-1")
    spoil(repo.root)
    before = repo.state()
    with pytest.raises(NotAsDelivered, match=why) as fault:
        undo(opened)
    assert [p for p, _ in fault.value.changed] == [path]
    assert fault.value.status == 7
    assert fault.value.hint == "routecli apply --reverse --run 20261127-1"
    assert repo.state() == before
    assert litter(repo) == []
    assert not delivered(opened)[0].undone


def test_row_63_every_changed_file_is_named(repo: Repo, opened: Repository) -> None:
    deliver(whole_patch(repo), opened)
    repo.write({"a.py": "mine\n", "c.bin": "mine\n"})
    with pytest.raises(NotAsDelivered) as fault:
        undo(opened)
    assert [path for path, _ in fault.value.changed] == ["a.py", "c.bin"]
    assert fault.value.hint == f"routecli undo {delivered(opened)[0].id} --patch | routecli apply"


def test_row_63_a_redo_is_refused_likewise(repo: Repo, opened: Repository) -> None:
    deliver(whole_patch(repo), opened, label="run r")
    undo(opened)
    repo.write({"a.py": "mine\n"})
    before = repo.state()
    with pytest.raises(NotAsDelivered, match="changed since it was undone") as fault:
        redo(opened)
    assert fault.value.hint == "routecli apply --run r"
    assert repo.state() == before


def one_after_another(opened: Repository, count: int) -> None:
    content = b"a = 1\n"
    for number in range(count):
        after = f"a = {number} now\n".encode()
        deliver(Patch((FileEdit("a.py", content, after),)), opened, label=f"run r{number:02}")
        content = after


def test_row_63_undo_goes_back_in_time_and_redo_forth(repo: Repo, opened: Repository) -> None:
    one_after_another(opened, 3)
    for left in ("a = 1 now\n", "a = 0 now\n", "a = 1\n"):
        undo(opened)
        assert (repo.root / "a.py").read_text() == left
    with pytest.raises(UsageFault, match="nothing to undo"):
        undo(opened)
    for now in ("a = 0 now\n", "a = 1 now\n", "a = 2 now\n"):
        redo(opened)
        assert (repo.root / "a.py").read_text() == now
    with pytest.raises(UsageFault, match="nothing to redo"):
        redo(opened)


def test_row_63_the_last_twenty_can_be_undone_however_often_they_were(repo: Repo, opened: Repository) -> None:
    one_after_another(opened, 23)
    known = delivered(opened)
    assert [one.run_id for one in known] == [f"r{number:02}" for number in range(22, 2, -1)]
    for _ in range(20):
        undo(opened)
    assert (repo.root / "a.py").read_text() == "a = 2 now\n"
    for _ in range(20):
        redo(opened)
    assert [one.id for one in delivered(opened)] == [one.id for one in known]
    assert len(journal.all_of(opened.own_dir / journal.FINISHED)) <= 2 * journal.KEPT + 1


def test_row_63_an_older_one_whose_files_nobody_touched(repo: Repo, opened: Repository) -> None:
    deliver(edits(snap(repo), {"sub/b.py": "older\n"}), opened, label="run 20261126-aa")
    deliver(edits(snap(repo), {"a.py": "newer\n"}), opened, label="run 20261127-bb")
    undo(opened, "20261126")
    assert (repo.root / "sub/b.py").read_bytes() == FILES["sub/b.py"]
    assert (repo.root / "a.py").read_text() == "newer\n"
    assert [one.undone for one in delivered(opened)] == [False, True]
    with pytest.raises(UsageFault, match="is undone already") as fault:
        choose(opened, Turn.UNDO, "20261126")
    assert fault.value.hint == "routecli redo 20261126-aa"
    with pytest.raises(UsageFault, match="may be any of"):
        choose(opened, Turn.UNDO, "2026112")
    with pytest.raises(UsageFault, match="no delivery kept here"):
        choose(opened, Turn.UNDO, "nope")
    with pytest.raises(UsageFault, match="is not undone"):
        choose(opened, Turn.REDO, "20261127-bb")


def test_row_63_a_commit_is_for_git_to_revert(repo: Repo, opened: Repository) -> None:
    repo.git("config", "user.name", "Test")
    repo.git("config", "user.email", "test@example.com")
    commit = deliver(edits(snap(repo), {"a.py": "a = 2\n"}), opened, message="two").commit
    assert commit
    before = repo.state()
    with pytest.raises(DeliveryFault, match="was committed as") as fault:
        undo(open_repository(repo.root))
    assert fault.value.hint == f"git revert {commit[:12]}"
    assert repo.state() == before


def test_row_63_kept_bytes_that_are_damaged_are_not_written(repo: Repo, opened: Repository) -> None:
    deliver(whole_patch(repo), opened)
    kept = journal.all_of(opened.own_dir / journal.FINISHED)[-1] / "contents"
    kept.write_bytes(kept.read_bytes().replace(b"a = 1", b"e = 1"))
    before = repo.state()
    with pytest.raises(DeliveryFault, match="damaged"):
        undo(opened)
    kept.unlink()
    with pytest.raises(DeliveryFault, match="cannot be read"):
        undo(opened)
    assert repo.state() == before


def test_row_63_another_run_was_quicker(repo: Repo, opened: Repository) -> None:
    deliver(whole_patch(repo), opened)
    chosen = choose(opened, Turn.UNDO)
    undo(opened)
    before = repo.state()
    with pytest.raises(DeliveryFault, match="by another routecli"):
        turn_back(opened, chosen)
    assert repo.state() == before


def test_row_63_a_linked_worktree_has_deliveries_of_its_own(repo: Repo, opened: Repository, tmp_path: Path) -> None:
    deliver(whole_patch(repo), opened)
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = open_repository(tmp_path / "linked")
    assert delivered(linked) == ()
    deliver(Patch((FileEdit("a.py", b"a = 1\n", b"a = 9\n"),)), linked)
    undo(linked)
    assert (linked.root / "a.py").read_text() == "a = 1\n"
    assert (repo.root / "a.py").read_text() == "a = 2\n"


def test_row_63_a_moved_repository_remembers(repo: Repo, opened: Repository, tmp_path: Path) -> None:
    deliver(whole_patch(repo), opened)
    moved = Repo(repo.root.rename(tmp_path / "moved"))
    undo(open_repository(moved.root))
    assert (moved.root / "a.py").read_text() == "a = 1\n"


def test_what_an_undo_would_write_is_a_patch(repo: Repo, opened: Repository) -> None:
    deliver(whole_patch(repo), opened)
    patch = turned(choose(opened, Turn.UNDO))
    assert [(e.path, e.after) for e in patch.edits] == [
        ("a.py", b"a = 1\n"), ("c.bin", FILES["c.bin"]), ("gone/d.py", b"d\n"), ("new/deep/n.py", None),
        ("sub/b.py", FILES["sub/b.py"]),
    ]  # fmt: skip


# crashes


class Killed(BaseException):
    """Stands for the end of the process at one point: nothing of ours runs afterwards."""


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """`killing[0]` counts down the system calls that change something; at zero the process is 'gone'."""
    left = [10**9]

    def counting(real):  # type: ignore[no-untyped-def]
        def counted(*args, **kinds):  # type: ignore[no-untyped-def]
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return real(*args, **kinds)

        return counted

    for name in ("open", "rename", "replace", "mkdir", "unlink", "link", "fsync", "write", "rmdir"):
        monkeypatch.setattr(os, name, counting(getattr(os, name)))
    monkeypatch.setattr(replacing, "exchange", counting(replacing.exchange))
    yield left
    left[0] = 10**9


@pytest.mark.slow
def test_row_63_a_kill_at_every_point_of_an_undo(tmp_path: Path, killing: list[int]) -> None:
    template = make_repo(tmp_path / "template", FILES)
    deliver(whole_patch(template), open_repository(template.root), label="run r")
    outcomes = set()
    point = 0
    finished = False
    while not finished:
        killing[0] = 10**9
        repo = Repo(tmp_path / str(point))
        shutil.copytree(template.root, repo.root)
        opened = open_repository(repo.root)
        chosen = choose(opened, Turn.UNDO)
        old = fingerprint(repo.root)
        killing[0] = point
        try:
            turn_back(opened, chosen)
            finished = True
        except Killed:
            finished = False
        killing[0] = 10**9
        recover(opened)
        undone = delivered(opened)[0].undone
        outcomes.add(undone)
        if undone:
            assert [(repo.root / path).read_bytes() for path in ("a.py", "sub/b.py", "gone/d.py")] == [
                b"a = 1\n", b"b = 2\r\n", b"d\n",
            ], point  # fmt: skip
            assert not (repo.root / "new/deep/n.py").exists(), point
            redo(opened)
            assert fingerprint(repo.root) == old, point
        else:
            assert fingerprint(repo.root) == old, point
            undo(opened)
            assert (repo.root / "a.py").read_text() == "a = 1\n", point
        assert litter(repo) == [], point
        point += 7
    assert outcomes == {True, False}


PROGRAM = """
import sys
from pathlib import Path
from routecli.git.repository import open_repository
from routecli.workspace.delivery import recover
from routecli.workspace.journal import Turn
from routecli.workspace.undoing import choose, delivered, turn_back
opened = open_repository(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    recover(opened)
    turn_back(opened, choose(opened, Turn.REDO if delivered(opened)[0].undone else Turn.UNDO))
"""


@pytest.mark.slow
def test_row_63_random_real_kills_of_undo_and_redo(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {f"f{i:02}": "old\n" for i in range(12)})
    opened = open_repository(repo.root)
    deliver(Patch(tuple(FileEdit(f"f{i:02}", b"old\n", b"new\n" * 50) for i in range(12))), opened)
    chance = random.Random(63)
    for kill in range(8):
        child = subprocess.Popen([sys.executable, "-c", PROGRAM, str(repo.root)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0.001, 0.12))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        recover(opened)
        contents = {(repo.root / f"f{i:02}").read_bytes() for i in range(12)}
        assert contents == {b"old\n" if delivered(opened)[0].undone else b"new\n" * 50}, kill
        assert litter(repo) == []
