"""A verdict on a patch of a tiny real repository, in the real sandbox, with the real runner."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from routecli.domain.events import Event
from routecli.domain.money import usd
from routecli.domain.patch import FileEdit, Patch
from routecli.domain.settings import SandboxSettings, VerifySettings
from routecli.domain.task import Kind, Task
from routecli.domain.verdict import Verdict
from routecli.errors import SandboxFault
from routecli.git.repository import open_repository
from routecli.git.snapshot import take
from routecli.verification.verifier import ProjectVerifier
from routecli.workspace.workspace import GitWorkspace
from tests.verification.conftest import DictCache

BASES = DictCache()
"""Of the same files the baseline is measured once."""


def judge(
    root: Path,
    changed: Mapping[str, str],
    files: Mapping[str, str],
    kind: Kind,
    paths: tuple[str, ...],
    *,
    environ: Mapping[str, str] | None = None,
    settings: VerifySettings | None = None,
    untracked: Mapping[str, str] | None = None,
) -> Verdict:
    """The verdict on `changed` in a new repository of `files`; `untracked` are beside them, ignored or not."""
    ready = verifier(root, files, kind, paths, environ=environ, settings=settings, untracked=untracked)
    return ready.judge(patch(files, changed), 1)


def patch(files: Mapping[str, str], changed: Mapping[str, str]) -> Patch:
    """From `files` to what `changed` makes of them."""
    return Patch(tuple(
        FileEdit(n, files[n].encode() if n in files else None, t.encode()) for n, t in sorted(changed.items())
    ))  # fmt: skip


def verifier(
    root: Path,
    files: Mapping[str, str],
    kind: Kind,
    paths: tuple[str, ...],
    *,
    environ: Mapping[str, str] | None = None,
    settings: VerifySettings | None = None,
    untracked: Mapping[str, str] | None = None,
) -> ProjectVerifier:
    """Judges patches of a new repository of `files`."""
    _write(root, files)
    author = ("-c", "user.name=t", "-c", "user.email=t@t")
    for words in (("init", "-q", "."), ("add", "-A"), ("commit", "-qm", "begin")):
        subprocess.run(["git", *author, *words], cwd=root, check=True, capture_output=True)
    _write(root, untracked or {})
    found = open_repository(root)
    snapshot = take(found)
    try:
        workspace = GitWorkspace(found, snapshot, SandboxSettings())
    except SandboxFault as fault:
        pytest.skip(f"no sandbox on this machine: {fault.what}")
    task = Task("make it right", kind, "given", found.root, found.head, paths, usd(1))
    events: list[Event] = []
    return ProjectVerifier(
        workspace, found.root, snapshot, task, settings or VerifySettings(timeout_s=120),
        listener=events.append, cache=BASES, tree=snapshot.tree, environ=environ or os.environ,
    )  # fmt: skip


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
