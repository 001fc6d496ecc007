"""What a package's scripts say about its tests: which runner, with which words, and what is built before.

Only the scripts' text is read. No npm, pnpm or yarn is started: what they would run is run itself.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from routecli.nouns import dataclass

NODE_TEST = "node --test"
_NAMES = {
    "vitest": "vitest", "vitest.mjs": "vitest", "jest": "jest", "jest.js": "jest",
    "mocha": "mocha", "mocha.js": "mocha", "_mocha": "mocha",
}  # fmt: skip
_STARTERS = frozenset({"npm", "pnpm", "yarn", "bun"})
_SERIES = frozenset({"npm-run-all", "npm-run-all2", "run-s", "run-p"})
_WRAPPERS = frozenset({"npx", "bunx", "c8", "nyc", "env", "cross-env", "cross-env-shell", "dotenv", "node", "tsx"})
_NO_BUILD = frozenset({
    "eslint", "prettier", "biome", "standard", "xo", "stylelint", "oxlint", "tslint", "publint", "attw", "knip",
    "commitlint", "size-limit", "echo",
})  # fmt: skip
"""What changes nothing for the tests: linters are found by their own configuration."""
_PART = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|\d?>&\d|&>|(?<!\|)\|(?!\|)|[^;&|"'\\])+|&&|\|\||[;&]""", re.S)
"""A command with its pipes and redirections, or what stands between two."""
_BETWEEN = frozenset({"&&", "||", ";", "&"})
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.S)
_NOT_FOR_IT = re.compile(r"PATH|HOME|TMPDIR|LD_.*|ROUTECLI_.*|NODE_V8_COVERAGE")
_DEEP = 6
_MOST_PARTS = 60


@dataclass(frozen=True, slots=True)
class Options:
    """A runner's options that would hide results, or tell them to somebody else. `bare` stand alone, `valued` take the
    next word, `kept` too but stay; all `starts` go, whatever follows."""

    bare: frozenset[str]
    valued: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ("--coverage", "--watch", "--color", "--no-color", "--colors")


_ALL = frozenset({"--silent", "--verbose", "--passWithNoTests", "--pass-with-no-tests", "--json", "-w", "-b", "--"})
OPTIONS: dict[str, Options] = {
    "jest": Options(
        _ALL | {"-o", "--onlyChanged", "-u", "--updateSnapshot", "--lastCommit", "--findRelatedTests", "--notify"},
        frozenset({"--reporters", "--collectCoverageFrom", "--outputFile", "--testResultsProcessor", "--changedSince"}),
        frozenset({"--config", "-c", "--env", "--selectProjects", "-t", "--testNamePattern", "-w", "--maxWorkers"}),
    ),
    "vitest": Options(
        _ALL | {"run", "watch", "dev", "-u", "--update", "--ui", "--run", "--changed", "--open"},
        frozenset({"--reporter", "--outputFile", "--changed"}),
        frozenset({"--config", "-c", "--project", "-t", "--testNamePattern", "--environment", "--dir", "--root", "-r"}),
    ),
    "mocha": Options(
        _ALL | {"-C", "-c", "--update", "--no-bail"},
        frozenset({"--reporter", "-R", "--reporter-option", "--reporter-options", "-O"}),
        frozenset({"--require", "-r", "--timeout", "-t", "--ui", "-u", "--config", "--import", "--loader", "--grep",
                   "-g", "--fgrep", "-f", "--file", "--ignore", "--extension", "-n", "--node-option", "--slow", "-s",
                   "--experimental-loader"}),
    ),
    NODE_TEST: Options(
        _ALL | {"--experimental-test-coverage", "--test-update-snapshots", "--test"},
        frozenset({"--test-reporter", "--test-reporter-destination"}),
        frozenset({"--import", "--require", "-r", "--loader", "--experimental-loader", "--test-name-pattern",
                   "--test-skip-pattern", "--test-timeout", "--test-concurrency", "--test-shard", "--env-file",
                   "--conditions", "-C", "--test-isolation"}),
        ("--coverage", "--watch", "--test-coverage", "--inspect"),
    ),
    "eslint": Options(
        frozenset({"--quiet", "--debug", "--color", "--no-color"}),
        frozenset({"--format", "-f", "--output-file", "-o", "--max-warnings", "--cache-location", "--cache-strategy",
                   "--fix-type"}),
        frozenset({"--config", "-c", "--ext", "--ignore-path", "--ignore-pattern", "--rulesdir", "--parser",
                   "--plugin", "--rule", "--resolve-plugins-relative-to", "--env", "--global", "--flag",
                   "--report-unused-disable-directives-severity", "--concurrency"}),
        ("--fix", "--cache", "--exit-on-fatal-error", "--pass-on-no-patterns"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One run of a runner that a script asks for. `node_words` are for node itself, `words` are the runner's options,
    `files` what it is told to run (files, folders, patterns), `env` what the script sets for it; `before` is what the
    shell has to do first (a build), `script` the script's name."""

    runner: str
    script: str = ""
    words: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    node_words: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    before: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    """One command of a script, as it stands and in words; `joint` stands before it."""

    text: str
    words: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    joint: str = "&&"


def asked_by(scripts: Mapping[str, object], name: str = "test") -> tuple[Asked, ...]:
    """Every run of a known runner that the script `name` leads to, in order; none where it runs none."""
    found: list[Asked] = []
    before = ""
    for part in islice(_parts(scripts, name, 0), _MOST_PARTS):
        asked = _asked(part)
        if asked is not None:
            found.append(replace(asked, script=name, before=before))
        elif not _says_nothing(part.words):
            before = f"{before} {part.joint} {part.text}" if before else part.text
    return tuple(found)


def linted_by(scripts: Mapping[str, object], program: str) -> tuple[tuple[str, ...], bool]:
    """The words after the linter `program` in the first script that runs it, without those that change what it says or
    the files; and whether warnings fail it there. Empty where no script runs it."""
    for name in scripts:
        for part in _parts(scripts, name, 0):
            plain = [w for w in part.words if w not in ("npx", "exec", "pnpm", "yarn")]
            if plain and posixpath.basename(plain[0]) == program:
                words, files = kept(program, plain[1:])
                return (*words, *files), "--max-warnings" in " ".join(plain)
    return (), False


def kept(runner: str, words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`(options, files)` of `words`, without what OPTIONS forbids for `runner`."""
    options = OPTIONS[runner]
    left: list[str] = []
    files: list[str] = []
    rest = list(reversed(words))
    while rest:
        word = rest.pop()
        flag = word.partition("=")[0]
        takes = "=" not in word and bool(rest) and not rest[-1].startswith("-")
        if flag in options.valued or (flag == "--bail" and takes and rest[-1].isdigit()):
            if takes:
                rest.pop()
        elif flag in options.bare or flag.startswith(options.starts) or flag == "--bail":
            continue
        elif not word.startswith("-"):
            files.append(word)
        else:
            left.append(word)
            if flag in options.kept and takes:
                left.append(rest.pop())
    return tuple(left), tuple(files)


def _parts(scripts: Mapping[str, object], name: str, deep: int) -> Iterator[_Part]:
    """The commands of a script, those of the scripts that it starts in their place; `pre…` scripts before."""
    own = [str(scripts[n]) for n in (f"pre{name}", name) if isinstance(scripts.get(n), str)]
    joint = "&&"
    for text in (t.strip() for whole in own for t in (*_PART.findall(whole), "&&")):
        if not text or text in _BETWEEN:
            joint = text or joint
            continue
        part = replace(_part(text), joint=joint)
        inner = _started(scripts, part.words) if deep < _DEEP else ()
        if inner:
            for other in inner:
                for one in _parts(scripts, other, deep + 1):
                    yield replace(one, env=(*part.env, *one.env))
        else:
            yield part


def _part(text: str) -> _Part:
    try:
        words = shlex.split(text.partition(" | ")[0])
    except ValueError:
        return _Part(text, (), ())
    env: list[tuple[str, str]] = []
    while words:
        assigned = _ASSIGNED.fullmatch(words[0])
        if assigned is not None and "$" not in assigned[2] and not _NOT_FOR_IT.fullmatch(assigned[1]):
            env.append((assigned[1], assigned[2]))
        elif assigned is None and posixpath.basename(words[0]) not in ("cross-env", "cross-env-shell", "env"):
            break
        words = words[1:]
    return _Part(text, tuple(words), tuple(env))


def _started(scripts: Mapping[str, object], words: tuple[str, ...]) -> tuple[str, ...]:
    """The scripts that `npm run …` and the like start."""
    first = posixpath.basename(words[0]) if words else ""
    plain = [w for w in words[1:] if not w.startswith("-")]
    if first in _SERIES:
        return tuple(n for w in plain for n in scripts if fnmatch.fnmatchcase(n, w))
    if first not in _STARTERS or not plain:
        return ()
    named = plain[1] if plain[0] in ("run", "run-script") and len(plain) > 1 else plain[0]
    named = "test" if first == "npm" and named in ("t", "tst") else named
    direct = plain[0] in ("run", "run-script") or named == "test" or first in ("pnpm", "yarn")
    return (named,) if direct and isinstance(scripts.get(named), str) else ()


def _asked(part: _Part) -> Asked | None:
    """None where the command starts no runner."""
    names = [posixpath.basename(w) for w in part.words]
    if not names or not (names[0] in _NAMES or names[0] in _WRAPPERS or names[0] in _STARTERS):
        return None
    node = next((i for i, n in enumerate(names) if n in ("node", "tsx")), None)
    for place, name in enumerate(names):
        is_test = node is not None and place > node and part.words[place] == "--test"
        if name not in _NAMES and not is_test:
            continue
        runner = NODE_TEST if is_test else _NAMES[name]
        own = part.words[node + 1 : place] if node is not None else ()
        tsx = ("--import", "tsx") if node is not None and names[node] == "tsx" else ()
        node_words, _ = kept(NODE_TEST, (*tsx, *own))
        words, files = kept(runner, part.words[place + 1 :])
        return Asked(runner, words=words, files=files, node_words=node_words, env=part.env)
    return None


def _says_nothing(words: tuple[str, ...]) -> bool:
    return bool(words) and (posixpath.basename(words[0]) in _NO_BUILD or "--noEmit" in words or "--check" in words)
