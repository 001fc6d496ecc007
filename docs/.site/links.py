"""For mkdocs: what a page links to outside docs/ is part of the repository, and no page of the site."""

from __future__ import annotations

import re
from typing import Any

_OUTSIDE = re.compile(r"\[(?P<label>[^\]]+)\]\(\.\./(?P<path>[^)#]+)[^)]*\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page with such links as plain text that names the file."""
    return _OUTSIDE.sub(lambda m: f"{m['label']} (`{m['path']}`)", markdown)
