"""What a watch tells of alerts, by alert: the changes in order, and how each alert stands after them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

import pyarrow as pa

from app.db.tables.alert_kinds import AlertEventKind, AlertLevel, AlertScope
from scoring.alerts.transitions import alert_key

#: What an alert is known by, and what of each change decides whether the database has it.
_NARROW: Final = ("season_id", "subject_id", "cause", "opened_on", "kind", "day", "level")


@dataclass(frozen=True, slots=True)
class Stand:
    """How an alert stands after all its changes.

    Attributes:
        last: row of the last change.
        shown: row of the last change that is not its end: its level, scope and severity are the alert's.
        ended_on: day of its end; None while it is seen.
    """

    last: int
    shown: int
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class History:
    """m changes of alerts, those of one alert in the order of their days.

    Attributes:
        table: of TRANSITIONS, m rows.
        keys: (m,) key of the alert.
        kinds: (m,) opened, raised, lowered or ended.
        days: (m,) day as of which the change held.
        levels: (m,) level after the change; at its end the level that the alert had.
        stands: by key.
    """

    table: pa.Table
    keys: Sequence[str]
    kinds: Sequence[AlertEventKind]
    days: Sequence[date]
    levels: Sequence[AlertLevel]
    stands: Mapping[str, Stand]

    @classmethod
    def of(cls, table: pa.Table) -> Self:
        """The history that a table of TRANSITIONS tells."""
        said = {name: table[name].to_pylist() for name in _NARROW}
        names = (said[name] for name in ("season_id", "subject_id", "cause", "opened_on"))
        keys = [alert_key(*named) for named in zip(*names, strict=True)]
        kinds = [AlertEventKind(kind) for kind in said["kind"]]
        stands: dict[str, Stand] = {}
        levels: list[AlertLevel] = []
        for row, (key, kind, day) in enumerate(zip(keys, kinds, said["day"], strict=True)):
            before = stands.get(key)
            ended = kind == AlertEventKind.ENDED
            shown = before.shown if ended and before is not None else row
            levels.append(levels[shown] if ended and before is not None else AlertLevel(said["level"][row]))
            stands[key] = Stand(row, shown, day if ended else None)
        return cls(table, keys, kinds, said["day"], levels, stands)

    @property
    def open(self) -> list[str]:
        """Keys of the alerts that are seen as of the last day."""
        return [key for key, stand in self.stands.items() if stand.ended_on is None]

    def rows(self, wanted: Sequence[int]) -> list[dict[str, Any]]:
        """Some changes with Python's own values."""
        rows: list[dict[str, Any]] = self.table.take(pa.array(wanted, pa.int64())).to_pylist()
        return rows

    def states(self, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Columns of table alert for some alerts, without those that people or the run decide."""
        shown = self.rows([self.stands[key].shown for key in keys])
        return {key: self._state(key, row) for key, row in zip(keys, shown, strict=True)}

    def _state(self, key: str, row: Mapping[str, Any]) -> dict[str, Any]:
        stand = self.stands[key]
        return {
            "level": self.levels[stand.shown],
            "scope": AlertScope(row["scope"]),
            "severity": share(row["severity"]),
            "probability": share(row["probability"]),
            "event_on": row["event_on"],
            "changed_on": self.days[stand.last],
            "ended_on": stand.ended_on,
            "rules_id": row["rules_id"],
            "rules_hash": row["rules_hash"],
        }


def share(value: float | None) -> float | None:
    """A share as the database takes it: None where it is not known."""
    return None if value is None or not math.isfinite(value) else min(1.0, max(0.0, float(value)))
