"""What the whole suite shares: a home of its own, and no silent skips where everything should run."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("no-clock", deadline=None)
settings.load_profile("no-clock")  # a busy machine is no failure

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # `pytest … &` in a script: every program that a test starts would be deaf to the SIGINT that the test sends.
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # `nohup pytest …` likewise

STRICT = "ROUTECLI_TESTS_SKIP_NOTHING"
"""Set by .ci/run: a skipped test fails the run there, since that machine is given everything that a test may need."""
MAY_SKIP = "ROUTECLI_TESTS_MAY_SKIP"
"""Names of test files that may skip nevertheless: .ci/run could not give that machine what they need, and said so."""


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the real home, its configuration or its keys."""
    home = tmp_path_factory.mktemp("home")
    for name in [n for n in os.environ if n.startswith(("ROUTECLI_", "XDG_", "GIT_")) and n != STRICT]:
        monkeypatch.delenv(name)
    for name in ("OPENROUTER_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "DEEPSEEK_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the socket of a real PostgreSQL, one for all workers."""
    from ledger import servers

    if servers.programs() is None:
        pytest.skip("PostgreSQL is not installed")
    pytest.importorskip("psycopg")
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "postgres"
    shared.mkdir(exist_ok=True)
    with servers.cluster(shared) as home:
        yield home


@pytest.fixture
def database(postgres: Path) -> Callable[[], str]:
    """Makes an empty database and says its address."""
    import psycopg

    def make() -> str:
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(f"postgresql:///postgres?host={postgres}&user=team", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql:///{name}?host={postgres}&user=team"

    return make


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if not os.environ.get(STRICT) or not reporter or session.exitstatus != 0:
        return
    allowed = os.environ.get(MAY_SKIP, "").split()
    for report in reporter.stats.get("skipped", ()):
        if Path(report.nodeid.partition("::")[0]).name not in allowed:
            reporter.write_line(f"skipped where nothing may be: {report.nodeid}: {report.longrepr}")
            session.exitstatus = 1
