"""The tree of the current content: what is in it, byte for byte, and that taking it leaves no trace."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from repositories import Repo, make_repo

from routecli.errors import UsageFault
from routecli.git.owners import owner_name
from routecli.git.repository import open_repository
from routecli.git.snapshot import Snapshot, take

FILES = {"a.py": "a = 1\n", "sub/b.py": "b = 2\n", ".gitignore": "ignored/\n*.log\n"}


def snap(repo: Repo) -> Snapshot:
    return take(open_repository(repo.root))


def git_tree(repo: Repo, scratch: Path) -> str:
    """The tree of the same content as git itself makes it."""
    copy = make_repo(scratch / "copy")
    for path in snap(repo).paths():
        source = repo.root / path
        target = copy.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            target.symlink_to(source.readlink())
        else:
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)
    copy.git("add", "-A", "-f")
    return copy.git("write-tree").strip()


def test_content_is_tracked_and_untracked_without_ignored(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    assert snap(repo).tree == repo.git("rev-parse", "HEAD^{tree}").strip()
    repo.write({"a.py": "a = 3\n", "new.py": "n\n", "ignored/x": "x", "y.log": "y"})
    (repo.root / "sub" / "b.py").unlink()
    taken = snap(repo)
    assert sorted(taken.paths()) == [".gitignore", "a.py", "new.py"]
    assert taken.read("a.py") == b"a = 3\n" == taken.blob("a.py")
    assert taken.tree == git_tree(repo, tmp_path)
    assert taken.read("ignored/x") is None
    assert taken.read("sub/b.py") is None
    assert taken.changed_since_head() == {"a.py", "new.py", "sub/b.py"}


def test_the_same_again_and_after_every_kind_of_change(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    first = snap(repo).tree
    assert snap(repo).tree == first
    repo.write({"a.py": "a = 9\n"})
    changed = snap(repo).tree
    assert changed != first
    repo.git("add", "a.py")
    assert snap(repo).tree == changed  # staging changes no content
    (repo.root / "a.py").chmod(0o755)
    assert snap(repo).entries["a.py"].mode == "100755"
    repo.git("checkout", "-q", "HEAD", "a.py")
    assert snap(repo).tree == first


def test_row_61_taking_leaves_tree_index_and_head_alone(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    repo.write({"a.py": "dirty\n", "u.txt": "untracked\n", "staged.py": "s\n"})
    repo.git("add", "staged.py")
    before, objects = repo.state(), sorted((repo.root / ".git" / "objects").rglob("*"))
    taken = snap(repo)
    taken.grep(["dirty"])
    taken.changed_since_head()
    snap(repo)
    assert repo.state() == before
    assert sorted((repo.root / ".git" / "objects").rglob("*")) == objects
    assert not (repo.root / ".git" / "index.lock").exists()


def test_works_while_another_git_holds_the_index_lock(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    (repo.root / ".git" / "index.lock").touch()
    repo.write({"a.py": "x\n"})
    assert snap(repo).read("a.py") == b"x\n"


def test_files_that_git_tracks_although_ignored_and_no_longer(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    snap(repo)
    repo.write({"forced.log": "f"})
    repo.git("add", "-f", "forced.log")
    assert "forced.log" in snap(repo).paths()
    repo.git("rm", "-q", "--cached", "forced.log")
    assert "forced.log" not in snap(repo).paths()
    repo.git("rm", "-q", "--cached", "a.py")
    assert "a.py" in snap(repo).paths()  # untracked now, and still the user's content
    repo.write({".gitignore": "a.py\n"})
    assert "a.py" not in snap(repo).paths()


def test_files_that_git_was_told_not_to_look_at(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    repo.git("update-index", "--assume-unchanged", "a.py")
    repo.git("update-index", "--skip-worktree", "sub/b.py")
    repo.write({"a.py": "hidden change\n", "sub/b.py": "hidden too\n"})
    taken = snap(repo)
    assert taken.blob("a.py") == b"hidden change\n"
    assert taken.blob("sub/b.py") == b"hidden too\n"


@pytest.mark.parametrize("seeded", [True, False])
def test_row_64_bytes_are_those_on_disk_whatever_git_would_convert(tmp_path: Path, seeded: bool) -> None:
    attributes = "* text=auto\n*.crlf text eol=crlf\n*.id ident\n*.u16 text working-tree-encoding=UTF-16\n"
    files: dict[str, str | bytes] = {
        "a.txt": b"one\r\ntwo\n",
        "b.crlf": b"x\r\ny\r\n",
        "c.id": b"$Id: anything $\n",
        "d.u16": "text\n".encode("utf-16"),
        "e.bin": bytes(range(256)),
    }
    repo = make_repo(tmp_path / "r", files)
    if seeded:
        snap(repo)
    repo.write({".gitattributes": attributes})
    repo.git("add", "--renormalize", ".")
    repo.commit()
    taken = snap(repo)
    for name, content in files.items():
        assert taken.read(name) == content
        assert taken.blob(name) == content, name


def test_row_64_autocrlf(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r")
    repo.git("config", "core.autocrlf", "true")
    repo.write({"a.txt": b"one\r\ntwo\r\n"})
    repo.commit()
    assert snap(repo).blob("a.txt") == b"one\r\ntwo\r\n"


def test_row_25_nothing_that_the_repository_configures_runs(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a.txt": "a\n", ".gitattributes": "*.txt filter=evil diff=evil\n"})
    sentinel = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\necho $0 >> {sentinel}\ncat\n")
    script.chmod(0o755)
    for key in ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv",
                "diff.external", "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor",
                "diff.evil.command", "core.alternateRefsCommand"):  # fmt: skip
        repo.git("config", key, str(script))
    repo.git("config", "filter.evil.required", "true")
    hooks = repo.root / ".git" / "hooks"
    for name in ("post-index-change", "post-checkout", "fsmonitor-watchman", "pre-commit", "reference-transaction"):
        (hooks / name).write_bytes(script.read_bytes())
        (hooks / name).chmod(0o755)
    sentinel.unlink(missing_ok=True)
    repo.write({"a.txt": "changed\n", "b.txt": "new\n"})
    taken = snap(repo)
    taken.grep(["changed"])
    taken.changed_since_head()
    taken.blob("a.txt")
    taken.ignored(["x"])
    assert not sentinel.exists()
    assert taken.read("a.txt") == b"changed\n" == taken.blob("a.txt")


def test_row_21_no_link_is_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("canary")
    repo = make_repo(tmp_path / "r", FILES)
    (repo.root / "link").symlink_to(secret / "key")
    (repo.root / "environ").symlink_to("/proc/self/environ")
    taken = snap(repo)
    assert taken.entries["link"].mode == "120000"
    assert taken.read("link") is None
    assert taken.read("environ") is None
    assert taken.blob("link") == os.fsencode(secret / "key")
    (repo.root / "sub" / "b.py").unlink()
    (repo.root / "sub").rmdir()
    (repo.root / "sub").symlink_to(secret)  # a folder on the way becomes a link after the snapshot
    (secret / "b.py").write_text("canary")
    assert taken.read("sub/b.py") is None
    assert taken.read("../secret/key") is None


def test_row_22_pipes_and_sockets_are_no_content(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    os.mkfifo(repo.root / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(repo.root / "s"))
        taken = snap(repo)
    assert "pipe" not in taken.paths()
    assert "s" not in taken.paths()
    (repo.root / "a.py").unlink()
    os.mkfifo(repo.root / "a.py")
    assert taken.read("a.py") is None  # at once: nobody writes to it
    assert snap(repo).read("a.py") is None


ODD = [b"new\nline", b"-dash", b"\x1b[31mred", b"caf\xe9", b"tab\there", b'quote"d', b"back\\slash", b" blank ",
       b":(glob)x", b"*", b"x" * 250, "é".encode(), "e\u0301".encode(), b"#", b"a~b"]  # fmt: skip


def test_row_13_odd_names_survive_byte_for_byte(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    for name in ODD:
        (Path(os.fsdecode(os.fsencode(repo.root) + b"/" + name))).write_bytes(b"content of " + name)
    for committed in (False, True):
        if committed:
            repo.commit()
        taken = snap(repo)
        for name in ODD:
            path = os.fsdecode(name)
            assert taken.read(path) == b"content of " + name
            assert taken.blob(path) == b"content of " + name
        assert {os.fsdecode(n) for n in ODD} <= taken.changed_since_head() or committed


@pytest.mark.parametrize("files", [{}, {".gitattributes": "*.py text\n"}])
@pytest.mark.parametrize("late", [False, True])
def test_row_27_a_submodule_that_was_never_fetched(tmp_path: Path, files: dict[str, str], late: bool) -> None:
    """Its folder is empty, or holds plain files that git does not see either. A file that became a folder is gone."""
    repo = make_repo(tmp_path / "r", {**FILES, **files, "c": "c\n"})
    link = f"160000,{repo.git('rev-parse', 'HEAD').strip()},never"
    if late:
        snap(repo)
    repo.git("update-index", "--add", "--cacheinfo", link)
    repo.write({"never/plain.py": "x = 1\n"})
    (repo.root / "c").unlink()
    repo.write({"c/inside.py": "y = 1\n"})
    for _ in range(2):
        taken = snap(repo)
        assert taken.submodules == ["never"]
        assert sorted(taken.paths() - {".gitattributes"}) == [".gitignore", "a.py", "c/inside.py", "never", "sub/b.py"]


def test_row_27_submodule_sparse_split_index_worktree_sha256(tmp_path: Path) -> None:
    inner = make_repo(tmp_path / "inner", {"i.py": "i\n"})
    repo = make_repo(tmp_path / "r", FILES)
    repo.git("submodule", "add", "-q", str(inner.root), "vendored")
    repo.commit()
    taken = snap(repo)
    assert taken.entries["vendored"].mode == "160000"
    assert taken.submodules == ["vendored"]
    assert taken.read("vendored") is None
    repo.git("update-index", "--split-index")
    repo.write({"a.py": "split\n"})
    assert snap(repo).blob("a.py") == b"split\n"
    sparse = make_repo(tmp_path / "sparse", FILES)
    sparse.git("sparse-checkout", "set", "--no-cone", "/a.py")
    taken = snap(sparse)
    assert taken.tree == sparse.git("rev-parse", "HEAD^{tree}").strip()
    assert taken.absent == {"sub/b.py", ".gitignore"}
    assert taken.read("sub/b.py") is None
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repo((tmp_path / "linked").resolve())
    linked.write({"a.py": "linked\n"})
    assert snap(linked).blob("a.py") == b"linked\n"
    assert snap(repo).blob("a.py") == b"split\n"
    other = make_repo(tmp_path / "s", FILES, "--object-format=sha256")
    other.write({"u": "untracked"})
    assert len(snap(other).tree) == 64


def test_unborn_head_and_empty_repository(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r")
    assert list(snap(repo).paths()) == []
    repo.write({"a.py": "1"})
    taken = snap(repo)
    assert list(taken.paths()) == ["a.py"]
    assert taken.changed_since_head() == {"a.py"}


def test_unresolved_conflicts_are_refused(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    repo.write({"a.py": "stashed\n"})
    repo.git("stash", "-q")
    repo.write({"a.py": "other\n"})
    repo.commit()
    repo.git("stash", "pop", check=False)
    with pytest.raises(UsageFault, match=r"a\.py has conflicts"):
        snap(repo)


def test_environments_and_caches_that_nothing_ignores(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a.py": "1", "node_modules/kept.js": "tracked"})
    repo.write({
        "env/pyvenv.cfg": "home = /usr/bin\n", "env/lib/x.py": "x", ".venv/pyvenv.cfg": "", ".venv/y.py": "y",
        "node_modules/left/index.js": "z", "sub/__pycache__/a.pyc": "p", "environ/x.py": "mine",
    })  # fmt: skip
    taken = snap(repo)
    assert sorted(taken.paths()) == ["a.py", "environ/x.py", "node_modules/kept.js"]
    assert taken.environments == ("env",)


def test_big_and_unreadable_untracked_files_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routecli.git.taking.MAX_UNTRACKED_BYTES", 1000)
    repo = make_repo(tmp_path / "r", FILES)
    repo.write({"big.bin": b"x" * 1001, "small.bin": b"x" * 1000})
    taken = snap(repo)
    assert taken.left_out == ("big.bin",)
    assert "small.bin" in taken.paths()
    assert "big.bin" not in taken.paths()


def test_grep_finds_whole_words_in_current_content(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a.py": "def total(): pass\n", "b.py": "totals = 1\n"})
    repo.write({"c.py": "total()\n", "odd\nname.py": "total\n"})
    taken = snap(repo)
    assert sorted(taken.grep(["total"])) == ["a.py", "c.py", "odd\nname.py"]
    assert taken.grep(["nothing_like_it", "--help"]) == []
    assert taken.grep([]) == []


def test_a_torn_store_is_made_again(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    repo.write({"u": "untracked"})
    tree = snap(repo).tree
    store = repo.root / ".git" / "routecli" / "store"
    for index in store.glob("index-*"):
        index.write_bytes(b"torn")
    assert snap(repo).tree == tree


def test_read_only_git_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    (repo.root / ".git" / "routecli").write_text("a file where our folder should be")
    assert snap(repo).tree == repo.git("rev-parse", "HEAD^{tree}").strip()


def test_row_28_a_planted_store_link_is_refused(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    (repo.root / ".git" / "routecli").mkdir()
    (repo.root / ".git" / "routecli" / "store").symlink_to(tmp_path)
    with pytest.raises(UsageFault, match="symbolic link"):
        snap(repo)


def test_indexes_of_a_run_vanish(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", FILES)
    taken = snap(repo)
    live = repo.root / ".git" / "routecli" / "store" / "live"
    assert len(list(live.iterdir())) == 1
    taken.close()
    assert list(live.iterdir()) == []
    (live / f"999999999-1-{owner_name().rpartition('-')[2]}-dead").touch()
    snap(repo).close()
    assert list(live.iterdir()) == []
