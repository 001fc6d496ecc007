"""`estimate --show-context`: the texts that would be sent on stdout, everything about them on stderr.

Read by a program, stdout is exact: the texts of the messages one after another, byte for byte as in the request. At a
terminal control characters are made visible, since file contents and tasks are untrusted (security.md row 11).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from routecli.cli.figures import count_text, tokens_text
from routecli.cli.screen import MIND, QUIET, STRONG, answer_console, say, shown, side_console, write_json, write_out
from routecli.domain.untrusted import one_line

if TYPE_CHECKING:
    from routecli.compose import FirstCall


def context_json(call: FirstCall | None) -> dict[str, Any]:
    """What `--show-context --json` prints: `messages` is empty where no model would be asked. Texts are exact."""
    if call is None:
        return {"tier": None, "model": None, "messages": [], "left_out": [], "other_files": None, "after_tools": True}
    return {
        "tier": call.tier,
        "model": str(call.model),
        "edit_format": call.prompt.edit_format,
        "input_tokens": call.prompt.input_tokens,
        "messages": [{"role": m.role, "text": m.text} for m in call.prompt.messages],
        "left_out": [{"path": one_line(f.path, limit=4096), "role": f.role.value, "why": f.why} for f in call.left_out],
        "other_files": call.others,
        "after_tools": call.after_tools,
    }


def show_context(call: FirstCall | None, *, as_json: bool, quiet: bool, no_color: bool) -> None:
    """Prints `call`, or that there is none."""
    if as_json:
        write_json(context_json(call))
        return
    side = side_console(no_color=no_color)
    if call is None:
        say(side, shown("nothing would be sent: tools alone would be tried", QUIET))
        return
    if not quiet:
        about = f"{call.tier} {call.model}: {tokens_text(call.prompt.input_tokens)} tokens"
        when = ", if the tools of tier 0 find nothing to do" if call.after_tools else ""
        say(side, shown(one_line(about) + when, STRONG))
    for message in call.prompt.messages:
        if not quiet:
            say(side, shown(f"── {message.role}, {count_text(len(message.text), 'character')}", QUIET))
        _text(message.text, no_color)
    if not quiet:
        _left_out(call, no_color)


def _text(text: str, no_color: bool) -> None:
    if sys.stdout is not None and sys.stdout.isatty():
        answer_console(no_color=no_color).print(shown(text), end="", soft_wrap=True)
    else:
        write_out(text)


def _left_out(call: FirstCall, no_color: bool) -> None:
    side = side_console(no_color=no_color)
    say(side, shown("── not sent", QUIET))
    for file in call.left_out:
        line = shown(one_line(file.path), MIND)
        say(side, line.append_text(shown(f"  {file.role.value}: {one_line(file.why)}", QUIET)))
    say(side, shown(f"{count_text(call.others, 'other file')} of the repository: the task is not about them", QUIET))
