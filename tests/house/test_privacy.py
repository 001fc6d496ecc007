"""docs/privacy.md against the code: every table, folder and service is on it, and every key that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from routecli.compose import tracing, wiring
from routecli.config import trust
from routecli.config.keys import APIS, BY_NAME, PROVIDER_KEYS, SECTIONS
from routecli.ledger import keeping, ledger, spool
from routecli.ledger.store import MIGRATIONS
from routecli.survey.remembered import Remembered
from routecli.workspace import journal

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "privacy.md").read_text()
SECTION = {title: text for title, _, text in (part.partition("\n") for part in PAGE.split("\n## "))}


def first_cells(section: str) -> str:
    return "\n".join(line.split(" | ")[0] for line in SECTION[section].splitlines() if line.startswith("| "))


def test_every_table_of_the_ledger_has_its_row() -> None:
    sql = "\n".join(file.read_text() for file in MIGRATIONS.glob("0*.sql"))
    tables = set(re.findall(r"CREATE TABLE (\w+)", sql))
    assert set(re.findall(r"^\| `(\w+)` \|", SECTION["The ledger's tables"], re.MULTILINE)) == tables
    assert tables == set(spool._TABLES)
    others = re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", (MIGRATIONS / "postgres.sql").read_text())
    others += re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", " ".join(spool._OWN))
    assert others
    assert [name for name in others if f"`{name}`" not in PAGE] == []


def test_every_place_has_its_row(tmp_path: Path) -> None:
    tokens = Remembered(tmp_path)._path
    assert tokens is not None
    places = [
        ledger.FILE_NAME, f"{ledger.PATCHES}/", f"{tracing.FOLDER}/", trust.FILE_NAME, f"{wiring.BASELINES}/",
        f".git/routecli/{journal.FINISHED}", f".git/routecli/{journal.PENDING}",
        *(f"{name}/" for name, _ in keeping.TEXT_FILES), re.sub(r"-\d+", "-…", tokens.name),
    ]  # fmt: skip
    cells = first_cells("What is kept where")
    assert [place for place in places if f"`{place}`" not in cells] == []


@pytest.mark.parametrize(
    ("name", "section"),
    [("state", r'folder / f"crash-|f"spool-'), ("cache", r'"twins"|"isolation"|BASELINES|tokens-')],
)
def test_no_other_place_is_written(name: str, section: str) -> None:
    """Whoever asks for one of our folders is one of these modules: another has to be named here, and on the page."""
    known = {
        "state": {"cli/alias.py", "cli/checks_adopt.py", "cli/config_show.py", "cli/crash.py",
                  "cli/doctor.py", "cli/hook_fixing.py", "cli/hook_message.py",
                  "cli/session.py", "cli/trust.py", "compose/health/machine.py",
                  "compose/consenting.py", "compose/hooking.py", "compose/refreshing.py", "compose/tracing.py",
                  "library.py"},
        "cache": {"cli/config_show.py", "compose/checking.py", "compose/health/machine.py", "compose/hooking.py",
                  "compose/pasting.py", "compose/planning.py", "compose/wiring.py", "verification/asked.py",
                  "workspace/probing.py", "workspace/rooms.py"},
    }  # fmt: skip
    package = ROOT / "routecli"
    asking = {
        str(file.relative_to(package))
        for file in package.rglob("*.py")
        if f"{name}_place(" in file.read_text() and file.name != "places.py"
    }
    assert asking - known[name] == set(), "say on docs/privacy.md what it keeps there"
    assert any(re.search(section, file.read_text()) for file in package.rglob("*.py"))


def test_every_service_is_named_by_what_it_is_sent() -> None:
    cells = first_cells("What leaves the machine")
    assert [api for api in APIS if f"`{api}`" not in cells] == []


def test_every_key_that_the_page_names_exists() -> None:
    known = {*BY_NAME, *(key.name for key in PROVIDER_KEYS)}
    dotted = [n for n in re.findall(r"`([a-z_]+\.[a-z_]+)`", PAGE) if n.split(".")[0] in SECTIONS]
    assigned = re.findall(r"`([a-z_]+) = ", PAGE)
    named = [*dotted, *assigned, "zdr", "data_collection"]
    assert len(named) > 6
    assert [name for name in named if name not in known] == []


def test_what_it_says_of_modes_and_numbers(tmp_path: Path) -> None:
    from routecli.cli import session
    from routecli.compose.tracing import _KEEP as TRACES
    from routecli.ledger import baselines, patches

    assert f"the newest {patches._KEEP}" in PAGE
    assert f"the newest {TRACES}" in PAGE
    assert f"{baselines._KEEP} results, {baselines._KEEP_BYTES // 1_000_000} MB" in PAGE
    assert f"the last {journal.KEPT}" in PAGE
    assert f"{session._FORGET_AT_ONCE} runs at a time" in PAGE
    from routecli.ledger.ledger import Ledger

    opened = Ledger.open(tmp_path / "state" / "ledger.db")
    opened.save_patch("r1", "x")
    opened.close()
    modes = {p.stat().st_mode & 0o077 for p in (tmp_path / "state").rglob("*")}
    assert modes == {0}
