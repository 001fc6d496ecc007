"""`stats` and `receipt`: text, JSON, HTML in a real browser, Markdown that nobody's text can break out of."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cli.samples import FORBIDDEN, HOSTILE
from cli.test_answering import record, says  # noqa: F401 - a fixture
from routecli.cli.receipt_markdown import code
from routecli.cli.stats_view import saving_text
from routecli.domain.money import usd
from routecli.errors import ExitStatus
from routecli.routing.standing import Saving

Says = Callable[..., tuple[int, str, str]]
EVER = ("--days", "36500")


def test_no_runs(says: Says, tmp_path: Path) -> None:  # noqa: F811
    assert says("stats") == (0, 'No runs in 30 days. A first one, without a key: `routecli "sort the imports" .`\n', "")
    assert json.loads(says("stats", "--json")[1])["total"]["runs"] == 0
    assert says("stats", "--html", str(tmp_path / "r.html"), "-q")[0] == 0
    assert "No runs yet" in (tmp_path / "r.html").read_text()


def test_what_nobody_can_estimate_is_unknown_not_nothing() -> None:
    text = saving_text(Saving(0, usd("0")))
    assert text.startswith("unknown: ")
    assert "$" not in text


def test_the_whole(says: Says, tmp_path: Path) -> None:  # noqa: F811
    record(tmp_path, "")
    status, out, _ = says("stats", *EVER)
    assert status == 0
    assert "verified  100%" in out
    assert "too few for a share" in out
    assert out.index("verified") < out.index("saved")
    found = json.loads(says("stats", *EVER, "--json")[1])
    assert found["total"]["cost_usd"] == found["by_kind"][next(iter(found["by_kind"]))]["cost_usd"]
    assert found["saved"]["is_estimate"] is True
    assert found["saved"]["share"] is None
    for by in ("day", "tier", "kind", "repository", "model"):
        assert says("stats", *EVER, "--by", by)[0] == 0
    assert says("stats", "--by", "weather")[0] == ExitStatus.USAGE


def test_row_11_figures_of_hostile_runs(says: Says, tmp_path: Path) -> None:  # noqa: F811
    run_id = record(tmp_path, HOSTILE)
    for words in (("stats", *EVER), ("stats", *EVER, "--json"), ("receipt", run_id), ("receipt", run_id, "--markdown")):
        status, out, err = says(*words)
        assert status == 0, err
        assert not FORBIDDEN.search(out)


class Page(HTMLParser):
    """Counts what a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [str(value) for name, value in attrs if name in ("src", "href", "xlink:href", "action", "data")]
        self.loads += [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.parametrize("text", ["", HOSTILE + "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"])
def test_the_report_holds_all_that_it_needs(says: Says, tmp_path: Path, text: str) -> None:  # noqa: F811
    record(tmp_path, text)
    page = tmp_path / "report.html"
    assert says("stats", *EVER, "--html", str(page))[0] == 0
    found = Page()
    found.feed(page.read_text())
    assert found.loads == ["data:,"]
    assert not found.tags & {"script", "img", "iframe", "object", "form", "a"}
    assert {"svg", "table"} <= found.tags
    assert not FORBIDDEN.search(page.read_text())
    status, _, err = says("stats", "--html", str(tmp_path))
    assert (status, "cannot be written" in err) == (ExitStatus.USAGE, True)


@pytest.mark.slow
def test_a_browser_has_nothing_to_say_about_the_report(says: Says, tmp_path: Path) -> None:  # noqa: F811
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("chromium is not installed")
    record(tmp_path, "<b>")
    page = tmp_path / "report.html"
    assert says("stats", *EVER, "--html", str(page))[0] == 0
    done = subprocess.run(
        [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
         f"--user-data-dir={tmp_path / 'browser'}", "--window-size=390,1200",
         f"--screenshot={tmp_path / 'seen.png'}", page.as_uri()],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "CONSOLE" not in done.stderr
    assert (tmp_path / "seen.png").stat().st_size > 10_000


def test_a_receipt_alone(says: Says, tmp_path: Path) -> None:  # noqa: F811
    assert says("receipt")[0] == ExitStatus.USAGE
    run_id = record(tmp_path, "")
    assert json.loads(says("receipt", run_id, "--json")[1])["run_id"] == run_id
    assert says("receipt", "--json", "--markdown")[0] == ExitStatus.USAGE
    text = says("receipt", run_id)[1]
    assert "total" in text
    assert "@@" not in text
    status, markdown, _ = says("receipt", run_id, "--markdown")
    assert status == 0
    assert markdown.startswith("### routecli: accepted\n")
    assert "| **total** |" in markdown
    assert "Verified by" in markdown
    assert "an estimate" in markdown


@pytest.mark.parametrize("text", ["a`b", "``", "`", "a | b", "![x](http://x)", "@everyone #1 <b>", "", "x\ny"])
def test_a_code_span_holds_any_text(text: str) -> None:
    span = code(text, 100)
    fence = re.match(r"`+", span)
    assert fence is not None
    inside = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall(r"`+", inside)
    assert span.endswith(fence[0])
    assert "|" not in span
    assert "\n" not in span
