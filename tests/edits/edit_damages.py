"""What happens to replies on their way: each damage takes a reply's blocks or its text and gives a damaged text.

A damage returns None where it does not apply. Every one leaves what was *meant* unchanged: after it the intended tree
or a refusal is right, any other tree is wrong.
"""

from __future__ import annotations

import copy
import difflib
import random
from collections.abc import Callable

from edit_writers import Written, fence_for, marked, show, stands

Damage = Callable[[Written, random.Random], str | None]

BLOCKS = {"search_replace", "begin_patch", "unified_diff"}


def none(written: Written, rng: random.Random) -> str | None:
    return show(written)


def crlf(written: Written, rng: random.Random) -> str | None:
    return show(written).replace("\n", "\r\n")


def in_prose(written: Written, rng: random.Random) -> str | None:
    return (
        f"Sure! I read the code.\n\n- first point\n- second point\n\n{show(written)}\n\nThat is all: run the tests.\n"
    )


def quoted(written: Written, rng: random.Random) -> str | None:
    return "".join(f"> {line}\n" if line else ">\n" for line in show(written).split("\n"))


def in_list(written: Written, rng: random.Random) -> str | None:
    if written.dialect == "unified_diff" and "```" not in show(written):
        return None
    return "1. The change:\n\n" + "".join(f"   {line}\n" if line else "\n" for line in show(written).split("\n"))


def _each_block(
    written: Written, change: Callable[[list[str], list[str]], tuple[list[str], list[str]] | None]
) -> str | None:
    if written.dialect not in BLOCKS:
        return None
    damaged = copy.deepcopy(written)
    hit = False
    for block in damaged.blocks:
        if block.fresh or block.gone:
            continue
        result = change(block.old, block.new)
        if result is not None:
            block.old, block.new = result
            hit = True
    return show(damaged) if hit else None


def quoted_pairs(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Positions of the lines that a block only quotes, in the old and the new text."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [(m.a + k, m.b + k) for m in matcher.get_matching_blocks() for k in range(m.size)]


def trailing_blanks(written: Written, rng: random.Random) -> str | None:
    """The quoted and searched lines get or lose blanks at their ends; new lines stay as meant."""

    def change(old: list[str], new: list[str]) -> tuple[list[str], list[str]] | None:
        if any(x != x.rstrip() for x in (*old, *new)):
            return None  # blanks that are meant cannot be told from those that are not
        spoiled = [x + " " * rng.randint(0, 3) if x.strip() else x for x in old]
        fresh = list(new)
        for i, j in quoted_pairs(old, new):
            fresh[j] = spoiled[i]
        return spoiled, fresh

    return _each_block(written, change)


def shifted(written: Written, rng: random.Random) -> str | None:
    """All lines of a block four blanks deeper, or outdented together; blocks that would then stand elsewhere stay."""
    if written.dialect not in BLOCKS:
        return None
    damaged = copy.deepcopy(written)
    hit = False
    for block in damaged.blocks:
        every = [x for x in (*block.old, *block.new) if x.strip()]
        common = min((len(x) - len(x.lstrip(" ")) for x in every), default=0)
        if any(x[:1] == "\t" for x in every) or not any(x.strip() for x in block.old):
            continue
        cut, put = (common, "") if common and rng.random() < 0.7 else (0, "    ")
        old, new = ([put + x[cut:] if x.strip() else x for x in part] for part in (block.old, block.new))
        if not stands(written.olds[block.path], old):
            block.old, block.new = old, new
            hit = True
    return show(damaged) if hit else None


def tabs_as_blanks(written: Written, rng: random.Random) -> str | None:
    """Leading tabs as four blanks each, in all lines."""

    def change(old: list[str], new: list[str]) -> tuple[list[str], list[str]] | None:
        if not any(x.startswith("\t") for x in old) or any(x.startswith(" ") for x in (*old, *new)):
            return None
        if any("\t " in x[: len(x) - len(x.lstrip())] for x in (*old, *new)):
            return None
        return [_detabbed(x) for x in old], [_detabbed(x) for x in new]

    return _each_block(written, change)


def _detabbed(line: str) -> str:
    rest = line.lstrip("\t")
    return "    " * (len(line) - len(rest)) + rest


def typographic(written: Written, rng: random.Random) -> str | None:
    """Straight quotes and dashes of the quoted and searched lines become typographic ones; new lines stay as meant."""

    def change(old: list[str], new: list[str]) -> tuple[list[str], list[str]] | None:
        swap = str.maketrans({"'": "\u2019", '"': "\u201d", "-": "\u2013"})
        spoiled = [x.translate(swap) for x in old]
        fresh = list(new)
        for i, j in quoted_pairs(old, new):
            fresh[j] = spoiled[i]
        return None if spoiled == old else (spoiled, fresh)

    return _each_block(written, change)


def misquoted(written: Written, rng: random.Random) -> str | None:
    """A letter of one quoted line is another one, in the search and where the new text repeats the line."""

    def change(old: list[str], new: list[str]) -> tuple[list[str], list[str]] | None:
        pairs = [(i, j) for i, j in quoted_pairs(old, new) if len(old[i].strip()) > 8]
        if not pairs or rng.random() < 0.4:
            return None
        i, j = rng.choice(pairs)
        spoiled = _slip(old[i], rng)
        return [*old[:i], spoiled, *old[i + 1 :]], [*new[:j], spoiled, *new[j + 1 :]]

    return _each_block(written, change)


def _slip(line: str, rng: random.Random) -> str:
    at = rng.randrange(len(line) - len(line.lstrip()), len(line))
    return line[:at] + ("q" if line[at] != "q" else "z") + line[at + 1 :]


def misquoted_change(written: Written, rng: random.Random) -> str | None:
    """A letter of a line that is to go is another one."""

    def change(old: list[str], new: list[str]) -> tuple[list[str], list[str]] | None:
        going = [i for i, x in enumerate(old) if x not in new and len(x.strip()) > 8]
        if not going:
            return None
        i = rng.choice(going)
        return [*old[:i], _slip(old[i], rng), *old[i + 1 :]], new

    return _each_block(written, change)


def lost_context(written: Written, rng: random.Random) -> str | None:
    """One quoted line is missing, in the search and in the new text."""
    if written.dialect not in BLOCKS:
        return None
    damaged = copy.deepcopy(written)
    hit = False
    for block in damaged.blocks:
        old, new = block.old, block.new
        # A line at the block's edge, or a blank one, would leave a block that stands elsewhere or means another thing.
        pairs = [
            (i, j)
            for i, j in quoted_pairs(old, new)
            if 0 < i < len(old) - 1 and old[i].strip() and old.count(old[i]) == new.count(old[i]) == 1
        ]
        kept = quoted_pairs(old, new)
        going = {x for i, x in enumerate(old) if x.strip() and i not in {a for a, _ in kept}}
        coming = {x for j, x in enumerate(new) if j not in {b for _, b in kept}}
        if not pairs or len(old) < 4 or going & coming:
            continue  # what moves over the lost line would be told to stay
        i, j = rng.choice(pairs)
        left = [*old[:i], *old[i + 1 :]]
        if not stands(written.olds[block.path], left):
            block.old, block.new = left, [*new[:j], *new[j + 1 :]]
            hit = True
    return show(damaged) if hit else None


def blank_ends(written: Written, rng: random.Random) -> str | None:
    """A blank line too many before or behind a block's lines, on both sides."""

    def change(old: list[str], new: list[str]) -> tuple[list[str], list[str]] | None:
        if rng.random() < 0.5:
            return ["", *old], ["", *new]
        return [*old, ""], [*new, ""]

    return _each_block(written, change) if written.dialect == "search_replace" else None


def decorated_names(written: Written, rng: random.Random) -> str | None:
    if written.dialect not in {"search_replace", "whole_file"}:
        return None
    text = show(written)
    paths = {b.path for b in written.blocks} | set(written.wholes)
    form = rng.choice(["**{}**", "`{}`", "### {}", "{}:", "./{}", "File: {}", "#### `{}`", "**`{}`**:"])
    return "\n".join(form.format(line) if line in paths else line for line in text.split("\n"))


def marker_lengths(written: Written, rng: random.Random) -> str | None:
    if written.dialect != "search_replace":
        return None
    size = rng.choice([5, 6, 8, 9])
    out = []
    for line in show(written).split("\n"):
        if line in {"<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE"}:
            line = line[0] * size + line[7:] + rng.choice(["", " ", "  "])
        out.append(line)
    return "\n".join(out)


def tilde_fences(written: Written, rng: random.Random) -> str | None:
    if written.dialect not in {"search_replace", "whole_file"}:
        return None
    fence = {fence_for(b.old + b.new) for b in written.blocks} | {fence_for(x) for x in written.wholes.values()}
    if fence != {"```"}:
        return None
    return "\n".join("~~~~" if line == "```" else line for line in show(written).split("\n"))


def no_fences(written: Written, rng: random.Random) -> str | None:
    if written.dialect != "search_replace":
        return None
    out = []
    for b in written.blocks:
        out += [b.path, "<<<<<<< SEARCH", *b.old, "=======", *b.new, ">>>>>>> REPLACE", ""]
    return "\n".join(out)


def shuffled(written: Written, rng: random.Random) -> str | None:
    """Blocks out of order."""
    if written.dialect != "search_replace" or len(written.blocks) < 2:
        return None
    damaged = copy.deepcopy(written)
    rng.shuffle(damaged.blocks)
    return show(damaged)


def twice(written: Written, rng: random.Random) -> str | None:
    """The same reply twice in one."""
    return show(written) + "\n" + show(written)


def cut_off(written: Written, rng: random.Random) -> str | None:
    """The reply ends inside its last block."""
    text = show(written)
    if written.dialect == "unified_diff":
        return None
    mark = {"search_replace": "=======\n", "begin_patch": "*** Begin Patch\n", "whole_file": "\n```"}[written.dialect]
    start = text.rfind(mark)
    end = {"search_replace": ">>>>>>> REPLACE", "begin_patch": "*** End Patch", "whole_file": "\n```"}[written.dialect]
    stop = text.rfind(end)
    if start < 0 or stop <= start + len(mark):
        return None
    return text[: rng.randrange(start + len(mark), stop)]


def numbered(written: Written, rng: random.Random) -> str | None:
    """A diff with line numbers, all wrong by the same amount, and wrong counts."""
    if written.dialect != "unified_diff":
        return None
    off = rng.choice([-7, -3, 2, 5, 11])
    out, last = ["```diff"], ""
    for block in written.blocks:
        if block.path != last:
            out += ["--- /dev/null" if block.fresh else f"--- a/{block.path}"]
            out += ["+++ /dev/null" if block.gone else f"+++ b/{block.path}"]
        start = max(1, block.start + 1 + off)
        out += [f"@@ -{start},{len(block.old) + rng.randint(0, 2)} +{start},{len(block.new) + rng.randint(0, 2)} @@"]
        out += marked(block)
        last = block.path
    text = "\n".join([*out, "```"]) + "\n"
    return None if "```" in "\n".join(out[1:]) else text


def outdented_context(written: Written, rng: random.Random) -> str | None:
    """Context lines of a diff without their leading blank, where they then still look like context."""
    if written.dialect != "unified_diff":
        return None
    return "\n".join(line[1:] if line[:2] == "  " and line.strip() else line for line in show(written).split("\n"))


def html_escaped(written: Written, rng: random.Random) -> str | None:
    def change(old: list[str], new: list[str]) -> tuple[list[str], list[str]] | None:
        def escape(x: str) -> str:
            return x.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

        if [escape(x) for x in old] == old:
            return None
        return [escape(x) for x in old], [escape(x) for x in new]

    return _each_block(written, change) if written.dialect == "search_replace" else None


DAMAGES: dict[str, Damage] = {
    f.__name__: f
    for f in (
        none, crlf, in_prose, quoted, in_list, trailing_blanks, shifted, tabs_as_blanks, typographic, misquoted,
        misquoted_change, lost_context, blank_ends, decorated_names, marker_lengths, tilde_fences, no_fences, shuffled,
        twice, cut_off, numbered, outdented_context, html_escaped,
    )
}  # fmt: skip
