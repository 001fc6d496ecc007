"""Which command judges a commit, by its language."""

from __future__ import annotations

import json

import pytest

from routecli.evaluation.languages import language_of

NODE = json.dumps({"scripts": {"test": "node --test"}})
NEEDS = json.dumps({"scripts": {"test": "node --test"}, "dependencies": {"left-pad": "1"}})


@pytest.mark.parametrize(
    ("code", "tests", "file", "text", "accept"),
    [
        ("pkg/a.go", ["pkg/a_test.go", "pkg/testdata/x", "b_test.go"], "go.mod", "module m", "go test ./pkg ."),
        ("pkg/a.go", ["pkg/a_test.go"], "go.sum", "", ""),
        ("src/lib.rs", ["tests/it.rs"], "Cargo.toml", "[package]", "cargo test --offline --test it"),
        ("src/lib.rs", ["tests/common/mod.rs"], "Cargo.toml", "[package]", ""),
        ("lib/a.rb", ["test/test_a.rb"], "", "", "ruby -Ilib -Itest -e 'require '\"'\"'./test/test_a.rb'\"'\"';'"),
        ("lib/a.rb", ["spec/a_spec.rb"], "", "", "rspec spec/a_spec.rb"),
        ("a.js", ["test/a.test.js"], "package.json", NODE, "node --test test/a.test.js"),
        ("a.js", ["test/a.test.js"], "package.json", NEEDS, ""),
        ("a.js", ["test/a.test.js"], "package.json", "[", ""),
        ("a.py", ["data.json"], "", "", ""),
        ("a.py", ["test_a.py"], "", "", "python -m pytest -q test_a.py"),
    ],
)
def test_the_command(code: str, tests: list[str], file: str, text: str, accept: str) -> None:
    language = language_of(code)
    assert language is not None
    run = [path for path in tests if language.runs(path)]
    assert language.accept(run, [code], lambda path: text if path == file else "") == accept


def test_what_is_no_code() -> None:
    assert language_of("README.md") is None
