"""From what the book holds of visits to what the addresses answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.orm import aliased

from app.alerts.visits import along as held
from app.alerts.visits.seen import FAR_M, Recorded, Seen, is_far
from app.alerts.worklist.candidates import RulesAtHand
from app.api.office.naming import village_name
from app.api.visits.schemas import (
    FoundCause,
    SecondOfficer,
    VisitLine,
    VisitLines,
    VisitSaid,
    VisitTaken,
    VisitWeek,
    WeekTask,
    WeekTaskAlert,
    WeekTaskUnit,
    WeekWords,
)
from app.db.tables import Alert, User, Visit
from scoring.alerts.rules import rules_ids
from scoring.wording import Text

PREFIX = "/api/v1/visits"
#: Degrees that outlines are rounded to: a tenth of a metre.
_GRID = 1e-6
#: Visits to one parcel that are shown.
_MOST_LINES = 100


def week_answer(along: held.WeekAlong, now: datetime, forget_at: datetime) -> VisitWeek:
    """A week's visits."""
    return VisitWeek(
        week=along.week,
        made_at=now,
        forget_at=forget_at,
        far_m=FAR_M,
        tasks=[_task(task) for task in along.tasks],
        causes=[FoundCause(key=key, title=_words(title)) for key, title in sorted(along.causes.items())],
        officers=[
            SecondOfficer(login=each.login, display_name=each.display_name, units=list(each.units))
            for each in along.colleagues
        ],
        way_m=along.way_m,
    )


def seen_of(said: VisitSaid, login: str) -> Seen:
    """What was said, with who sends it as the first officer."""
    return Seen(
        parcel_id=said.parcel_id,
        alert_id=said.alert,
        officers=(login, said.second_officer),
        captured_at=said.captured_at,
        outcome=said.outcome,
        longitude=said.longitude,
        latitude=said.latitude,
        accuracy_m=said.accuracy_m,
        cause_found=said.cause_found,
        loss_share=said.loss_share,
        note=said.note,
    )


def taken_answer(done: Recorded) -> VisitTaken:
    """What became of a visit."""
    return VisitTaken(
        number=done.number, parcel_id=done.parcel_id, new=done.new, distance_m=done.distance_m, far=done.far
    )


def lines_answer(connection: Connection, parcel_id: str) -> VisitLines:
    """Visits to a parcel, newest first."""
    first, second = aliased(User), aliased(User)
    wanted = (
        select(Visit.__table__, first.login.label("by"), second.login.label("with"))
        .join(first, first.id == Visit.officer_id)
        .join(second, second.id == Visit.second_officer_id)
        .where(Visit.parcel_id == parcel_id)
        .order_by(Visit.captured_at.desc(), Visit.id.desc())
        .limit(_MOST_LINES)
    )
    rows: Sequence[RowMapping] = connection.execute(wanted).mappings().all()
    return VisitLines(
        parcel_id=parcel_id, visits=[_line(row) for row in rows], causes=_causes(connection, parcel_id, rows)
    )


def _causes(connection: Connection, parcel_id: str, rows: Sequence[RowMapping]) -> list[FoundCause]:
    """Names of the causes of some visits, by the shipped rules and by those of the parcel's alerts."""
    found, rules = {row["cause_found"] for row in rows}, RulesAtHand()
    own = connection.scalars(select(Alert.rules_id).where(Alert.parcel_id == parcel_id).distinct())
    titles = held.cause_titles(rules(name) for name in sorted({*rules_ids(), *own}))
    return [FoundCause(key=key, title=_words(title)) for key, title in sorted(titles.items()) if key in found]


def _line(row: RowMapping) -> VisitLine:
    return VisitLine(
        number=row["id"],
        alert=row["alert_id"],
        officers=(row["by"], row["with"]),
        captured_at=row["captured_at"],
        outcome=row["outcome"],
        cause_found=row["cause_found"],
        loss_share=row["loss_share"],
        accuracy_m=row["accuracy_m"],
        distance_m=row["distance_m"],
        far=is_far(row["distance_m"], row["accuracy_m"]),
        note=row["note"],
        photo=None if row["photo_hash"] is None else f"{PREFIX}/{row['id']}/photo",
    )


def _task(task: held.WeekTask) -> WeekTask:
    return WeekTask(
        code=task.code,
        list_unit=task.list_unit,
        rank=task.rank,
        parcel_id=task.parcel_id,
        village=village_name(task.village),
        unit=None if task.unit is None else WeekTaskUnit(code=task.unit[0], name=task.unit[1]),
        drawn=task.drawn,
        done=task.done,
        alert=_alert(task),
        looks_for=_words(task.looks_for),
        outline=None if task.outline is None else _outline(task.outline),
    )


def _alert(task: held.WeekTask) -> WeekTaskAlert | None:
    if task.alert is None:
        return None
    return WeekTaskAlert(
        number=task.alert.number,
        cause=task.alert.cause,
        title=None if task.title is None else _words(task.title),
        level=task.alert.level,
        scope=task.alert.scope,
        opened_on=task.alert.opened_on,
        changed_on=task.alert.changed_on,
    )


def _words(text: Text) -> WeekWords:
    return WeekWords(en=text.en, zh=text.zh)


def _outline(outline: BaseGeometry) -> list[list[list[tuple[float, float]]]]:
    """Polygons of rings; parts that are no ground (a line left by a repair) are not there."""
    rounded = shapely.set_precision(outline, _GRID, mode="pointwise")
    parts = [part for part in shapely.get_parts(rounded) if part.geom_type == "Polygon"]
    return [[_ring(ring) for ring in (part.exterior, *part.interiors)] for part in parts]


def _ring(ring: shapely.LinearRing) -> list[tuple[float, float]]:
    return [(round(x, 6), round(y, 6)) for x, y in ring.coords]
