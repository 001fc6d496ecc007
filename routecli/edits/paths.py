"""Which file a reply means, and whether it may be written at all (security.md rows 1, 2 and 13).

Names in replies are decorated and misspelled; the rules apply to what is left after cleaning, never before.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection
from pathlib import PurePosixPath

from routecli.domain.task import RepoPath
from routecli.ports import Files

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
_IGNORED_BY_HFS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)")
_DRIVE = re.compile(r"^[A-Za-z]:[\\/]")
_SHORT_GIT = re.compile(r"(?i)^git~\d+$")
MAX_PATH_BYTES = 1024
MAX_NAME_BYTES = 255

_PRODUCTS = frozenset(
    {
        "node.js", "next.js", "vue.js", "react.js", "express.js", "nuxt.js", "three.js", "d3.js", "ember.js",
        "backbone.js", "angular.js", "socket.io", "asp.net", "vb.net", ".net", "ado.net", "e.g", "i.e", "etc",
    }
)  # fmt: skip
_BARE_NAMES = frozenset(
    {
        "makefile", "dockerfile", "license", "licence", "readme", "changelog", "authors", "notice", "copying",
        "gemfile", "rakefile", "procfile", "vagrantfile", "jenkinsfile", "justfile", "pipfile", "brewfile",
        "cmakelists", "workspace", "owners", "codeowners", "configure",
    }
)  # fmt: skip
_LABEL = re.compile(
    r"(?i)^(?:(?:the\s+)?(?:new|updated?|modified|changed|created?|edit(?:ed|ing)?|full|complete)\s+)?"
    r"(?:file\s*(?:name|path)?|path|filename|filepath|in|update|modify|create|edit|add|new|title)\s*[:=]\s*"
)
_BULLET = re.compile(r"^(?:[-*+•]|\(?\d{1,3}[.)])\s+")
_COMMENT = re.compile(r"^(?:<!--|/\*+|//+|#+|--|;+|%+)\s*(.*?)\s*(?:-->|\*+/)?$")
_LINK = re.compile(r"^\[([^\]]+)\]\([^)]*\)$")
_WRAPS = (
    ("**", "**"),
    ("__", "__"),
    ("`", "`"),
    ("*", "*"),
    ('"', '"'),
    ("'", "'"),
    ("<", ">"),
    ("[", "]"),
    ("(", ")"),
)
_TRAILER = re.compile(r"\s+(?:\((?:new|modified|updated?|created?|changed|deleted|existing|full)[^()]*\)|[-–—]+\s.*)$")
_EXTENSION = re.compile(r"\.[A-Za-z0-9_+-]{1,16}$")
_PLACEHOLDER = re.compile(r"^/?(?:path/to/(?:the/)?(?:your/)?|your[-_]?project/|project[-_]root/)")


def fault(path: str) -> str:
    """Why `path` may not be written, existing or new; empty where it may. Case folding, blanks and dots at the end
    of a component, NTFS short names and streams, and characters that HFS ignores count as what they become."""
    if not path or path == ".":
        return "the path is empty"
    if path.startswith(("/", "~")) or _DRIVE.match(path):
        return "the path is not relative to the repository"
    if "\\" in path:
        return "the path holds a backslash"
    if len(path.encode("utf-8", "surrogatepass")) > MAX_PATH_BYTES:
        return f"the path is longer than {MAX_PATH_BYTES} bytes"
    for part in path.split("/"):
        why = _part_fault(part)
        if why:
            return why
    return ""


def _part_fault(part: str) -> str:
    if part in {"", "."}:
        return "the path has an empty component"
    if part == "..":
        return "the path leaves its folder"
    bare = _IGNORED_BY_HFS.sub("", unicodedata.normalize("NFKC", part)).split(":")[0].rstrip(". ").casefold()
    if bare == ".git" or _SHORT_GIT.match(bare):
        return "the path is inside git's own folder"
    if not bare:
        return "the path has a component of dots and blanks only"
    if len(part.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        return f"a component of the path is longer than {MAX_NAME_BYTES} bytes"
    return ""


def new_fault(path: str) -> str:
    """Why no file may be made at `path`, beyond `fault`: names that some terminal, shell or system trips over."""
    if _CONTROL.search(path):
        return "the new path holds a control character or is no UTF-8"
    for part in path.split("/"):
        if part.startswith("-"):
            return "a component of the new path begins with a dash"
        if _RESERVED.match(part):
            return "the new path has a name that Windows reserves"
        if part != part.strip() or part.endswith("."):
            return "a component of the new path begins or ends with a blank or ends with a dot"
        if ":" in part:
            return "the new path holds a colon"
    return ""


def folded(path: str) -> str:
    """Equal for paths that one file system may take for the same."""
    return unicodedata.normalize("NFC", path).casefold()


class Names:
    """The repository's paths as replies may spell them. `root` is the repository's absolute path, where known."""

    def __init__(self, files: Files, scope: Collection[str] | None, root: str = "") -> None:
        self.files = files
        self.known = frozenset(files.paths())
        self.scope = scope if scope is None else frozenset(scope)
        self.root = root.replace("\\", "/").rstrip("/")
        self._by_name: dict[str, list[str]] | None = None
        self._folded: dict[str, str] | None = None

    def exists(self, path: str) -> bool:
        """Whether a file stands at exactly this path."""
        return path in self.known or (not fault(path) and self.files.read(path) is not None)

    def ending(self, name: str) -> list[RepoPath]:
        """Known files whose path ends with the components of `name`."""
        if self._by_name is None:
            table = defaultdict(list)
            for path in sorted(self.known):
                table[path.rsplit("/", 1)[-1]].append(path)
            self._by_name = table
        return [p for p in self._by_name.get(name.rsplit("/", 1)[-1], ()) if p == name or p.endswith("/" + name)]

    def clashing(self, path: str) -> str:
        """A known file that differs from `path` in case or composition only; empty where there is none."""
        if self._folded is None:
            self._folded = {folded(p): p for p in self.known}
        other = self._folded.get(folded(path), "")
        return "" if other == path or path in self.known else other

    def spelled(self, name: str, *, prefixed: bool = False) -> str:
        """The path that `name` spells: relative, with `/`. What cannot be made sense of comes back as it was, for
        `fault` to judge. `prefixed` allows git's `a/` and `b/`."""
        if name in self.known:
            return name
        path = name.replace("\\", "/")
        if self.root and (path + "/").startswith(self.root + "/"):
            path = path[len(self.root) + 1 :]
        while path.startswith("./"):
            path = path[2:].lstrip("/")
        if path in self.known:
            return path
        tail = path[2:] if path[:2] in {"a/", "b/"} else ""
        if tail and (prefixed or tail in self.known):
            return tail
        return path

    def existing(self, path: str) -> RepoPath | None:
        """The one existing file that `path` can mean: itself, or the only one that ends so."""
        if self.exists(path):
            return path
        stripped = _PLACEHOLDER.sub("", path)
        if self.root:
            stripped = stripped.removeprefix(self.root.rsplit("/", 1)[-1] + "/")
        if fault(stripped):
            return None
        ending = [stripped] if self.exists(stripped) else self.ending(stripped)
        return ending[0] if len(ending) == 1 else None

    def placeholder(self, path: str) -> bool:
        """`path/to/x`: an example's path taken over."""
        return bool(_PLACEHOLDER.match(path))

    def named_in(self, sentence: str) -> list[RepoPath]:
        """Known files that a sentence names in backticks."""
        found = []
        for word in re.findall(r"`([^`\n]+)`", sentence):
            path = self.spelled(word.strip())
            if self.exists(path):
                found.append(path)
            else:
                found += self.ending(path) if len(self.ending(path)) == 1 else []
        return list(dict.fromkeys(found))


def bare_name(line: str, names: Names) -> str:
    """The path that a whole line is, without its decoration; empty where the line is anything else."""
    text = line.strip()
    if not text or len(text) > MAX_PATH_BYTES + 64:
        return ""
    if names.spelled(text) in names.known:
        return text
    text = _undecorated(text)
    if not text or text in {"/", "."}:
        return ""
    if names.spelled(text) in names.known or looks_like_path(text):
        return text
    return ""


def _undecorated(text: str) -> str:
    for _ in range(8):
        before = text
        text = _BULLET.sub("", text)
        text = _COMMENT.sub(r"\1", text).strip()
        text = _LABEL.sub("", text).strip()
        text = _TRAILER.sub("", text).strip()
        text = text.rstrip(":,").strip() if not text.endswith("::") else text
        if link := _LINK.match(text):
            text = link[1]
        for left, right in _WRAPS:
            if len(text) > len(left) + len(right) and text.startswith(left) and text.endswith(right):
                text = text[len(left) : -len(right)].strip()
        if text == before:
            break
    return text


def looks_like_path(text: str) -> bool:
    """Whether `text`, alone on a line, can be nothing but a path: an extension or a slash, no blanks but in a path
    with folders, no sentence, no product's name."""
    name = text.replace("\\", "/").rsplit("/", 1)[-1]
    if not name or text.endswith(("...", "…")) or text.startswith(("http://", "https://", "@@")):
        return False
    if any(c in text for c in '<>|*?"`{};=,!') or "://" in text:
        return False
    if name.casefold() in _PRODUCTS and "/" not in text:
        return False
    if re.search(r"\s", text):
        return bool(_EXTENSION.search(name)) and "/" in text and not re.search(r"[:.,]\s", text)
    if name.startswith(".") and len(name) > 1:
        return True
    if _EXTENSION.search(name):
        return not re.fullmatch(r"v?\d+(\.\d+)+", name)
    return "/" in text or PurePosixPath(name).stem.casefold() in _BARE_NAMES


def is_product(text: str) -> bool:
    """Whether a heading names a product (`Node.js`) that looks like a file."""
    return _undecorated(text.strip()).casefold() in _PRODUCTS
