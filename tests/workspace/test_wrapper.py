"""A sandbox of the user's own, and a network where they allow it."""

from __future__ import annotations

import http.server
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from repositories import Repo

from routecli.domain.command import Command
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings
from routecli.errors import SandboxFault
from routecli.workspace.probing import probe
from routecli.workspace.workspace import GitWorkspace
from workspace.conftest import edits, snap

SCRIPT = """\
#!/bin/sh
# TREE ROOT CWD REPORT BINDS… -- COMMAND…
tree=$1 root=$2 cwd=$3 report=$4
shift 4
mkdir -p "$report"
binds=
while [ "$1" != "--" ]; do binds="$binds $1"; shift; done
shift
exec bwrap --unshare-user --unshare-pid --unshare-net --die-with-parent --ro-bind /usr /usr --symlink usr/bin /bin \\
    --symlink usr/lib /lib --symlink usr/lib64 /lib64 --symlink usr/sbin /sbin --dev /dev --proc /proc \\
    --ro-bind /proc/sys /proc/sys --tmpfs /tmp $binds --bind "$tree" "$root" --bind "$report" "$report" \\
    --chdir "$cwd" -- "$@"
"""
WORDS = "{tree} {root} {cwd} {report} {binds} -- {command}"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    if shutil.which("bwrap") is None:
        pytest.skip("bwrap is not installed")
    path = tmp_path / "wrap.sh"
    path.write_text(SCRIPT)
    path.chmod(0o755)
    return path


def settings(script: Path, words: str = WORDS) -> SandboxSettings:
    return SandboxSettings(wrapper=f"{script} {words}", wrapper_bind="--ro-bind {path} {path}")


def test_commands_run_by_the_wrapper_at_the_repositorys_own_path(repo: Repo, script: Path) -> None:
    snapshot = snap(repo)
    workspace = GitWorkspace(snapshot.repository, snapshot, settings(script))
    assert workspace.isolation is Isolation.WRAPPER
    assert workspace.isolation_note == f"isolated by your own wrapper, {script}"
    asked = "pwd; cat ../calc.py; echo hi > $ROUTECLI_REPORT_DIR/r; cat /proc/net/dev | grep -c :; env | grep -c SECRET"
    with workspace.twin(edits(snapshot, {"calc.py": "patched\n"})) as twin:
        done = twin.run(Command(("sh", "-c", asked), cwd="data", report=True, env={"PATH": "/usr/bin:/bin"}))
        assert twin.run(Command(("sh", "-c", "exit 3"))).exit_code == 3
        assert twin.run(Command(("no-such-program",))).not_found
    assert done.stdout.decode().split() == [f"{repo.root}/data", "patched", "1", "0"]
    assert done.report == {"r": b"hi\n"}
    assert (repo.root / "calc.py").read_text().startswith("def add")


def test_row_42_a_wrapper_that_does_not_isolate_is_refused(tmp_path: Path) -> None:
    for name, body, said in (
        ("nothing", 'shift 4; while [ "$1" != "--" ]; do shift; done; shift; exec "$@"', "does not isolate"),
        ("broken", "exit 9", "its self-test ended with 9"),
    ):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        with pytest.raises(SandboxFault, match=said):
            probe(settings(path))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{tree} {root}", "does not say {command}"),
        ("{command} {root}", "does not say {tree}"),
        ("{tree} {root} x{command}", "a word of its own"),
        ("'", "cannot be read"),
    ],
)
def test_words_that_say_too_little_are_refused(script: Path, words: str, said: str) -> None:
    with pytest.raises(SandboxFault, match=said) as fault:
        probe(settings(script, words))
    assert "sandbox.wrapper = " in (fault.value.hint or "")


def test_a_wrapper_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SandboxFault, match="not installed"):
        probe(settings(tmp_path / "none"))


@pytest.fixture
def server() -> Iterator[int]:
    class Quiet(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Quiet) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found.server_address[1]
        found.shutdown()


@pytest.mark.parametrize(("network", "reached"), [("none", False), ("host", True)])
def test_row_31_the_network_is_there_only_where_the_user_allows_it(
    repo: Repo, copying: Isolation, server: int, network: str, reached: bool
) -> None:
    snapshot = snap(repo)
    workspace = GitWorkspace(snapshot.repository, snapshot, SandboxSettings(network=network), isolation=copying)
    call = f"import socket; socket.create_connection(('127.0.0.1', {server}), 2).close()"
    with workspace.twin() as twin:
        done = twin.run(Command((sys.executable, "-c", call)))
    assert (done.exit_code == 0) is reached, done.stderr
    assert ("sandbox.network" in workspace.isolation_note) is reached
