"""What visits found, as scoring.alerts.outcomes takes it: one row for each task that was done, and for other visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import Connection, RowMapping, Select, select

from app.alerts.reach import units_below, within
from app.db.listed import listed_numbers
from app.db.rows import Row, chunked
from app.db.tables import Alert, AlertEvent, Parcel, Visit, VisitList, VisitTask
from app.db.tables.alert_kinds import AlertEventKind, DrawnBy, VisitOutcome
from scoring.alerts.levels import Level
from scoring.alerts.outcomes import OUTCOMES

_SHOWS: Final = (AlertEventKind.OPENED, AlertEventKind.RAISED, AlertEventKind.LOWERED)
#: A visit that no list asked for.
_ASKED: Final = {"drawn": str(DrawnBy.ASKED), "rank": None, "draw_probability": None}


def outcomes(
    connection: Connection, *, first: date | None = None, last: date | None = None, unit: str | None = None
) -> pa.Table:
    """Table of the schema OUTCOMES: visits made from a day to a day, to parcels of a unit or below it, or of no unit.

    A task that was visited several times counts once, with the last visit that reached the parcel. Level and confidence
    are those of the alert when the visit was drawn, or when it was made where no list asked for it. A visit by chance
    counts with the alert that its parcel had when it was drawn.

    Raises:
        InputError: there is no such unit.
    """
    rows = _last_of_task(connection.execute(_narrowed(connection, first, last, unit)).mappings().all())
    shown = _shown(connection, sorted({number for row in rows if (number := _alert(row)) is not None}))
    chances = _chances(connection, sorted({row["list_id"] for row in rows if row["list_id"] is not None}))
    table = [_outcome(row, shown, chances) for row in rows]
    return pa.Table.from_pylist(table, OUTCOMES)


def _narrowed(
    connection: Connection, first: date | None, last: date | None, unit: str | None
) -> Select[*tuple[Any, ...]]:
    columns = (Visit.id, Visit.parcel_id, Visit.alert_id, Visit.task_id, Visit.outcome, Visit.captured_at)
    of_task = (VisitTask.list_id, VisitTask.rank, VisitTask.drawn, VisitTask.alert_id.label("task_alert_id"))
    query = (
        select(*columns, *of_task, VisitList.as_of)
        .outerjoin(VisitTask, VisitTask.id == Visit.task_id)
        .outerjoin(VisitList, VisitList.id == VisitTask.list_id)
        .join(Parcel, Parcel.parcel_id == Visit.parcel_id)
        .order_by(Visit.captured_at, Visit.id)
    )
    if first is not None:
        query = query.where(Visit.captured_at >= datetime.combine(first, time(), UTC))
    if last is not None:
        query = query.where(Visit.captured_at < datetime.combine(last + timedelta(days=1), time(), UTC))
    return query if unit is None else query.where(within(units_below(connection, unit)))


def _last_of_task(rows: Sequence[RowMapping]) -> list[RowMapping]:
    kept: dict[object, RowMapping] = {}
    for row in rows:
        key = ("task", row["task_id"]) if row["task_id"] is not None else ("visit", row["id"])
        if key not in kept or row["outcome"] != VisitOutcome.NOT_REACHED:
            kept[key] = row
    return list(kept.values())


def _alert(row: RowMapping) -> int | None:
    """Alert that a visit speaks of: that of its task, else the one it was made about."""
    number: int | None = row["alert_id"] if row["task_id"] is None else row["task_alert_id"]
    return number


def _shown(connection: Connection, alerts: Sequence[int]) -> dict[int, list[RowMapping]]:
    """Changes of alerts by watches with the cause, in order."""
    found: dict[int, list[RowMapping]] = {}
    for chunk in chunked(alerts):
        wanted = (
            select(AlertEvent.alert_id, AlertEvent.happened_on, AlertEvent.level, AlertEvent.evidence, Alert.cause)
            .join(Alert, Alert.id == AlertEvent.alert_id)
            .where(AlertEvent.alert_id.in_(listed_numbers(connection, chunk)), AlertEvent.kind.in_(_SHOWS))
            .order_by(AlertEvent.happened_on, AlertEvent.id)
        )
        for row in connection.execute(wanted).mappings():
            found.setdefault(row["alert_id"], []).append(row)
    return found


def _chances(connection: Connection, lists: Sequence[int]) -> dict[int, float]:
    """Probability of a parcel that was not ranked to be drawn by chance, by list."""
    sizes = {
        row.id: row.candidates
        for row in connection.execute(
            select(VisitList.id, VisitList.candidates).where(VisitList.id.in_(listed_numbers(connection, lists)))
        )
    }
    drawn = connection.execute(
        select(VisitTask.list_id, VisitTask.drawn).where(VisitTask.list_id.in_(listed_numbers(connection, lists)))
    )
    counts = Counter((number, DrawnBy(how)) for number, how in drawn)
    return {
        number: counts[number, DrawnBy.RANDOM] / (size - counts[number, DrawnBy.RANKED])
        for number, size in sizes.items()
        if counts[number, DrawnBy.RANDOM]
    }


def _outcome(row: RowMapping, shown: Mapping[int, list[RowMapping]], chances: Mapping[int, float]) -> Row:
    number = _alert(row)
    day = row["as_of"] or row["captured_at"].date()
    changes = [] if number is None else shown.get(number, [])
    change = next((each for each in reversed(changes) if each["happened_on"] <= day), changes[0] if changes else None)
    by_list = {
        "drawn": str(row["drawn"]),
        "rank": row["rank"],
        "draw_probability": chances.get(row["list_id"]) if row["drawn"] == DrawnBy.RANDOM else None,
    }
    return {
        "subject_id": row["parcel_id"],
        "cause": None if change is None else change["cause"],
        "level": Level.NONE.key if change is None else str(change["level"]),
        "confidence": None if change is None else change["evidence"].get("confidence"),
        "outcome": str(row["outcome"]),
        **(_ASKED if row["task_id"] is None else by_list),
    }
