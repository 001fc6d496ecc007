"""Delivery: all files or none, exactly these bytes, nothing else of the user's, whatever happens in the middle."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from repositories import Repo, fingerprint, make_repo

from routecli.domain.patch import FileEdit, Patch
from routecli.errors import DeliveryFault
from routecli.git.repository import Repository, open_repository
from routecli.workspace import delivery, journal, recovery, replacing
from routecli.workspace.delivery import deliver, recover
from routecli.workspace.journal import State
from routecli.workspace.replacing import Target
from workspace.conftest import edits, snap

FILES: dict[str, str | bytes] = {
    "a.py": "a = 1\n",
    "sub/b.py": "b = 2\n",
    "c.bin": bytes(range(256)),
    "gone/d.py": "d\n",
}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return make_repo(tmp_path / "project", FILES)


@pytest.fixture
def opened(repo: Repo) -> Repository:
    return open_repository(repo.root)


def whole_patch(repo: Repo) -> Patch:
    return edits(snap(repo), {"a.py": "a = 2\n", "sub/b.py": "b = 3\n", "gone/d.py": None, "new/deep/n.py": "n\n"})


def litter(repo: Repo) -> list[Path]:
    return [p for p in repo.root.rglob(".routecli-*") if ".git" not in p.parts]


def pending(repo: Repo) -> list[Path]:
    return list((repo.root / ".git" / "routecli" / "pending").glob("*"))


def test_writes_every_file_and_nothing_else(repo: Repo, opened: Repository) -> None:
    repo.write({"unrelated.txt": "mine\n", "c.bin": b"dirty"})
    head, listed, index, _ = repo.state()
    assert deliver(whole_patch(repo), opened).written
    assert (repo.root / "a.py").read_text() == "a = 2\n"
    assert (repo.root / "new/deep/n.py").read_text() == "n\n"
    assert not (repo.root / "gone").exists()  # emptied folders go, as with git
    assert (repo.root / "c.bin").read_bytes() == b"dirty"
    assert repo.state()[:3] == (head, listed, index)
    assert litter(repo) == pending(repo) == []
    assert repo.git("status", "--porcelain").split() == [
        "M", "a.py", "M", "c.bin", "D", "gone/d.py", "M", "sub/b.py", "??", "new/", "??", "unrelated.txt",
    ]  # fmt: skip


def test_an_empty_patch_writes_nothing(repo: Repo, opened: Repository) -> None:
    before = repo.state()
    assert not deliver(Patch(()), opened).written
    assert repo.state() == before


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda r: (r / "sub/b.py").write_text("newer\n"), "changed since"),
        (lambda r: (r / "sub/b.py").unlink(), "gone"),
        (lambda r: ((r / "sub/b.py").unlink(), (r / "sub/b.py").symlink_to("../a.py")), "symbolic link"),
        (lambda r: ((r / "sub/b.py").unlink(), (r / "sub/b.py").mkdir()), "no regular file"),
        (lambda r: ((r / "sub/b.py").unlink(), os.mkfifo(r / "sub/b.py")), "no regular file"),
        (lambda r: ((r / "new").mkdir(), (r / "new/deep").mkdir(), (r / "new/deep/n.py").touch()), "exists"),
        (lambda r: (r / "new").symlink_to("sub"), "behind a link"),
        (lambda r: (r / "new").touch(), "a file is where"),
        (lambda r: (r / "sub/other").hardlink_to(r / "sub/b.py"), "hard-linked"),
        (lambda r: (r / "sub/b.py").chmod(0o444), "read-only"),
        (lambda r: ((r / "sub").rename(r / "real"), (r / "sub").symlink_to("real")), "behind a link"),
    ],
    ids=["newer", "gone", "link", "folder", "pipe", "exists", "new-is-link", "new-is-file", "hard-link", "read-only",
         "folder-is-link"],
)  # fmt: skip
def test_row_61_nothing_is_written_where_a_file_is_not_what_it_was(repo: Repo, opened: Repository, spoil, why) -> None:  # type: ignore[no-untyped-def]
    patch = whole_patch(repo)
    spoil(repo.root)
    before = repo.state()
    with pytest.raises(DeliveryFault, match=why) as fault:
        deliver(patch, opened)
    assert fault.value.status == 7
    assert repo.state() == before
    assert litter(repo) == pending(repo) == []


@pytest.mark.parametrize(
    "content",
    [b"a\r\nb\r\n", b"\xef\xbb\xbfbom\n", b"no end", b"", "é".encode("utf-16"), b"\xff\xfe\x00", b"mixed\r\nend\n"],
)
def test_row_64_bytes_mode_and_attributes(repo: Repo, opened: Repository, content: bytes) -> None:
    (repo.root / "x.sh").write_bytes(content)
    (repo.root / "x.sh").chmod(0o750)
    with contextlib.suppress(OSError):
        os.setxattr(repo.root / "x.sh", "user.note", b"kept")
    patch = Patch((FileEdit("x.sh", content, content + b"more\r\n", "100755"),))
    deliver(patch, opened)
    assert (repo.root / "x.sh").read_bytes() == content + b"more\r\n"
    assert (repo.root / "x.sh").stat().st_mode & 0o777 == 0o750
    with contextlib.suppress(OSError):
        assert os.getxattr(repo.root / "x.sh", "user.note") == b"kept"


def test_row_64_the_executable_bit_follows_the_patch(repo: Repo, opened: Repository) -> None:
    (repo.root / "a.py").chmod(0o640)
    deliver(Patch((FileEdit("a.py", b"a = 1\n", b"a = 2\n", "100755"),)), opened)
    assert (repo.root / "a.py").stat().st_mode & 0o777 == 0o750
    deliver(Patch((FileEdit("a.py", b"a = 2\n", b"a = 3\n", "100644"),)), opened)
    assert (repo.root / "a.py").stat().st_mode & 0o777 == 0o640
    deliver(Patch((FileEdit("n.sh", None, b"n\n", "100755"),)), opened)
    assert (repo.root / "n.sh").stat().st_mode & 0o100


def test_row_65_one_rename_and_no_content_in_between(repo: Repo, opened: Repository) -> None:
    """The old file is a whole inode until it is another one: a reader that holds it open sees it unchanged."""
    with (repo.root / "a.py").open() as old:
        deliver(whole_patch(repo), opened)
        assert old.read() == "a = 1\n"


def test_row_13_odd_names(repo: Repo, opened: Repository) -> None:
    for path in ("new\nline", "caf\udce9", "-dash", "*"):
        (repo.root / path).write_text("old\n")
        deliver(Patch((FileEdit(path, b"old\n", b"new\n"),)), opened)
        assert (repo.root / path).read_text() == "new\n"
        journals = sorted((repo.root / ".git/routecli/deliveries").iterdir())
        assert json.loads((journals[-1] / "journal.json").read_text())["files"][0]["path"] == path


def test_row_01_paths_outside_are_refused_here_too(repo: Repo, opened: Repository, tmp_path: Path) -> None:
    for path in ("../out", "/abs", ".git/../x/../../out"):
        with pytest.raises((DeliveryFault, ValueError)):
            deliver(Patch((FileEdit(path, None, b"x"),)), opened)
    assert not (tmp_path / "out").exists()


def test_row_28_our_own_folders_are_no_links(repo: Repo, opened: Repository, tmp_path: Path) -> None:
    patch = whole_patch(repo)
    own = repo.root / ".git" / "routecli"
    (own / "deliveries").symlink_to(tmp_path)
    before = fingerprint(repo.root)
    with pytest.raises(DeliveryFault, match="delivery folder"):
        deliver(patch, opened)
    assert fingerprint(repo.root) == before


# crashes


class Killed(BaseException):
    """Stands for the end of the process at one point: nothing of ours runs afterwards."""


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """`killing[0]` counts down the system calls that change something; at zero the process is 'gone'."""
    left = [10**9]
    for name in ("open", "rename", "replace", "mkdir", "unlink", "link", "fsync", "write", "rmdir"):
        real = getattr(os, name)

        def counted(*args, real=real, **kinds):  # type: ignore[no-untyped-def]
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return real(*args, **kinds)

        monkeypatch.setattr(os, name, counted)
    real_call = replacing.exchange

    def exchange(*args):  # type: ignore[no-untyped-def]
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return real_call(*args)

    monkeypatch.setattr(replacing, "exchange", exchange)
    yield left
    left[0] = 10**9


def test_row_44_a_kill_at_every_point_leaves_all_old_or_all_new(tmp_path: Path, killing: list[int]) -> None:
    """Every system call in turn is the last one; then the next start recovers."""
    point = 0
    outcomes = set()
    template = make_repo(tmp_path / "template", FILES)
    template.write({"unrelated.txt": "mine\n"})
    while True:
        killing[0] = 10**9
        repo = Repo(tmp_path / str(point))
        shutil.copytree(template.root, repo.root)
        opened = open_repository(repo.root)
        patch = whole_patch(repo)
        old = fingerprint(repo.root)
        killing[0] = point
        try:
            deliver(patch, opened)
            finished = True
        except Killed:
            finished = False
        killing[0] = 10**9
        recover(opened)
        new = fingerprint(repo.root)
        outcomes.add(new == old)
        whole = (repo.root / "a.py").read_text() == "a = 2\n"
        if not whole:
            assert new == old, point
        else:
            assert (repo.root / "sub/b.py").read_text() == "b = 3\n", point
            assert (repo.root / "new/deep/n.py").read_text() == "n\n", point
            assert not (repo.root / "gone/d.py").exists(), point
        assert litter(repo) == pending(repo) == [], point
        assert (repo.root / "unrelated.txt").read_text() == "mine\n"
        if finished:
            assert whole
            break
        point += 3
    assert outcomes == {True, False}
    assert point > 30


PROGRAM = """
import sys
from pathlib import Path
from routecli.domain.patch import FileEdit, Patch
from routecli.git.repository import open_repository
from routecli.workspace.delivery import deliver, recover
root = Path(sys.argv[1])
opened = open_repository(root)
print("ready", flush=True)
turn = 0
while True:
    recover(opened)
    names = sorted(p.name for p in root.glob("f*"))
    before = {n: (root / n).read_bytes() for n in names}
    turn += 1
    after = b"turn %d of %s\\n" % (turn, sys.argv[2].encode()) * 50
    deliver(Patch(tuple(FileEdit(n, before[n], after) for n in names)), opened)
"""


@pytest.mark.slow
def test_row_44_random_real_kills(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {f"f{i:02}": "start\n" for i in range(12)})
    chance = random.Random(44)
    for kill in range(12):
        child = subprocess.Popen([sys.executable, "-c", PROGRAM, str(repo.root), str(kill)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0.001, 0.12))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        recover(open_repository(repo.root))
        contents = {(repo.root / f"f{i:02}").read_bytes() for i in range(12)}
        assert len(contents) == 1, kill
        assert litter(repo) == pending(repo) == []


def test_row_44_what_somebody_else_changed_after_a_crash_stays(repo: Repo, opened: Repository) -> None:
    patch = whole_patch(repo)
    crashed(repo, opened, patch, swapped=4)
    repo.write({"a.py": "the user's own, after the crash\n"})
    found = recover(opened)
    assert found[0].left == ("a.py",)
    assert (repo.root / "a.py").read_text() == "the user's own, after the crash\n"
    assert (repo.root / "sub/b.py").read_text() == "b = 2\n"
    assert (repo.root / "gone/d.py").read_text() == "d\n"
    assert not (repo.root / "new").exists()
    assert recover(opened) == ()


def crashed(repo: Repo, opened: Repository, patch: Patch, swapped: int) -> None:
    """The state on disk after a kill when `swapped` of the files had been changed."""
    places, _ = delivery._folders(opened.own_dir)
    folders = replacing.missing_folders(repo.root, [e.path for e in patch.edits])
    found = {e.path: delivery.check(repo.root, e) for e in patch.edits}
    permissions = {path: stat.S_IMODE(status.st_mode) for path, status in found.items() if status}
    begun = journal.begin(places, repo.root, patch, "test", folders, permissions)
    delivery._prepare(begun, patch, found)
    begun = begun.to_commit()
    for target, edit in list(zip(recovery.targets(begun), patch.edits, strict=True))[:swapped]:
        if edit.after is not None:
            target.put(edit.before)
        elif edit.before is not None:
            target.take_away(edit.before)


@pytest.mark.parametrize("swapped", range(5))
def test_row_44_recovery_after_any_number_of_files(repo: Repo, opened: Repository, swapped: int) -> None:
    patch = whole_patch(repo)
    before = repo.state()
    crashed(repo, opened, patch, swapped)
    found = recover(opened)
    assert found[0].left == ()
    assert len(found[0].restored) == 4
    assert repo.state() == before
    assert recover(opened) == ()


def test_row_44_recovery_when_the_old_files_are_gone_from_beside(repo: Repo, opened: Repository) -> None:
    """Killed while the displaced files were being dropped: the journal's own bytes are used."""
    (repo.root / "a.py").chmod(0o755)
    patch = whole_patch(repo)
    before = repo.state()
    crashed(repo, opened, patch, 4)
    for place in litter(repo):
        place.unlink()
    recover(opened)
    assert repo.state() == before


def test_a_save_in_the_last_moment_wins(repo: Repo, opened: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    patch = whole_patch(repo)
    real = Target.read

    def late(self: Target) -> bytes | None:
        content = real(self)
        if self.path == "sub/b.py" and content == b"b = 2\n":
            (repo.root / "sub/b.py").write_text("saved at the last moment\n")
        return content

    monkeypatch.setattr(Target, "read", late)
    with pytest.raises(DeliveryFault, match=r"sub/b\.py changed"):
        deliver(patch, opened)
    assert (repo.root / "sub/b.py").read_text() == "saved at the last moment\n"
    assert (repo.root / "a.py").read_text() == "a = 1\n"
    assert (repo.root / "gone/d.py").exists()
    assert litter(repo) == pending(repo) == []


def test_a_save_between_swap_and_crash_is_put_back(repo: Repo, opened: Repository) -> None:
    patch = whole_patch(repo)
    crashed(repo, opened, patch, 1)
    litter(repo)
    displaced = next(p for p in litter(repo) if p.parent == repo.root and p.read_text() == "a = 1\n")
    displaced.write_text("what the swap displaced was newer\n")
    recover(opened)
    assert (repo.root / "a.py").read_text() == "what the swap displaced was newer\n"


def test_without_renameat2(repo: Repo, opened: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routecli.workspace.renaming._renameat2", lambda *_: False)
    deliver(whole_patch(repo), opened)
    assert (repo.root / "a.py").read_text() == "a = 2\n"
    assert not (repo.root / "gone").exists()
    assert litter(repo) == pending(repo) == []


@pytest.mark.parametrize("after", range(0, 16, 2))
def test_row_45_disk_full_at_any_write(
    repo: Repo, opened: Repository, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    patch = whole_patch(repo)
    before = repo.state()
    left = [after]
    real = os.fsync

    def full(handle: int) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise OSError(errno.ENOSPC, "No space left on device", "somewhere")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    try:
        deliver(patch, opened)
    except DeliveryFault as fault:
        assert "No space left" in fault.what
        assert repo.state() == before
    else:
        assert (repo.root / "a.py").read_text() == "a = 2\n"
    recover(opened)
    assert litter(repo) == pending(repo) == []


def test_row_45_a_full_disk_for_real(tmp_path: Path) -> None:
    """A file system of its own, as small as they come; needs the right to mount one."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", small], check=False)
    if mounted.returncode != 0:
        pytest.skip("no right to mount a file system")
    try:
        repo = make_repo(small / "r", {"a": b"a" * 20_000, "b": b"b" * 20_000})
        opened = open_repository(repo.root)
        before = fingerprint(repo.root)
        patch = Patch((FileEdit("a", b"a" * 20_000, b"A" * 200_000), FileEdit("b", b"b" * 20_000, b"B" * 200_000)))
        with pytest.raises(DeliveryFault, match="No space left"):
            deliver(patch, opened)
        assert fingerprint(repo.root) == before
        deliver(Patch((FileEdit("a", b"a" * 20_000, b"A" * 20_000),)), opened)
        assert (repo.root / "a").read_bytes() == b"A" * 20_000
    finally:
        subprocess.run(["umount", small], check=True)


def test_row_46_a_signal_in_the_middle_restores(
    repo: Repo, opened: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch = whole_patch(repo)
    before = repo.state()
    real = Target.put

    def interrupted(self: Target, content: bytes | None) -> None:
        real(self, content)
        raise KeyboardInterrupt

    monkeypatch.setattr(Target, "put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        deliver(patch, opened)
    assert repo.state() == before
    assert litter(repo) == pending(repo) == []


def test_row_48_deliveries_wait_for_one_another(
    repo: Repo, opened: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch = whole_patch(repo)
    delivery._folders(opened.own_dir)
    with (repo.root / ".git/routecli/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        monkeypatch.setattr(delivery, "LOCK_WAIT_S", 0.05)
        with pytest.raises(DeliveryFault, match="another routecli"):
            deliver(patch, opened)
        (repo.root / ".git/routecli/pending/20260101T000000000000-00000000").mkdir()
        assert recover(opened) == ()  # the other run may be in the middle of it
    assert deliver(patch, opened).written


@pytest.mark.slow
def test_row_48_many_processes_on_the_same_files(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {f"f{i}": "start\n" for i in range(4)})
    program = (
        PROGRAM.replace("while True:", "done = 0\nwhile done < 8:").replace(
            "    deliver(", "    try:\n        deliver("
        )
        + "        done += 1\n    except DeliveryFault:\n        done += 0\n"
    )
    program = program.replace("import sys\n", "import sys\nfrom routecli.errors import DeliveryFault\n", 1)
    children = [
        subprocess.Popen([sys.executable, "-c", program, str(repo.root), str(n)], stdout=subprocess.DEVNULL)
        for n in range(4)
    ]
    assert [c.wait(timeout=120) for c in children] == [0] * 4
    assert len({(repo.root / f"f{i}").read_bytes() for i in range(4)}) == 1
    assert litter(repo) == pending(repo) == []


def test_the_last_twenty_deliveries_are_kept(repo: Repo, opened: Repository) -> None:
    content = b"a = 1\n"
    for number in range(23):
        after = f"a = {number}\n".encode() + b"#\n"
        deliver(Patch((FileEdit("a.py", content, after),)), opened, label=f"run {number}")
        content = after
    kept = journal.all_of(repo.root / ".git/routecli/deliveries")
    assert len(kept) == journal.KEPT
    last = journal.load(kept[-1])
    assert last is not None
    assert (last.label, last.state, last.bytes_of(0, "after")) == ("run 22", State.DONE, content)


def test_a_linked_worktree_recovers_the_others_delivery(repo: Repo, opened: Repository, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    crashed(repo, opened, whole_patch(repo), 2)
    recover(open_repository(tmp_path / "linked"))
    assert (repo.root / "a.py").read_text() == "a = 1\n"
    assert (tmp_path / "linked" / "a.py").read_text() == "a = 1\n"
