"""The store's objects stay within bounds, and never at the cost of content that a run or the next one needs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from repositories import Repo, make_repo

from routecli.errors import UsageFault
from routecli.git import pruning
from routecli.git.repository import open_repository
from routecli.git.snapshot import Snapshot, take
from routecli.git.store import open_store

OLD, NEW = b"old " * 500, b"new " * 500


def snap(repo: Repo) -> Snapshot:
    return take(open_repository(repo.root))


def store(repo: Repo) -> Path:
    return repo.root / ".git" / "routecli" / "store"


def objects(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def holds(repo: Repo, content: bytes) -> bool:
    """Whether our own object folder (not the user's behind it) has `content`."""
    blob = subprocess.run(["git", "hash-object", "--stdin"], input=content, capture_output=True, check=True).stdout
    return (store(repo) / "objects" / blob.decode()[:2] / blob.decode().strip()[2:]).exists()


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Content of two moments in the store: OLD is nobody's any more, NEW is on disk."""
    made = make_repo(tmp_path / "r", {"a.py": "a = 1\n", "sub/b.py": "b = 2\n"})
    for content in (OLD, NEW):
        made.write({"a.py": content, "sub/untracked.txt": content[::-1]})
        snap(made).close()
    (store(made) / "counted").unlink()
    return made


def full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "MAX_OBJECTS_BYTES", 1000)


def test_what_nobody_asks_for_goes_and_current_content_stays(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    users = objects(repo.root / ".git" / "objects")
    before = snap(repo)
    tree = before.tree
    before.close()
    (store(repo) / "counted").unlink()
    (store(repo) / "objects" / "12").mkdir(exist_ok=True)
    (store(repo) / "objects" / "12" / "tmp_obj_killed").write_bytes(OLD)
    full(monkeypatch)
    after = snap(repo)
    assert not holds(repo, OLD)
    assert holds(repo, NEW)
    assert not (store(repo) / "objects" / "12" / "tmp_obj_killed").exists()
    assert after.tree == tree
    assert after.blobs(after.paths()) == {
        "a.py": NEW,
        "sub/b.py": b"b = 2\n",
        "sub/untracked.txt": NEW[::-1],
    }
    assert after.store.git_ok("ls-tree", "-r", "--name-only", tree, index=after.index).splitlines() == [
        b"a.py",
        b"sub/b.py",
        b"sub/untracked.txt",
    ]
    assert objects(repo.root / ".git" / "objects") == users


def test_below_the_limit_nothing_goes(repo: Repo) -> None:
    snap(repo).close()
    assert holds(repo, OLD)


def test_it_is_counted_now_and_then_only(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    snap(repo).close()
    full(monkeypatch)
    snap(repo).close()
    assert holds(repo, OLD)
    counted = store(repo) / "counted"
    for wrong_by_s in (-pruning.COUNTED_EVERY_S - 1, 1000):  # an hour ago, and by a clock that was set back since
        repo.write({"a.py": OLD})
        snap(repo).close()
        repo.write({"a.py": NEW})
        snap(repo).close()
        assert holds(repo, OLD)
        os.utime(counted, (time.time() + wrong_by_s,) * 2)
        snap(repo).close()
        assert not holds(repo, OLD)


def test_a_run_that_is_under_way_keeps_everything(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import sys; from pathlib import Path; from routecli.git.repository import open_repository\n"
    program += "from routecli.git.snapshot import take\nheld = take(open_repository(Path(sys.argv[1])))\n"
    program += "print('taken', flush=True); sys.stdin.read(); print(len(held.blob('a.py')))\n"
    argv = [sys.executable, "-c", program, str(repo.root)]
    other = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == b"taken\n"
    (store(repo) / "counted").unlink()
    full(monkeypatch)
    repo.write({"a.py": b"newest"})
    snap(repo).close()
    assert holds(repo, OLD)
    said, _ = other.communicate()
    assert said.split() == [str(len(NEW)).encode()]
    snap(repo).close()  # it was not counted meanwhile, so it is now
    assert not holds(repo, OLD)
    assert not holds(repo, NEW)


def test_another_work_tree_keeps_its_content(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "w"))
    linked = Repo(tmp_path / "w")
    linked.write({"a.py": b"theirs " * 300})
    snap(linked).close()
    full(monkeypatch)
    (store(repo) / "counted").unlink()
    snap(repo).close()
    assert holds(repo, b"theirs " * 300)
    assert not holds(repo, OLD)
    long_ago = time.time() - pruning.INDEX_KEPT_S - 1
    for index in store(repo).glob("index-????????????"):
        os.utime(index, (long_ago, long_ago))
    (store(repo) / "counted").unlink()
    assert snap(repo).blob("a.py") == NEW
    assert len(list(store(repo).glob("index-????????????"))) == 1
    assert not holds(repo, b"theirs " * 300)
    assert snap(linked).blob("a.py") == b"theirs " * 300


def test_a_tree_that_was_noted_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = make_repo(tmp_path / "r", {"a.py": "a = 1\n", "sub/b.py": "b = 2\n"})
    repo.write({"sub/b.py": NEW})
    before = snap(repo)
    tree = before.tree
    before.close()
    (store(repo) / "counted").unlink()
    full(monkeypatch)
    after = snap(repo)
    assert after.tree == tree
    assert after.store.git_ok("diff-index", "--cached", tree, index=after.index) == b""


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_cut_off_at_any_point_the_rest_belongs_together(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    whole = snap(repo)
    tree = whole.tree
    whole.close()
    (store(repo) / "counted").unlink()
    full(monkeypatch)
    unlink = os.unlink
    left = [after]

    def cut_off(path: str, **how: int) -> None:
        if left[0] == 0 and "dir_fd" in how:
            raise KeyboardInterrupt
        left[0] -= "dir_fd" in how
        unlink(path, **how)

    with monkeypatch.context() as once, pytest.raises(KeyboardInterrupt):
        once.setattr(os, "unlink", cut_off)
        snap(repo)
    again = snap(repo)
    assert again.tree == tree
    assert again.blob("a.py") == NEW
    again.store.git_ok("ls-tree", "-r", tree, index=again.index)


def test_large_files_that_git_packs_at_once(repo: Repo, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(os.environ["HOME"], ".gitconfig").write_text("[core]\n\tbigFileThreshold = 5k\n")
    for letter in (b"x", b"y"):
        repo.write({"a.py": letter * 9000})
        snap(repo).close()
    packs = store(repo) / "objects" / "pack"
    newest = max(packs.glob("*.pack"), key=lambda pack: pack.stat().st_ctime_ns)
    assert len(list(packs.glob("*.pack"))) == 2
    (packs / "tmp_pack_killed").write_bytes(b"x" * 9000)
    (store(repo) / "counted").unlink()
    full(monkeypatch)
    assert pruning.prune(open_store(open_repository(repo.root))) > 9000
    assert list(packs.glob("*.pack")) == [newest]
    assert snap(repo).blob("a.py") == b"y" * 9000
    assert not (packs / "tmp_pack_killed").exists()


@pytest.mark.parametrize("name", ["objects", "objects/pack"])
def test_row_28_a_link_to_the_users_objects_is_refused(repo: Repo, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    repo.git("gc", "-q")
    users = objects(repo.root / ".git" / "objects")
    ours = store(repo) / name
    ours.rename(ours.with_name("aside"))
    ours.symlink_to(repo.root / ".git" / name)
    monkeypatch.setattr(pruning, "MAX_OBJECTS_BYTES", 0)
    assert pruning.prune(open_store(open_repository(repo.root))) == 0
    assert objects(repo.root / ".git" / "objects") == users
    (store(repo) / "stamp").unlink()
    with pytest.raises(UsageFault, match="symbolic link"):
        snap(repo)


def test_content_that_the_users_git_pruned_is_written_again(tmp_path: Path) -> None:
    """Staged, seen, taken back from the index, and thrown away by `git gc`: the files are as they were."""
    repo = make_repo(tmp_path / "r", {"a.py": "a = 1\n"})
    (repo.root / "link").symlink_to("first")
    repo.commit()
    (repo.root / "link").unlink()
    (repo.root / "link").symlink_to("second")
    repo.write({"a.py": "a = 77\n"})
    repo.git("add", "-A")
    snap(repo).close()
    repo.git("reset", "-q")
    repo.git("gc", "-q", "--prune=now")
    assert snap(repo).blobs(["a.py", "link"]) == {"a.py": b"a = 77\n", "link": b"second"}


def test_content_that_is_lost_is_read_from_the_disk_if_it_still_is_there(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a.py": "a = 1\n"})
    repo.write({"a.py": "a = 77\n", "b.py": "b\n"})
    (repo.root / "link").symlink_to("a.py")
    taken = snap(repo)
    for path in (store(repo) / "objects").glob("??/*"):
        path.unlink()
    whole = {"a.py": b"a = 77\n", "b.py": b"b\n", "link": b"a.py"}
    assert taken.blobs(whole) == whole
    for path in (store(repo) / "objects").glob("??/*"):
        path.unlink()
    repo.write({"a.py": "a = 78\n"})
    with pytest.raises(UsageFault, match=r"lost the content of a\.py"):
        taken.blobs(whole)
    assert snap(repo).blobs(whole) == whole | {"a.py": b"a = 78\n"}


def test_a_start_is_held_up_for_a_moment_only_and_the_next_goes_on(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    full(monkeypatch)
    monkeypatch.setattr(pruning, "MOST_S", -1.0)
    snap(repo).close()
    assert holds(repo, OLD)
    assert not (store(repo) / "counted").exists()
    monkeypatch.setattr(pruning, "MOST_S", 60.0)
    snap(repo).close()
    assert not holds(repo, OLD)
