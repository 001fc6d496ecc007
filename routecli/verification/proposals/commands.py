"""Which commands are tests and which are linters, told from their words; and commands in the text of a script."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from routecli.verification.planned import Role

_TESTS = """
    pytest | py.test | python -m pytest | python -m unittest | python -m nose2 | nose2 | stestr run | trial
    python manage.py test | coverage run -m pytest | coverage run -m unittest | python -m coverage run -m pytest
    make test | make tests | make check | make unit | just test | just tests | just check | just unit
    npm test | npm t | npm run test | yarn test | yarn run test | pnpm test | pnpm run test | bun test | bun run test
    npx jest | npx vitest | npx mocha | jest | vitest | mocha | node --test | deno test
    go test | gotestsum | cargo test | cargo nextest | bundle exec rspec | bundle exec rake test | rspec | rake test
    rails test | bin/rails test | phpunit | vendor/bin/phpunit | composer test | mvn test | mvn verify | ./mvnw test
    ./mvnw verify | gradle test | gradle check | ./gradlew test | ./gradlew check | ctest | bats | dotnet test
    mix test | swift test | meson test | bazel test | sbt test | stack test | cabal test | zig build test
"""
_LINT = """
    ruff check | ruff . | python -m ruff check | flake8 | python -m flake8 | mypy | python -m mypy | dmypy run | pylint
    python -m pylint | pyright | npx pyright | basedpyright | ty check | eslint | npx eslint | tsc | npx tsc
    biome check | biome lint | biome ci | npx biome | npx @biomejs/biome | go vet | staticcheck | golangci-lint run
    cargo clippy | cargo check | rubocop | bundle exec rubocop | phpstan | vendor/bin/phpstan | shellcheck
    make lint | make typecheck | make mypy | just lint | just typecheck | npm run lint | npm run typecheck | yarn lint
    yarn run lint | pnpm lint | pnpm run lint | bun run lint | codespell | yamllint | bandit | vulture
"""
_RUNNERS_OF_ENVIRONMENTS = ("uv run", "poetry run", "pdm run", "hatch run", "pipenv run", "rye run", "pixi run")
"""They would fetch and install first, and there is no network: the environment itself is found without them."""
_TEST_NAME = re.compile(r"(?:(?:unit|py|js|run)[-_:.]?)?tests?(?:[-_:.].*)?|check|unit|spec|pytest")
_LINT_NAME = re.compile(
    r"lint(?:er|ers|ing|s)?(?:[-_:.].*)?|(?:type-?check|types|mypy|ruff|flake8|pylint|eslint|tsc|clippy|vet|rubocop|phpstan)"
)
_NEEDS_SHELL = re.compile(r"[$`*~{}]")
_MOST_COMMANDS = 500


def _rows(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row.split()) for line in text.splitlines() for row in line.split("|") if row.strip())


_ROLES = {**dict.fromkeys(_rows(_LINT), Role.LINT), **dict.fromkeys(_rows(_TESTS), Role.TESTS)}


def role_of_name(name: str) -> Role | None:
    """What a target, a script or a session of this name is for, where its name tells."""
    if _TEST_NAME.fullmatch(name):
        return Role.TESTS
    return Role.LINT if _LINT_NAME.fullmatch(name) else None


def known_command(text: str) -> tuple[Role, str] | None:
    """The role of a command line and its words without what only prepares an environment; None for anything that is
    neither a test nor a lint command, or that needs a shell."""
    words = _words(text)
    if not words:
        return None
    words = _unwrapped(words)
    plain = [re.sub(r"^python3?(?:\.\d+)?$|^.*/bin/python3?$", "python", word) for word in words]
    for length in range(min(5, len(plain)), 0, -1):
        role = _ROLES.get(tuple(plain[:length]))
        if role is not None:
            return role, shlex.join(words)
    return None


def _words(text: str) -> list[str]:
    """The words of a command that needs no shell; empty for one that does."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        words = list(lexer)
    except ValueError:
        return []
    shell = any(set(word) <= set("();<>|&") or _NEEDS_SHELL.search(word) for word in words)
    assigns = bool(words) and re.match(r"\w+=", words[0])
    return [] if shell or assigns else words


def _unwrapped(words: list[str]) -> list[str]:
    """Without the runner of an environment before the command, and its options."""
    if " ".join(words[:2]) not in _RUNNERS_OF_ENVIRONMENTS:
        return words
    rest = words[2:]
    while rest and rest[0].startswith("-"):
        rest = rest[1:]
    return rest


def commands_in(script: str) -> Iterator[tuple[int, Role, str]]:
    """`(line, role, command)` of each test or lint command that stands on a line of its own in a shell script; the
    line counts from 0."""
    lines = script.splitlines()[:_MOST_COMMANDS]
    at = 0
    while at < len(lines):
        begun, text = at, lines[at]
        while text.endswith("\\") and at + 1 < len(lines):
            at += 1
            text = f"{text[:-1].rstrip()} {lines[at].strip()}"
        at += 1
        found = known_command(text.strip())
        if found is not None:
            yield begun, *found
