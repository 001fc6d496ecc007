"""The files that a task names in its own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routecli.domain.task import Kind
from routecli.errors import UsageFault
from routecli.survey.naming import MOST_FILES, chosen_by_task, identifiers, path_words

from .conftest import MakeRepo, Repo

FILES = {
    "shop/__init__.py": "",
    "shop/invoice.py": "def grand_total(items):\n    return round(sum(items))\n\n\nclass TaxTable:\n    pass\n",
    "shop/report.py": "from shop.invoice import grand_total\n\nprint(grand_total([1]))\n",
    "shop/api/__init__.py": "",
    "shop/api/views.py": "LIMIT = 3\n",
    "web/app.ts": "export function renderPage() {}\nrenderPage()\n",
    "web/my file.ts": "const x = 1\n",
    "tests/test_invoice.py": "from shop.invoice import grand_total\n",
    "Makefile": "all:\n",
}


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    return make_repo(FILES)


def named(repo: Repo, instruction: str, kind: Kind = Kind.FIX) -> list[str]:
    return [c.path for c in chosen_by_task(instruction, kind, repo)]


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("fix the rounding in shop/invoice.py", ["shop/invoice.py"]),
        ("fix shop/invoice.py:12, please", ["shop/invoice.py"]),
        ("fix ./shop/invoice.py.", ["shop/invoice.py"]),
        ("fix shop\\invoice.py", ["shop/invoice.py"]),
        ("fix the rounding in invoice.py", ["shop/invoice.py"]),
        ("look at (api/views.py)", ["shop/api/views.py"]),
        ("fix shop.invoice", ["shop/invoice.py"]),
        ("fix shop.api", ["shop/api/__init__.py"]),
        ("fix 'web/my file.ts'", ["web/my file.ts"]),
        ("fix what is in web/", ["web/app.ts", "web/my file.ts"]),
        ("report.py should use invoice.py", ["shop/report.py", "shop/invoice.py"]),
        ("fix `Makefile`", ["Makefile"]),
    ],
)
def test_paths_and_base_names(repo: Repo, instruction: str, expected: list[str]) -> None:
    assert named(repo, instruction) == expected


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("grand_total rounds wrongly", ["shop/invoice.py"]),
        ("fix `TaxTable`", ["shop/invoice.py"]),
        ("TaxTable.rate() is wrong", ["shop/invoice.py"]),
        ("renderPage leaks", ["web/app.ts"]),
        ("raise `LIMIT` to four", ["shop/api/views.py"]),
    ],
)
def test_identifiers_lead_to_their_definition(repo: Repo, instruction: str, expected: list[str]) -> None:
    assert named(repo, instruction) == expected


def test_a_rename_reaches_every_use_definition_first(repo: Repo) -> None:
    found = named(repo, "rename grand_total to total_of", Kind.RENAME)
    assert found == ["shop/invoice.py", "shop/report.py", "tests/test_invoice.py"]


def test_a_rename_reaches_every_use_beside_a_named_file(repo: Repo) -> None:
    found = named(repo, "rename grand_total to total_of in invoice.py", Kind.RENAME)
    assert found == ["shop/invoice.py", "shop/report.py", "tests/test_invoice.py"]


def test_plain_words_find_a_file_called_after_them(repo: Repo) -> None:
    assert named(repo, "fix the rounding in invoices") == ["shop/invoice.py"]


def test_plain_words_that_fit_several_files_are_only_offered(make_repo: MakeRepo) -> None:
    repo = make_repo({"a/invoice.py": "x\n", "b/invoice.py": "y\n", "docs/invoice.md": "z\n"})
    with pytest.raises(UsageFault) as caught:
        named(repo, "fix the rounding in invoices")
    assert " a/invoice.py b/invoice.py" in caught.value.hint


def test_a_short_plain_word_is_no_name_but_two_are(make_repo: MakeRepo) -> None:
    repo = make_repo({"core/power.py": "x\n", "core/taxes_rate.py": "y\n"})
    with pytest.raises(UsageFault):
        named(repo, "raise the power")
    assert named(repo, "the rates of taxes") == ["core/taxes_rate.py"]


def test_prose_and_data_are_not_taken_for_a_plain_word(make_repo: MakeRepo) -> None:
    repo = make_repo(
        {"docs/invoice.md": "x\n", "invoice.json": "{}\n", ".ci/invoice.py": "y\n", "src/invoice.py": "z\n"}
    )
    assert named(repo, "fix the rounding in invoices") == ["src/invoice.py"]


def test_an_identifier_may_be_a_files_name(make_repo: MakeRepo) -> None:
    repo = make_repo({"lib/error_functions.py": "x = 1\n", "lib/other.py": "import error_functions\n"})
    assert named(repo, "error_functions: add the inverse") == ["lib/error_functions.py"]


def test_every_choice_says_why(repo: Repo) -> None:
    for task in ("fix shop/invoice.py", "fix invoice.py", "fix grand_total", "fix invoices"):
        assert all(c.why for c in chosen_by_task(task, Kind.FIX, repo))


def test_none_named_offers_the_nearest(repo: Repo) -> None:
    with pytest.raises(UsageFault) as caught:
        named(repo, "fix the invocie")
    assert caught.value.what == "the task names no file of this repository"
    assert "shop/invoice.py" in caught.value.hint


def test_a_name_of_too_many_files_is_asked_about(make_repo: MakeRepo) -> None:
    repo = make_repo({f"p{n}/__init__.py": "" for n in range(6)})
    with pytest.raises(UsageFault) as caught:
        named(repo, "fix __init__.py")
    assert "6 files fit" in caught.value.what
    assert "p0/__init__.py" in caught.value.hint


def test_a_big_folder_is_asked_about_and_never_cut_in_silence(make_repo: MakeRepo) -> None:
    repo = make_repo({f"lib/m{n:02}.py": "x = 1\n" for n in range(MOST_FILES + 1)})
    with pytest.raises(UsageFault) as caught:
        named(repo, "fix everything in lib/")
    assert "9 files fit 'lib/'" in caught.value.what
    assert caught.value.hint.endswith(" lib/")


def test_an_empty_repository(make_repo: MakeRepo) -> None:
    with pytest.raises(UsageFault):
        named(make_repo({}), "fix it")


def test_path_words_and_identifiers_of_a_sentence() -> None:
    text = "In `src/a.py:10`, rename get_x() to Table.rate, e.g. as in v1.2; see fooBar"
    assert {"src/a.py", "Table.rate"} <= set(path_words(text))
    assert {"get_x", "rate", "Table", "fooBar"} <= set(identifiers(text))
    assert "rename" not in identifiers(text)


@given(st.text(max_size=200))
def test_any_sentence_can_be_read(text: str) -> None:
    assert all(path_words(text))
    assert all(name.isidentifier() or not name.isascii() for name in identifiers(text))
