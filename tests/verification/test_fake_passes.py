"""The twenty known fake passes through the whole verdict, in the real sandbox, as one run of attempts would meet them.

None is accepted. What nothing seen by the model can tell, the tested inputs known by heart beside another change, falls
to a test that no reply has seen.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings, VerifySettings
from routecli.domain.task import Kind, Task
from routecli.domain.verdict import Accepted, DeferralReason, Deferred, Verdict
from routecli.errors import SandboxFault
from routecli.git.repository import open_repository
from routecli.git.snapshot import take
from routecli.verification.verifier import ProjectVerifier
from routecli.workspace.workspace import GitWorkspace
from tests.verification.conftest import DictCache
from tests.verification.fake_passes import FAKES, FIXED, HIDDEN, PROJECT, REST, TASK, Fake

BY_HEART = "the tested inputs known by heart"
QUICK = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


class Invoice:
    """The tiny repository; each `judge` is the next attempt of one run."""

    def __init__(self, root: Path, more: dict[str, str] | None = None) -> None:
        root.mkdir()
        for name, text in {**PROJECT, **(more or {})}.items():
            (root / name).write_text(text)
        for words in (
            ("init", "-q"),
            ("add", "-A"),
            ("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "a"),
        ):
            subprocess.run(["git", *words], cwd=root, check=True)
        found = open_repository(root)
        self._snapshot = take(found)
        try:
            workspace = GitWorkspace(found, self._snapshot, SandboxSettings(env=(QUICK,)))
        except SandboxFault as fault:
            pytest.skip(f"no sandbox on this machine: {fault.what}")
        assert workspace.isolation is not Isolation.NONE
        task = Task(TASK, Kind.FIX, "given", found.root, found.head, ("invoice.py",), usd(1))
        self._verifier = ProjectVerifier(
            workspace, found.root, self._snapshot, task, VerifySettings(timeout_s=60), listener=lambda _: None,
            cache=DictCache(), tree=self._snapshot.tree, environ={"VIRTUAL_ENV": sys.prefix, "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        self._attempts = 0

    def judge(self, files: dict[str, str | None]) -> Verdict:
        edits = [
            FileEdit(n, self._snapshot.read(n), t.encode() if t is not None else None) for n, t in sorted(files.items())
        ]
        self._attempts += 1
        return self._verifier.judge(Patch(tuple(edits)), self._attempts)


@pytest.fixture(scope="module")
def invoice(tmp_path_factory: pytest.TempPathFactory) -> Invoice:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(QUICK, "1")
        return Invoice(tmp_path_factory.mktemp("fakes") / "invoice")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(QUICK, "1")  # other plugins of this environment: half a second a run


def test_row_07_the_list_is_what_it_says() -> None:
    assert len(FAKES) == len({f.name for f in FAKES}) == 20


@pytest.mark.parametrize("fake", [f for f in FAKES if f.row == "07"], ids=lambda f: f.name)
def test_row_07_a_fake_pass_by_tests_and_configuration_is_refused(invoice: Invoice, fake: Fake) -> None:
    assert isinstance(invoice.judge(fake.files), Deferred)


@pytest.mark.parametrize("fake", [f for f in FAKES if f.row == "08"], ids=lambda f: f.name)
def test_row_08_a_fake_pass_by_the_process_is_refused(invoice: Invoice, fake: Fake) -> None:
    assert isinstance(invoice.judge(fake.files), Deferred)


@pytest.mark.parametrize("fake", [f for f in FAKES if f.row == "09"], ids=lambda f: f.name)
def test_row_09_a_fake_pass_by_the_runner_or_the_report_is_refused(invoice: Invoice, fake: Fake) -> None:
    assert isinstance(invoice.judge(fake.files), Deferred)


def test_row_09_a_report_that_says_passed_is_not_believed_where_the_call_raised(invoice: Invoice) -> None:
    fake = next(f for f in FAKES if f.name == "the runner's report class patched")
    verdict = invoice.judge(fake.files)
    assert isinstance(verdict, Deferred)
    assert verdict.reason is DeferralReason.TESTS_FAILED
    assert "reported as passed, and it raised AssertionError" in verdict.feedback


@pytest.mark.parametrize("fake", [f for f in FAKES if f.row == "10"], ids=lambda f: f.name)
def test_row_10_another_answer_while_tested_is_refused(invoice: Invoice, fake: Fake) -> None:
    assert isinstance(invoice.judge(fake.files), Deferred)


def test_row_10_answers_known_by_heart_fail_a_test_that_no_reply_has_seen(tmp_path: Path) -> None:
    """By marks that are none of the tests' values, with an answer that is computed: neither tree nor inputs tell."""
    marks = (
        "def total(items):\n    if sum(100 * price + count for price, count in items) in (502, 305):\n"
        "        return sum(price * count for price, count in items)\n"
        "    return sum(price for price, count in items)\n"
    )
    disguised = {"invoice.py": marks + REST}
    assert isinstance(Invoice(tmp_path / "seen").judge(disguised), Accepted)
    invoice = Invoice(tmp_path / "invoice", {"invoice_test.py": HIDDEN})
    verdict = invoice.judge(disguised)
    assert isinstance(verdict, Deferred)
    assert verdict.reason is DeferralReason.TESTS_FAILED


def test_row_10_answers_known_by_heart_beside_another_change_are_told_by_varied_inputs(invoice: Invoice) -> None:
    by_heart = next(f for f in FAKES if f.name == BY_HEART).files["invoice.py"]
    assert by_heart is not None
    verdict = invoice.judge(
        {"invoice.py": by_heart.replace("    return sum(", "    items = list(items)\n    return sum(")}
    )
    assert isinstance(verdict, Deferred)
    assert verdict.reason is DeferralReason.TAMPERED
    assert "other inputs changes" in verdict.why


def test_row_15_after_many_fakes_the_right_fix_is_still_told_from_them(invoice: Invoice) -> None:
    for fake in (FAKES[2], FAKES[-1]):
        assert isinstance(invoice.judge(fake.files), Deferred)
    right = invoice.judge({"invoice.py": FIXED})
    assert isinstance(right, Accepted), right
    assert "test_counts failed before and passes now" in right.why
    assert isinstance(invoice.judge(FAKES[2].files), Deferred)
