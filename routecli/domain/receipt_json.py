"""A receipt as JSON and back. docs/receipt.schema.json is the contract; scripts read this, so keys are only added.

Money is a string (no reader may round it through a float), a time is ISO 8601 in UTC, a duration is seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from routecli.domain.answered import Answered, Reference, Remark, Severity
from routecli.domain.classified import Classified, Level
from routecli.domain.explained_json import (
    considered_from_json,
    considered_to_json,
    explained_from_json,
    explained_to_json,
)
from routecli.domain.ladder import Forecast, ModelRef, Reason, Route, Tier
from routecli.domain.money import Usage, UsageSource, Usd
from routecli.domain.opinion import Doubt
from routecli.domain.receipt import Attempt, Baseline, Isolation, Move, MoveKind, Outcome, Receipt
from routecli.domain.task import Kind, Task
from routecli.domain.verdict import (
    Accepted,
    CheckOutcome,
    CheckResult,
    DeferralReason,
    Deferred,
    Strength,
    Unverified,
    Verdict,
)

Json = dict[str, Any]


def to_json(receipt: Receipt) -> Json:
    """`receipt` as plain values, ready for `json.dumps`. Text of models and tests is in it as it came: escape it
    before a screen sees it."""
    return {
        "schema_version": receipt.schema_version,
        "run_id": receipt.run_id,
        "started_at": receipt.started_at.isoformat(),
        "wall_s": _seconds(receipt.wall_s),
        "outcome": receipt.outcome.value,
        "why": receipt.why,
        "hint": receipt.hint,
        **task_to_json(receipt.task),
        "route": route_to_json(receipt.route),
        "attempts": [attempt_to_json(a) for a in receipt.attempts],
        "moves": [_move_to_json(m) for m in receipt.moves],
        "cost_usd": money(receipt.cost_usd),
        "prices_as_of": receipt.prices_as_of.isoformat() if receipt.prices_as_of else None,
        "baseline_tier": receipt.baseline.tier,
        "baseline_model": receipt.baseline.model,
        "baseline_cost_usd": money(receipt.baseline.cost_usd),
        "baseline_how": receipt.baseline.how,
        "isolation": receipt.isolation.value,
        "isolation_note": receipt.isolation_note,
        "reached_hosts": list(receipt.reached_hosts),
        "written": receipt.written,
        "commit": receipt.commit,
        "files": list(receipt.patch.paths) if receipt.patch else [],
        "patch": receipt.patch_text,
        "answer": None if receipt.answered is None else answered_to_json(receipt.answered),
        "extra": receipt.extra,
    }


def answered_to_json(answered: Answered) -> Json:
    """An answer with the places that it names. `exists` is whether the lines are there; `why` says why not."""
    return {
        "text": answered.text,
        "usable": answered.usable,
        "references": [
            {"path": r.path, "line": r.line, "last_line": r.last_line, "exists": not r.wrong, "why": r.wrong}
            for r in answered.references
        ],
        "findings": [
            {"path": r.path, "line": r.line, "severity": r.severity.value, "message": r.said} for r in answered.remarks
        ],
        "scope": answered.scope,
        "left_out": answered.left_out,
    }


def _move_to_json(move: Move) -> Json:
    return {
        "kind": move.kind.value,
        "attempt": move.attempt,
        "from": move.source,
        "to": move.target,
        "because": move.because,
        "why": move.why,
    }


def money(amount: Decimal | None) -> str | None:
    """An amount as a plain decimal string, never in exponent form; None stays unknown."""
    return None if amount is None else format(amount, "f")


def _seconds(duration_s: float) -> float:
    return round(duration_s, 3)


def task_to_json(task: Task) -> Json:
    """The fields of a task, as they stand at the top of a receipt."""
    return {
        "task": task.instruction,
        "kind": task.kind.value,
        "kind_why": task.kind_why,
        "repo_root": str(task.repo_root),
        "base_commit": task.base_commit,
        "paths": list(task.paths),
        "budget_usd": money(task.budget_usd),
    }


def route_to_json(route: Route) -> Json:
    """The decision before paying."""
    return {
        "first": route.first,
        "policy": route.policy,
        "reasons": [reason_to_json(r) for r in route.reasons],
        "ladder": [_tier_to_json(t) for t in route.ladder],
        "forecasts": [forecast_to_json(f) for f in route.forecasts],
        "considered": [considered_to_json(c) for c in route.considered],
        "explores": route.explores,
        "lane": route.lane,
        "classified": None if route.told is None else classified_to_json(route.told),
        **({"explained": explained_to_json(route.explained)} if route.explained else {}),
    }


def classified_to_json(told: Classified) -> Json:
    """How hard a task was taken to be, by whom, and whether that moved the ladder."""
    return {"level": told.level.value, "by": told.by, "why": told.why, "obeyed": told.obeyed}


def reason_to_json(reason: Reason) -> Json:
    """`code` for scripts, `text` for people."""
    return {"code": reason.code, "text": reason.text}


def _tier_to_json(tier: Tier) -> Json:
    return {
        "name": tier.name,
        "rank": tier.rank,
        "models": [str(m) for m in tier.models],
        "edit_format": tier.edit_format,
        "attempts": tier.attempts,
        "repairs": tier.repairs,
        "max_output_tokens": tier.max_output_tokens,
        "context_limit_tokens": tier.context_limit_tokens,
        "lane": tier.lane,
        "select": tier.select,
    }


def forecast_to_json(forecast: Forecast) -> Json:
    """What one attempt of a tier is expected to cost: an estimate."""
    return {
        "tier": forecast.tier,
        "model": forecast.model,
        "input_tokens": forecast.input_tokens,
        "output_tokens": forecast.output_tokens,
        "cost_usd": money(forecast.cost_usd),
        "worst_cost_usd": money(forecast.worst_cost_usd),
        "fits_context": forecast.fits_context,
    }


def attempt_to_json(attempt: Attempt) -> Json:
    """One try: what was asked of whom, what it used and cost, and the verdict."""
    return {
        "number": attempt.number,
        "purpose": attempt.purpose,
        "tier": attempt.tier,
        "model": attempt.model,
        "model_served": attempt.model_served,
        "edit_format": attempt.edit_format,
        "repair": attempt.repair,
        "usage": usage_to_json(attempt.usage),
        "cost_usd": money(attempt.cost_usd),
        "uncached_cost_usd": money(attempt.uncached_usd),
        "wall_s": _seconds(attempt.wall_s),
        "stop": attempt.stop,
        "retries": attempt.retries,
        "request_id": attempt.request_id,
        "files": list(attempt.patch.paths) if attempt.patch else [],
        "verdict": verdict_to_json(attempt.verdict),
        "checks": [check_to_json(c) for c in attempt.verdict.checks],
        "about": attempt.about,
        "doubts": None if attempt.doubts is None else [_doubt_to_json(d) for d in attempt.doubts],
        "confidence": attempt.confidence,
        "differs_from": list(attempt.differs_from),
    }


def _doubt_to_json(doubt: Doubt) -> Json:
    return {"path": doubt.path, "line": doubt.line, "said": doubt.said}


def usage_to_json(usage: Usage) -> Json:
    """Tokens as billed. `input_tokens` includes the cached ones, `output_tokens` the reasoning ones."""
    return {
        "input_tokens": usage.input_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "output_tokens": usage.output_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "source": usage.source.value,
        "service_tier": usage.service_tier,
    }


def verdict_to_json(verdict: Verdict) -> Json:
    """`kind` accepted, deferred or unverified; `reason` is the DeferralReason of a deferral, else null; `strength` is
    proven, tested or weak, `unverified` where nothing could judge, null for a deferral."""
    match verdict:
        case Accepted(why=why, strength=strength, rests_on=rests_on):
            found: Json = {"kind": "accepted", "reason": None, "why": why, "hint": ""}
            return {**found, "strength": strength.value, "rests_on": rests_on}
        case Deferred(reason=reason, why=why):
            found = {"kind": "deferred", "reason": reason.value, "why": why, "hint": ""}
            return {**found, "strength": None, "rests_on": ""}
        case Unverified(why=why, hint=hint):
            found = {"kind": "unverified", "reason": None, "why": why, "hint": hint}
            return {**found, "strength": "unverified", "rests_on": ""}


def check_to_json(check: CheckResult) -> Json:
    """One check against its baseline. `output_tail` is what a test run printed."""
    return {
        "name": check.name,
        "argv": list(check.argv),
        "outcome": check.outcome.value,
        "summary": check.summary,
        "new_failures": list(check.new_failures),
        "fixed": list(check.fixed),
        "wanted": list(check.wanted),
        "flaky": list(check.flaky),
        "partial": check.partial,
        "passed": check.passed,
        "wall_s": _seconds(check.wall_s),
        "output_tail": check.output_tail,
    }


def from_json(data: Mapping[str, Any]) -> Receipt:
    """The receipt that `to_json` made `data` of, but for what JSON does not hold: the patches as bytes (`patch` is
    None, `patch_text` stays), the feedback to the next tier and the raw usage. Raises KeyError, TypeError or ValueError
    where `data` is no receipt."""
    as_of = data["prices_as_of"]
    return Receipt(
        run_id=data["run_id"],
        started_at=datetime.fromisoformat(data["started_at"]),
        wall_s=float(data["wall_s"]),
        task=_task(data),
        route=_route(data["route"]),
        attempts=tuple(_attempt(a) for a in data["attempts"]),
        moves=tuple(
            Move(MoveKind(m["kind"]), m["attempt"], m["from"], m["to"], m["why"], m["because"])
            for m in data.get("moves", ())
        ),
        outcome=Outcome(data["outcome"]),
        why=data["why"],
        cost_usd=_money(data["cost_usd"]),
        prices_as_of=date.fromisoformat(as_of) if as_of else None,
        baseline=Baseline(
            data["baseline_tier"], data["baseline_model"], _money(data["baseline_cost_usd"]), data["baseline_how"]
        ),
        isolation=Isolation(data["isolation"]),
        isolation_note=data["isolation_note"],
        reached_hosts=tuple(data.get("reached_hosts", ())),
        patch_text=data["patch"],
        written=bool(data["written"]),
        commit=data["commit"],
        hint=data["hint"],
        schema_version=int(data["schema_version"]),
        answered=_answered(data.get("answer")),
        extra=data.get("extra"),
    )


def _answered(data: Mapping[str, Any] | None) -> Answered | None:
    if data is None:
        return None
    return Answered(
        data["text"],
        tuple(Reference(r["path"], r["line"], r["last_line"], r["why"]) for r in data["references"]),
        tuple(Remark(r["path"], r["line"], Severity(r["severity"]), r["message"]) for r in data["findings"]),
        data["scope"],
        data["left_out"],
        data["usable"],
    )


def _money(text: str | None) -> Usd | None:
    return None if text is None else Usd(Decimal(text))


def _task(data: Mapping[str, Any]) -> Task:
    return Task(
        instruction=data["task"],
        kind=Kind(data["kind"]),
        kind_why=data["kind_why"],
        repo_root=Path(data["repo_root"]),
        base_commit=data["base_commit"],
        paths=tuple(data["paths"]),
        budget_usd=Usd(Decimal(data["budget_usd"])),
    )


def _route(data: Mapping[str, Any]) -> Route:
    return Route(
        first=data["first"],
        ladder=tuple(_tier(t) for t in data["ladder"]),
        policy=data["policy"],
        reasons=tuple(Reason(r["code"], r["text"]) for r in data["reasons"]),
        forecasts=tuple(
            Forecast(**{**f, "cost_usd": _money(f["cost_usd"]), "worst_cost_usd": _money(f["worst_cost_usd"])})
            for f in data["forecasts"]
        ),
        considered=tuple(considered_from_json(c) for c in data.get("considered", ())),
        explores=bool(data.get("explores", False)),
        explained=explained_from_json(data["explained"]) if data.get("explained") else None,
        lane=data.get("lane", ""),
        told=_classified(data.get("classified")),
    )


def _classified(data: Mapping[str, Any] | None) -> Classified | None:
    return None if data is None else Classified(Level(data["level"]), data["by"], data["why"], data["obeyed"])


def _tier(data: Mapping[str, Any]) -> Tier:
    fields = dict(data)
    if "format_retries" in fields:  # what old receipts call it
        fields["repairs"] = fields.pop("format_retries")
    return Tier(**{**fields, "models": tuple(ModelRef(*m.split("/", 1)) for m in data["models"])})


def _attempt(data: Mapping[str, Any]) -> Attempt:
    usage, doubts = dict(data["usage"]), data.get("doubts")
    return Attempt(
        number=data["number"],
        purpose=data.get("purpose", ""),
        tier=data["tier"],
        model=data["model"],
        model_served=data["model_served"],
        usage=Usage(**{**usage, "source": UsageSource(usage["source"])}),
        cost_usd=_money(data["cost_usd"]),
        uncached_usd=_money(data.get("uncached_cost_usd")),
        wall_s=float(data["wall_s"]),
        verdict=_verdict(data["verdict"], tuple(_check(c) for c in data["checks"])),
        patch=None,
        edit_format=data["edit_format"],
        repair=data["repair"],
        retries=data["retries"],
        request_id=data["request_id"],
        stop=data["stop"],
        about=data.get("about", 0),
        doubts=None if doubts is None else tuple(Doubt(**d) for d in doubts),
        confidence=data.get("confidence"),
        differs_from=tuple(data.get("differs_from", ())),
    )


def _verdict(data: Mapping[str, Any], checks: tuple[CheckResult, ...]) -> Verdict:
    match data["kind"]:
        case "accepted":
            return Accepted(
                checks, data["why"], Strength(data.get("strength") or Strength.WEAK), data.get("rests_on", "")
            )
        case "deferred":
            return Deferred(DeferralReason(data["reason"]), data["why"], "", checks)
        case "unverified":
            return Unverified(data["why"], checks, data["hint"])
        case kind:
            raise ValueError(f"no verdict kind: {kind}")


def _check(data: Mapping[str, Any]) -> CheckResult:
    lists = {name: tuple(data.get(name, ())) for name in ("argv", "new_failures", "fixed", "wanted", "flaky")}
    return CheckResult(**{**data, **lists, "outcome": CheckOutcome(data["outcome"])})
