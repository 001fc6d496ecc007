"""The figures of `--explain` as JSON and back. Money is text; shares are from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from routecli.domain.explained import Assayed, AttemptCost, Believed, Considered, Explained, Seen, Turn
from routecli.domain.money import Usd

Json = dict[str, Any]


def considered_to_json(one: Considered) -> Json:
    """A ladder that was weighed."""
    return {
        "tiers": list(one.tiers),
        "cost_usd": _plain(one.cost_usd),
        "quality": round(one.quality, 6),
        "given_up": round(one.given_up, 6),
        "reached": [round(share, 6) for share in one.reached],
        "chosen": one.chosen,
    }


def considered_from_json(data: Mapping[str, Any]) -> Considered:
    """The other way round."""
    return Considered(
        tuple(data["tiers"]), Usd(Decimal(data["cost_usd"])), data["quality"], data["given_up"],
        tuple(data["reached"]), data["chosen"],
    )  # fmt: skip


def explained_to_json(explained: Explained) -> Json:
    """All of it."""
    power = explained.power
    return {
        "decides": explained.decides,
        "verdict": {
            "detection": round(power.detection, 6), "false_alarm": round(power.false_alarm, 6),
            "source": power.source, "why": power.why, "graded": power.graded,
        },
        "tolerance": round(explained.tolerance, 6),
        "tiers": [_believed_to_json(one) for one in explained.tiers],
        "ladders": [considered_to_json(one) for one in explained.ladders],
        "turns": [_turn_to_json(one) for one in explained.turns],
        "why_not": explained.why_not,
    }  # fmt: skip


def explained_from_json(data: Mapping[str, Any]) -> Explained:
    """The other way round."""
    return Explained(
        data["decides"], Assayed(**data["verdict"]), data["tolerance"],
        tuple(_believed(one) for one in data["tiers"]),
        tuple(considered_from_json(one) for one in data["ladders"]),
        tuple(Turn(**{**one, "then": tuple(one["then"])}) for one in data["turns"]), data["why_not"],
    )  # fmt: skip


def _believed_to_json(one: Believed) -> Json:
    return {
        "tier": one.tier, "right": round(one.right, 6), "low": round(one.low, 6), "high": round(one.high, 6),
        "prior": round(one.prior, 6), "own": one.own,
        "climbing": None if one.climbing is None else round(one.climbing, 6),
        "seen": [{"scope": s.scope, "first": s.first, "after": s.after} for s in one.seen],
        "cost": _cost_to_json(one.cost), "cost_after": _cost_to_json(one.cost_after),
        "spares_usd": _plain(one.spares_usd), "pays": one.pays,
    }  # fmt: skip


def _believed(data: Mapping[str, Any]) -> Believed:
    spares = data["spares_usd"]
    return Believed(
        data["tier"], data["right"], data["low"], data["high"], data["prior"],
        tuple(Seen(**s) for s in data["seen"]), _cost(data["cost"]), _cost(data["cost_after"]),
        data["climbing"], None if spares is None else Usd(Decimal(spares)), data["own"],
    )  # fmt: skip


def _cost_to_json(cost: AttemptCost) -> Json:
    return {"usd": _plain(cost.usd), "source": cost.source, "bills": cost.bills}


def _cost(data: Mapping[str, Any]) -> AttemptCost:
    return AttemptCost(Usd(Decimal(data["usd"])), data["source"], data["bills"])


def _turn_to_json(turn: Turn) -> Json:
    return {
        "what": turn.what, "tier": turn.tier, "now": round(turn.now, 9), "at": round(turn.at, 9), "word": turn.word,
        "then": list(turn.then),
    }  # fmt: skip


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")
