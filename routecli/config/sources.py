"""The files: the user's own, with its profiles, and the repository's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from routecli.config.layers import Layer, Source, line_finder, read_toml, repo_layer, user_layer
from routecli.config.nearest import nearest
from routecli.config.places import CONFIG_VARIABLE, user_config_file
from routecli.domain.ladder import Reason
from routecli.domain.untrusted import one_line
from routecli.errors import ConfigFault, RoutecliError, UsageFault
from routecli.nouns import dataclass

PROFILE_VARIABLE = "ROUTECLI_PROFILE"
REPO_FILE = ".routecli.toml"


@dataclass(frozen=True, slots=True)
class UserFile:
    """The user's own file. `layers` are the chosen profile's, if any, then its own."""

    layers: tuple[Layer, ...]
    file: Path
    there: bool
    profile: str | None
    profiles: tuple[str, ...]

    @property
    def own_tiers(self) -> bool:
        """Whether it names tiers: they replace all of a preset's."""
        return any(layer.tiers is not None for layer in self.layers)


def read_user(environ: Mapping[str, str], config_file: Path | None, profile: str | None) -> UserFile:
    """The user's file, all its profiles checked, the chosen one on top. Raises ConfigFault."""
    file = config_file or user_config_file(environ)
    named = config_file is not None or bool(environ.get(CONFIG_VARIABLE))
    found = read_toml(file.resolve() if file.is_symlink() else file)  # one's own dotfiles may well be links
    if found is None and named:
        raise ConfigFault(f"there is no configuration {file}", hint=f"routecli config init --config {file}")
    table, text = found or ({}, "")
    source = Source(str(file), file.parent, line_finder(text))
    profiles = table.get("profiles", {})
    if not isinstance(profiles, Mapping) or not all(isinstance(one, Mapping) for one in profiles.values()):
        raise ConfigFault(f"{source.at('profiles')}: profiles must be tables: [profiles.NAME]")
    overlays = {name: user_layer(overlay, source, prefix=f"profiles.{name}.") for name, overlay in profiles.items()}
    chosen = profile or environ.get(PROFILE_VARIABLE) or None
    if chosen is not None and chosen not in overlays:
        raise _no_profile(chosen, file, list(overlays), UsageFault if profile else ConfigFault)
    own = user_layer(table, source)
    layers = (own,) if chosen is None else (overlays[chosen], own)
    return UserFile(layers, file, found is not None, chosen, tuple(overlays))


def _no_profile(chosen: str, file: Path, there: list[str], fault: type[RoutecliError]) -> RoutecliError:
    near = nearest(chosen, there) or ", ".join(there)
    hint = f"one of: {near}" if near else f"add [profiles.{one_line(chosen, limit=40)}] to {file}"
    return fault(f"no profile {one_line(chosen, limit=60)} in {file}", hint=hint)


def read_repo(root: Path | None) -> tuple[Layer, tuple[Path, ...], list[Reason]]:
    """The repository's layer: `.routecli.toml` over `[tool.routecli]` of pyproject.toml."""
    if root is None:
        return Layer(), (), []
    merged, files = Layer(), []
    for file, under in ((root / "pyproject.toml", ("tool", "routecli")), (root / REPO_FILE, ())):
        found = _repo_table(file, under)
        if found is None:
            continue
        table, text = found
        # A path of a repository must not reach outside; no inert key is a path, so the folder is never used.
        layer = repo_layer(table, Source(str(file), root, line_finder(text, under)))
        merged.values.update(layer.values)
        merged.ignored += [f"{name} ({file.name})" for name in layer.ignored]
        files.append(file)
    warnings = []
    if merged.ignored:
        listed = ", ".join(one_line(name, limit=60) for name in merged.ignored[:8])
        more = f" and {len(merged.ignored) - 8} more" if len(merged.ignored) > 8 else ""
        text = f"ignored from the repository's configuration, which may not set it: {listed}{more}"
        warnings.append(Reason("repo-config-ignored", text))
    return merged, tuple(files), warnings


def _repo_table(file: Path, under: tuple[str, ...]) -> tuple[Mapping[str, Any], str] | None:
    try:
        found = read_toml(file)
    except ConfigFault:
        # pyproject.toml is the project's: broken, or a link, it may be the very thing to be mended.
        if under:
            return None
        raise
    if found is None:
        return None
    table, text = found
    for name in under:
        table = table.get(name, {})
        if not isinstance(table, Mapping):
            return None
    return (table, text) if table else None
