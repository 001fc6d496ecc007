"""The messages of one call, built from parts whose counts can be remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from routecli.domain.reply import Message
from routecli.domain.task import RepoPath
from routecli.domain.untrusted import one_line
from routecli.nouns import dataclass
from routecli.prompting import rules
from routecli.prompting.showing import foreign, foreign_start, shown_file, shown_text

_MESSAGE_TOKENS = 4
"""Role and separators of one message in the chat formats that were published."""
_SAID_LIMIT_CHARS = 60_000


@dataclass(frozen=True, slots=True)
class Part:
    """One message in pieces. Joined they are its text."""

    role: str
    pieces: tuple[str, ...]
    cache_here: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """An attempt that was not accepted. `patch_text` and `feedback` are foreign text, raw."""

    who: str
    why: str
    patch_text: str
    feedback: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Messages not yet joined."""

    parts: tuple[Part, ...]

    @property
    def messages(self) -> tuple[Message, ...]:
        """What is sent."""
        return tuple(Message(p.role, "".join(p.pieces), p.cache_here) for p in self.parts)

    def tokens(self, count: Callable[[Sequence[str]], list[int]]) -> int:
        """The size of the prompt by `count`. The sum over pieces is never below the count of the joined text but for
        a token or two at the seams."""
        pieces = [piece for part in self.parts for piece in part.pieces if piece]
        return sum(count(pieces)) + _MESSAGE_TOKENS * len(self.parts)


def build(
    instruction: str,
    contents: Mapping[RepoPath, bytes],
    format_instructions: str,
    earlier: Sequence[Earlier] = (),
    *,
    secrets: tuple[str, ...] = (),
    cache_files: bool = False,
) -> Draft:
    """Rules and format first (the same in every call), then files, then the task, then what failed.

    `cache_files` marks the end of the files as worth caching: a cache write costs a quarter more than plain input
    and a read a tenth, so it pays from about one further call in three on.
    """
    stable = rules.RULES + format_instructions.strip("\n") + "\n" + rules.CONFIDENCE
    system = Part("system", (stable,), cache_here=True)
    files = ["Files:\n\n"]
    for path, raw in contents.items():
        files.extend(shown_file(path, raw))
    task = f"Task:\n\n{shown_text(instruction).strip()}\n"
    after = told_of(earlier, secrets)
    if not cache_files:
        return Draft((system, Part("user", (*files, task, after))))
    return Draft((system, Part("user", tuple(files), cache_here=True), Part("user", (task, after))))


def told_of(earlier: Sequence[Earlier], secrets: tuple[str, ...]) -> str:
    """The last attempt in full, those before it in a line each: their lesson is mostly in the last."""
    if not earlier:
        return ""
    *before, last = earlier
    text = ["\n", rules.EARLIER]
    text += [f"Before it, by {one_line(e.who)}: {one_line(_clean(e.why, secrets))}\n" for e in before]
    if last.patch_text:
        text += [f"\nIts change, by {one_line(last.who)}:\n\n", foreign_start(last.patch_text, secrets)]
    text += [f"\nNot accepted: {one_line(_clean(last.why, secrets))}\n"]
    if last.feedback.strip():
        text += ["\nOutput of the checks:\n\n", foreign(last.feedback, secrets)]
    return "".join(text)


def _clean(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        if len(secret) >= 6:
            text = text.replace(secret, "[redacted]")
    return text


def repair(
    messages: Sequence[Message], said: str, feedback: str, *, secrets: tuple[str, ...] = ()
) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """`messages` continued for a reply that could not be read, and the texts that were added (for counting).

    The reply goes back as the assistant's own, cut to 60,000 characters; an empty one is named, since some servers
    refuse an empty message.
    """
    own = said[:_SAID_LIMIT_CHARS].strip() or "(no text)"
    ask = rules.AGAIN + foreign(feedback, secrets) + rules.AGAIN_ASK
    return (*messages, Message("assistant", own), Message("user", ask)), (own, ask)
