"""What alerts do over a season: the table that a watch writes and the database takes in."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Final

import pyarrow as pa


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


#: One row per change of an alert, ordered by subject, cause, day. An alert is named by subject, cause and opened_on.
#: kind: "opened", "raised", "lowered", "ended"; level after the change ("none" once ended). scope: "own", "regional",
#: "unclear". day is when the change was known; look_day the look that brought it. severity, confidence, probability
#: and fallen are 0..1 (see scoring.alerts.findings); probability is that of a cause which a visit would confirm.
#: evidence_dates and evidence_values are the looks that it rests on and their NDVI (or the rule's own values).
TRANSITIONS: Final = pa.schema(
    [
        _required("subject_id", pa.string()),
        _required("cause", pa.string()),
        _required("season_id", pa.string()),
        _required("opened_on", pa.date32()),
        _required("day", pa.date32()),
        _required("kind", pa.string()),
        _required("level", pa.string()),
        _required("scope", pa.string()),
        pa.field("severity", pa.float32()),
        pa.field("confidence", pa.float32()),
        pa.field("probability", pa.float32()),
        pa.field("fallen", pa.float32()),
        pa.field("event_from", pa.date32()),
        pa.field("event_on", pa.date32()),
        pa.field("look_day", pa.date32()),
        pa.field("value", pa.float32()),
        pa.field("expected_low", pa.float32()),
        pa.field("expected_high", pa.float32()),
        pa.field("why", pa.string()),
        _required("evidence_dates", pa.list_(pa.date32())),
        _required("evidence_values", pa.list_(pa.float32())),
        _required("rule", pa.string()),
        _required("rules_id", pa.string()),
        _required("rules_hash", pa.string()),
    ]
)


def alert_key(season_id: str, subject_id: str, cause: str, opened_on: date) -> str:
    """The same key for the same alert in every replay: SHA-256 (hex) of what names it."""
    named = f"{season_id}\n{subject_id}\n{cause}\n{opened_on.isoformat()}"
    return hashlib.sha256(named.encode()).hexdigest()
