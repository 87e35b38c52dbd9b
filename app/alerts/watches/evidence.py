"""What an alert rests on, as JSON in its history: looks, values, expected band, neighbours, rule, pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeAlias

#: Pictures of one alert: "before" and "after", each with its day and the name of its file.
Chips: TypeAlias = Mapping[str, Mapping[str, str]]

#: Digits that figures keep: NDVI is not known to more, and float32 has little more.
_DIGITS: Final = 4


def evidence_of(row: Mapping[str, Any], run_id: str, chips: Chips | None = None) -> dict[str, Any]:
    """Evidence of one change of an alert.

    Args:
        row: of scoring.alerts.transitions.TRANSITIONS, with Python's own values.
        run_id: the run whose looks it rests on.
        chips: pictures, where some were made.

    Returns:
        dates and values (the looks that it rests on), value and expected {low, high} (null: no bound),
        neighbours_fallen (share of the seen neighbours that show the same), severity, confidence, probability (0..1,
        null: unknown), scope, why, event_from, event_on and look_day (ISO dates or null), rule, rules {id, hash},
        run_id, and chips {before, after: {day, file}}, empty without pictures.
    """
    return {
        "dates": [_day(day) for day in row["evidence_dates"]],
        "values": [_number(value) for value in row["evidence_values"]],
        "value": _number(row["value"]),
        "expected": {"low": _number(row["expected_low"]), "high": _number(row["expected_high"])},
        "neighbours_fallen": _number(row["fallen"]),
        "severity": _number(row["severity"]),
        "confidence": _number(row["confidence"]),
        "probability": _number(row["probability"]),
        "scope": row["scope"],
        "why": row["why"] or "",
        "event_from": _day(row["event_from"]),
        "event_on": _day(row["event_on"]),
        "look_day": _day(row["look_day"]),
        "rule": row["rule"],
        "rules": {"id": row["rules_id"], "hash": row["rules_hash"]},
        "run_id": run_id,
        "chips": {when: dict(chip) for when, chip in (chips or {}).items()},
    }


def taken_back(why: str, run_id: str, rules: Sequence[str]) -> dict[str, Any]:
    """Evidence of what a watch no longer finds: why, by which run and rules (id and hash)."""
    rules_id, rules_hash = rules
    return {"why": why, "run_id": run_id, "rules": {"id": rules_id, "hash": rules_hash}}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), _DIGITS)
