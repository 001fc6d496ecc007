"""Makes a command the one of this repository: a line of its `.routecli.toml`, all else in the file as it was."""

from __future__ import annotations

from pathlib import Path

from routecli.config.keys import BY_NAME, Repo
from routecli.config.places import read_small, write_atomically
from routecli.config.sources import REPO_FILE
from routecli.errors import ConfigFault


def adopt(repo_root: Path, key: str, command: str) -> tuple[Path, str]:
    """Sets `key` (one that a repository may propose, such as `verify.test_cmd`) to `command`; returns the file and the
    command that was there before, empty where there was none. Raises ConfigFault: the file is broken, a link, or cannot
    be written."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    assert BY_NAME[key].repo is Repo.COMMAND
    file = repo_root / REPO_FILE
    section, _, name = key.partition(".")
    try:
        raw = read_small(file)
        document = tomlkit.parse(raw.decode() if raw is not None else "")
        table = document.setdefault(section, tomlkit.table())
        before = str(table.get(name, ""))
        table[name] = command
        write_atomically(file, tomlkit.dumps(document).encode(), mode=0o644)
    except (TOMLKitError, UnicodeDecodeError, TypeError, AttributeError) as fault:
        raise ConfigFault(f"{file} cannot be changed: {fault}", hint=f"open {file}") from None
    except OSError as fault:
        raise ConfigFault(f"{file} cannot be written: {fault.strerror or fault}", hint=f"ls -l {file}") from None
    return file, before
