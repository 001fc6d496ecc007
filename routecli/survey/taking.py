"""Chosen files as a Survey: what each is to a prompt, and how many tokens. Facts, no opinion."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from routecli.domain import globs
from routecli.domain.decoding import text_of
from routecli.domain.settings import ContextSettings
from routecli.domain.task import FileRole, RepoPath, Survey, SurveyedFile
from routecli.domain.untrusted import one_line
from routecli.errors import UsageFault
from routecli.nouns import dataclass
from routecli.survey import secrets, tokens
from routecli.survey.content import Chosen, Content, role_of_mode
from routecli.survey.remembered import Known, Remembered
from routecli.survey.scanner import second_look

IGNORE_FILE = ".routecliignore"
_NOT_SENT = "; not sent: "
_Rules = tuple[tuple[globs.IgnoreRules, str], ...]
"""Rules and what is said of a file that they rule out."""
_CODE = re.compile(r"```|^\s{4,}\S|\b(?:def|class|function|func|fn|import|return)\s+\w+.*[:({;]", re.MULTILINE)


def take(
    instruction: str,
    chosen: Sequence[Chosen],
    content: Content,
    context: ContextSettings,
    remembered: Remembered,
    held_out: Sequence[str] = (),
) -> Survey:
    """Counts `chosen`. Each content is read once, ever: then its git id stands for what was found in it. `held_out`
    are globs of tests that no prompt may show.

    Raises UsageFault where not one file has text that may be sent, saying what they are instead.
    """
    rules = _rules(content, context, held_out)
    barred = {c.path: _barred(c.path, content, rules) for c in chosen}
    asked = {content.entries[path].blob: path for path, bar in barred.items() if bar is None}
    known = {blob: k for blob, k in remembered.get(asked).items() if _usable(k, context)}
    fresh = _count_unknown({b: p for b, p in asked.items() if b not in known}, content, context)
    remembered.put(fresh)
    known |= fresh
    files = tuple(
        _surveyed(c, blob, barred[c.path] or _seen(known.get(blob), context))
        for c in chosen
        if (blob := content.entries[c.path].blob)
    )
    if context.secret_scan == "full":
        files = tuple(_looked_at_again(f, content) for f in files)
    if not any(f.role is FileRole.TEXT for f in files):
        raise _nothing_to_send(files)
    return Survey(
        tree=content.tree,
        files=files,
        context_tokens=sum(f.tokens for f in files),
        tokenizer=tokens.TOKENIZER,
        repo_files=len(content.entries),
        signals=signals(instruction),
    )


def unsendable(content: Content, context: ContextSettings, held_out: Sequence[str] = ()) -> tuple[RepoPath, ...]:
    """Every file of the repository that must not leave it: for who reads files without being shown them. Secrets by
    name and by content, what the user's rules exclude, tests that are held out. Links and submodules are none."""
    rules = _rules(content, context, held_out)

    def holds(path: RepoPath) -> bool:
        barred = _barred(path, content, rules)
        if barred is not None:
            return barred.role is FileRole.SECRET
        raw = content.read(path)
        return raw is not None and len(raw) <= context.max_file_bytes and bool(secrets.held_secret(raw))

    return tuple(path for path in content.entries if holds(path))


def _looked_at_again(file: SurveyedFile, content: Content) -> SurveyedFile:
    """`file` after the second scanner, which is not remembered: it may be another version tomorrow."""
    if file.role is not FileRole.TEXT:
        return file
    kind = second_look(text_of(content.read(file.path) or b"") or "")
    if not kind:
        return file
    note = f"{file.why}{_NOT_SENT}it seems to hold a secret ({kind}, says detect-secrets)"
    return replace(file, role=FileRole.SECRET, tokens=0, why=note)


def signals(instruction: str) -> tuple[str, ...]:
    """What stands out in the words of a task, for people and for later policies."""
    words = len(instruction.split())
    found = [f"{words} words"]
    if _CODE.search(instruction):
        found.append("code in the task")
    if "Traceback (most recent call last)" in instruction or re.search(r"^\s+at \S+ ?\(", instruction, re.MULTILINE):
        found.append("a stack trace in the task")
    return tuple(found)


def _rules(content: Content, context: ContextSettings, held_out: Sequence[str]) -> _Rules:
    own = (content.read(IGNORE_FILE) or b"").decode("utf-8", "replace").splitlines()
    return (
        (globs.ignore_rules(held_out), "verify.holdout keeps it for judging"),
        (globs.ignore_rules([*own, *context.exclude]), f"{IGNORE_FILE} or context.exclude rules it out"),
    )


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a file turned out to be; `note` follows the reason why it came in."""

    role: FileRole
    note: str = ""
    size_bytes: int = 0
    tokens: int = 0


def _barred(path: RepoPath, content: Content, rules: _Rules) -> _Finding | None:
    """What mode, name and rules say without opening the file; None where it may be read."""
    role = role_of_mode(content.entries[path].mode)
    if role is not FileRole.TEXT:
        return _Finding(role)
    if secrets.denied_by_name(path):
        return _Finding(FileRole.SECRET, f"{_NOT_SENT}its name is that of a secret")
    why = next((why for ruling, why in rules if ruling.excludes(path)), "")
    return _Finding(FileRole.SECRET, f"{_NOT_SENT}{why}") if why else None


def _seen(known: Known | None, context: ContextSettings) -> _Finding:
    """What its content says."""
    if known is None:
        return _Finding(FileRole.BINARY, "; it could not be read")
    size = known.size_bytes
    if size > context.max_file_bytes:
        return _Finding(FileRole.HUGE, f"; over {context.max_file_bytes:,} bytes", size)
    if known.role is FileRole.SECRET:
        return _Finding(FileRole.SECRET, f"{_NOT_SENT}it seems to hold a secret ({known.why})", size)
    return _Finding(known.role, "", size, known.tokens)


def _surveyed(chosen: Chosen, blob: str, found: _Finding) -> SurveyedFile:
    return SurveyedFile(chosen.path, blob, found.size_bytes, found.tokens, found.role, chosen.why + found.note)


def _usable(known: Known, context: ContextSettings) -> bool:
    """A file that was too big to count is read again once the limit is raised."""
    return known.role is not FileRole.HUGE or known.size_bytes > context.max_file_bytes


def _count_unknown(paths: dict[str, RepoPath], content: Content, context: ContextSettings) -> dict[str, Known]:
    """Reads each content of `paths` (git id to one path) once; the next are read while two threads count."""
    fresh: dict[str, Known] = {}
    counted: deque[tuple[str, int]] = deque()

    def texts() -> Iterator[str]:
        for blob, path in paths.items():
            raw = content.read(path)
            if raw is None:
                continue
            seen = _look_at(raw, context)
            if isinstance(seen, Known):
                fresh[blob] = seen
            else:
                counted.append((blob, len(raw)))
                yield seen

    if paths:
        for number in tokens.count_each(texts()):
            blob, size = counted.popleft()
            fresh[blob] = Known(size, number, FileRole.TEXT)
    return fresh


def _look_at(raw: bytes, context: ContextSettings) -> Known | str:
    """The text that is to be counted, or why there is none."""
    if len(raw) > context.max_file_bytes:
        return Known(len(raw), 0, FileRole.HUGE)
    text = text_of(raw)
    if text is None:
        return Known(len(raw), 0, FileRole.BINARY)
    secret = secrets.held_secret(raw)
    return Known(len(raw), 0, FileRole.SECRET, secret) if secret else text


_SAID = {
    FileRole.BINARY: "is binary",
    FileRole.HUGE: "is too big to send",
    FileRole.SYMLINK: "is a symbolic link",
    FileRole.SUBMODULE: "is a submodule",
    FileRole.SECRET: "is not sent",
}


def _nothing_to_send(files: Sequence[SurveyedFile]) -> UsageFault:
    if not files:
        return UsageFault("the repository has no files", hint="git add a file, or run routecli where there is one")
    first = files[0]
    if len(files) == 1:
        reason = first.why.partition(_NOT_SENT)[2]
        what = f"{one_line(first.path)} {_SAID[first.role]}" + (f": {reason}" if reason else "")
    else:
        roles = sorted({f.role.value for f in files})
        what = f"none of the {len(files)} files has text that may be sent ({', '.join(roles)})"
    hint = "name a text file"
    if any(f.role is FileRole.HUGE for f in files):
        hint = "raise context.max_file_bytes in your configuration, or name smaller files"
    return UsageFault(what, hint=hint)
