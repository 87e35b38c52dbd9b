"""Transitions as a watch would tell them, written down by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from scoring.alerts.transitions import TRANSITIONS

SEASON_ID = "2018-10-01/2019-10-31"
Line = tuple[str, str, str, str, str, str]


def day(text: str) -> date:
    """Day of 2019 from "06-10"; other years whole."""
    return date.fromisoformat(text if len(text) > 5 else f"2019-{text}")


def told(*lines: Line, season_id: str = SEASON_ID, **more: Any) -> pa.Table:
    """Lines of (parcel, cause, opened on, day, kind, level)."""
    rows = [_row(line, season_id) | more for line in lines]
    columns: dict[str, Sequence[Any]] = {name: [row[name] for row in rows] for name in TRANSITIONS.names}
    return pa.table(columns, schema=TRANSITIONS)


def _row(line: Line, season_id: str) -> dict[str, Any]:
    parcel, cause, opened, on, kind, level = line
    return {
        "subject_id": parcel,
        "cause": cause,
        "season_id": season_id,
        "opened_on": day(opened),
        "day": day(on),
        "kind": kind,
        "level": level,
        "scope": "own",
        "severity": float("nan") if kind == "ended" else 0.625,
        "confidence": 0.75,
        "probability": None if kind == "ended" else 0.5,
        "fallen": 0.125,
        "event_from": day("05-20"),
        "event_on": day("05-30"),
        "look_day": day(on),
        "value": 0.25,
        "expected_low": 0.5,
        "expected_high": None,
        "why": "",
        "evidence_dates": [day("05-20"), day("05-30")],
        "evidence_values": [0.75, 0.25],
        "rule": "losses-1",
        "rules_id": "growth-1",
        "rules_hash": "ab" * 32,
    }
