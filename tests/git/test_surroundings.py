"""How often files changed lately, and who else names them."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import make_repo

from routecli.git.surroundings import changes, named_in


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {
        "billing/__init__.py": "", "billing/totals.py": "def f(): pass\n", "a.py": "import billing.totals\n",
        "b.py": "from billing import totals as t\n", "c.py": "subtotals = 1\n", "id.py": "x = 1\n",
        "img.bin": "totals\0",
    }  # fmt: skip
    repo = make_repo(tmp_path_factory.mktemp("surroundings") / "r", files)
    for number in range(3):
        repo.write({"billing/totals.py": f"def f(): return {number}\n"})
        repo.commit(f"change {number}")
    return repo.root


def test_commits_that_touch_a_file_are_counted(root: Path) -> None:
    assert changes(root, ["billing/totals.py"], 90) == 4
    assert changes(root, ["a.py"], 90) == 1
    assert changes(root, ["a.py", "billing/totals.py"], 90) == 4


def test_other_files_that_name_it_are_counted(root: Path) -> None:
    assert named_in(root, ["billing/totals.py"]) == 2
    assert named_in(root, ["billing/__init__.py"]) == 2
    assert named_in(root, ["a.py"]) is None
    assert named_in(root, ["id.py"]) is None
    assert named_in(root, ["c.py"]) is None


def test_what_cannot_be_told_is_not_known(root: Path, tmp_path: Path) -> None:
    assert changes(root, [], 90) is None
    assert named_in(root, []) is None
    assert changes(root, [f"f{n}.py" for n in range(51)], 90) is None
    assert changes(tmp_path, ["a.py"], 90) is None
    assert named_in(tmp_path, ["billing/totals.py"]) is None
