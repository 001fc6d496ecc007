"""More than two hundred hostile programs, at each full level: none gets out, none learns a secret, none stays.

The programs are in `cases/`, one file a group. Each runs in a process of its own; what the host can see of it is
compared with what it was before (security.md rows 29 to 42).
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from repositories import Repo, fingerprint
from workspace.conftest import twins_left

from routecli.domain.command import Command, Completed
from routecli.workspace.workspace import GitWorkspace

CASES = Path(__file__).parent / "cases"
PREFIX = "routecli-hostile-canary-"
HOME_SECRETS = (
    ".ssh/id_ed25519", ".aws/credentials", ".config/gcloud/credentials.db", ".netrc", ".git-credentials",
    ".docker/config.json", ".kube/config", ".npmrc", ".pypirc", ".gnupg/private-keys-v1.d/a.key",
    ".mozilla/firefox/a.default/cookies.sqlite", ".config/google-chrome/Default/Login Data", ".bash_history",
    ".cache/routecli/answers", ".local/state/routecli/ledger.db", ".config/routecli/config.toml",
    ".local/share/keyrings/login.keyring",
)  # fmt: skip
HOME_WRITES = (
    ".bashrc", ".profile", ".zshrc", ".ssh/authorized_keys", ".ssh/config", ".gitconfig", ".config/git/config",
    ".config/routecli/config.toml", ".local/bin/git", ".config/autostart/evil.desktop", ".vimrc", ".npmrc",
    ".config/systemd/user/evil.service", ".cache/pip/evil", ".local/lib/python3.11/site-packages/usercustomize.py",
    ".cargo/config.toml", ".local/state/routecli/ledger.db",
)  # fmt: skip
GIT_WRITES = ("hooks/post-checkout", "hooks/pre-commit", "config", "info/attributes", "routecli/store/config", "HEAD")
SYSTEM_WRITES = (
    "/etc/cron.d/routecli-evil", "/etc/profile.d/routecli-evil.sh", "/etc/passwd", "/etc/ld.so.preload",
    "/usr/local/bin/routecli-evil", "/usr/lib/python3/dist-packages/routecli_evil.pth", "/bin/routecli-evil",
    "/root/routecli-evil", "/opt/routecli-evil", "/srv/routecli-evil", "/var/tmp/routecli-evil",
    "/var/spool/cron/crontabs/root", "/dev/shm/routecli-evil", "/tmp/routecli-evil", "/run/routecli-evil",
    "/boot/routecli-evil", "/lib/routecli-evil", "/sys/kernel/routecli-evil", "/routecli-evil",
)  # fmt: skip
READ_ONLY = ("/", "/usr", "/usr/bin", "/etc", "/bin", "/lib", "/dev", "/proc", "/etc/passwd", "/usr/bin/env")

pytestmark = pytest.mark.slow


@pytest.fixture
def canary() -> str:
    return PREFIX + secrets.token_hex(8)


@pytest.fixture
def secret_places(canary: str, own_home: Path, tmp_path: Path, repo: Repo) -> Iterator[list[Path]]:
    """Files of the host that hold the canary: in the home, in another repository, and where programs leave things."""
    places = [own_home / name for name in HOME_SECRETS]
    places += [tmp_path / "other" / ".env", tmp_path / "other" / ".git" / "config", repo.root / ".git" / "canary"]
    shared = [Path(f, f"{PREFIX}{os.getpid()}") for f in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/root", "/etc")]
    for place in [*places, *shared]:
        with suppress(PermissionError):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(canary)
    (repo.root / ".env").write_text(canary)
    repo.write({".git/info/exclude": ".env\n"})
    yield [place for place in [*places, *shared, repo.root / ".env"] if place.exists()]
    for place in shared:
        place.unlink(missing_ok=True)


def hostile(workspace: GitWorkspace, group: str, facts: dict[str, object], *, timeout_s: float = 60) -> Completed:
    """What comes of the programs of `group`, run with the interpreter of these tests."""
    parts = [CASES / "driver.py", CASES / f"{group}.py"]
    text = "\n".join(part.read_text() for part in parts)
    with workspace.twin() as twin:
        command = (sys.executable, "-I", "-S", "-c", text, json.dumps(facts))
        done = twin.run(Command(command, timeout_s=timeout_s, report=True))
        twin.changes()  # what they made of the twin is read without a fault
    return done


def succeeded(done: Completed, at_least: int) -> list[str]:
    """The names of the attempts that succeeded; all `at_least` of them did run."""
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    tried = [line for line in lines if line.startswith(("DONE ", "REFUSED "))]
    assert len(tried) >= at_least, done.text[-4000:]
    assert done.exit_code == 0, done.text[-4000:]
    return [line.removeprefix("DONE ") for line in tried if line.startswith("DONE ")]


def everything(done: Completed) -> bytes:
    return b"".join([done.stdout, done.stderr, *done.report.values(), *(n.encode() for n in done.report)])


def test_rows_29_30_no_secret_is_read(
    workspace: GitWorkspace, secret_places: list[Path], canary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", canary)
    monkeypatch.setenv("SSH_AUTH_SOCK", canary)
    device = Path("/").stat().st_dev
    with _neighbour() as mark:
        facts: dict[str, object] = {
            "secrets": [str(place) for place in secret_places],
            "prefix": canary[: len(PREFIX) + 1],  # what it prints would show the rest
            "host_mark_reversed": mark[::-1],
            "disk": [os.major(device), os.minor(device)],
            "interpreter": [sys.prefix, sys.base_prefix],
        }
        done = hostile(workspace, "reading", facts)
    assert len(secret_places) >= 18
    assert canary.encode() not in everything(done)
    assert succeeded(done, 35) == [], done.text[-4000:]


@contextmanager
def _neighbour() -> Iterator[str]:
    """A process of the host beside the sandbox, with this one's environment: what its command line bears."""
    mark = f"87{secrets.randbelow(10**9):09}"
    with subprocess.Popen(["sleep", mark], start_new_session=True) as neighbour:
        try:
            yield mark
            assert neighbour.poll() is None
        finally:
            neighbour.kill()


def test_rows_32_33_nothing_outside_is_written(
    workspace: GitWorkspace, secret_places: list[Path], own_home: Path, repo: Repo, tmp_path: Path
) -> None:
    writes = [own_home / name for name in HOME_WRITES] + [repo.root / ".git" / name for name in GIT_WRITES]
    writes += [Path(name) for name in SYSTEM_WRITES] + [tmp_path / "other" / "src.py", repo.root.parent / "beside"]
    for place in writes[: len(HOME_WRITES)]:
        if not place.exists() and len(place.parts) % 2:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("mine")
    folders = (own_home, tmp_path / "other")

    def state() -> object:
        return [fingerprint(f) for f in folders], repo.state(), [_of(p) for p in (*writes, *secret_places)]

    facts = {
        "secrets": [str(place) for place in secret_places],
        "writes": [str(place) for place in writes],
        "read_only": [*(p for p in READ_ONLY if Path(p).exists()), sys.executable, str(Path(os.__file__).parent)],
    }
    before = state()
    done = hostile(workspace, "writing", facts)
    assert state() == before
    assert succeeded(done, 90) == [], done.text[-4000:]


def _of(path: Path) -> tuple[object, ...]:
    """What is at `path`: its kind, mode, owner, time and bytes."""
    try:
        found = path.lstat()
    except OSError:
        return ()
    content = path.read_bytes() if path.is_file() else b""
    return found.st_mode, found.st_uid, found.st_nlink, found.st_mtime_ns, content


@contextmanager
def _listening(folder: Path) -> Iterator[tuple[dict[str, object], list[socket.socket]]]:
    """One socket of the host for each kind, and the facts that the programs need to reach them."""
    name = f"routecli-{secrets.token_hex(6)}"
    unix, stream, datagram = socket.AF_UNIX, socket.SOCK_STREAM, socket.SOCK_DGRAM
    with ExitStack() as stack:

        def server(family: int, kind: int, address: object) -> socket.socket:
            made = stack.enter_context(socket.socket(family, kind))
            made.bind(address)
            if kind == stream:
                made.listen()
            made.setblocking(False)
            return made

        tcp = server(socket.AF_INET, stream, ("127.0.0.1", 0))
        anywhere = server(socket.AF_INET, stream, ("0.0.0.0", 0))
        udp = server(socket.AF_INET, datagram, ("127.0.0.1", 0))
        files = [server(unix, kind, str(folder / n)) for kind, n in ((stream, "s"), (datagram, "d"), (stream, "a"))]
        abstract = [server(unix, stream, f"\0{name}-s"), server(unix, datagram, f"\0{name}-d")]
        yield (
            {
                "tcp": tcp.getsockname()[1],
                "tcp_any": anywhere.getsockname()[1],
                "udp": udp.getsockname()[1],
                "address": _own_address(),
                "path_stream": str(folder / "s"),
                "path_datagram": str(folder / "d"),
                "agent": str(folder / "a"),
                "abstract_stream": f"{name}-s",
                "abstract_datagram": f"{name}-d",
                "shm_key": 0x5F3A0001,
            },
            [tcp, anywhere, udp, *files, *abstract],
        )


def _own_address() -> str:
    """The machine's address on its way out, found without sending anything; loopback where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        try:
            link.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(link.getsockname()[0])


def test_row_31_nothing_outside_is_reached(workspace: GitWorkspace, tmp_path: Path) -> None:
    with _listening(tmp_path) as (facts, servers), _neighbour():
        done = hostile(workspace, "reaching", facts)
        for server in servers:
            with pytest.raises(BlockingIOError):
                server.accept() if server.type == socket.SOCK_STREAM else server.recv(1)
    assert succeeded(done, 32) == [], done.text[-4000:]


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the programs know the system calls of x86_64")
def test_rows_32_41_no_way_out_of_the_namespaces(workspace: GitWorkspace, secret_places: list[Path]) -> None:
    facts = {"secrets": [str(p) for p in secret_places], "host_pid": os.getpid()}
    host = (os.uname().nodename, Path("/proc/sys/kernel/core_pattern").read_text(), Path("/proc/mounts").read_text())
    done = hostile(workspace, "escaping", facts)
    assert succeeded(done, 100) == [], done.text[-4000:]
    assert (
        os.uname().nodename,
        Path("/proc/sys/kernel/core_pattern").read_text(),
        Path("/proc/mounts").read_text(),
    ) == host


@pytest.mark.parametrize("stay_s", [0, 60], ids=["ends", "is ended"])
def test_row_35_nothing_stays(workspace: GitWorkspace, stay_s: int) -> None:
    mark = f"86{secrets.randbelow(10**9):09}"
    done = hostile(workspace, "lingering", {"mark": mark, "stay_s": stay_s}, timeout_s=3 if stay_s else 60)
    assert done.stdout.count(b"LEFT ") == 13, done.text
    assert (done.exit_code, done.timed_out) == ((None, True) if stay_s else (3, False))
    deadline = time.monotonic() + 10
    while (left := _bearing(mark)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []
    assert twins_left() == []


def _bearing(mark: str) -> list[str]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if mark.encode() in (words := place.read_bytes()) and int(place.parent.name) != os.getpid():
                found.append(words.decode("utf-8", "replace")[-200:])
    return found


def test_row_33_a_report_folder_that_was_tampered_with(
    workspace: GitWorkspace, secret_places: list[Path], canary: str
) -> None:
    done = hostile(workspace, "reports", {"secrets": [str(p) for p in secret_places]})
    assert done.exit_code == 0, done.text
    assert canary.encode() not in everything(done)
    assert b"DONE" not in done.stdout
    assert set(done.report) <= {"good.json", "closed", "line\nbreak", "half1", "half2", "half3"}
    assert done.report["good.json"] == b"{}"
    assert sum(map(len, done.report.values())) <= 64_000_000
    assert twins_left() == []


def test_row_40_configurations_that_run_code(
    workspace: GitWorkspace, secret_places: list[Path], canary: str, tmp_path: Path, own_home: Path
) -> None:
    """Each is loaded by its tool and runs in the sandbox: it is seen to run, and reaches nothing."""
    sentinel, pytest_, mypy = tmp_path / "sentinel", ("-m", "pytest", "-q", "t.py"), ("-m", "mypy", "calc.py")
    payload = (
        "import os\n"
        "note = open(os.environ['ROUTECLI_REPORT_DIR'] + '/ran', 'w')\n"
        f"for place in {[str(p) for p in secret_places]!r}:\n"
        "    try: print(open(place).read(), file=note)\n"
        "    except OSError: pass\n"
        f"for place in {[str(sentinel), str(own_home / '.bashrc')]!r}:\n"
        "    try: open(place, 'w').write('evil')\n"
        "    except OSError: pass\n"
        "print('it ran', file=note, flush=True)\n"
    )
    plugin = payload + "raise SystemExit\n"  # before it checks anything
    table: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
        "conftest.py": ({"conftest.py": payload}, pytest_),
        "pytest.ini": ({"pytest.ini": "[pytest]\naddopts = -p evil\n", "evil.py": payload}, pytest_),
        "setup.cfg of pytest": ({"setup.cfg": "[tool:pytest]\naddopts = -p evil\n", "evil.py": payload}, pytest_),
        "tox.ini": ({"tox.ini": "[pytest]\naddopts = -p evil\n", "evil.py": payload}, pytest_),
        "pyproject.toml": (
            {"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p evil'\n", "evil.py": payload},
            pytest_,
        ),
        "mypy.ini": ({"mypy.ini": "[mypy]\nplugins = ./evil.py\n", "evil.py": plugin}, mypy),
        "setup.cfg of mypy": ({"setup.cfg": "[mypy]\nplugins = ./evil.py\n", "evil.py": plugin}, mypy),
        "pyproject.toml of mypy": (
            {"pyproject.toml": "[tool.mypy]\nplugins = ['./evil.py']\n", "evil.py": plugin},
            mypy,
        ),
        "a module of a tool's name": ({"pytest.py": payload}, pytest_),
        "sitecustomize": ({"sitecustomize.py": payload}, ("-c", "pass")),
    }
    for name, (files, words) in table.items():
        with workspace.twin() as twin:
            for path, text in {**files, "t.py": "def test_it(): pass\n"}.items():
                (twin.tree / path).write_text(text)
            done = twin.run(Command((sys.executable, *words), timeout_s=60, env={"PYTHONPATH": "."}, report=True))
        assert b"it ran" in done.report.get("ran", b""), (name, done.text)
        assert canary.encode() not in everything(done), name
        assert not sentinel.exists(), name
        assert not (own_home / ".bashrc").exists(), name


def test_row_37_a_program_that_kills_everything_around_it(workspace: GitWorkspace) -> None:
    with workspace.twin() as twin:
        done = twin.run(Command(("sh", "-c", "kill -9 1; kill -9 -1; kill -9 $PPID; exit 5"), timeout_s=30))
    assert (done.exit_code, done.died, done.timed_out) == (5, "", False)
