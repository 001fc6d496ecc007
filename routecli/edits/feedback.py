"""What a model is told of its refused reply: data for the same tier's one repair or for the next tier."""

from __future__ import annotations

from collections.abc import Mapping

from routecli.domain.task import RepoPath
from routecli.domain.untrusted import fenced, visible
from routecli.edits.filetext import NotText, decode
from routecli.edits.memory import as_files
from routecli.edits.refusals import EditsRefused, Refusal, RefusalKind
from routecli.ports import Files

MAX_FEEDBACK_CHARS = 24_000
_BLOCK_LINES = 30
_FILE_CHARS = 12_000
_MAX_REFUSALS = 10

_ADVICE: dict[RefusalKind, str] = {
    RefusalKind.NOT_FOUND: "Copy the lines from the file as it is below, to the letter.",
    RefusalKind.STALE: "Copy the lines from the file as it is below, to the letter.",
    RefusalKind.AMBIGUOUS: "Add lines before or after, so that it stands once.",
    RefusalKind.EMPTY_SEARCH: "Quote the lines beside the new ones in SEARCH.",
    RefusalKind.ELIDED: "Write every line; leave nothing out.",
    RefusalKind.FRAGMENT: "Write the whole file, from first line to last.",
    RefusalKind.OVERLAP: "Make them one block.",
    RefusalKind.REPEATED: "Send it once.",
    RefusalKind.NO_PATH: "Put the file's path alone on the line above.",
    RefusalKind.OUT_OF_SCOPE: "Change the given files or make new ones.",
    RefusalKind.TRUNCATED: "Send the answer to its end, with smaller edits.",
}


def feedback(refused: EditsRefused, files: Files | Mapping[RepoPath, bytes | str]) -> str:
    """Why nothing was applied, block by block, with the nearest lines and the fresh text of the files that failed.
    A plain mapping of paths to texts will do, as for `read`.

    Only those files' text is sent again. Control characters are made visible; the whole is capped.
    """
    said = ["Your edits could not be applied. Nothing was applied: no file has changed.", ""]
    for number, refusal in enumerate(refused.refusals[:_MAX_REFUSALS], 1):
        said += [*_told(number, refusal), ""]
    left = len(refused.refusals) - _MAX_REFUSALS
    if left > 0:
        said += [f"({left} more edits failed in the same ways.)", ""]
    if refused.already_there:
        said += [f"{refused.already_there} of your edits are already in the files: leave them out.", ""]
    text = "\n".join(said)
    text += _fresh(refused, as_files(files), MAX_FEEDBACK_CHARS - len(text) - 200)
    ending = "Send all edits again, complete, also those that were right."
    return visible(text)[:MAX_FEEDBACK_CHARS] + ending + "\n"


def _told(number: int, refusal: Refusal) -> list[str]:
    where = f"{refusal.path}: " if refusal.path else ""
    said = [f"{number}. {where}{refusal.what}."]
    if refusal.places:
        said[0] += f" Lines: {', '.join(str(p) for p in refusal.places)}."
    if refusal.block:
        text = "\n".join(refusal.block[:_BLOCK_LINES])
        opened, closed = fenced(text)
        said += ["The block that failed:", opened, text, closed]
    if refusal.nearest:
        said.append(f"The nearest lines of the file ({refusal.score:.0%} alike); did you mean these?")
        text = "\n".join(f"{line.number:>5}  {line.text}" for line in refusal.nearest)
        opened, closed = fenced(text)
        said += [opened, text, closed]
    if refusal.there_at:
        said.append(f"Its replacement is already in the file, at line {refusal.there_at}.")
    if refusal.fits_in:
        said.append(f"It would fit in: {', '.join(refusal.fits_in)}.")
    if advice := _ADVICE.get(refusal.kind):
        said.append(advice)
    return said


def _fresh(refused: EditsRefused, files: Files, room: int) -> str:
    out = ""
    shown = {RefusalKind.OUT_OF_SCOPE, RefusalKind.BAD_PATH, RefusalKind.LINK}
    for path in dict.fromkeys(r.path for r in refused.refusals if r.path and r.kind not in shown):
        raw = files.read(path)
        if raw is None:
            continue
        try:
            text = "\n".join(decode(raw).lines)
        except NotText:
            continue
        opened, closed = fenced(text)
        part = f"The file as it is, {path}:\n{opened}\n{text}\n{closed}\n\n"
        if len(text) > _FILE_CHARS or len(out) + len(part) > room:
            part = f"({path} is too long to be shown again; it is unchanged.)\n\n"
        out += part
    return out
