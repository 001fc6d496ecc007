"""What a transport may have done to a block on its way, undone: entities, line ends and tabs written as letters."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

from routecli.edits.intents import Hunk, Lines


def variants(hunk: Hunk) -> list[Hunk]:
    """The block as written, then with what a transport may have done to it undone."""
    variants = [hunk]
    text = "\n".join((*hunk.search, *hunk.replace))
    if "&lt;" in text or "&gt;" in text or "&amp;" in text or "&quot;" in text or "&#" in text:
        variants.append(
            replace(hunk, search=_each(hunk.search, html.unescape), replace=_each(hunk.replace, html.unescape))
        )
    if len(hunk.search) == 1 and "\\n" in hunk.search[0]:
        variants.append(replace(hunk, search=_broken(hunk.search), replace=_broken(hunk.replace)))
    if any("\\t" in line for line in hunk.search):
        variants.append(replace(hunk, search=_each(hunk.search, _tabbed), replace=_each(hunk.replace, _tabbed)))
    return variants


def _each(lines: Lines, change: Callable[[str], str]) -> Lines:
    return tuple(change(line) for line in lines)


def _broken(lines: Lines) -> Lines:
    parts = [part for line in lines for part in line.split("\\n")]
    return tuple(_tabbed(part).replace('\\"', '"') for part in (parts[:-1] if parts and not parts[-1] else parts))


def _tabbed(line: str) -> str:
    lead = re.match(r"^(?:\\t|[ \t])*", line)
    assert lead is not None
    return lead.group().replace("\\t", "\t") + line[lead.end() :]
