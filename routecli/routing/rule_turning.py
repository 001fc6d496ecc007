"""Where a rule would turn: at how many files or tokens, by which word, kind or hint a policy begins elsewhere.

The policy itself is asked again with other facts, so whatever it goes by is found, and what it does not read is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from routecli.domain.answered import ANSWERS
from routecli.domain.explained import Turn
from routecli.domain.task import FileRole, Kind, Survey, SurveyedFile
from routecli.routing.policies import Facts, Policy
from routecli.routing.policies.class_words import CLASS_WORDS

Ladder = tuple[str, ...]
_MOST_FILES, _MOST_TOKENS = 10_000, 10_000_000


def rule_turns(policy: Policy, facts: Facts) -> tuple[Turn, ...]:
    """The nearest turn of each thing that `policy` reads: more and fewer files and tokens; a word that is taken out or
    put in, another kind and another hint, one for each ladder that these lead to."""
    ladder = _asked(policy, facts)

    def with_files(count: int) -> Facts:
        return replace(facts, survey=_survey(count, facts.survey.context_tokens))

    def with_tokens(count: int) -> Facts:
        return replace(facts, survey=replace(facts.survey, context_tokens=count))

    def decided(change: Callable[[int], Facts]) -> Callable[[int], Ladder]:
        return lambda count: _asked(policy, change(count))

    files, tokens = len(facts.survey.text_files), facts.survey.context_tokens
    return (
        *_counts("files", files, _MOST_FILES, ladder, decided(with_files)),
        *_counts("tokens", tokens, _MOST_TOKENS, ladder, decided(with_tokens)),
        *_words(policy, facts, ladder),
        *_kinds(policy, facts, ladder),
        *_hints(policy, facts, ladder),
    )


def _asked(policy: Policy, facts: Facts) -> Ladder:
    return tuple(facts.tiers[place].name for place in policy(facts).places)


def _survey(files: int, tokens: int) -> Survey:
    one = SurveyedFile("", "", 0, 0, FileRole.TEXT, "supposed")
    return Survey("", (one,) * files, tokens, "", files)


def _counts(what: str, now: int, most: int, ladder: Ladder, decide: Callable[[int], Ladder]) -> Iterator[Turn]:
    """What more and less of it would do; rules on counts only rise, so the ends of the range tell whether it does."""
    for end in (0, most):
        then = decide(end)
        if then == ladder:
            continue
        same, other = now, end
        while abs(other - same) > 1:
            middle = (same + other) // 2
            answer = decide(middle)
            if answer == ladder:
                same = middle
            else:
                other, then = middle, answer
        yield Turn(what, then, now=now, at=other)


def _words(policy: Policy, facts: Facts, ladder: Ladder) -> Iterator[Turn]:
    """Without the words that it went by; and with each word that leads elsewhere, the first for each ladder."""
    words = dict.fromkeys((*facts.limits.architecture_words, *(word for _, each in CLASS_WORDS for word in each)))
    spoken = facts.task.instruction
    there = [word for word in words if _pattern(word).search(spoken)]
    for word in there:
        spoken = _pattern(word).sub(" ", spoken)
    then = _worded(policy, facts, spoken)
    if then != ladder:
        yield Turn("without-word", then, word=", ".join(there))
    told = {ladder, then}
    for word in words:
        then = _worded(policy, facts, f"{word}: {facts.task.instruction}")
        if then not in told:
            told.add(then)
            yield Turn("word", then, word=word)


def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}", re.IGNORECASE)


def _worded(policy: Policy, facts: Facts, instruction: str) -> Ladder:
    return _asked(policy, replace(facts, task=replace(facts.task, instruction=instruction)))


def _kinds(policy: Policy, facts: Facts, ladder: Ladder) -> Iterator[Turn]:
    led: dict[Ladder, list[str]] = {}
    for kind in Kind:
        if kind not in ANSWERS:
            led.setdefault(_asked(policy, replace(facts, task=replace(facts.task, kind=kind))), []).append(kind.value)
    for then, kinds in led.items():
        if then != ladder:
            yield Turn("kind", then, word=", ".join(kinds))


def _hints(policy: Policy, facts: Facts, ladder: Ladder) -> Iterator[Turn]:
    for tier in facts.tiers:
        then = _asked(policy, replace(facts, hint=tier.name))
        if then != ladder:
            yield Turn("hint", then, word=tier.name)
