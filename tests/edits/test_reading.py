"""Every case file of `cases/`: a reply, the files before, and the files after or the refusal.

Sections begin with `%% `: `reply`, `before PATH`, `after PATH`, `gone PATH`, `refused KIND`, `scope`, `root`,
`already N`, `match LEVEL`. With `escaped` a section holds escapes (line breaks that count are written `\\n`), for
bytes that a text file cannot show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from routecli import edits

CASES = Path(__file__).parent / "cases"


@dataclass
class Case:
    reply: str = ""
    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes | None] = field(default_factory=dict)
    refused: str = ""
    scope: list[str] | None = None
    root: str = ""
    already: int | None = None
    match: str = ""


@dataclass
class Memory:
    """Files in memory."""

    content: dict[str, bytes]

    def read(self, path: str) -> bytes | None:
        return self.content.get(path)

    def paths(self) -> list[str]:
        return list(self.content)


def load(path: Path) -> Case:
    case = Case()
    for section in ("\n" + path.read_text(encoding="utf-8")).split("\n%% ")[1:]:
        head, _, body = section.partition("\n")
        word, *rest = head.split(" ", 1)
        body = body if body.endswith("\n") or not body else body + "\n"
        raw = body.encode()
        name = rest[0] if rest else ""
        if name == "escaped" or name.startswith("escaped "):
            name = name.removeprefix("escaped").strip()
            raw = body.replace("\n", "").encode().decode("unicode_escape").encode("latin-1")
        _fill(case, word, name, raw)
    return case


def _fill(case: Case, word: str, name: str, raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    match word:
        case "reply":
            case.reply = text
        case "before":
            case.before[name] = raw
        case "after":
            case.after[name] = raw
        case "gone":
            case.after[name] = None
        case "refused":
            case.refused = name
        case "scope":
            case.scope = text.split("\n")[:-1]
        case "root":
            case.root = text.strip()
        case "already":
            case.already = int(name)
        case "match":
            case.match = name
        case _:
            raise ValueError(word)


@pytest.mark.parametrize("path", sorted(CASES.rglob("*.case")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_case(path: Path) -> None:
    case = load(path)
    files = Memory(dict(case.before))
    if case.refused:
        with pytest.raises(edits.EditsRefused) as caught:
            edits.read(case.reply, files, scope=case.scope, root=case.root)
        assert case.refused in {r.kind.value for r in caught.value.refusals}
        said = edits.feedback(caught.value, files)
        assert "Nothing was applied" in said
        return
    patch = edits.read(case.reply, files, scope=case.scope, root=case.root)
    assert {e.path: e.after for e in patch.edits} == case.after
    assert all(e.before == case.before.get(e.path) for e in patch.edits)
    assert files.content == case.before
    if case.already is not None:
        assert patch.already_there == case.already
    if case.match:
        assert {p.match.value for p in patch.placements} == {case.match}
