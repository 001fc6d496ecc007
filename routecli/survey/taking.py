"""Chosen files as a Survey: what each is to a prompt, and how many tokens. Facts, no opinion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from routecli.domain.decoding import text_of
from routecli.domain.settings import ContextSettings
from routecli.domain.task import FileRole, RepoPath, Survey, SurveyedFile
from routecli.domain.untrusted import one_line
from routecli.errors import UsageFault
from routecli.survey import globs, secrets, tokens
from routecli.survey.content import Chosen, Content, role_of_mode
from routecli.survey.remembered import Known, Remembered

IGNORE_FILE = ".routecliignore"
_AT_ONCE_BYTES = 8_000_000
_CODE = re.compile(r"```|^\s{4,}\S|\b(?:def|class|function|func|fn|import|return)\s+\w+.*[:({;]", re.MULTILINE)


def take(
    instruction: str,
    chosen: Sequence[Chosen],
    content: Content,
    context: ContextSettings,
    remembered: Remembered,
) -> Survey:
    """Counts `chosen`. Each content is read once, ever: then its git id stands for what was found in it.

    Raises UsageFault where not one file has text that may be sent, saying what they are instead.
    """
    rules = _rules(content, context)
    surveyed = {c.path: _before_reading(c, content, rules) for c in chosen}
    asked = {f.blob: f.path for f in surveyed.values() if f.role is FileRole.TEXT}
    known = {blob: k for blob, k in remembered.get(asked).items() if _usable(k, context)}
    fresh = _count_unknown({b: p for b, p in asked.items() if b not in known}, content, context)
    remembered.put(fresh)
    known |= fresh
    files = tuple(_after_reading(f, known, context) for f in surveyed.values())
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


def signals(instruction: str) -> tuple[str, ...]:
    """What stands out in the words of a task, for people and for later policies."""
    words = len(instruction.split())
    found = [f"{words} words"]
    if _CODE.search(instruction):
        found.append("code in the task")
    if "Traceback (most recent call last)" in instruction or re.search(r"^\s+at \S+ ?\(", instruction, re.MULTILINE):
        found.append("a stack trace in the task")
    return tuple(found)


def _rules(content: Content, context: ContextSettings) -> globs.IgnoreRules:
    own = (content.read(IGNORE_FILE) or b"").decode("utf-8", "replace").splitlines()
    return globs.ignore_rules([*own, *context.exclude])


def _before_reading(chosen: Chosen, content: Content, rules: globs.IgnoreRules) -> SurveyedFile:
    """What mode, name and rules say, without opening the file."""
    entry = content.entries[chosen.path]
    file = SurveyedFile(chosen.path, entry.blob, 0, 0, role_of_mode(entry.mode), chosen.why)
    if file.role is not FileRole.TEXT:
        return file
    if secrets.denied_by_name(chosen.path):
        return _not_sent(file, "its name is that of a secret")
    if rules.excludes(chosen.path):
        return _not_sent(file, f"{IGNORE_FILE} or context.exclude rules it out")
    return file


def _not_sent(file: SurveyedFile, why: str) -> SurveyedFile:
    return replace(file, role=FileRole.SECRET, tokens=0, why=f"{file.why}; not sent: {why}")


def _usable(known: Known, context: ContextSettings) -> bool:
    """A file that was too big to count is read again once the limit is raised."""
    return known.role is not FileRole.HUGE or known.size_bytes > context.max_file_bytes


def _count_unknown(paths: dict[str, RepoPath], content: Content, context: ContextSettings) -> dict[str, Known]:
    """Reads each content of `paths` (git id to one path) once, some megabytes at a time."""
    fresh: dict[str, Known] = {}
    waiting: dict[str, tuple[int, str]] = {}
    held = 0
    for blob, path in paths.items():
        raw = content.read(path)
        if raw is None:
            continue
        seen = _look_at(raw, context)
        if isinstance(seen, Known):
            fresh[blob] = seen
            continue
        waiting[blob] = (len(raw), seen)
        held += len(raw)
        if held >= _AT_ONCE_BYTES:
            fresh |= _counted(waiting)
            waiting, held = {}, 0
    return fresh | _counted(waiting)


def _look_at(raw: bytes, context: ContextSettings) -> Known | str:
    """The text that is to be counted, or why there is none."""
    if len(raw) > context.max_file_bytes:
        return Known(len(raw), 0, FileRole.HUGE)
    text = text_of(raw)
    if text is None:
        return Known(len(raw), 0, FileRole.BINARY)
    secret = secrets.held_secret(raw)
    return Known(len(raw), 0, FileRole.SECRET, secret) if secret else text


def _counted(waiting: dict[str, tuple[int, str]]) -> dict[str, Known]:
    counts = tokens.count([text for _, text in waiting.values()])
    return {
        blob: Known(size, count, FileRole.TEXT)
        for (blob, (size, _)), count in zip(waiting.items(), counts, strict=True)
    }


def _after_reading(file: SurveyedFile, known: dict[str, Known], context: ContextSettings) -> SurveyedFile:
    if file.role is not FileRole.TEXT:
        return file
    seen = known.get(file.blob)
    if seen is None:
        return replace(file, role=FileRole.BINARY, why=f"{file.why}; it could not be read")
    sized = replace(file, size_bytes=seen.size_bytes)
    if seen.size_bytes > context.max_file_bytes:
        return replace(sized, role=FileRole.HUGE, why=f"{file.why}; over {context.max_file_bytes:,} bytes")
    if seen.role is FileRole.SECRET:
        return _not_sent(sized, f"it seems to hold a secret ({seen.why})")
    return replace(sized, role=seen.role, tokens=seen.tokens)


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
        reason = first.why.partition("; not sent: ")[2]
        what = f"{one_line(first.path)} {_SAID[first.role]}" + (f": {reason}" if reason else "")
    else:
        roles = sorted({f.role.value for f in files})
        what = f"none of the {len(files)} files has text that may be sent ({', '.join(roles)})"
    hint = "name a text file"
    if any(f.role is FileRole.HUGE for f in files):
        hint = "raise context.max_file_bytes in your configuration, or name smaller files"
    return UsageFault(what, hint=hint)
