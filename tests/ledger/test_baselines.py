from __future__ import annotations

from pathlib import Path

import pytest

from routecli.ledger import baselines
from routecli.ledger.baselines import Baselines


def test_what_is_put_is_got(tmp_path: Path) -> None:
    cache = Baselines(tmp_path / "baselines")
    cache.put("tree\0env", b"result\n\xff")
    assert cache.get("tree\0env") == b"result\n\xff"
    assert cache.get("another") is None


def test_a_torn_entry_is_none(tmp_path: Path) -> None:
    cache = Baselines(tmp_path)
    cache.put("k", b"a result")
    (entry,) = tmp_path.iterdir()
    entry.write_bytes(entry.read_bytes()[:-1])
    assert cache.get("k") is None
    entry.unlink()
    entry.symlink_to("/etc/hostname")
    assert cache.get("k") is None


def test_no_folder_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for cache in (Baselines(None), Baselines(tmp_path / "file")):
        cache.put("k", b"v")
        assert cache.get("k") is None


def test_old_entries_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "_KEEP", 3)
    cache = Baselines(tmp_path)
    for number in range(6):
        cache.put(str(number), b"v")
    assert len(list(tmp_path.iterdir())) == 3
    assert cache.get("5") == b"v"
