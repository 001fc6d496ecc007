"""Events as rows. Money is written at once; what only describes waits for the next write, to save a sync to disk."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from routecli.domain.answered import PURPOSE
from routecli.domain.events import (
    Called,
    Calling,
    Escalated,
    Event,
    FailedOver,
    Finished,
    Judged,
    Rerouted,
    Retried,
    Routed,
    Started,
    Surveyed,
)
from routecli.domain.evidence import size_class
from routecli.domain.fitting import fit_of
from routecli.domain.ladder import Route
from routecli.domain.money import Usage
from routecli.domain.receipt import Outcome, Receipt
from routecli.domain.receipt_json import money, to_json
from routecli.domain.verdict import Accepted, Deferred
from routecli.ledger.opinions import note
from routecli.ledger.store import Store, storable
from routecli.ledger.tallies import count
from routecli.nouns import dataclass

Clean = Callable[[str], str]
"""Takes the secrets out of a text."""
_Write = tuple[str, dict[str, Any]]


def now() -> str:
    """UTC, to the microsecond, always with its offset: such texts sort by time."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def text_of(moment: datetime) -> str:
    """`moment` (aware) as the ledger holds it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def process_started(pid: int) -> str:
    """When process `pid` began, in the kernel's own count; empty where it is gone or the kernel does not tell.

    A pid alone is used again; together with its start it names one process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose runs these are: a user and a team, by the names that the configuration or the system has for them. `place`:
    the repository that they count for, where they run in a copy of it; empty: where they run."""

    who: str = ""
    team: str = ""
    place: str = ""


NOBODY = Whose()


def new_ref() -> str:
    """A name that no other row has, on any machine: what is sent twice is written once."""
    return os.urandom(16).hex()


def this_host() -> str:
    """This machine: a process's number means nothing on another."""
    return os.uname().nodename


class Recorder:
    """The rows of one process's runs. Raises StoreFault; the Ledger catches it."""

    def __init__(self, store: Store, clean: Clean, whose: Whose) -> None:
        self._store = store
        self._clean = clean
        self._whose = {"who": storable(whose.who), "team": storable(whose.team)}
        self._place = Path(whose.place) if whose.place else None
        self._run_id = ""
        self._judged = 0
        self._size = ""
        self._waiting: list[_Write] = []

    def record(self, event: Event) -> None:
        """Writes what `event` tells, or keeps it for the next write."""
        event = event if self._place is None else _placed(event, self._place)
        match event:
            case Started():
                self._run_id, self._judged, self._size, self._waiting = event.run_id, 0, "", []
                self._write(self._started(event))
            case Judged(attempt=attempt) if attempt.purpose == PURPOSE:
                return  # no try at a patch: no figure of the tiers' success counts it; its bill is a request's
            case Surveyed() | Routed() | Judged():
                self._waiting.append(self._described(event))
                if isinstance(event, Judged):
                    self._waiting.append((CLIMBED, {"run_id": self._run_id}))
            case Calling():
                self._write(*self._calling(event))
            case Called():
                self._write(*self._called(event))
            case FailedOver() | Rerouted():
                # An answer that broke off and was billed is settled already, and stays.
                self._write((_FAIL_OPEN, {"run_id": self._run_id, "now": now()}), self._moved(event))
            case Retried() | Escalated():
                self._waiting.append(self._moved(event))
            case Finished():
                self._write(*self._finished(event.receipt), counted=event.receipt)
            case _:
                return

    def _write(self, *writes: _Write, counted: Receipt | None = None) -> None:
        with self._store.writing() as connection:
            for sql, values in (*self._waiting, *writes):
                connection.execute(sql, {name: storable(value) for name, value in values.items()})
            if counted is not None:
                count(connection, counted, self._size)
                note(connection, counted)
        self._waiting = []

    def _started(self, event: Started) -> _Write:
        return _START, {
            "run_id": event.run_id,
            "now": now(),
            "pid": os.getpid(),
            "pid_started": process_started(os.getpid()),
            "instruction": self._clean(event.instruction),
            "host": this_host(),
            **self._whose,
        }

    def _described(self, event: Surveyed | Routed | Judged) -> _Write:
        match event:
            case Surveyed(task=task, survey=survey):
                self._size = size_class(survey)
                values = {"run_id": self._run_id, "repo_root": str(task.repo_root), "kind": task.kind.value}
                set_ = "repo_root = :repo_root, kind = :kind, size = :size"
                return f"UPDATE runs SET {set_} WHERE run_id = :run_id", values | {"size": self._size}
            case Routed(route=route):
                return _ROUTED, {
                    "run_id": self._run_id,
                    "policy": route.policy,
                    "first": route.first,
                    "explores": route.explores,
                    # An evaluation names each tier in turn: nobody overruled anything.
                    "overruled": "" if self._place is not None else _overruled(route),
                    **_levelled(route),
                }
            case Judged(attempt=attempt):
                self._judged += 1
                verdict = attempt.verdict
                kind = type(verdict).__name__.lower() if not isinstance(verdict, Accepted) else "accepted"
                return _JUDGED, {
                    "run_id": self._run_id,
                    "place": self._judged,
                    "now": now(),
                    "number": attempt.number,
                    "tier": attempt.tier,
                    "model": attempt.model,
                    "edit_format": attempt.edit_format,
                    "repair": attempt.repair,
                    "verdict": kind,
                    "reason": verdict.reason.value if isinstance(verdict, Deferred) else "",
                    "cost_usd": money(attempt.cost_usd),
                    "wall_s": attempt.wall_s,
                    "purpose": attempt.purpose,
                    "confidence": attempt.confidence,
                }

    def _moved(self, event: Retried | FailedOver | Escalated | Rerouted) -> _Write:
        match event:
            case Retried():
                move = ("retry", event.attempt, event.model, event.model, "")
            case FailedOver():
                move = ("failover", event.attempt, event.model, event.to_model, "")
            case Escalated():
                move = ("escalation", 0, event.from_tier, event.to_tier, "")
            case Rerouted():
                move = ("reroute", 0, event.from_tier, event.to_tier, event.because)
        names = ("kind", "attempt", "source", "target", "because")
        values = dict(zip(names, move, strict=True))
        return _MOVE, values | {"ref": new_ref(), "run_id": self._run_id, "now": now(), "why": self._clean(event.why)}

    def _calling(self, event: Calling) -> tuple[_Write, _Write]:
        values = {
            "run_id": self._run_id,
            "now": now(),
            "attempt": event.attempt,
            "repair": event.repair,
            "tier": event.tier,
            "model": event.model,
            "estimated": event.input_tokens,
            "reserved": money(event.reserved_usd),
            "ref": new_ref(),
            **self._whose,
        }
        return (_SEND_RESERVED, values), (_SEND_NEW, values)

    def _called(self, event: Called) -> tuple[_Write, _Write]:
        usage = event.usage
        values = {
            "run_id": self._run_id,
            "now": now(),
            "attempt": event.attempt,
            "repair": event.repair,
            "tier": event.tier,
            "model": event.model,
            "model_served": self._clean(event.model_served),
            "cost_usd": money(event.cost_usd),
            "input_tokens": usage.input_tokens,
            "cache_read_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
            "output_tokens": usage.output_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
            "usage_source": usage.source.value,
            "usage_raw": self._clean(json.dumps(_raw(usage), default=str)),
            "latency_s": event.latency_s,
            "first_token_s": event.first_token_s,
            "stop": event.stop,
            "request_id": self._clean(event.request_id),
            "retries": event.retries,
            "ref": new_ref(),
            **self._whose,
        }
        return (_SEND_LOST, values), (_SETTLE, values)

    def _finished(self, receipt: Receipt) -> tuple[_Write, _Write, _Write]:
        task = receipt.task
        text = json.dumps({**to_json(receipt), "patch": ""}, default=str)
        values = {
            "run_id": receipt.run_id,
            "started": receipt.started_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "now": now(),
            "pid": os.getpid(),
            "instruction": self._clean(task.instruction),
            "repo_root": str(task.repo_root),
            "kind": task.kind.value,
            "policy": receipt.route.policy,
            "first_tier": receipt.route.first,
            "outcome": receipt.outcome.value,
            "why": self._clean(receipt.why),
            "cost_usd": money(receipt.cost_usd),
            "baseline": money(receipt.baseline.cost_usd),
            "caching": money(receipt.caching_usd),
            "wall_s": receipt.wall_s,
            "isolation": receipt.isolation.value,
            "written": receipt.written,
            "unverified": receipt.written and receipt.outcome is Outcome.UNVERIFIED,
            "commit_id": receipt.commit,
            "receipt": self._clean(text),
            **_levelled(receipt.route),
            "level_fit": _fit(receipt),
            "host": this_host(),
            **self._whose,
        }
        start = {**values, "now": values["started"], "pid_started": ""}
        return (_START, start), (_FAIL_OPEN, values), (_FINISH, values)


def _levelled(route: Route) -> dict[str, Any]:
    told = route.told
    return {
        "lane": route.lane,
        "classifier": told.by if told else "",
        "level": told.level.value if told else "",
        "obeyed": bool(told and told.obeyed),
    }


def _fit(receipt: Receipt) -> str:
    """Whether the level was what the run needed, among all the tiers that it might have climbed to."""
    route = receipt.route
    if route.told is None or not route.ladder:
        return ""
    every = [forecast.tier for forecast in route.forecasts]
    top = route.ladder[-1].name
    tiers = every[: every.index(top) + 1] if top in every else every
    return fit_of(route.told.level, receipt.attempts, tiers).value


def _overruled(route: Route) -> str:
    """How the person overruled the router: named a tier, or had a past run's task done again."""
    if any(reason.code == "again" for reason in route.reasons):
        return "again"
    return "tier" if route.policy == "asked" else ""


def _raw(usage: Usage) -> dict[str, Any]:
    """The provider's own usage, and beside it the service tier that its answer named: prices depend on it."""
    return usage.raw | ({"service_tier": usage.service_tier} if usage.service_tier else {})


def _placed(event: Event, place: Path) -> Event:
    """`event` of a run in a copy of `place`: nothing was written there, and its commits are the copy's."""
    match event:
        case Surveyed(task=task):
            return replace(event, task=replace(task, repo_root=place))
        case Finished(receipt=receipt):
            task = replace(receipt.task, repo_root=place, base_commit=None)
            return replace(event, receipt=replace(receipt, task=task, written=False, commit=None))
        case _:
            return event


_START = """
INSERT INTO runs (run_id, started_at, pid, pid_started, instruction, host, who, team)
VALUES (:run_id, :now, :pid, :pid_started, :instruction, :host, :who, :team) ON CONFLICT (run_id) DO NOTHING
"""
_ROUTED = """
UPDATE runs SET policy = :policy, first_tier = :first, explores = :explores, lane = :lane, classifier = :classifier,
    level = :level, level_obeyed = :obeyed, overruled = :overruled
WHERE run_id = :run_id
"""
_JUDGED = """
INSERT INTO attempts
    (run_id, place, judged_at, number, tier, model, edit_format, repair, verdict, reason, cost_usd, wall_s, purpose,
    confidence)
VALUES (:run_id, :place, :now, :number, :tier, :model, :edit_format, :repair, :verdict, :reason, :cost_usd, :wall_s,
    :purpose, :confidence)
ON CONFLICT (run_id, place) DO UPDATE SET judged_at = excluded.judged_at, number = excluded.number,
    tier = excluded.tier, model = excluded.model, edit_format = excluded.edit_format, repair = excluded.repair,
    verdict = excluded.verdict, reason = excluded.reason, cost_usd = excluded.cost_usd, wall_s = excluded.wall_s,
    purpose = excluded.purpose, confidence = excluded.confidence
"""
CLIMBED = """
UPDATE runs SET climbed = 1
WHERE run_id = :run_id AND climbed = 0 AND
    (SELECT min(tier) <> max(tier) FROM attempts WHERE run_id = :run_id AND purpose = '')
"""
"""More than one tier worked in the run: said beside it, since `stats` counts such runs."""
_SEND_RESERVED = """
UPDATE requests SET state = 'sent', asked_at = :now, attempt = :attempt, repair = :repair, tier = :tier,
    estimated_input_tokens = :estimated
WHERE id = (SELECT max(id) FROM requests WHERE run_id = :run_id AND state = 'reserved' AND model = :model)
"""
# Unless the statement before found the row that `reserve` had made.
_SEND_NEW = """
INSERT INTO requests (ref, run_id, state, asked_at, attempt, repair, tier, model, estimated_input_tokens, reserved_usd,
    who, team)
SELECT :ref, :run_id, 'sent', :now, :attempt, :repair, :tier, :model, :estimated, :reserved, :who, :team
WHERE NOT EXISTS (SELECT 1 FROM requests WHERE run_id = :run_id AND state = 'sent' AND model = :model
    AND asked_at = :now)
"""
# Where a corrupt ledger was replaced in the middle of a call, its row is made again: the bill must have one.
_SEND_LOST = """
INSERT INTO requests (ref, run_id, state, asked_at, attempt, repair, tier, model, who, team)
SELECT :ref, :run_id, 'sent', :now, :attempt, :repair, :tier, :model, :who, :team
WHERE NOT EXISTS (SELECT 1 FROM requests WHERE run_id = :run_id AND attempt = :attempt AND model = :model)
"""
_SETTLE = """
UPDATE requests SET state = 'settled', settled_at = :now, model_served = :model_served, cost_usd = :cost_usd,
    input_tokens = :input_tokens, cache_read_tokens = :cache_read_tokens, cache_write_tokens = :cache_write_tokens,
    output_tokens = :output_tokens, reasoning_tokens = :reasoning_tokens, usage_source = :usage_source,
    usage_raw = :usage_raw, latency_s = :latency_s, first_token_s = :first_token_s,
    stop = :stop, request_id = :request_id, retries = :retries
WHERE id = (SELECT max(id) FROM requests WHERE run_id = :run_id AND attempt IS NOT NULL)
"""
_MOVE = """
INSERT INTO moves (ref, run_id, moved_at, kind, attempt, source, target, because, why)
VALUES (:ref, :run_id, :now, :kind, :attempt, :source, :target, :because, :why)
"""
_FAIL_OPEN = """
UPDATE requests SET state = 'failed', settled_at = :now, cost_usd = '0'
WHERE run_id = :run_id AND state IN ('reserved', 'sent')
"""
_FINISH = """
UPDATE runs SET finished_at = :now, repo_root = :repo_root, kind = :kind, policy = :policy, first_tier = :first_tier,
    outcome = :outcome, why = :why, cost_usd = :cost_usd, baseline_cost_usd = :baseline,
    caching_usd = :caching, wall_s = :wall_s, isolation = :isolation, written = :written,
    commit_id = :commit_id, receipt = :receipt, lane = :lane, classifier = :classifier, level = :level,
    level_obeyed = :obeyed, level_fit = :level_fit,
    overruled = CASE WHEN :unverified <> 0 THEN 'written' ELSE overruled END
WHERE run_id = :run_id
"""
