"""The alias for each shell: `rc fix the typo in README.md`, completion of its words, and today's spend for a prompt."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

BEGIN, END = "# >>> routecli alias >>>", "# <<< routecli alias <<<"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,30}")

_BASH = """\
{name}() {{ {run} run --words "$@"; }}
{name}_spend() {{ {segment}; }}
# Its words are completed as those of `routecli run`, whose script is asked for once, by the first <TAB>.
_{name}_complete() {{
    declare -F _routecli >/dev/null || eval "$({run} completion bash)"
    COMP_WORDS=(routecli run "${{COMP_WORDS[@]:1}}") COMP_CWORD=$((COMP_CWORD + 1))
    _routecli
}}
complete -F _{name}_complete {name}
"""
_ZSH = """\
# Without `noglob` a word such as `foo?` would end the line; globs that fit a file are expanded here instead.
_{name}_words() {{
    local word found
    local -a words
    for word in "$@"; do
        found=()
        [[ $word == *[\\*\\?\\[]* && $word != *[[:space:]]* ]] && found=(${{~word}}(N))
        if (( ${{#found}} )); then words+=("${{found[@]}}"); else words+=("$word"); fi
    done
    {run} run --words "${{words[@]}}"
}}
alias {name}='noglob _{name}_words'
{name}_spend() {{ {segment}; }}
_{name}_complete() {{
    (( ${{+functions[_routecli_run]}} )) || eval "$({run} completion zsh)"
    _routecli_run
}}
(( ${{+functions[compdef]}} )) && compdef _{name}_complete _{name}_words {name}
"""
_FISH = """\
function {name} --description 'routecli run, the task in loose words'
    {run} run --words $argv
end
complete -c {name} -w 'routecli run'
function {name}_spend --description 'what routecli has cost today'
    {segment}
end
"""
SHELLS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def alias_of(shell: str, name: str, ledger: Path | None) -> str:
    """The text for `shell`. `ledger` is the file that the prompt's segment reads; None: it says nothing."""
    segment = "true"
    if ledger is not None:
        script = Path(__file__).with_name("prompt_segment.py")
        segment = " ".join(_quoted(word, shell) for word in (sys.executable, "-I", "-S", str(script), str(ledger)))
    run = f"{_quoted(sys.executable, shell)} -P -m routecli"
    return SHELLS[shell].format(name=name, run=run, segment=segment)


def _quoted(word: str, shell: str) -> str:
    if shell != "fish":
        return shlex.quote(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def start_up_file(shell: str, home: Path) -> Path:
    """The file that the shell reads at each start. A link to it (dotfiles) is followed."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    zdot = Path(os.environ.get("ZDOTDIR") or home)
    place = {"bash": home / ".bashrc", "zsh": zdot / ".zshrc", "fish": config / "fish" / "conf.d" / "routecli.fish"}
    return place[shell].resolve()


def with_block(text: str, block: str) -> str:
    """`text` with our block between its marks, in place of an older one; empty `block`: without any."""
    pattern = re.compile(rf"\n?{re.escape(BEGIN)}\n.*?{re.escape(END)}\n", re.DOTALL)
    bare = pattern.sub("", text)
    if not block:
        return bare
    gap = "" if not bare or bare.endswith("\n") else "\n"
    return f"{bare}{gap}{chr(10) if bare else ''}{BEGIN}\n{block}{END}\n"
