from __future__ import annotations

import re
from pathlib import Path

from routecli.config import load
from routecli.config.keys import KEYS
from routecli.config.reference import page

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
RENEW = "python -c 'from routecli.config.reference import page; print(page(), end=\"\")' > docs/configuration.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), RENEW


def test_every_key_is_named() -> None:
    for key in KEYS:
        assert f"| `{key.name}` |" in page()
        assert f"`{key.variable}`" in page()


def test_the_example_of_the_page_is_a_configuration(tmp_path: Path) -> None:
    found = re.search(r"```toml\n(.*?)```", page(), re.DOTALL)
    assert found is not None
    file = tmp_path / "config.toml"
    file.write_text(found[1])
    settings = load(repo_root=None, flags={}, environ={}, config_file=file, profile="careful").settings
    assert (settings.budget_usd, settings.max_tier) == (1, "tier1")
