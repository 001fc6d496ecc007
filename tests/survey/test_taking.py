"""What each file is to a prompt, and how many tokens; a warm survey reads nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from routecli.domain.settings import ContextSettings
from routecli.domain.task import FileRole, Survey
from routecli.errors import ConfigFault, UsageFault
from routecli.git.command import git_ok
from routecli.survey import tokens
from routecli.survey.choosing import chosen_by_paths
from routecli.survey.remembered import Remembered
from routecli.survey.taking import signals, take

from .conftest import MakeRepo, Repo, content_of

SOURCE = "def total(items):\n    return sum(items)\n"


def survey(repo: Repo, *paths: str, folder: Path | None = None, context: ContextSettings | None = None) -> Survey:
    chosen = chosen_by_paths(paths or ["."], repo.root, repo.root, repo)
    return take("fix it", chosen, repo, context or ContextSettings(), Remembered(folder))


def roles(found: Survey) -> dict[str, FileRole]:
    return {f.path: f.role for f in found.files}


def test_text_is_counted_exactly(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE, "b.py": SOURCE * 3, "empty.py": ""})
    found = survey(repo)
    by_path = {f.path: f.tokens for f in found.files}
    assert by_path == {"a.py": 9, "b.py": tokens.count([SOURCE * 3])[0], "empty.py": 0}
    assert found.context_tokens == sum(by_path.values())
    assert (found.tree, found.tokenizer, found.repo_files) == (repo.tree, "o200k_base", 3)
    assert found.files[0].size_bytes == len(SOURCE)


def test_each_role_is_told_and_only_text_counts(make_repo: MakeRepo) -> None:
    key = "-----BEGIN PRIVATE KEY-----\n" + "Ab1" * 20
    repo = make_repo({
        "a.py": SOURCE, "latin.py": "x = 'caf\xe9'\n".encode("latin-1"), "bom.py": b"\xef\xbb\xbfx = 1\n",
        "logo.png": b"\x89PNG\0\0", "big.csv": "1,2\n" * 100_000, ".env": "A=1\n", "server.conf": key,
    })  # fmt: skip
    (repo.root / "link.py").symlink_to("a.py")
    repo = content_of(repo.root)
    found = survey(repo)
    assert roles(found) == {
        "a.py": FileRole.TEXT, "latin.py": FileRole.TEXT, "bom.py": FileRole.TEXT, "logo.png": FileRole.BINARY,
        "big.csv": FileRole.HUGE, ".env": FileRole.SECRET, "server.conf": FileRole.SECRET,
        "link.py": FileRole.SYMLINK,
    }  # fmt: skip
    assert {f.path for f in found.files if f.tokens} == {"a.py", "latin.py", "bom.py"}
    whys = {f.path: f.why for f in found.files}
    assert "not sent: its name is that of a secret" in whys[".env"]
    assert "not sent: it seems to hold a secret (private key)" in whys["server.conf"]


def test_row_21_a_link_is_never_opened(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE})
    (repo.root / "leak").symlink_to("/proc/self/environ")
    repo = content_of(repo.root)
    found = survey(repo)
    assert roles(found)["leak"] is FileRole.SYMLINK
    assert "leak" not in repo.reads
    with pytest.raises(UsageFault, match="leak is a symbolic link"):
        survey(repo, "leak")


def test_row_23_a_file_that_is_secret_by_name_is_not_even_opened(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE, ".env": "KEY=1"})
    survey(repo)
    assert ".env" not in repo.reads


def test_a_submodule_is_told(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE})
    git_ok(repo.root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendored")
    listed = dict(repo.entries) | {"vendored": type(repo.entries["a.py"])("160000", "1" * 40)}
    repo = Repo(repo.root, repo.tree, listed)
    assert roles(survey(repo))["vendored"] is FileRole.SUBMODULE
    with pytest.raises(UsageFault, match="inside the submodule vendored"):
        survey(repo, "vendored/x.py")


def test_rules_of_the_repository_and_of_the_user(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE, "gen/b.py": SOURCE, "c.sql": SOURCE, ".routecliignore": "gen/\n"})
    found = survey(repo, "a.py", "gen", "c.sql", context=ContextSettings(exclude=("*.sql",)))
    assert roles(found) == {"a.py": FileRole.TEXT, "gen/b.py": FileRole.SECRET, "c.sql": FileRole.SECRET}


def test_row_23_no_rule_lets_a_secret_out(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE, ".env": "KEY=1", ".routecliignore": "!.env\n"})
    assert roles(survey(repo, "a.py", ".env"))[".env"] is FileRole.SECRET


def test_a_warm_survey_opens_no_file_but_the_rules(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": SOURCE, "b.png": b"\0\0", "big.csv": "1,2\n" * 100_000})
    cold = survey(repo, folder=tmp_path / "cache")
    repo.reads.clear()
    assert survey(repo, folder=tmp_path / "cache") == cold
    assert repo.reads == [".routecliignore"]


def test_a_raised_limit_counts_what_was_huge(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": SOURCE, "big.csv": "1,2\n" * 100_000})
    survey(repo, folder=tmp_path / "cache")
    found = survey(repo, folder=tmp_path / "cache", context=ContextSettings(max_file_bytes=1_000_000))
    assert roles(found)["big.csv"] is FileRole.TEXT
    lowered = survey(repo, "a.py", "big.csv", folder=tmp_path / "cache")
    assert (roles(lowered)["big.csv"], lowered.context_tokens) == (FileRole.HUGE, 9)


def test_a_file_that_vanished_is_told(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE, "gone.py": "x = 1\n"})
    (repo.root / "gone.py").unlink()
    found = survey(repo)
    assert "could not be read" in {f.path: f.why for f in found.files}["gone.py"]


@pytest.mark.parametrize(
    ("files", "path", "said"),
    [
        ({"logo.png": b"\0"}, "logo.png", "logo.png is binary"),
        ({"img/a.png": b"\0", "img/b.png": b"\0\0"}, "img", "none of the 2 files has text that may be sent (binary)"),
        ({"big.csv": b"1\n" * 200_000}, "big.csv", "big.csv is too big to send"),
        ({".env": b"A=1"}, ".env", ".env is not sent: its name is that of a secret"),
    ],
)
def test_nothing_to_send_says_why(make_repo: MakeRepo, files: dict[str, bytes], path: str, said: str) -> None:
    with pytest.raises(UsageFault) as caught:
        survey(make_repo(files), path)
    assert caught.value.what == said
    assert caught.value.hint


def test_an_empty_repository(make_repo: MakeRepo) -> None:
    with pytest.raises(UsageFault, match="has no files"):
        take("fix it", (), make_repo({}), ContextSettings(), Remembered(None))


def test_signals_are_facts_of_the_words() -> None:
    assert signals("fix it now") == ("3 words",)
    assert "code in the task" in signals("make `f` work:\n```\nf(1)\n```")
    assert "a stack trace in the task" in signals("Traceback (most recent call last):\n  File x")


TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


def test_row_23_a_second_scanner_where_it_is_asked_for(make_repo: MakeRepo) -> None:
    repo = make_repo(
        {"a.py": SOURCE, "jwt.py": f"HEADERS = '{TOKEN}'\n", "dsn.py": "U = 'https://me:hunter22@db.host/x'\n"}
    )
    assert roles(survey(repo)) == {"a.py": FileRole.TEXT, "dsn.py": FileRole.TEXT, "jwt.py": FileRole.TEXT}
    found = survey(repo, context=ContextSettings(secret_scan="full"))
    assert roles(found) == {"a.py": FileRole.TEXT, "dsn.py": FileRole.SECRET, "jwt.py": FileRole.SECRET}
    whys = {f.path: f.why for f in found.files}
    assert "JSON Web Token, says detect-secrets" in whys["jwt.py"]
    assert TOKEN not in str(found)


def test_row_23_a_scanner_that_is_not_installed_is_no_silence(
    make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "detect_secrets.core.scan", None)
    with pytest.raises(ConfigFault, match="not installed") as fault:
        survey(make_repo({"a.py": SOURCE}), context=ContextSettings(secret_scan="full"))
    assert fault.value.hint == "pip install 'routecli[secrets]'"


def test_held_out_tests_are_never_sent_and_naming_one_says_so(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE, "tests/held/test_a.py": SOURCE, "tests/test_b.py": SOURCE})
    chosen = chosen_by_paths(["."], repo.root, repo.root, repo)
    found = take("fix it", chosen, repo, ContextSettings(), Remembered(None), ("tests/held/",))
    assert [f.path for f in found.text_files] == ["a.py", "tests/test_b.py"]
    assert "not sent: verify.holdout keeps it for judging" in found.files[1].why
    named = chosen_by_paths(["tests/held/test_a.py"], repo.root, repo.root, repo)
    with pytest.raises(UsageFault, match=r"test_a.py is not sent: verify.holdout keeps it for judging"):
        take("fix it", named, repo, ContextSettings(), Remembered(None), ("tests/held/",))
