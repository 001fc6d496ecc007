"""The dialects as a table, and which of them to ask a tier for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from routecli.domain.ladder import Reason, Tier
from routecli.domain.task import RepoPath
from routecli.edits import begin_patch, search_replace, unified_diff, whole_file
from routecli.edits.intents import Taken
from routecli.edits.replies import Reply
from routecli.nouns import dataclass

SMALL_FILE_TOKENS = 1_500
"""Up to this size a whole file costs little more than its blocks, and it was well formed in 98.3 % of tasks against
92.2 % for diffs (1,959 real replies)."""
CHEAP_RANK = 1
"""Tiers up to this rank are cheap ones: 39 % of their blocks were refused, 9 % of a strong model's."""
FAILS_AFTER = 5
FAILS_ABOVE = 0.3


@dataclass(frozen=True, slots=True)
class EditFormat:
    """One dialect. `instructions` is what a model is told (≤ 250 tokens, one example); `at` reads what begins on a
    line of a reply, None where nothing of this dialect does; `begins` is its cheap first look."""

    name: str
    instructions: str
    at: Callable[[Reply, int], Taken | None]
    begins: Callable[[str], bool]


EDIT_FORMATS: dict[str, EditFormat] = {
    module.NAME: EditFormat(module.NAME, module.INSTRUCTIONS, module.at, begins)
    for module, begins in (
        (search_replace, search_replace.begins),
        (begin_patch, begin_patch.begins),
        (unified_diff, unified_diff.begins),
        (whole_file, lambda line: line.lstrip().startswith(("```", "~~~"))),
    )
}


def choose_format(
    files_tokens_by_path: Mapping[RepoPath, int], tier: Tier, record: Mapping[str, tuple[int, int]]
) -> tuple[str, Reason]:
    """Which dialect to ask for, and why.

    `record` is the model's own: dialect → (replies asked for, replies that could not be read or did not apply). A
    dialect asked for at least 5 times that failed in more than 30 % is passed over.
    """
    if tier.edit_format != "auto":
        return tier.edit_format, Reason("edit-format-set", f"{tier.edit_format}: set for {tier.name}")
    failing = {
        name for name, (asked, failed) in record.items() if asked >= FAILS_AFTER and failed > asked * FAILS_ABOVE
    }
    largest = max(files_tokens_by_path.values(), default=0)
    small = largest <= SMALL_FILE_TOKENS and tier.rank <= CHEAP_RANK
    order = ["whole_file", "search_replace"] if small else ["search_replace"]
    order += [n for n in ("search_replace", "unified_diff", "begin_patch") if n not in order]
    chosen = next((name for name in order if name not in failing), "search_replace")
    passed = [
        f"{n} failed {record[n][1]} of {record[n][0]} times" for n in order[: order.index(chosen)] if n in failing
    ]
    if passed:
        return chosen, Reason("edit-format-record", f"{chosen}: with this model {', '.join(passed)}")
    if chosen == "whole_file":
        text = f"whole_file: the largest file has {largest} tokens and {tier.name} is a cheap tier"
        return chosen, Reason("edit-format-small", text)
    why = f"the largest file has {largest} tokens" if largest > SMALL_FILE_TOKENS else f"{tier.name} is no cheap tier"
    return chosen, Reason("edit-format-blocks", f"{chosen}: {why}")
