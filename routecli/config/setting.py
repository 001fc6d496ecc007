"""One key of the user's own file set or taken out, all else in it as it was, comments included."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from routecli.config.places import read_small, write_atomically
from routecli.errors import ConfigFault


def set_amount(file: Path, path: Sequence[str], amount: Decimal | None) -> None:
    """Sets the number at `path` (`("budget", "day_usd")`), or takes it out (None). A file that is not there is made,
    mode 0600; one that is a link stays one. Raises ConfigFault: the file is broken or cannot be written."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    target = file.resolve() if file.is_symlink() else file
    *tables, name = path
    try:
        raw = read_small(target)
        document = tomlkit.parse(raw.decode("utf-8-sig") if raw is not None else "")
        table = document
        for part in tables:
            table = table.setdefault(part, tomlkit.table())
        if amount is None:
            table.pop(name, None)
        else:
            table[name] = tomlkit.parse(f"x = {amount:f}")["x"]  # as it was typed: a float would round it
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(target, (tomlkit.dumps(document).rstrip("\n") + "\n").encode(), mode=_mode(target))
    except (TOMLKitError, UnicodeDecodeError, TypeError, AttributeError) as fault:
        raise ConfigFault(f"{file} cannot be changed: {fault}", hint=f"open {file}") from None
    except OSError as fault:
        raise ConfigFault(f"{file} cannot be written: {fault.strerror or fault}", hint=f"ls -l {file}") from None


def _mode(file: Path) -> int:
    try:
        return file.stat().st_mode & 0o777
    except FileNotFoundError:
        return 0o600
