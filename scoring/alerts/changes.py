"""Changes of alerts, gathered day by day, as the table TRANSITIONS; evidence is read for alerts that changed only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from scoring.alerts.findings import NEVER, Findings
from scoring.alerts.levels import Level
from scoring.alerts.memory import SCOPES, Ints, Moves
from scoring.alerts.rules import AlertRules
from scoring.alerts.transitions import TRANSITIONS

if TYPE_CHECKING:
    from scoring.alerts.following import Block

Array: TypeAlias = npt.NDArray[np.generic]

_NUMBERS: Final = ("severity", "confidence", "fallen", "value", "expected_low", "expected_high")
_DAYS: Final = ("event_from", "event_on", "look_day")
_SEASON_OVER: Final = "season over"
_KINDS: Final = np.array(["opened", "ended", "raised", "lowered"])
_KEYS: Final = np.array([level.key for level in Level])


@dataclass(frozen=True, slots=True)
class _Part:
    """Changes of one cause on one day: alerts, columns of the findings, and evidence (counts, days, values)."""

    cause: str
    day: date
    rule: str
    moves: Moves
    columns: dict[str, Array]
    evidence: tuple[Array, Array, Array]


class Changes:
    """What changed so far in one fold."""

    def __init__(self, block: Block, rules: AlertRules) -> None:
        self.block, self.rules = block, rules
        self.parts: list[_Part] = []

    def take(self, found: Findings, moves: Moves) -> None:
        """Add alerts that findings changed."""
        columns: dict[str, Array] = {name: getattr(found, name)[moves.rows] for name in (*_NUMBERS, *_DAYS, "why")}
        worth = self.rules.confidence.worth(columns["confidence"].astype(np.float64))
        columns["probability"] = self._priors(found.cause)[moves.after] * worth
        evidence = _no_evidence(len(moves.rows)) if found.evidence is None else self._evidence(found.evidence, moves)
        self.parts.append(_Part(found.cause, found.day, found.rule, moves, columns, evidence))

    def close(self, cause: str, day: date, rule: str, moves: Moves) -> None:
        """Add alerts that the calendar ended."""
        count = len(moves.rows)
        columns: dict[str, Array] = {name: np.full(count, np.nan) for name in (*_NUMBERS, "probability")}
        columns |= {name: np.full(count, NEVER) for name in _DAYS}
        columns["why"] = np.full(count, _SEASON_OVER)
        self.parts.append(_Part(cause, day, rule, moves, columns, _no_evidence(count)))

    def table(self) -> pa.Table:
        """All changes, by subject, cause and day."""
        if not self.parts:
            return TRANSITIONS.empty_table()
        columns = self._named() | self._found()
        return pa.table([columns[name] for name in TRANSITIONS.names], schema=TRANSITIONS).take(self._order())

    def _priors(self, cause: str) -> npt.NDArray[np.float64]:
        """Prior by Level; NaN where the cause has no such level (and once ended)."""
        given = self.rules.cause(cause).prior.given()
        return np.array([given.get(level, np.nan) for level in Level])

    def _evidence(self, flags: npt.NDArray[np.bool_], moves: Moves) -> tuple[Array, Array, Array]:
        used = flags[moves.rows]
        row, column = np.nonzero(used)
        return used.sum(axis=1), self.block.days[column], self.block.values[moves.rows[row], column]

    def _order(self) -> pa.Array:
        causes = sorted({part.cause for part in self.parts})
        cause = self._each(lambda part: causes.index(part.cause))
        day = self._each(lambda part: part.day.toordinal())
        return pa.array(np.lexsort((day, cause, self._joined(lambda part: part.moves.rows))))

    def _named(self) -> dict[str, pa.Array]:
        """Columns that name the alert and say what became of it."""
        before = self._joined(lambda part: part.moves.before).astype(np.int64)
        after = self._joined(lambda part: part.moves.after).astype(np.int64)
        count = len(after)
        kind = np.select([before == 0, after == 0, after > before], _KINDS[:3], _KINDS[3])
        ids = np.asarray(self.block.subject_ids)[self._joined(lambda part: part.moves.rows)]
        return {
            "subject_id": pa.array(ids, pa.string()),
            "cause": self._texts([part.cause for part in self.parts]),
            "season_id": _same(self.block.season_id, count),
            "opened_on": pa.array(self._joined(lambda part: part.moves.opened).astype(np.int32), pa.int32()).cast(
                pa.date32()
            ),
            "day": pa.array(self._each(lambda part: np.datetime64(part.day, "D")), pa.date32()),
            "kind": pa.array(kind, pa.string()),
            "level": pa.array(_KEYS[after], pa.string()),
            "scope": pa.array(np.array(SCOPES)[self._joined(lambda part: part.moves.scope)], pa.string()),
            "rule": self._texts([part.rule for part in self.parts]),
            "rules_id": _same(self.rules.id, count),
            "rules_hash": _same(self.rules.content_hash, count),
        }

    def _found(self) -> dict[str, pa.Array]:
        """Columns of what was found."""
        numbers = {name: _number(self._column(name)) for name in (*_NUMBERS, "probability")}
        days = {name: _day(self._column(name)) for name in _DAYS}
        why = pa.array(self._column("why"), pa.string())
        counts = self._joined(lambda part: part.evidence[0])
        ends = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
        looks = _day(self._joined(lambda part: part.evidence[1]))
        values = _number(self._joined(lambda part: part.evidence[2]))
        return {
            **numbers,
            **days,
            "why": pc.if_else(pc.equal(why, ""), pa.scalar(None, pa.string()), why),
            "evidence_dates": pa.ListArray.from_arrays(ends, looks),
            "evidence_values": pa.ListArray.from_arrays(ends, values),
        }

    def _column(self, name: str) -> Array:
        return self._joined(lambda part: part.columns[name])

    def _joined(self, of: Callable[[_Part], Array]) -> Array:
        return np.concatenate([of(part) for part in self.parts])

    def _each(self, of: Callable[[_Part], object]) -> Array:
        """One value of each part, for every row of it."""
        return np.repeat(np.array([of(part) for part in self.parts]), self._counts())

    def _texts(self, of: Sequence[str]) -> pa.Array:
        return pa.array(list(of), pa.string()).take(pa.array(np.repeat(np.arange(len(of)), self._counts())))

    def _counts(self) -> Ints:
        return np.array([len(part.moves.rows) for part in self.parts])


def _no_evidence(count: int) -> tuple[Array, Array, Array]:
    return np.zeros(count, dtype=np.int64), np.zeros(0, dtype="datetime64[D]"), np.zeros(0)


def _same(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def _number(values: Array) -> pa.Array:
    numbers = values.astype(np.float32)
    return pa.array(numbers, mask=np.isnan(numbers))


def _day(values: Array) -> pa.Array:
    return pa.array(values.astype("datetime64[D]"), pa.date32())
