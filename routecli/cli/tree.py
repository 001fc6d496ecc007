"""The command tree as plain values: what completion scripts and docs/commands.md are made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routecli.cli.app import VERBS, load, root_command
from routecli.cli.help import SHARED_NAMES, examples, untyped, usage_of
from routecli.config.keys import APIS, EDIT_FORMATS
from routecli.config.preset import names
from routecli.domain.answered import ANSWERS
from routecli.domain.task import Kind
from routecli.nouns import dataclass
from routecli.routing import POLICIES

if TYPE_CHECKING:
    from typer._click.core import Command, Context, Parameter


@dataclass(frozen=True, slots=True)
class Param:
    """An option (`names`) or an argument (no names). `choices` are its known values, `files` says that it takes paths,
    `takes_value` is False for a flag. `record` is its line of the help page; `runs` and `tiers` say that it takes a
    run's id, or the name of a tier: which there are, only the ledger and the configuration know."""

    names: tuple[str, ...]
    help: str
    takes_value: bool
    choices: tuple[str, ...]
    files: bool
    record: tuple[str, str]
    runs: bool
    tiers: bool
    shared: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A command: `words` is what is typed after `routecli` (`config show`), `below` the commands under it."""

    words: str
    help: str
    usage: str
    options: tuple[Param, ...]
    arguments: tuple[Param, ...]
    examples: tuple[str, ...]
    below: tuple[Node, ...]


def command_tree() -> Node:
    """`routecli` itself (no words) with every verb and all that is below it. Imports every verb."""
    verbs = {verb.name: load(verb) for verb in VERBS}
    return _node(root_command(), "", None, verbs)


def flat(node: Node) -> Iterator[Node]:
    """`node` and all commands below it, each before those below it."""
    yield node
    for deeper in node.below:
        yield from flat(deeper)


def _node(command: Command, words: str, parent: Context | None, verbs: dict[str, Command] | None = None) -> Node:
    name = words.rpartition(" ")[2] or "routecli"
    ctx = command.context_class(command, info_name=name, parent=parent, resilient_parsing=True)
    below: dict[str, Command] = verbs or getattr(command, "commands", {})
    params = [(p.param_type_name, _param(p, ctx)) for p in command.params if not getattr(p, "hidden", False)]
    return Node(
        words=words,
        help=(command.help or "").strip(),
        usage=usage_of(ctx),
        options=tuple(param for kind, param in params if kind == "option"),
        arguments=tuple(param for kind, param in params if kind == "argument"),
        examples=tuple(examples(command.epilog)),
        below=tuple(_node(deeper, f"{words} {name}".strip(), ctx) for name, deeper in below.items()),
    )


def _param(param: Parameter, ctx: Context) -> Param:
    option = param.param_type_name == "option"
    opts = (*param.opts, *param.secondary_opts) if option else ()
    record = param.get_help_record(ctx) or ("", "")
    choices = _known(opts, str(param.metavar or "")) or _choices(param)
    return Param(
        names=opts,
        help=str(getattr(param, "help", "") or ""),
        takes_value=not (option and (getattr(param, "is_flag", False) or getattr(param, "count", False))),
        choices=choices,
        files=not choices and _takes_files(param),
        record=record if option else untyped(record),
        runs=not option and str(param.metavar or "").strip("[]") == "RUN",
        tiers=not {"--tier", "--max-tier"}.isdisjoint(opts),
        shared=param.name in SHARED_NAMES,
    )


def _choices(param: Any) -> tuple[str, ...]:
    declared = getattr(getattr(param, "type_descriptor", None), "choices", None)
    return tuple(str(getattr(choice, "value", choice)) for choice in declared or ())


def _takes_files(param: Any) -> bool:
    annotation = getattr(getattr(param, "type_descriptor", None), "annotation", None)
    named = str(param.metavar or param.name or "").upper()
    return Path in (annotation, *getattr(annotation, "__args__", ())) or any(w in named for w in ("FILE", "PATH"))


def _known(opts: tuple[str, ...], metavar: str) -> tuple[str, ...]:
    """Values of options that are no enum, since a configuration may bring others."""
    known = {
        "--kind": tuple(kind.value for kind in Kind if kind not in ANSWERS),
        "--policy": tuple(POLICIES) if metavar == "NAME" else (),
        "--preset": names(),
        "--edit-format": EDIT_FORMATS,
        "--api": APIS,
    }
    return next((known[opt] for opt in opts if opt in known), ())
