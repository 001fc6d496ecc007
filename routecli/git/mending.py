"""What git has lost of a snapshot, written again from the disk.

The kept index begins as a copy of the user's, whose objects are theirs. They may take what was staged back and let
`git gc` prune it, while the file on disk still is what the kept index says: then only its bytes there are left.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from routecli.domain.task import RepoPath
from routecli.git.reading import open_folder, parts_of, read_regular
from routecli.git.store import Store


def mend(store: Store, index: Path, files: Iterable[tuple[RepoPath, str, str]]) -> bool:
    """Whether something of `files` (path, mode and id of each) was lost and all is there now. Raises UsageFault: git
    cannot write."""
    wanted = [(path, mode, blob) for path, mode, blob in files if mode != "160000"]
    asked = "".join(f"{blob}\n" for _, _, blob in wanted).encode()
    told = store.git_ok("cat-file", "--batch-check", "--buffer", index=index, stdin=asked).decode().splitlines()
    gone = {line.partition(" ")[0] for line in told if line.endswith(" missing")}
    lost = set(gone)
    for path, mode, blob in wanted:
        content = _on_disk(store.repository.root, path, mode) if blob in lost else None
        if content is not None:
            words = ("hash-object", "-w", "--no-filters", "--stdin")
            lost.discard(store.git_ok(*words, index=index, stdin=content).decode().strip())
    return bool(gone) and not lost


def _on_disk(root: Path, path: RepoPath, mode: str) -> bytes | None:
    """The bytes of a file, or a link's target; None where it is neither any more."""
    if mode != "120000":
        return read_regular(root, path)
    *above, name = parts_of(path)
    try:
        folder = open_folder(root, above)
    except OSError:
        return None
    try:
        return os.fsencode(os.readlink(name, dir_fd=folder))
    except OSError:
        return None
    finally:
        os.close(folder)


__all__ = ["mend"]
