"""Servers that cache prompts and bill for it by the rules that the vendors document, with a clock of their own.

Anthropic (prompt caching guide): prefixes are kept at explicit breakpoints only, from 1,024 tokens on, for five minutes
after their last use; a request looks back up to 20 blocks from each breakpoint; a write costs 1.25 × the input rate, a
read 0.1 ×. OpenAI (prompt caching guide): prompts from 1,024 tokens on, prefixes in steps of 128 tokens, five to ten
minutes after their last use, looked for on the machine that the first 256 tokens and `prompt_cache_key` lead to; no
charge for a write. DeepSeek (context caching guide): prefixes in units of 64 tokens, kept for hours, hits and misses
reported apart, no charge for a write.

A token is four characters here: what is compared is two bills over the same count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from serving.script import Raw, Received, Say, Scripted

PER_MTOK = Decimal(1_000_000)
CHARS = 4


@dataclass(frozen=True)
class Counted:
    """One request's tokens as the vendor counts them: uncached, read from and written to its cache."""

    plain: int
    read: int
    written: int


class Rules(Protocol):
    """How one vendor caches."""

    api: str
    read_rate: Decimal
    write_rate: Decimal

    def count(self, received: Received, now_s: float) -> Counted: ...

    def say(self, text: str, counted: Counted) -> Say | Raw: ...


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _tokens(text: str) -> int:
    return len(text) // CHARS


def _text_of(received: Received) -> str:
    return "".join(f"<{m['role']}>{m['content']}" for m in received.body["messages"])


@dataclass
class Anthropic:
    """Explicit breakpoints."""

    api: str = "anthropic"
    read_rate: Decimal = Decimal("0.1")
    write_rate: Decimal = Decimal("1.25")
    kept: dict[str, float] = field(default_factory=dict)

    def count(self, received: Received, now_s: float) -> Counted:
        body = received.body
        blocks = [("system", block) for block in body.get("system", ())]
        blocks += [(m["role"], block) for m in body["messages"] for block in m["content"]]
        marks = [place for place, (_, block) in enumerate(blocks) if "cache_control" in block]
        assert len(marks) <= 4, "the API refuses more"
        keys, totals, text = [], [], received.model
        for role, block in blocks:
            text += f"<{role}>{block['text']}"
            keys.append(_digest(text))
            totals.append(_tokens(text))
        live = {place for place, key in enumerate(keys) if self.kept.get(key, -1) > now_s}
        hits = [place for mark in marks for place in range(mark, max(-1, mark - 20), -1) if place in live]
        hit = max(hits, default=-1)
        read = totals[hit] if hit >= 0 else 0
        written = read
        for place in marks:
            if totals[place] >= 1024:
                self.kept[keys[place]] = now_s + 300
                written = max(written, totals[place])
        if hit >= 0:
            self.kept[keys[hit]] = now_s + 300
        return Counted(totals[-1] - written, read, written - read)

    def say(self, text: str, counted: Counted) -> Say:
        total = counted.plain + counted.read + counted.written
        return Say(text, total, cache_read_tokens=counted.read, cache_write_tokens=counted.written)


@dataclass
class OpenAI:
    """Automatic, in steps of 128 tokens, by machine."""

    api: str = "openai"
    read_rate: Decimal = Decimal("0.1")
    write_rate: Decimal = Decimal(0)
    step: int = 128
    least: int = 1024
    lasts_s: float = 300.0
    kept: dict[str, float] = field(default_factory=dict)

    def count(self, received: Received, now_s: float) -> Counted:
        text = _text_of(received)
        machine = _digest(received.model, text[: 256 * CHARS], str(received.body.get("prompt_cache_key")))
        total, read = _tokens(text), 0
        if total < self.least:
            return Counted(total, 0, 0)
        for end in range(self.least, total + 1, self.step):
            key = _digest(machine, text[: end * CHARS])
            if self.kept.get(key, -1) > now_s:
                read = end
            self.kept[key] = now_s + self.lasts_s
        return Counted(total - read, read, 0)

    def say(self, text: str, counted: Counted) -> Say | Raw:
        return Say(text, counted.plain + counted.read, cache_read_tokens=counted.read)


@dataclass
class DeepSeek(OpenAI):
    """Automatic, in units of 64 tokens, for hours; its own names for hits and misses."""

    step: int = 64
    least: int = 64
    lasts_s: float = 4 * 3600.0

    def say(self, text: str, counted: Counted) -> Raw:
        said = {"role": "assistant", "content": text}
        usage = {
            "prompt_tokens": counted.plain + counted.read, "completion_tokens": _tokens(text) + 1,
            "prompt_cache_hit_tokens": counted.read, "prompt_cache_miss_tokens": counted.plain,
        }  # fmt: skip
        body = {"model": "m", "choices": [{"index": 0, "message": said, "finish_reason": "stop"}], "usage": usage}
        return Raw((json.dumps(body).encode(),), headers={"content-type": "application/json"})


@dataclass
class Till:
    """What a vendor bills. `now_s` is its clock; `rates` are dollars a million tokens, (input, output), by model."""

    rules: Rules
    rates: dict[str, tuple[Decimal, Decimal]]
    now_s: float = 0.0
    billed_usd: Decimal = Decimal(0)
    uncached_usd: Decimal = Decimal(0)
    input_tokens: int = 0
    read_tokens: int = 0
    written_tokens: int = 0
    requests: int = 0

    def answering(self, answer: Callable[[Received], str]) -> Scripted:
        """A scripted answer that is billed."""

        def billed(received: Received) -> Say | Raw:
            counted = self.rules.count(received, self.now_s)
            text = answer(received)
            self._bill(received.model, counted, _tokens(text) + 1)
            return self.rules.say(text, counted)

        return billed

    def _bill(self, model: str, counted: Counted, output_tokens: int) -> None:
        read, write = self.rates[model]
        total = counted.plain + counted.read + counted.written
        weighed = counted.plain + counted.read * self.rules.read_rate + counted.written * self.rules.write_rate
        self.billed_usd += (weighed * read + output_tokens * write) / PER_MTOK
        self.uncached_usd += (total * read + output_tokens * write) / PER_MTOK
        self.input_tokens += total
        self.read_tokens += counted.read
        self.written_tokens += counted.written
        self.requests += 1


VENDORS: dict[str, Callable[[], Rules]] = {"anthropic": Anthropic, "openai": OpenAI, "deepseek": DeepSeek}
