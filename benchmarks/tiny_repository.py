"""The tiny task: a repository of five files with one failing test, and the reply that is right."""

from __future__ import annotations

import subprocess
from pathlib import Path

TASK = "Fix the rounding in invoice totals: cents are cut off"
FILE = "invoice.py"
BEFORE = "    return int(net_cents * (100 + vat_percent) / 100)\n"
AFTER = "    return round(net_cents * (100 + vat_percent) / 100)\n"
REPLY = f"""Totals are cut off, not rounded.

{FILE}
<<<<<<< SEARCH
{BEFORE}=======
{AFTER}>>>>>>> REPLACE
"""

_FILES = {
    FILE: f'''"""Invoices in whole cents."""


def total_cents(net_cents: int, vat_percent: int) -> int:
    """What is to be paid, VAT included."""
{BEFORE}''',
    "test_invoice.py": """from invoice import total_cents


def test_nothing_is_nothing() -> None:
    assert total_cents(0, 19) == 0


def test_whole_cents_stay() -> None:
    assert total_cents(100, 19) == 119


def test_cents_are_rounded() -> None:
    assert total_cents(105, 19) == 125
""",
    "pyproject.toml": '[project]\nname = "invoices"\nversion = "1"\n\n[tool.pytest.ini_options]\ntestpaths = ["."]\n',
    ".gitignore": "__pycache__/\n.pytest_cache/\n",
}


def make(root: Path, number: int) -> Path:
    """The repository in `root`. `number` makes its tree unlike every other's: no baseline is remembered for it."""
    root.mkdir(parents=True)
    for name, text in (_FILES | {"README.md": f"# Invoices, copy {number}\n"}).items():
        (root / name).write_text(text)
    for words in (["init", "-q"], ["add", "-A"],
                  ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "all"]):  # fmt: skip
        subprocess.run(["git", *words], cwd=root, check=True)
    return root


def is_solved(root: Path) -> bool:
    """Whether the right edit was written."""
    return AFTER in (root / FILE).read_text()
