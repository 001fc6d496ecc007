"""What code in the sandbox can see, write, reach and leave behind: nothing but the twin (security.md, part C)."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import threading
import time
from pathlib import Path

import pytest
from repositories import Repo, fingerprint

from routecli.domain.command import Command
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings
from routecli.errors import SandboxFault
from routecli.workspace import sandbox
from routecli.workspace.sandbox import LEVELS
from routecli.workspace.view import View, environment, sounds_secret
from routecli.workspace.workspace import GitWorkspace
from workspace.conftest import Sh, snap, twins_left

CANARY = "routecli-canary-5f3a"
NAME = "routecli-file-77"
LONG = f"8642.{os.getpid()}"
"""How long a process of this test run sleeps, in seconds: what it is found by, beside the tests of other workers."""


def test_row_29_home_and_other_places_are_empty(sh: Sh, own_home: Path, tmp_path: Path) -> None:
    places = [own_home / ".ssh" / "id_rsa", own_home / ".aws" / "keys", tmp_path / "other" / "repo.txt",
              Path("/var/tmp") / NAME, Path("/dev/shm") / NAME, tmp_path / "project" / ".git" / "config"]  # fmt: skip
    try:
        for place in places[:-1]:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(CANARY)
        done = sh(f"cat {' '.join(map(str, places))} /etc/shadow; ls -A /root /mnt /media /srv /opt /boot /sys; "
                  "ls -A /home /tmp /run /var/tmp /dev/shm")  # fmt: skip
    finally:
        for place in places[3:5]:
            place.unlink()
    assert CANARY.encode() not in done.stdout + done.stderr
    assert done.stderr.count(b"No such file") >= len(places)
    listed = done.stdout.decode().split()
    assert set(listed) <= {"/home:", "/tmp:", "/run:", "/var/tmp:", "/dev/shm:", "routecli", *tmp_path.parts[2:3]}


def test_row_30_no_secret_in_environment_processes_or_descriptors(sh: Sh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("HARMLESS", CANARY)
    done = sh("env; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline; ls /proc/self/fd; ls -l /proc/1/fd")
    assert CANARY.encode() not in done.stdout
    names = {line.partition("=")[0] for line in done.stdout.decode("utf-8", "replace").splitlines() if "=" in line}
    assert "OPENAI_API_KEY" not in names
    open_ones = sh("for f in /proc/self/fd/*; do echo $(basename $f); done").stdout.decode().split()
    assert set(open_ones) <= {"0", "1", "2", "3"}  # 3: the shell's own look at the folder


def test_row_30_environment_is_an_allow_list(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = {
        "PATH": "/evil",
        "LANG": "de_DE.UTF-8",
        "LC_TIME": "C",
        "TZ": "UTC",
        "FOO": "1",
        "MY_TOKEN": "t",
        "LD_PRELOAD": "x",
    }
    env = environment(mine, ("FOO", "MY_TOKEN", "ABSENT"), {"EXTRA": "e"})
    assert env["LANG"] == "de_DE.UTF-8"
    assert (env["LC_TIME"], env["TZ"], env["FOO"], env["EXTRA"], env["CI"]) == ("C", "UTC", "1", "e", "1")
    assert not {"MY_TOKEN", "LD_PRELOAD", "ABSENT"} & env.keys()
    assert "/evil" not in env["PATH"]
    assert sounds_secret("aws_secret_access_key")
    assert not sounds_secret("DJANGO_SETTINGS_MODULE")


def test_row_31_no_network_of_any_kind(sh: Sh, tmp_path: Path) -> None:
    probe = f"""
import socket
answers = []
def attempt(name, do):
    try:
        do(); answers.append(name)
    except OSError:
        pass
def tcp(family, address):
    s = socket.socket(family); s.settimeout(2); s.connect(address)
PORT = {{port}}
attempt("tcp", lambda: tcp(socket.AF_INET, ("127.0.0.1", PORT)))
attempt("out", lambda: tcp(socket.AF_INET, ("192.0.2.1", 80)))
attempt("tcp6", lambda: tcp(socket.AF_INET6, ("2001:db8::1", 80)))
attempt("abstract", lambda: tcp(socket.AF_UNIX, "\\0{CANARY}"))
attempt("path", lambda: tcp(socket.AF_UNIX, {str(tmp_path / "s")!r}))
attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)))
attempt("dns", lambda: socket.getaddrinfo("example.com", 80))
inside = socket.socket(); inside.bind(("127.0.0.1", 0)); inside.listen()
attempt("loopback", lambda: tcp(socket.AF_INET, inside.getsockname()))
print(*answers)
"""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as path,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        path.bind(str(tmp_path / "s"))
        path.listen()
        abstract.bind(f"\0{CANARY}")
        abstract.listen()
        done = sh("python3 - <<'END'\n" + probe.replace("{port}", str(server.getsockname()[1])) + "\nEND")
    assert done.stdout.decode().split() in ([], ["loopback"]), done.text


def test_row_32_nothing_outside_can_be_written(sh: Sh, repo: Repo, own_home: Path, tmp_path: Path) -> None:
    (own_home / ".bashrc").write_text("mine")
    before = repo.state(), fingerprint(own_home / ".bashrc"), (own_home / ".bashrc").read_text()
    git = repo.root / ".git"
    places = [own_home / ".bashrc", own_home / ".ssh" / "authorized_keys", git / "hooks" / "post-checkout",
              git / "config", Path("/usr/bin/routecli-evil"), Path("/etc/passwd"), Path("/etc/routecli-evil"),
              Path("/routecli-evil"), Path("/proc/sys/kernel/core_pattern"), Path("/bin/sh")]  # fmt: skip
    lines = "; ".join(f"mkdir -p {p.parent}; echo evil > {p}" for p in places)
    sh(f"({lines}) 2>/dev/null; echo evil > calc.py; mount -o remount,rw /usr; umount -l /usr; umount /etc/passwd")
    assert (repo.state(), fingerprint(own_home / ".bashrc"), (own_home / ".bashrc").read_text()) == before
    assert not Path("/usr/bin/routecli-evil").exists()
    assert not Path("/etc/routecli-evil").exists()
    assert "evil" not in Path("/etc/passwd").read_text()


def test_row_33_no_git_of_the_twins_is_ever_read(repo: Repo, workspace: GitWorkspace, tmp_path: Path) -> None:
    sentinel = tmp_path / "ran"
    config = f'[core]\n\tfsmonitor = touch {sentinel}; false\n[filter "x"]\n\tclean = touch {sentinel}\n'
    script = (
        f"mkdir -p .git/objects .git/refs; printf '{config}' > .git/config; echo 'ref: refs/heads/x' > .git/HEAD; "
        "echo '* filter=x' > .gitattributes; mkdir sub; echo 'gitdir: ../.git' > sub/.git; echo new > calc.py"
    )
    with workspace.twin() as twin:
        twin.run(Command(("sh", "-c", script)))
        found = twin.changes()
    assert not sentinel.exists()
    assert "calc.py" in [e.path for e in found]


def test_row_35_nothing_survives_a_command(sh: Sh) -> None:
    done = sh(
        f"trap '' TERM HUP; setsid sleep {LONG} & (sleep {LONG} &) ; nohup sleep {LONG} >/dev/null 2>&1 & "
        f"setsid sh -c 'setsid sleep {LONG} & exit' ; exit 3"
    )
    assert done.exit_code == 3
    assert _running(LONG) == []


def test_row_35_nothing_survives_a_time_out(workspace: GitWorkspace) -> None:
    with workspace.twin() as twin:
        script = f"trap '' TERM; setsid sleep {LONG} & (setsid sleep {LONG} &); sleep {LONG}"
        done = twin.run(Command(("sh", "-c", script), timeout_s=0.7))
    assert done.timed_out
    assert done.exit_code is None
    deadline = time.monotonic() + 10
    while _running(LONG) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert _running(LONG) == []


def test_row_35_a_sandbox_killed_while_it_is_set_up_never_comes_to_its_command(workspace: GitWorkspace) -> None:
    """Its parts ask the kernel to die with one another only once they run: a strike before that leaves some alive."""
    name = {Isolation.BUBBLEWRAP: "bwrap", Isolation.UNSHARE: "unshare"}[workspace.isolation]
    chance = random.Random(35)
    for _ in range(40):
        stop = threading.Event()

        def kill(stop: threading.Event = stop, wait_s: float = chance.random() * 0.006) -> None:
            while not stop.is_set():
                found = [p for p in _running("8644", name) if _parent(p) == os.getpid()]
                if found:
                    time.sleep(wait_s)
                    os.kill(found[0], 9)
                    return

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            with workspace.twin() as twin:
                done = twin.run(Command(("sleep", "8644"), timeout_s=30))
        finally:
            stop.set()
            killer.join()
        assert "killed by signal 9" in done.died
    deadline = time.monotonic() + 10
    while (_running("8644") or _running("8644", name)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert _running("8644") == []
    assert _running("8644", name) == []


def test_row_36_a_daemon_that_holds_the_pipe_delays_nothing(workspace: GitWorkspace) -> None:
    with workspace.twin() as twin:
        done = twin.run(Command(("sh", "-c", "setsid sleep 60 & echo done"), timeout_s=30))
    assert (done.exit_code, done.stdout, done.timed_out) == (0, b"done\n", False)


def test_row_37_a_killed_sandbox_is_no_answer_about_the_code(workspace: GitWorkspace) -> None:
    name = {Isolation.BUBBLEWRAP: "bwrap", Isolation.UNSHARE: "unshare"}[workspace.isolation]
    stop = threading.Event()

    def kill() -> None:
        while not stop.wait(0.02):
            for pid in _running(LONG, name):
                with contextlib.suppress(ProcessLookupError):  # gone since it was looked for
                    os.kill(pid, 9)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with workspace.twin() as twin:
            done = twin.run(Command(("sleep", LONG), timeout_s=30))
    finally:
        stop.set()
        killer.join()
    assert "killed by signal 9" in done.died
    assert done.exit_code is None


def test_row_37_from_a_thread_that_ends_and_signals_of_the_command(workspace: GitWorkspace) -> None:
    answers = []

    def one() -> None:
        with workspace.twin() as twin:
            answers.append(twin.run(Command(("sh", "-c", "sleep 0.2; echo alive"))))
            answers.append(twin.run(Command(("sh", "-c", "kill -9 $$"))))
            answers.append(twin.run(Command(("sh", "-c", "kill -TERM $$"))))

    thread = threading.Thread(target=one)
    thread.start()
    thread.join()
    assert [a.exit_code for a in answers] == [0, 137, 143]
    assert all(not a.died for a in answers)


def test_row_38_no_input_and_no_terminal(sh: Sh) -> None:
    done = sh("cat; read line; echo read $?; (: < /dev/tty) 2>/dev/null || echo no tty; test -t 1 || echo a pipe")
    assert done.stdout.decode().splitlines() == ["read 1", "no tty", "a pipe"]


def test_row_39_limits(sh: Sh) -> None:
    done = sh("ulimit -c; ulimit -n; ulimit -f; ulimit -v; df -k /tmp | tail -1 | awk '{print $2}'")
    core, descriptors, blocks, space, tmp_kib = done.stdout.decode().split()
    assert (core, int(descriptors), int(blocks), space) == ("0", 4096, 4194304, "unlimited")
    assert int(tmp_kib) == 512 * 1024
    loud = sh("head -c 5000000 /dev/zero; echo end")
    assert loud.truncated
    assert loud.stdout.endswith(b"end\n")
    assert len(loud.stdout) <= 1_000_000


def test_row_41_no_terminal_to_push_input_into(sh: Sh) -> None:
    attempt = "fcntl.ioctl(0, termios.TIOCSTI, b'x')"
    script = f"import fcntl, termios\ntry:\n {attempt}\n print('pushed')\nexcept OSError: print('refused')"
    assert sh(f'python3 -c "{script}"').stdout == b"refused\n"


def test_no_capability_and_no_new_namespace(sh: Sh) -> None:
    done = sh("grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status | tr -s '\\t' ' '; unshare -U true || echo no namespace")
    lines = done.stdout.decode().splitlines()
    assert {line.split(" ")[-1] for line in lines[:3]} == {"0000000000000000"}
    assert "no namespace" in lines


def test_a_program_that_does_not_exist(sh: Sh, workspace: GitWorkspace) -> None:
    with workspace.twin() as twin:
        done = twin.run(Command(("no-such-program", "x")))
        assert (done.not_found, done.exit_code, done.argv) == (True, None, ("no-such-program", "x"))
        assert twin.run(Command(("./calc.py",))).exit_code == 126  # there, but not executable
        assert twin.run(Command(("sh", "-c", "exit 127"))).exit_code == 127


def test_a_sandbox_that_cannot_be_set_up_is_a_fault_of_its_own(level: Isolation, tmp_path: Path) -> None:
    (tmp_path / "t" / "tree").mkdir(parents=True)
    view = View(tmp_path / "t" / "tree", tmp_path / "root", tmp_path / "root" / "missing", ("true",), {"PATH": "/bin"})
    with pytest.raises(SandboxFault, match=level.value):
        sandbox.run(LEVELS[level], view, timeout_s=10)


def test_without_a_sandbox_only_when_asked(repo: Repo) -> None:
    snapshot = snap(repo)
    workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(unsafe_no_sandbox=True))
    assert workspace.isolation is Isolation.NONE
    assert "no sandbox" in workspace.isolation_note
    before = repo.state()
    script = "echo changed > calc.py; echo r > $ROUTECLI_REPORT_DIR/r; "
    script += f"setsid sleep {LONG} & sleep 0.1; pwd; echo $HOME"
    with workspace.twin() as twin:
        done = twin.run(Command(("sh", "-c", script), report=True))
        assert done.report == {"r": b"r\n"}
        assert [e.path for e in twin.changes()] == ["calc.py"]
        assert str(repo.root) not in done.text
        assert twin.run(Command(("no-such-program",))).not_found
    assert _running(LONG) == []
    assert repo.state() == before
    assert twins_left() == []


def test_programs_of_the_users_own_path(
    repo: Repo, level: Isolation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool under a hidden home, reached by a link: its installation is shown, the home around it is not."""
    home = tmp_path / "hidden"
    tool = home / "tools" / "v1" / "bin" / "mytool"
    tool.parent.mkdir(parents=True)
    tool.write_text('#!/bin/sh\ncat "$(dirname "$(readlink -f "$0")")/../lib/data"\n')
    tool.chmod(0o755)
    (home / "tools" / "v1" / "lib").mkdir()
    (home / "tools" / "v1" / "lib" / "data").write_text("data of the tool\n")
    (home / ".local" / "bin").mkdir(parents=True)
    (home / ".local" / "bin" / "mytool").symlink_to(tool)
    (home / ".local" / "secret").write_text(CANARY)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", f"{home / '.local' / 'bin'}:{os.environ['PATH']}")
    snapshot = snap(repo)
    workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=level)
    with workspace.twin() as twin:
        assert twin.run(Command(("mytool",))).stdout == b"data of the tool\n"
        assert not twin.run(Command(("cat", str(home / ".local" / "secret")))).stdout


def test_further_binds_of_the_users_configuration(repo: Repo, level: Isolation, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "d").write_text("shared\n")
    snapshot = snap(repo)
    settings = SandboxSettings(binds=(tmp_path / "shared", tmp_path / "missing"))
    workspace = GitWorkspace(snapshot.repository, snapshot, settings, isolation=level)
    with workspace.twin() as twin:
        done = twin.run(Command(("sh", "-c", f"cat {tmp_path}/shared/d; echo x > {tmp_path}/shared/d")))
    assert done.stdout == b"shared\n"
    assert (tmp_path / "shared" / "d").read_text() == "shared\n"


def test_a_bind_inside_the_repository_never_hides_the_patch(repo: Repo, copying: Isolation) -> None:
    snapshot = snap(repo)
    workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(), isolation=copying)
    command = Command(
        ("cat", "data/x.txt"), binds=(repo.root / "data", repo.root, repo.root.parent, repo.root / "calc.py")
    )
    (repo.root / "data" / "x.txt").write_text("the user's newer one\n")
    with workspace.twin() as twin:
        assert twin.run(command).stdout == b"x\n"


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])
    except OSError:
        return 0


def _running(argument: str, name: str = "sleep") -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            state = (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]
        except OSError:
            continue
        if Path(os.fsdecode(words[0])).name == name and argument.encode() in words and state != b"Z":
            found.append(int(entry.name))
    return found
