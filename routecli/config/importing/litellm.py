"""A LiteLLM proxy's `config.yaml` as tiers: model groups, fallbacks, prices. What has no meaning here is listed.

Keys as LiteLLM's documentation of `config.yaml` names them (model_list, litellm_settings, router_settings). A group of
deployments is a tier, its deployments the models that take over from one another; a fallback is the next tier.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from routecli.config.importing.deployments import Deployments
from routecli.config.places import read_small
from routecli.config.values import looks_like_a_key
from routecli.domain.untrusted import one_line, said_by
from routecli.errors import ConfigFault, UsageFault
from routecli.nouns import dataclass

_OWN_RETRIES = 3
_KNOWN = ("model_list", "litellm_settings", "router_settings", "general_settings", "environment_variables")
_CARRIED = ("fallbacks", "num_retries", "request_timeout", "timeout")


@dataclass(frozen=True, slots=True)
class Imported:
    """`text` is TOML for a configuration of one's own. `lost` says, a line each, what could not be carried over;
    `notes` what means something else here."""

    text: str
    tiers: tuple[str, ...]
    lost: tuple[str, ...]
    notes: tuple[str, ...]


def read_litellm(path: Path) -> Imported:
    """Reads `path`. Raises UsageFault (no such file, or it names no models), ConfigFault (no YAML, or no reader)."""
    table = _read(path)
    deployments = Deployments()
    groups: dict[str, list[str]] = {}
    caps: dict[str, list[int]] = {}
    for place, entry in enumerate(table["model_list"]):
        model = deployments.take(place, entry)
        if model is not None:
            group = str(entry.get("model_name") or f"model {place + 1}")
            groups.setdefault(group, []).append(model.ref)
            caps.setdefault(group, []).extend([model.max_output_tokens] if model.max_output_tokens else [])
    if not groups:
        raise UsageFault(f"{path} names no model that can be carried over", hint="\n".join(deployments.lost) or "")
    settings = [_mapping(table.get(name)) for name in ("litellm_settings", "router_settings")]
    follows = _fallbacks(settings)
    order = _ordered(groups, follows)
    lost = [*deployments.lost, *_left_out(table, settings), *_lost_fallbacks(follows, order)]
    notes = _notes(settings, follows)
    text = _toml(path, deployments, [(name, groups[name], caps[name]) for name in order], _timeout_s(settings))
    return Imported(text, tuple(order), tuple(one_line(line, limit=300) for line in lost), tuple(notes))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        import yaml
    except ImportError:
        raise ConfigFault("reading YAML needs the extra yaml", hint="pip install 'routecli[yaml]'") from None
    try:
        raw = read_small(path.resolve())
    except OSError as fault:
        raise UsageFault(f"{path} cannot be read: {said_by(fault)}", hint=f"ls -l {path}") from None
    if raw is None:
        raise UsageFault(f"there is no file {path}", hint="routecli config import litellm_config.yaml")
    try:
        found = yaml.safe_load(raw)
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        raise ConfigFault(
            f"{path} is no YAML: {one_line(str(fault), limit=200)}", hint=f"${{EDITOR:-vi}} {path}"
        ) from None
    if not isinstance(found, Mapping) or not isinstance(found.get("model_list"), list):
        raise UsageFault(f"{path} has no model_list: is it LiteLLM's?", hint="routecli config import --help")
    return found


def _list(value: object) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _fallbacks(settings: list[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Group → the groups that stand in for it, in order."""
    follows: dict[str, list[str]] = {}
    for section in settings:
        for entry in _list(section.get("fallbacks")):
            for name, others in entry.items():
                named = [other for other in others if isinstance(other, str)] if isinstance(others, list) else []
                follows.setdefault(str(name), []).extend(named)
    return follows


def _ordered(groups: Mapping[str, object], follows: Mapping[str, list[str]]) -> list[str]:
    """Each group before those that stand in for it; otherwise in the order of the file. A ring is cut where the file
    comes to it first."""
    order: list[str] = []

    def place(name: str, above: frozenset[str]) -> None:
        if name in order or name in above:
            return
        for other, behind in follows.items():
            if name in behind and other in groups:
                place(other, above | {name})
        if name not in order:
            order.append(name)

    for name in groups:
        place(name, frozenset())
    return order


def _lost_fallbacks(follows: Mapping[str, list[str]], order: list[str]) -> Iterator[str]:
    for name, others in follows.items():
        for other in others:
            if name not in order or other not in order:
                yield f"fallback {name} → {other}: there is no such group"
            elif order.index(other) < order.index(name):
                yield f"fallback {name} → {other}: a ladder only climbs"


def _left_out(table: Mapping[str, Any], settings: list[Mapping[str, Any]]) -> Iterator[str]:
    for name in table:
        if name not in _KNOWN:
            yield f"{name}: no such thing here"
    for section, name in zip(settings, ("litellm_settings", "router_settings"), strict=True):
        for key in section:
            if key not in _CARRIED:
                yield f"{name}.{key}"
    yield from (f"general_settings.{key}: the proxy's own" for key in _mapping(table.get("general_settings")))
    for name in _mapping(table.get("environment_variables")):
        yield f"environment_variables.{name}: export it yourself; no key is written into a file"


def _notes(settings: list[Mapping[str, Any]], follows: Mapping[str, list[str]]) -> list[str]:
    notes = []
    if follows:
        notes.append(
            "a fallback is the next tier here: it is climbed to when the tests refuse a patch; when a provider is "
            "down, another model of the same tier takes over"
        )
    retries = next((s["num_retries"] for s in settings if isinstance(s.get("num_retries"), int)), None)
    if retries is not None:
        said = f"num_retries = {retries}: a request that is throttled or lost is sent again up to {_OWN_RETRIES} times"
        notes.append(said + (", never more" if retries > _OWN_RETRIES else " here"))
    return notes


def _timeout_s(settings: list[Mapping[str, Any]]) -> float | None:
    for section in settings:
        for key in ("request_timeout", "timeout"):
            value = section.get(key)
            if isinstance(value, int | float) and not isinstance(value, bool) and value >= 1:
                return float(value)
    return None


def _toml(
    path: Path, deployments: Deployments, tiers: list[tuple[str, list[str], list[int]]], timeout_s: float | None
) -> str:
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment(f"From {one_line(path.name, limit=100)} of LiteLLM, by `routecli config import`."))
    if timeout_s is not None:
        document["limits"] = {"request_timeout_s": timeout_s}
    if deployments.providers:
        document["providers"] = deployments.providers
    array = tomlkit.aot()
    for name, models, caps in tiers:
        tier: dict[str, Any] = {"name": name, "models": list(dict.fromkeys(models))}
        array.append(tomlkit.item(tier | ({"max_output_tokens": min(caps)} if caps else {})))
    document["tiers"] = array
    if deployments.prices:
        document["prices"] = deployments.prices
    text = tomlkit.dumps(document)
    if any(looks_like_a_key(word.strip("\"',[]{}")) for word in text.split()):
        raise ConfigFault(f"{path} names something that looks like a key; nothing was written", hint="take it out")
    return text
