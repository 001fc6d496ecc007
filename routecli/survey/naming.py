"""The files that a task names in its own words: paths, base names, then identifiers by where they are defined.

Whatever is found is shown before anything is paid for. A name that fits too many files is no name.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Sequence

from routecli.domain.task import Kind, RepoPath
from routecli.domain.untrusted import one_line
from routecli.errors import UsageFault
from routecli.nouns import dataclass
from routecli.survey.choosing import nearest
from routecli.survey.content import Chosen, Content

MOST_FILES_OF_A_NAME = 3
MOST_FILES = 8
MOST_FILES_OF_A_RENAME = 20
_MOST_IDENTIFIERS = 6
_TELLING_LETTERS = 6
_NO_SOURCE = (".md", ".rst", ".txt", ".json", ".lock", ".csv", ".svg", ".po", ".ipynb")
_MOST_READ = 200
_QUOTED = re.compile(r"`([^`\n]{1,200})`|\"([^\"\n]{1,200})\"|'([^'\n]{1,200})'")
_PATHLIKE = re.compile(
    r"[\w.@+~-]*(?:[/\\][\w.@+~-]+)+[/\\]?|[\w.@+~-]+/(?!\S)|[\w@+~-]+(?:\.[\w@+~-]+)+|\.[\w-]+", re.UNICODE
)
_IDENTIFIER = re.compile(r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\(\))?")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]{3,}")
_STOP_WORDS = """
    about above add after all also and any are because been before being below between both but call calls can change
    check class code correct could create does done each error errors ever every fail fails failing file files find fix
    fixed fixes folder from function functions give gives good has have having here implement improve into its just like
    line lines main make makes many method methods might missing module more most must name need needs never new none
    not now only order other over please project raise raises refactor remove rename repo repository return returns same
    should simple some something such support task test tests than that the their them then there these they thing this
    those through type types under update use used uses using value values very want was were what when where which
    while will with without work works would write wrong your
"""
_STOP = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class _Found:
    chosen: dict[RepoPath, Chosen]
    too_many: dict[str, list[RepoPath]]


def chosen_by_task(instruction: str, kind: Kind, content: Content) -> tuple[Chosen, ...]:
    """The files that `instruction` names, best known first; at most MOST_FILES (of a rename, which must reach every
    use, MOST_FILES_OF_A_RENAME). Raises UsageFault where none is named, with the nearest candidates."""
    found = _Found({}, {})
    steps: tuple[Callable[[], Iterable[Chosen]], ...] = (
        lambda: _by_path(instruction, content, found),
        lambda: _by_identifier(instruction, kind, content),
        lambda: _by_plain_word(instruction, content),
    )
    for step in steps:
        for chosen in step():
            found.chosen.setdefault(chosen.path, chosen)
        if found.chosen and kind is not Kind.RENAME:
            break
    if not found.chosen:
        raise _none_named(instruction, content, found.too_many)
    limit = MOST_FILES_OF_A_RENAME if kind is Kind.RENAME else MOST_FILES
    return tuple(found.chosen.values())[:limit]


def path_words(instruction: str) -> list[str]:
    """Words that look like a path or a file's name, each once, without punctuation and line numbers."""
    words = [next(g for g in m.groups() if g) for m in _QUOTED.finditer(instruction)]
    words += _PATHLIKE.findall(instruction)
    cleaned = (re.sub(r":\d+(?:[:-]\d+)?$", "", w.strip().rstrip(".,;:!?)")).replace("\\", "/") for w in words)
    return list(dict.fromkeys(w.removeprefix("./") for w in cleaned if w))


def identifiers(instruction: str) -> list[str]:
    """Words that can only be names of code: quoted, called, dotted, with an underscore or an inner capital."""
    quoted = {
        word for m in _QUOTED.finditer(instruction) for word in _IDENTIFIER.findall(next(filter(None, m.groups())))
    }
    names: dict[str, None] = {}
    for word in _IDENTIFIER.findall(instruction):
        bare = word.removesuffix("()")
        telling = word != bare or "_" in bare.strip("_") or bool(re.search(r"[a-z0-9][A-Z]", bare)) or "." in bare
        if telling or word in quoted:
            names.update(dict.fromkeys(part for part in reversed(bare.split(".")) if len(part) > 2))
    return [name for name in names if name.lower() not in _STOP]


def _by_path(instruction: str, content: Content, found: _Found) -> Iterable[Chosen]:
    paths = content.entries.keys()
    by_base: dict[str, list[RepoPath]] = {}
    for path in paths:
        by_base.setdefault(path.rpartition("/")[2], []).append(path)
    for word in path_words(instruction):
        if word in paths:
            yield Chosen(word, "the task names it")
            continue
        folder = word.rstrip("/") + "/"
        ends = [p for p in by_base.get(word.rpartition("/")[2], ()) if f"/{p}".endswith(f"/{word}")]
        ends = ends or _as_module(word, content)
        ends = ends or (sorted(p for p in paths if p.startswith(folder)) if "/" in word else [])
        if len(ends) > (MOST_FILES if ends and ends[0].startswith(folder) else MOST_FILES_OF_A_NAME):
            found.too_many[word] = ends
        else:
            yield from (Chosen(p, f"the task names {one_line(word)}") for p in ends)


def _as_module(word: str, content: Content) -> list[RepoPath]:
    """`package.module` as a file; the repository may keep its packages in a folder such as `src`."""
    if "/" in word or "." not in word.strip("."):
        return []
    stem = word.strip(".").replace(".", "/")
    tails = (f"/{stem}.py", f"/{stem}/__init__.py")
    return sorted(p for p in content.entries if f"/{p}".endswith(tails))


def _by_identifier(instruction: str, kind: Kind, content: Content) -> Iterable[Chosen]:
    for name in identifiers(instruction)[:_MOST_IDENTIFIERS]:
        using = sorted(content.grep([name]), key=_tests_last)
        defining = [p for p in using[:_MOST_READ] if _defines(content.read(p) or b"", name)]
        called = [p for p in content.entries if _stem(p) == name and _is_source(p)]
        reading = [p for p in using if _is_source(p)]
        if kind is Kind.RENAME and defining:
            yield from (Chosen(p, f"defines {name}") for p in defining)
            yield from (Chosen(p, f"uses {name}") for p in using)
        elif 0 < len(defining) <= MOST_FILES_OF_A_NAME:
            yield from (Chosen(p, f"defines {name}") for p in defining)
        elif len(called) == 1:
            yield Chosen(called[0], f"is called {name}")
        elif not defining and 0 < len(reading) <= MOST_FILES_OF_A_NAME:
            yield from (Chosen(p, f"uses {name}") for p in reading)


def _defines(raw: bytes, name: str) -> bool:
    word = re.escape(name.encode())
    keyword = rb"\b(?:def|class|function|func|fn|struct|interface|type|enum|trait|const|let|var|module|sub|macro)"
    return (
        re.search(keyword + rb"\s+(?:\([^)\n]{0,80}\)\s*)?" + word + rb"\b", raw) is not None
        or re.search(rb"(?m)^(?:export\s+)?" + word + rb"\s*(?::[^=\n]{0,80})?=(?!=)", raw) is not None
    )


def _by_plain_word(instruction: str, content: Content) -> Iterable[Chosen]:
    """The last resort: the one file that is called after words of the task, if no other comes near it and the word
    is a long one or there are two."""
    ranked = _called_after(instruction, content)
    if not ranked:
        return
    (best, path, words) = ranked[0]
    alone = len(ranked) == 1 or ranked[1][0] < best
    if alone and (len(words) > 1 or len(words[0]) >= _TELLING_LETTERS):
        yield Chosen(path, f"called after {' and '.join(words)}")


def _called_after(instruction: str, content: Content) -> list[tuple[int, RepoPath, list[str]]]:
    """Source files whose name holds words of the task, as `(score, path, words)`, the best first: the letters of the
    words, since long words are rare ones, and a little for each folder that is named too."""
    asked = {_singular(w.lower()) for w in _PLAIN.findall(instruction)} - _STOP
    ranked = []
    for path in content.entries:
        stem = _stem(path).lower()
        parts = {_singular(part) for part in (stem, *re.split(r"[_-]", stem))}
        words = sorted(parts & asked)
        if words and (_singular(stem) in asked or len(words) > 1) and _is_source(path) and not _is_test(path):
            folders = {_singular(f) for f in path.lower().split("/")[:-1]} & asked - set(words)
            ranked.append((10 * sum(map(len, words)) + len(folders), path, words))
    return sorted(ranked, key=lambda r: (-r[0], r[1]))


def _stem(path: RepoPath) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _is_source(path: RepoPath) -> bool:
    """Neither prose nor data nor hidden: what an ordinary task changes."""
    return not path.endswith(_NO_SOURCE) and not f"/{path}".count("/.")


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


def _is_test(path: RepoPath) -> bool:
    return (
        re.search(r"(?:^|/)(?:tests?|testing|specs?)/|(?:^|/)(?:test_|conftest)|[._-](?:test|spec)s?\.", path)
        is not None
    )


def _tests_last(path: RepoPath) -> tuple[bool, RepoPath]:
    return _is_test(path), path


def _none_named(instruction: str, content: Content, too_many: dict[str, list[RepoPath]]) -> UsageFault:
    command = 'routecli run "the task"'
    for word, paths in too_many.items():
        is_folder = all(p.startswith(word.rstrip("/") + "/") for p in paths)
        shown = word if is_folder else _as_words(paths[:MOST_FILES_OF_A_NAME])
        return UsageFault(f"{len(paths)} files fit {one_line(word)!r}: say which", hint=f"{command} {shown}")
    close = _candidates(instruction, content)
    what = "the task names no file of this repository"
    if close:
        return UsageFault(what, hint=f"{command} {_as_words(close)}")
    return UsageFault(what, hint=f"{command} FILE…")


def _as_words(paths: Iterable[RepoPath]) -> str:
    return " ".join(shlex.quote(one_line(p)) for p in paths)


def _candidates(instruction: str, content: Content) -> Sequence[RepoPath]:
    """The nearest files for a hint: those called after a word of the task, then those spelt like one."""
    close = {path: None for _, path, _ in _called_after(instruction, content)[:MOST_FILES_OF_A_NAME]}
    words = [*path_words(instruction), *identifiers(instruction)]
    words += [w for w in _PLAIN.findall(instruction) if w.lower() not in _STOP]
    paths = content.entries.keys()
    stems = {_stem(p): p for p in sorted(paths, reverse=True)}
    for word in words[:12]:
        if len(close) >= MOST_FILES_OF_A_NAME:
            break
        close.update(dict.fromkeys(nearest(word, paths)))
        close.update(dict.fromkeys(stems[s] for s in nearest(word, stems.keys(), limit=2)))
    return list(close)[:MOST_FILES_OF_A_NAME]
