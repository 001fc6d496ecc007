"""Twins: the content with the patch at the repository's own path, what commands change, and that nothing stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from repositories import Repo, make_repo

from routecli.domain.command import Command
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings
from routecli.errors import SandboxFault, UsageFault
from routecli.git.owners import is_dead, owner_name
from routecli.workspace import rooms
from routecli.workspace.workspace import GitWorkspace
from workspace.conftest import Sh, edits, snap, twins_left


def test_a_twin_is_the_current_content_with_the_patch(repo: Repo, level: Isolation) -> None:
    repo.write({"untracked.txt": "u\n", "calc.py": "dirty\n"})
    (repo.root / "run.sh").write_text("#!/bin/sh\necho ran\n")
    (repo.root / "run.sh").chmod(0o755)
    before = repo.state()
    snapshot = snap(repo)
    workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=level)
    patch = edits(snapshot, {"calc.py": "patched\n", "new/deep/f.py": "n\n", "data/x.txt": None})
    with workspace.twin(patch) as twin:
        assert twin.isolation is level
        done = twin.run(Command(("sh", "-c", "pwd; cat calc.py untracked.txt new/deep/f.py; ./run.sh; ls -a; ls data")))
    assert done.stdout.decode().splitlines()[:5] == [str(repo.root), "patched", "u", "n", "ran"]
    assert b".git" not in done.stdout
    assert b"No such file" in done.stderr
    assert repo.state() == before
    assert twins_left() == []


def test_a_twin_of_content_that_git_lost_is_made_from_the_disk(repo: Repo) -> None:
    repo.write({"calc.py": "dirty\n"})
    snapshot = snap(repo)
    for path in (snapshot.store.git_dir / "objects").glob("??/*"):
        path.unlink()
    with GitWorkspace(snapshot.repository, snapshot, SandboxSettings()).twin() as twin:
        assert twin.run(Command(("cat", "calc.py"))).stdout == b"dirty\n"
    for path in (snapshot.store.git_dir / "objects").glob("??/*"):
        path.unlink()
    repo.write({"calc.py": "changed meanwhile\n"})
    workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings())
    with pytest.raises(SandboxFault, match="could not be made"), workspace.twin():
        pass
    assert twins_left() == []


def test_row_26_absolute_paths_and_editable_installs_hit_the_patch(repo: Repo, level: Isolation) -> None:
    """A .pth of the user's environment names the checkout; an import-breaking patch must be red."""
    environment = repo.root.parent / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    packages = next(environment.glob("lib/python3*/site-packages"))
    (packages / "editable.pth").write_text(f"{repo.root}\n")
    snapshot = snap(repo)
    workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=level)
    line = (str(environment / "bin" / "python"), "-c", "import calc; print(calc.__file__, calc.add(2, 2))")
    command = Command(line, cwd="data", binds=(environment,))
    with workspace.twin() as twin:
        assert twin.run(command).stdout.decode().split() == [str(repo.root / "calc.py"), "0"]
    with workspace.twin(edits(snapshot, {"calc.py": "raise ImportError('broken')\n"})) as twin:
        assert twin.run(command).exit_code == 1


def test_row_34_what_commands_do_in_a_twin_reaches_nobody_else(repo: Repo, workspace: GitWorkspace) -> None:
    before = repo.state()
    with workspace.twin() as one, workspace.twin() as other:
        one.run(Command(("sh", "-c", "echo evil > calc.py; rm -r data; mkdir .git; echo x > .git/config")))
        assert other.run(Command(("cat", "calc.py", "data/x.txt"))).exit_code == 0
        assert one.run(Command(("test", "-e", "data"))).exit_code == 1
    assert repo.state() == before


def test_changes_are_what_commands_changed(repo: Repo, level: Isolation) -> None:
    repo.write({".gitignore": "*.log\nbuild/\n", "keep.txt": "k\n", "exec.sh": "#!/bin/sh\n", "odd\nname": "o\n"})
    repo.commit()
    snapshot = snap(repo)
    workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=level)
    patch = edits(snapshot, {"keep.txt": "patched\n", "added.txt": "a\n"})
    script = (
        "echo more >> calc.py; rm data/x.txt; echo n > new.txt; echo i > x.log; mkdir build __pycache__; touch build/o "
        "__pycache__/calc.pyc; touch keep.txt; chmod +x exec.sh; echo b >> added.txt; echo '*' > .gitignore; "
        "ln -s /etc/passwd link; echo z > 'odd\nname'; cp calc.py same; mv same calc.py"
    )
    with workspace.twin(patch) as twin:
        assert twin.changes() == ()
        twin.run(Command(("sh", "-c", script)))
        found = {e.path: e for e in twin.changes()}
    assert sorted(found) == [
        ".gitignore", "added.txt", "calc.py", "data/x.txt", "exec.sh", "link", "new.txt", "odd\nname",
    ]  # fmt: skip
    assert found["added.txt"] == FileEdit("added.txt", b"a\n", b"a\nb\n")
    assert found["data/x.txt"].after is None
    assert (found["exec.sh"].mode, found["exec.sh"].mode_before) == ("100755", "100644")
    assert (found["link"].mode, found["link"].after) == ("120000", b"/etc/passwd")
    assert found["calc.py"].before == snapshot.read("calc.py")
    assert found["new.txt"].before is None


def test_changes_follow_no_link_out_of_the_twin(repo: Repo, workspace: GitWorkspace, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.txt").write_text("canary")
    with workspace.twin() as twin:
        twin.run(Command(("sh", "-c", f"rm -r data; ln -s {tmp_path}/outside data; mkfifo pipe")))
        found = twin.changes()
    assert b"canary" not in b"".join(e.after or b"" for e in found)
    assert [(e.path, e.mode) for e in found if e.after is not None] == [("data", "120000")]


def test_row_64_the_twin_holds_the_bytes_on_disk(repo: Repo, level: Isolation) -> None:
    repo.write({".gitattributes": "* text=auto eol=lf\n*.id ident\n", "win.txt": b"a\r\nb\n", "x.id": "$Id$\n"})
    repo.commit()
    repo.write({"win.txt": b"a\r\nb\n"})
    snapshot = snap(repo)
    workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=level)
    with workspace.twin() as twin:
        assert twin.run(Command(("cat", "win.txt", "x.id"))).stdout == b"a\r\nb\n$Id$\n"


def test_ignored_things_that_tests_need_are_there_and_read_only(repo: Repo, level: Isolation) -> None:
    repo.write({".gitignore": ".venv/\nnode_modules/\n_version.py\n*.so\n*.egg-info/\n.env\nlocal_settings.py\n"})
    repo.commit()
    repo.write({
        "pkg/_version.py": "version = '1'\n", "pkg/fast.so": "so", "p.egg-info/PKG-INFO": "i", ".env": "KEY=canary",
        "local_settings.py": "canary", "node_modules/m/index.js": "m",
    })  # fmt: skip
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", repo.root / ".venv"], check=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", repo.root / "myenv"], check=True)
    before = repo.state()
    snapshot = snap(repo)
    workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=level)
    script = (
        "cat pkg/_version.py pkg/fast.so p.egg-info/PKG-INFO node_modules/m/index.js &&"
        " .venv/bin/python -c 'print(6*7)' && myenv/bin/python -c 'print(7*7)'; cat .env local_settings.py;"
        " touch .venv/x node_modules/y pkg/_version.py"
    )
    with workspace.twin() as twin:
        done = twin.run(Command(("sh", "-c", script)))
        assert twin.changes() == ()
    assert done.stdout.decode().split() == ["version", "=", "'1'", "soim42", "49"]
    assert b"canary" not in done.stdout
    assert done.stderr.count(b"Read-only") == 3
    assert repo.state() == before


def test_submodules_are_there(tmp_path: Path, level: Isolation) -> None:
    inner = make_repo(tmp_path / "inner", {"i.py": "inner\n"})
    repo = make_repo(tmp_path / "r", {"a": "1"})
    repo.git("submodule", "add", "-q", str(inner.root), "vendored")
    repo.commit()
    snapshot = snap(repo)
    workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=level)
    with workspace.twin() as twin:
        assert twin.run(Command(("cat", "vendored/i.py"))).stdout == b"inner\n"
        assert twin.changes() == ()


def test_a_report_comes_back_and_links_and_pipes_do_not(sh: Sh) -> None:
    script = (
        'cd "$ROUTECLI_REPORT_DIR"; echo one > r.json; ln -s /etc/passwd link; mkfifo pipe; mkdir d; echo n > d/n; '
        "ln r.json hard"
    )
    done = sh(script, report=True)
    assert done.report["r.json"] == b"one\n"
    assert set(done.report) == {"r.json", "hard"}
    assert sh("echo $ROUTECLI_REPORT_DIR").stdout == b"\n"


def test_a_report_is_capped(sh: Sh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routecli.workspace.reports.MAX_FILE_BYTES", 100)
    done = sh('cd "$ROUTECLI_REPORT_DIR"; head -c 101 /dev/zero > big; echo s > small', report=True)
    assert set(done.report) == {"small"}


def test_patches_that_cannot_be_laid_over_the_files(repo: Repo, workspace: GitWorkspace, tmp_path: Path) -> None:
    for path in ("../out", "/abs", "a/../../x", "calc.py/below"):
        with pytest.raises(UsageFault), workspace.twin(Patch((FileEdit(path, None, b"x"),))):
            raise AssertionError(path)
    assert twins_left() == []
    assert not (tmp_path / "out").exists()
    with pytest.raises(SandboxFault, match="outside"), workspace.twin() as twin:
        twin.run(Command(("true",), cwd="../.."))


def test_a_link_of_the_repository_is_not_written_through(tmp_path: Path, level: Isolation) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    repo = make_repo(tmp_path / "r", {"a": "1"})
    (repo.root / "way").symlink_to(outside)
    snapshot = snap(repo)
    workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=level)
    with pytest.raises(UsageFault), workspace.twin(Patch((FileEdit("way/x", None, b"x"),))):
        raise AssertionError
    assert list(outside.iterdir()) == []


def test_a_twin_goes_however_its_context_ends(workspace: GitWorkspace) -> None:
    with pytest.raises(KeyboardInterrupt), workspace.twin() as twin:
        twin.run(Command(("sh", "-c", "mkdir -p locked/in; touch locked/in/f; chmod 000 locked/in locked")))
        raise KeyboardInterrupt
    assert twins_left() == []


def test_row_49_twins_of_killed_runs_are_swept(workspace: GitWorkspace) -> None:
    with workspace.twin():
        place = twins_left()[0].parent
    pid, started, scope = owner_name().split("-")
    dead = [f"999999999-1-{scope}-abcd", f"{pid}-{int(started) + 1}-{scope}-again"]
    alive = [f"{owner_name()}-mine", "stranger", "999999999-1-00000000-elsewhere"]
    for name in (*dead, *alive):
        (place / name / "tree").mkdir(parents=True)
    old = place / "999999999-1-11111111-forgotten"
    old.mkdir()
    os.utime(old, (0, 0))
    rooms._swept.cache_clear()
    with workspace.twin():
        names = {p.name for p in twins_left()}
    assert set(alive) <= names
    assert not names & {*dead, old.name}
    assert all(is_dead(name) for name in dead)
    assert not any(is_dead(name) for name in alive)


def test_without_room_in_memory_a_twin_is_on_disk(workspace: GitWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace.twin() as twin:
        assert twin.place.is_relative_to(rooms.MEMORY)
    monkeypatch.setattr(rooms, "MIN_FREE_BYTES", 1 << 60)
    with workspace.twin() as twin:
        assert not twin.place.is_relative_to(rooms.MEMORY)
        assert twin.run(Command(("cat", "data/x.txt"))).stdout == b"x\n"
    assert twins_left() == []


def test_memory_that_runs_out_is_left_again(repo: Repo, copying: Isolation) -> None:
    repo.write({"big.bin": b"x" * 400_000})
    (rooms.MEMORY / f"routecli-{os.geteuid()}").mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", rooms.MEMORY / f"routecli-{os.geteuid()}"], check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no right to mount a file system")
    try:
        snapshot = snap(repo)
        with GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=copying).twin() as twin:
            assert not twin.place.is_relative_to(rooms.MEMORY)
            assert (twin.tree / "big.bin").stat().st_size == 400_000
    finally:
        subprocess.run(["umount", rooms.MEMORY / f"routecli-{os.geteuid()}"], check=True)


def test_several_twins_at_once(workspace: GitWorkspace) -> None:
    answers = []

    def one(number: int) -> None:
        with workspace.twin() as twin:
            twin.run(Command(("sh", "-c", f"echo {number} > mine")))
            answers.append((number, twin.run(Command(("cat", "mine"))).stdout))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [(n, f"{n}\n".encode()) for n in range(4)]


def test_tree_of_a_patch(repo: Repo, workspace: GitWorkspace) -> None:
    patch = edits(workspace.snapshot, {"calc.py": "fixed\n", "new.py": "n\n", "data/x.txt": None})
    before = repo.state()
    tree = workspace.tree_of(patch)
    assert tree == workspace.tree_of(patch) != workspace.snapshot.tree
    assert workspace.tree_of(Patch(())) == workspace.snapshot.tree
    assert repo.state() == before
    repo.write({"calc.py": "fixed\n", "new.py": "n\n"})
    (repo.root / "data" / "x.txt").unlink()
    assert snap(repo).tree == tree


def test_row_35_a_killed_run_takes_its_sandbox_along(
    repo: Repo, level: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from pathlib import Path
from routecli.domain.command import Command
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings
from routecli.git.repository import open_repository
from routecli.git.snapshot import take
from routecli.workspace.workspace import GitWorkspace
snapshot = take(open_repository(Path({str(repo.root)!r})))
workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=Isolation({level.value!r}))
with workspace.twin() as twin:
    print(twin.place, flush=True)
    twin.run(Command(("sh", "-c", "setsid sleep 4321 & sleep 4321 & touch ready; sleep 4321")))
"""
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    place = Path(child.stdout.readline().strip())
    _until((place / "tree" / "ready").exists)
    _until(lambda: len(_sleepers(place)) >= 3)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    _until(lambda: not _sleepers(place))
    monkeypatch.setattr(rooms, "MEMORY", place.parent.parent)
    rooms._swept.cache_clear()
    snapshot = snap(repo)
    with GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=level).twin():
        assert not place.exists()  # swept by the next start


def _sleepers(place: Path) -> list[int]:
    """Processes `sleep 4321` whose working folder is in the twin."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
            state = (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]
            mounts = (entry / "mountinfo").read_bytes()
        except OSError:
            continue
        if b"sleep\x004321" in line and state != b"Z" and os.fsencode(place.name) in mounts:
            found.append(int(entry.name))
    return found


def _until(condition: object, limit_s: float = 30.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)
