"""Contracts in other languages: what formatters do holds or is undecided, every mutant is refused."""

# ruff: noqa: E501 - sources, as they are written in their languages

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass

import pytest
from verification.contracts.mutation import token_mutants
from verification.contracts.test_contracts import ruled

from routecli.domain.task import Kind
from routecli.verification.contracts import syntax

if importlib.util.find_spec("ast_grep_py") is None and not os.environ.get("ROUTECLI_TESTS_SKIP_NOTHING"):
    pytest.skip("the extra `map` is not installed", allow_module_level=True)


@dataclass(frozen=True)
class Case:
    """One file before, as its formatter leaves it, with comments added, and with `total` renamed to `sum_of`."""

    file: str
    before: str
    formatted: str
    commented: str
    renamed: bool | None


JS = """\
#!/usr/bin/env node
'use strict'
// Sums.
const rates = { 'DE': 19, FR: 0x14, }
function total(lines, country) {
  let net = 0
  for (let i = 0; i < lines.length; i++) { net += (lines[i].price * lines[i].count) }
  if (rates[country] === undefined && !net) return `none of ${ country }`
  const add = x => (x + net) * 2
  return add(rates[country]) >= 10 ? "it's \\"much\\"" : total.name
}
module.exports = [total(1, 2), /a b/g]
"""
JS_FORMATTED = """\
#!/usr/bin/env node
"use strict";
// Sums.
const rates = { DE: 19, FR: 0x14 };
function total(lines, country) {
  let net = 0;
  for (let i = 0; i < lines.length; i++) {
    net += lines[i].price * lines[i].count;
  }
  if (rates[country] === undefined && !net) return `none of ${country}`;
  const add = (x) => (x + net) * 2;
  return add(rates[country]) >= 10 ? 'it\\'s "much"' : total.name;
}
module.exports = [total(1, 2), /a b/g];
"""
TS = """\
import { Line } from './line'
/** Rates. */
export interface Rates { de: number, fr?: number }
type Kind = | 'a' | 'b'
export function total(lines: Line[], rates: Rates): number {
  const found = lines.filter((l) => l.kind !== 'b' && l.count > 0)
  return found.map(l => l.price * l.count + 1).reduce((a, b) => a + b, rates.de || 0)
}
"""
TS_FORMATTED = """\
import { Line } from "./line";
/** Rates. */
export interface Rates {
  de: number;
  fr?: number;
}
type Kind = "a" | "b";
export function total(lines: Line[], rates: Rates): number {
  const found = lines.filter((l) => l.kind !== "b" && l.count > 0);
  return found
    .map((l) => l.price * l.count + 1)
    .reduce((a, b) => a + b, rates.de || 0);
}
"""
GO = """\
package shop
import "fmt"
// total sums.
func total(lines []int, rate int) string {
    sum := 0
    for _, l := range lines { if l > 0 && l != 13 { sum += l * rate } }
    return fmt.Sprintf("%d\\n", sum + 1)
}
var all = total([]int{1, 2}, 0X1F)
"""
GO_FORMATTED = """\
package shop

import "fmt"

// total sums.
func total(lines []int, rate int) string {
	sum := 0
	for _, l := range lines {
		if l > 0 && l != 13 {
			sum += l * rate
		}
	}
	return fmt.Sprintf("%d\\n", sum+1)
}

var all = total([]int{1, 2}, 0x1F)
"""
RUST = """\
/// Sums.
pub fn total(lines: &[i64], rate: i64) -> i64 {
    let mut sum = 0;
    for l in lines { if *l > 0 && *l != 13 { sum += l * rate; } }
    println!("{}", sum);
    return sum + 1;
}
fn twice() -> i64 { total(&[1, 2,], 3) * 2 }
"""
RUST_FORMATTED = """\
/// Sums.
pub fn total(lines: &[i64], rate: i64) -> i64 {
    let mut sum = 0;
    for l in lines {
        if *l > 0 && *l != 13 {
            sum += l * rate;
        }
    }
    println!("{}", sum);
    return sum + 1;
}
fn twice() -> i64 {
    total(&[1, 2], 3) * 2
}
"""
JAVA = """\
package shop;
/** Sums. */
public final class Shop {
  static int total(int[] lines, int rate) {
    int sum = 0;
    for (int l : lines) { if (l > 0 && l != 13) sum += l * rate; }
    String said = "sum: " + sum;
    return sum + said.length();
  }
}
"""
CASES = [
    Case("a.js", JS, JS_FORMATTED, JS.replace("// Sums.", "// Sums: net,\n// then gross."), True),
    Case("a.jsx", "const total = <A b='c'>hi</A>\n", 'const total = <A b="c">hi</A>;\n', "// x\nconst total = <A b='c'>hi</A>\n", True),
    Case("a.ts", TS, TS_FORMATTED, TS.replace("/** Rates. */", "/** Rates in percent. */"), True),
    Case("a.tsx", "let f = (total: number) => <b>{total + 1}</b>\n", "let f = (total: number) => <b>{total + 1}</b>;\n", "let f = (total: number) => /* x */ <b>{total + 1}</b>\n", True),
    Case("a.go", GO, GO_FORMATTED, GO.replace("// total sums.", "// total sums\n// them all."), True),
    Case("a.rs", RUST, RUST_FORMATTED, RUST.replace("/// Sums.", "/// Sums.\n/// # Panics\n/// Never."), True),
    Case("A.java", JAVA, JAVA.replace("{ if", "{\n      if").replace("; }", ";\n    }"), JAVA.replace("/** Sums. */", "/** Sums\n * them. */"), None),
]  # fmt: skip
NAMES = [c.file for c in CASES]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_what_a_formatter_does_holds(case: Case) -> None:
    found = ruled(Kind.FORMAT, {case.file: case.formatted}, repo={case.file: case.before})
    assert found.holds is not False, found
    exact = case.file not in ("a.jsx",)  # a quote of JSX has other rules: undecided
    assert found.holds is (True if exact else None), found


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_comments_hold(case: Case) -> None:
    for kind in (Kind.DOCSTRING, Kind.DOCS):
        assert ruled(kind, {case.file: case.commented}, repo={case.file: case.before}).holds is True
    assert ruled(Kind.FORMAT, {case.file: case.commented}, repo={case.file: case.before}).holds is False


@pytest.mark.parametrize("case", CASES, ids=NAMES)
@pytest.mark.parametrize("kind", [Kind.FORMAT, Kind.DOCSTRING, Kind.DOCS, Kind.RENAME], ids=str)
def test_every_mutant_is_refused(case: Case, kind: Kind) -> None:
    right = {Kind.FORMAT: case.formatted, Kind.RENAME: _renamed(case.before)}.get(kind, case.commented)
    made = list(token_mutants(right))
    assert len(made) >= 7
    words = "rename total to sum_of"
    passed = [m for m in made if ruled(kind, {case.file: m}, words, {case.file: case.before}).holds is not False]
    again = {case.before, right}  # a mutant of the new name may be the old one
    assert [m for m in passed if m not in again] == []


def _renamed(text: str) -> str:
    return text.replace("total", "sum_of")


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_rename(case: Case) -> None:
    words, repo = "rename `total` to `sum_of`", {case.file: case.before}
    after = _renamed(case.before)
    assert ruled(Kind.RENAME, {case.file: after}, words, repo).holds is case.renamed
    forgotten = ruled(Kind.RENAME, {case.file: after}, words, repo | {"other.html": "<i onclick='total()'>"})
    assert forgotten.holds is None
    elsewhere = case.before.replace("total", "sum_of", 1)
    assert ruled(Kind.RENAME, {case.file: elsewhere}, words, repo).holds is not True or elsewhere == after


@pytest.mark.parametrize(
    ("file", "before", "after", "holds"),
    [
        ("a.js", "x = (a?.b).c\n", "x = a?.b.c\n", None),
        ("a.js", "x = a * (b + c)\n", "x = a * b + c\n", None),
        ("a.js", "x = [1, ,]\n", "x = [1]\n", None),
        ("a.js", "('use strict')\n", "'use strict'\n", None),
        ("a.js", "x = `a  b`\n", "x = `a b`\n", None),
        ("a.js", "x = a\n(b)\n", "x = a;\nb\n", None),
        ("a.js", "x = 'a  b'\n", "x = 'a b'\n", None),
        ("a.js", "let a = 1 //x\n", "let a = (\n", False),
        ("a.js", "let a = 1\n", "let a = 1.0\n", True),
        ("a.js", "f(a /* the first */, b)\n", "f(a, b)\n", False),
        ("a.js", "f(\n  a, // the first\n)\n", "f(a /* the first */)\n", True),
        ("a.rs", "type A = (i32,);\n", "type A = (i32);\n", None),
        ("a.rs", "fn f() { (s.f)() }\n", "fn f() { s.f() }\n", None),
        ("a.rs", "use b;\nuse a;\n", "use a;\nuse b;\n", None),
        ("a.go", 'package a\nimport (\n"b"\n"a"\n)\n', 'package a\n\nimport (\n\t"a"\n\t"b"\n)\n', None),
        ("a.rb", "puts 1\n", "puts  1\n", None),
    ],
)  # fmt: skip
def test_what_looks_like_layout(file: str, before: str, after: str, holds: bool | None) -> None:
    found = ruled(Kind.FORMAT, {file: after}, repo={file: before})
    assert found.holds is holds, found


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("a.ts", "let a = 1\n", "// @ts-ignore\nlet a = 1\n"),
        ("a.js", "let a = 1\n", "/* eslint-disable */\nlet a = 1\n"),
        ("a.js", "let a = 1 /* istanbul ignore next */\n", "let a = 1\n"),
        ("a.go", "package a\n", "//go:build linux\n\npackage a\n"),
        ("a.go", 'package a\n\n// int x;\nimport "C"\n', 'package a\n\n// int y;\nimport "C"\n'),
        ("a_test.go", "package a\n\nfunc ExampleA() {\n\t// Output:\n\t// 1\n}\n", "package a\n\nfunc ExampleA() {\n\t// Output:\n\t// 2\n}\n"),
        ("A.java", "class A {}\n", "// CHECKSTYLE:OFF\nclass A {}\n"),
    ],
)  # fmt: skip
def test_a_comment_that_speaks_to_a_tool_is_no_comment(file: str, before: str, after: str) -> None:
    found = ruled(Kind.DOCSTRING, {file: after}, repo={file: before})
    assert (found.holds, "speaks to a tool" in found.why) == (False, True)


def test_without_the_extra_it_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert syntax.language_of("a.js") == ""
    for kind in (Kind.FORMAT, Kind.DOCSTRING, Kind.RENAME):
        assert ruled(kind, {"a.js": JS_FORMATTED}, "rename a to b", {"a.js": JS}).holds is None


def test_big_files_are_left_to_the_tests() -> None:
    big = "let a = 1\n" * 30_000
    assert ruled(Kind.FORMAT, {"a.js": big + ";"}, repo={"a.js": big}).holds is None
