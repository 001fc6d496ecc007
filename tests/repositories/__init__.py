"""Real repositories made by real git, for the tests of git/ and workspace/."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_NAMED = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "protocol.file.allow=always")


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository in `root`; `git` runs the real one in it."""

    root: Path

    def git(self, *args: str, check: bool = True) -> str:
        done = subprocess.run(
            ["git", *_NAMED, *args], cwd=self.root, capture_output=True, check=False, env=_environment()
        )
        if check and done.returncode != 0:
            raise AssertionError(f"git {args}: {done.stderr.decode('utf-8', 'replace')}")
        return done.stdout.decode("utf-8", "surrogateescape")

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, message: str = "work") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    def state(self) -> tuple[str, str, str, str]:
        """HEAD, the index as listed, the index file itself, and every file of the user's with mode and bytes."""
        head = self.git("rev-parse", "--verify", "-q", "HEAD", check=False) + self.git(
            "symbolic-ref", "-q", "HEAD", check=False
        )
        index = self.root / ".git" / "index"
        raw = hashlib.sha256(index.read_bytes()).hexdigest() if index.exists() else ""
        return head, self.git("--no-optional-locks", "ls-files", "-s"), raw, fingerprint(self.root)


def _environment() -> dict[str, str]:
    kept = {n: os.environ[n] for n in ("PATH", "HOME") if n in os.environ}
    return kept | {"GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}


def make_repo(root: Path, files: Mapping[str, str | bytes] | None = None, *init: str) -> Repo:
    """A new repository in `root` with `files` committed, if there are any."""
    root.mkdir(parents=True, exist_ok=True)
    repo = Repo(root.resolve())
    repo.git("init", "-q", "-b", "main", *init)
    if files:
        repo.write(files)
        repo.commit("first")
    return repo


def fingerprint(root: Path) -> str:
    """Every file below `root` but our own folder and git's objects, with its kind, mode and content."""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(root):
        folders.sort()
        if Path(folder).name == ".git":
            folders[:] = [f for f in folders if f not in ("routecli", "objects", "logs")]
            names = [n for n in names if n not in ("index", "HEAD", "ORIG_HEAD")]
        for name in sorted([*names, *folders]):
            path = Path(folder, name)
            found = path.lstat()
            digest.update(f"{os.fsencode(path)!r} {found.st_mode:o}\n".encode())
            if path.is_symlink():
                digest.update(os.fsencode(path.readlink()))
            elif path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()
