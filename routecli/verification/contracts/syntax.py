"""Syntax trees of other languages than Python, by ast-grep (the extra `map`): comments and layout left out.

Two forms of each file. `exact` keeps how things are grouped and drops only what cannot matter: parentheses that the
tree already stands for, JavaScript's semicolons, the last comma of a list, the kind of a quote. `loose` drops brackets
and commas altogether, puts imports in order and folds blanks: formatters change these, and so may a mistake. Equal by
`exact` is proven, unequal by `loose` is refused, and what lies between the tests decide.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from routecli.domain.task import RepoPath
from routecli.nouns import dataclass
from routecli.verification.contracts.comments import to_tools

if TYPE_CHECKING:
    from ast_grep_py import SgNode

LANGUAGES = {
    ".js": "javascript", ".jsx": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".ts": "typescript",
    ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx", ".go": "go", ".rs": "rust", ".java": "java",
}  # fmt: skip
MOST_BYTES = 256_000
"""What a bigger file means is left to the tests: reading it would take seconds."""
IMPORTS = frozenset({"import_declaration", "use_declaration", "import_statement"})
_SCRIPT = frozenset({"javascript", "typescript", "tsx"})
_CLOSING = frozenset(")]}>")
_OPENING = frozenset("([{<,")
_JOINED = frozenset({"union_type", "intersection_type"})
_KEYED = frozenset({"pair", "property_signature", "method_signature"})
_KEY = re.compile(r"[A-Za-z_$][\w$]*|(?P<number>0|[1-9]\d*)")
_QUOTES = frozenset("'\"")
_TEXTS = frozenset({"string", "string_literal", "interpreted_string_literal"})
_LOOSELY_LEFT_OUT = frozenset("(){},;|\"'")
_OUTPUT = re.compile(r"^//\s*(?:unordered )?output:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A token. `kind` is the grammar's; an opening or closing of a branch has an empty `text`."""

    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A file without comments and layout. `steering` are comments that speak to tools. `whole`: the grammar could read
    all of it; where it could not, the file may be broken, or newer than the grammar."""

    exact: tuple[Leaf, ...]
    comments: tuple[str, ...]
    steering: tuple[str, ...]
    whole: bool

    def loose(self) -> list[str]:
        """The tokens without what a formatter may add, drop or fold; imports sorted."""
        rest: list[str] = []
        imports: list[str] = []
        inside = ""
        for leaf in self.exact:
            if leaf.kind in IMPORTS and not leaf.text:
                inside = "" if inside == leaf.kind else inside or leaf.kind
            text = " ".join(leaf.text.split())
            if text.strip("\"' ") and text not in _LOOSELY_LEFT_OUT:
                (imports if inside else rest).append(text)
        return [*sorted(imports), *rest]

    def identifiers(self) -> Iterator[Leaf]:
        """Its names, whatever they name."""
        return (leaf for leaf in self.exact if leaf.text and is_name(leaf))


def is_name(leaf: Leaf) -> bool:
    """Whether a token is a name: a variable's, a type's, a field's."""
    return leaf.kind == "identifier" or leaf.kind.endswith("_identifier")


def is_known(path: RepoPath) -> bool:
    """Whether there is a grammar for a file of that name, installed or not."""
    return PurePosixPath(path).suffix.lower() in LANGUAGES


def language_of(path: RepoPath) -> str:
    """The grammar of a file by its name; empty where there is none, or the extra is not installed."""
    language = LANGUAGES.get(PurePosixPath(path).suffix.lower(), "")
    return language if language and importlib.util.find_spec("ast_grep_py") is not None else ""


def shape(path: RepoPath, source: bytes) -> Shape | None:
    """None: no language of ours, too big, or no text."""
    language = language_of(path)
    if not language or len(source) > MOST_BYTES:
        return None
    try:
        return _shape(language, path.endswith("_test.go"), source.decode())
    except (UnicodeDecodeError, RecursionError):
        return None


@lru_cache(maxsize=64)
def _shape(language: str, is_go_test: bool, text: str) -> Shape:
    from ast_grep_py import SgRoot

    reading = _Reading(language, text)
    reading.take(SgRoot(text, language).root(), "")
    comments = tuple(reading.comments)
    whole = is_go_test and any(_OUTPUT.match(c) for c in comments)
    # What an example prints stands in comments, and what precedes `import "C"` is C.
    steering = comments if whole or any(leaf.text == '"C"' for leaf in reading.imported()) else to_tools(comments)
    return Shape(tuple(reading.leaves), comments, steering, reading.whole)


class _Reading:
    def __init__(self, language: str, text: str) -> None:
        self._language = language
        self._is_script = language in _SCRIPT
        self._text = text
        self.leaves: list[Leaf] = []
        self.comments: list[str] = []
        self.whole = True

    def imported(self) -> Iterator[Leaf]:
        """The paths that Go imports."""
        pairs = zip(self.leaves, self.leaves[1:], strict=False)
        return (leaf for before, leaf in pairs if self._language == "go" and before.kind == "import_spec")

    def take(self, node: SgNode, within: str, *, first: bool = False) -> None:
        """Adds `node`, a child of a `within`."""
        kind = node.kind()
        if kind == "ERROR":
            self.whole = False
        if _is_comment(kind):
            self.comments.append(node.text())
            return
        children = node.children()
        if not children:
            self._leaf(node, kind)
        elif kind in _TEXTS and within != "jsx_attribute":
            self._literal(node.text(), kind, is_key=first and within in _KEYED)
        elif self._is_needless(node, kind, within, children):
            self.take(children[1], within, first=first)
        else:
            self._branch(node, kind, children)

    def _leaf(self, node: SgNode, kind: str) -> None:
        text = node.text()
        if not text and not kind.endswith(("content", "fragment", "text", "pattern")):
            self.whole = False  # something is missing
        if "number" in kind or kind.endswith(("int_literal", "float_literal")):
            text = _number(text, self._language)
        if text.strip() or kind in ("string_fragment", "jsx_text"):
            self.leaves.append(Leaf(kind, text))

    def _literal(self, text: str, kind: str, *, is_key: bool) -> None:
        """JavaScript's formatters change quotes, and leave out those of a key."""
        if self._is_script and len(text) > 1:
            if is_key and (key := _KEY.fullmatch(text[1:-1])):
                number = key.lastgroup == "number"
                plain = _number(key[0], self._language) if number else key[0]
                self.leaves.append(Leaf("number" if number else "property_identifier", plain))
                return
            plain = re.sub(r"\\(.)", lambda m: m[1] if m[1] in _QUOTES else m[0], text[1:-1], flags=re.DOTALL)
            text = '"' + re.sub(r'(\\.)|"', lambda m: m[1] or '\\"', plain, flags=re.DOTALL) + '"'
        self.leaves.append(Leaf(kind, text))

    def _branch(self, node: SgNode, kind: str, children: list[SgNode]) -> None:
        solid = [n for n, c in enumerate(children) if not _is_comment(c.kind())]
        texts = [children[n].text() if children[n].is_leaf() else "" for n in solid]
        left_out = {place for n, place in enumerate(solid) if self._is_left_out(kind, texts, n)}
        kept = [children[n] for n in solid if n not in left_out]
        lone = kept[0] if kind in _JOINED and len(kept) == 1 else self._lone_parameter(kind, kept)
        if lone is not None:
            self.take(lone, kind)
            return
        self.leaves.append(Leaf(kind))
        at = node.range().start.index
        for place, child in enumerate(children):
            span = child.range()
            self._gap(at, span.start.index, kind)
            if place not in left_out:
                self.take(child, kind, first=place == 0)
            at = span.end.index
        self.leaves.append(Leaf(kind))

    def _lone_parameter(self, kind: str, kept: list[SgNode]) -> SgNode | None:
        """`(x) =>` is `x =>`."""
        if not self._is_script or kind != "formal_parameters" or len(kept) != 3:
            return None
        one = kept[1]
        if one.kind() == "required_parameter" and len(one.children()) == 1:
            one = one.children()[0]
        return one if one.kind() == "identifier" else None

    def _gap(self, start: int, end: int, kind: str) -> None:
        """What no node stands for: blanks, which matter inside of a text only."""
        between = self._text[start:end]
        if between and (between.strip() or kind == "template_string"):
            self.leaves.append(Leaf("gap", between))

    def _is_left_out(self, kind: str, texts: list[str], n: int) -> bool:
        if texts[n] == ";" and self._is_script:
            return kind not in ("for_statement", "empty_statement")
        if n == 0 and texts[n] in ("|", "&") and kind in _JOINED:
            return True
        if texts[n] != "," or kind == "token_tree" or n == 0:
            return False
        if kind in ("interface_body", "object_type", "match_arm"):
            return True
        last = n + 1 == len(texts) or texts[n + 1] in _CLOSING
        single = kind.startswith("tuple") and n == 2  # Rust: `(T,)` is no `(T)`
        return last and not single and texts[n - 1] not in _OPENING

    def _is_needless(self, node: SgNode, kind: str, within: str, children: list[SgNode]) -> bool:
        """Parentheses that only show how the tree is built anyway. Those round `a?.b` end its reach, those round a text
        keep it from being a directive, and Rust's call of a field that is a function needs them."""
        if kind != "parenthesized_expression" or not self._is_script or len(children) != 3:
            return False
        return within != "expression_statement" and "?." not in node.text() and not _is_comment(children[1].kind())


def _is_comment(kind: str) -> bool:
    return kind == "comment" or kind.endswith("_comment")


def _number(text: str, language: str) -> str:
    """A number as every formatter would write it: JavaScript's all are floats, Go's have letters of either case."""
    if language in _SCRIPT and not text.endswith("n"):
        try:
            plain = text.replace("_", "")
            return repr(float(plain) if re.fullmatch(r"[\d.eE+-]+", plain) else float(int(plain, 0)))
        except (ValueError, OverflowError):
            return text
    return text.lower() if language == "go" else text
