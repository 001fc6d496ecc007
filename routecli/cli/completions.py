"""Completion scripts: commands, options, kinds and files are static, and Python is not started for them. Only the ids
of runs and the names of tiers are asked for, of routecli, where one is wanted.

Made of the command tree; `completions/` holds them, and a test compares.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator

from routecli.cli.tree import Node, Param, flat

_RUNS = "routecli history --ids 2>/dev/null"
_TIERS = "routecli models show --names 2>/dev/null"
_MADE = "# Completion of routecli for {}. Made by `python -m routecli.cli.generate`; a test compares."


def bash(root: Node) -> str:
    """The script for bash 4 and later, without bash-completion."""
    nodes = list(flat(root))
    steps = [f"            {shlex.quote(_step(node))}) at={shlex.quote(node.words)} ;;" for node in nodes[1:]]
    values = [line for node in (*nodes[1:], root) for line in _bash_values(node)]
    cases = [line for node in nodes for line in _bash_case(node)]
    return "\n".join([_MADE.format("bash"), *_BASH_HEAD, *steps, *_BASH_VALUES, *values, *_BASH_WORDS, *cases,
                      *_BASH_TAIL, ""])  # fmt: skip


def _step(node: Node) -> str:
    parent, _, name = node.words.rpartition(" ")
    return f"{parent}/{name}"


def _bash_values(node: Node) -> Iterator[str]:
    """What follows an option; those of every command once, after all others."""
    for param in node.options:
        if param.takes_value and param.shared != bool(node.words):
            at = "*" if param.shared else shlex.quote(node.words)
            keys = "|".join(f"{at}/{name}" for name in param.names)
            reply = "files=1" if param.files else f"words={shlex.quote(' '.join(param.choices))}"
            reply = "tiers=1" if param.tiers else reply
            yield f"        {keys}) {reply} ;;"


def _bash_case(node: Node) -> Iterator[str]:
    options = " ".join(name for param in node.options for name in param.names)
    choices = [choice for param in node.arguments for choice in param.choices]
    words = " ".join([*(_name(deeper) for deeper in node.below), *choices])
    files = "; files=1" if any(param.files for param in node.arguments) else ""
    files += "; runs=1" if any(param.runs for param in node.arguments) else ""
    yield f"        {shlex.quote(node.words)}) options={shlex.quote(options)}; words={shlex.quote(words)}{files} ;;"


_BASH_HEAD = """\
_routecli() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local at='' options='' words='' files='' runs='' tiers='' known=1 i
    if [[ $current == '=' ]]; then
        current=''
    elif [[ $previous == '=' ]]; then
        previous=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$at/${COMP_WORDS[i]}" in""".splitlines()
_BASH_VALUES = """\
        esac
    done
    case "$at/$previous" in""".splitlines()
_BASH_WORDS = """\
        *) known='' ;;
    esac
    [[ $known ]] || case "$at" in""".splitlines()
_BASH_TAIL = (
    """\
    esac
    [[ $current == -* && ! $known ]] && words=$options files='' runs=''
    [[ $runs ]] && words="$words last $(RUNS)"
    [[ $tiers ]] && words=$(TIERS)
    local IFS=$' \\t\\n'
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    if [[ $files ]]; then
        compopt -o filenames 2>/dev/null
        IFS=$'\\n'
        COMPREPLY+=($(compgen -f -- "$current"))
    fi
}
complete -F _routecli routecli""".replace("RUNS", _RUNS)
    .replace("TIERS", _TIERS)
    .splitlines()
)


def zsh(root: Node) -> str:
    """The script for zsh, to be found as `_routecli` in `$fpath`."""
    lines = ["#compdef routecli", _MADE.format("zsh"), ""]
    for node in flat(root):
        lines += [*_zsh_function(node), ""]
    return "\n".join([*lines, 'if [[ ${funcstack[1]} == _routecli ]]; then', '    _routecli "$@"', "else",
                      "    compdef _routecli routecli", "fi", ""])  # fmt: skip


def _zsh_function(node: Node) -> Iterator[str]:
    name = _zsh_name(node)
    yield f"{name}() {{"
    specs = [spec for param in node.options for spec in _zsh_option(param)]
    if not node.below:
        specs += _zsh_arguments(node)
        yield from ("    _arguments -s -S \\", *_continued(specs))
        yield "}"
        return
    commands = " ".join(f"{_name(d)}\\:{_zsh_quoted(_line(d.help))}" for d in node.below)
    specs += [f"'1:command:(({commands}))'", "'*::argument:->below'"]
    yield "    local context state line; typeset -A opt_args"
    yield from ("    _arguments -C -S \\", *_continued(specs))
    yield "    [[ $state == below ]] && case $line[1] in"
    yield from (f"        {_name(deeper)}) {_zsh_name(deeper)} ;;" for deeper in node.below)
    yield from ("    esac", "}")


def _zsh_name(node: Node) -> str:
    return "_" + "_".join(["routecli", *node.words.replace("-", "_").split()])


def _continued(specs: list[str]) -> list[str]:
    return [f"        {spec} \\" for spec in specs[:-1]] + [f"        {specs[-1]}"]


def _zsh_option(param: Param) -> Iterator[str]:
    value = ""
    if param.takes_value:
        value = f":value:{_zsh_action(param)}"
    for name in param.names:
        others = " ".join(param.names)
        yield f"'({others}){name}[{_zsh_text(_line(param.help))}]{value}'"


def _zsh_arguments(node: Node) -> list[str]:
    """One for all arguments of a command, which `_arguments` takes no more than: that which there is most to say of."""
    told = sorted(node.arguments, key=lambda p: (p.runs, p.files, bool(p.choices)), reverse=True)
    return [f"'*:argument:{_zsh_action(param)}'" for param in told[:1]]


def _zsh_action(param: Param) -> str:
    if param.runs or param.tiers:
        return f'{{compadd -- {"last " if param.runs else ""}${{(f)"$({_RUNS if param.runs else _TIERS})"}}}}'
    return "_files" if param.files else f"({' '.join(param.choices)})"


def _zsh_text(text: str) -> str:
    """Inside `'…[…]'` of an `_arguments` spec."""
    return text.replace("\\", "\\\\").replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def _zsh_quoted(text: str) -> str:
    """A description inside `'…((name\\:"…"))'`."""
    return '"' + text.replace("'", "'\\''").replace('"', "").replace(":", "\\:") + '"'


def fish(root: Node) -> str:
    """The script for fish."""
    lines = [_MADE.format("fish"), "complete -c routecli -f"]
    lines += [f"complete -c routecli {_fish_param(param)}" for param in root.options if param.shared]
    for node in flat(root):
        here = f"complete -c routecli -n {_fish_when(node, root)}"
        lines += [f"{here} -a {_name(deeper)} -d {_fish_quoted(_line(deeper.help))}" for deeper in node.below]
        lines += [f"{here} {_fish_param(param)}" for param in node.options if not param.shared]
        for param in node.arguments:
            if param.files:
                lines.append(f"{here} -F")
            elif param.runs:
                lines.append(f"{here} -a '(echo last; {_RUNS})'")
            elif param.choices:
                lines.append(f"{here} -a {_fish_quoted(' '.join(param.choices))}")
    return "\n".join([*lines, ""])


def _fish_when(node: Node, root: Node) -> str:
    """All words of the command were typed, none of a command below it, and none of a group that has a namesake."""
    typed = node.words.split()
    namesakes = [verb.words for verb in root.below if any(_name(deeper) in typed for deeper in verb.below)]
    absent = [_name(deeper) for deeper in node.below] + [name for name in namesakes if name not in typed]
    tests = [f"__fish_seen_subcommand_from {word}" for word in typed]
    tests += [f"not __fish_seen_subcommand_from {' '.join(absent)}"] if absent else []
    return "'" + "; and ".join(tests) + "'"


def _fish_param(param: Param) -> str:
    words = [f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in param.names]
    if param.takes_value:
        words.append("-r -F" if param.files else "-x")
        if param.tiers:
            words.append(f"-a '({_TIERS})'")
        elif param.choices:
            words.append(f"-a {_fish_quoted(' '.join(param.choices))}")
    return " ".join([*words, "-d", _fish_quoted(_line(param.help))])


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _name(node: Node) -> str:
    return node.words.rpartition(" ")[2]


def _line(text: str) -> str:
    """The first sentence of a help text, on one line."""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split()).split(". ")[0].rstrip(".")


SHELLS: dict[str, Callable[[Node], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
"""Each shell and what makes its script."""
