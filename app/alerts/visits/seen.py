"""Visits: what two officers saw on the ground, where and when. A visit is never changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, insert, select, update

from app.alerts.reach import require_reach
from app.alerts.visits.photos import Photo
from app.alerts.visits.positions import between_m, distance_m, outline_at
from app.alerts.worklist.remarks import checked_note
from app.alerts.worklist.workflow import LIVE, WORKING, Act, alerts_of, write_events
from app.book.decisions.people import Person, find_user, require_role
from app.db.rows import Row
from app.db.tables import Alert, Parcel, Visit, VisitList, VisitTask
from app.db.tables.alert_kinds import AlertEventKind, AlertStatus, VisitOutcome
from geo.errors import InputError

#: Beyond the error of the position, further than this from the outline is far: recorded, and said.
FAR_M: Final = 500.0
#: A visit this long before an alert opened may still bear on it: what was seen had happened by then.
MOST_BEFORE: Final = timedelta(days=14)
#: Clocks of phones differ from the bank's.
_CLOCKS: Final = timedelta(minutes=5)
#: How long after the Monday of its week a list's visit may come.
_TASK_DAYS: Final = timedelta(days=28)
_CAUSE_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Seen:
    """What two officers say of one visit.

    Attributes:
        parcel_id: the parcel; None: that of the alert.
        alert_id: the alert it was about; None: a visit without one, as those drawn by chance are.
        officers: logins of the first and the second officer.
        captured_at: instant, aware.
        longitude: of the position, degrees (WGS 84); None where the phone gave none.
        latitude: likewise.
        accuracy_m: error of the position in metres.
        outcome: what they found.
        cause_found: key of what was there instead, or of what was found without an alert.
        loss_share: their estimate of the loss, 0..1.
        note: in words, without names.
    """

    parcel_id: str | None
    alert_id: int | None
    officers: tuple[str, str]
    captured_at: datetime
    outcome: VisitOutcome
    longitude: float | None = None
    latitude: float | None = None
    accuracy_m: float | None = None
    cause_found: str | None = None
    loss_share: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a visit.

    Attributes:
        number: of its row.
        parcel_id: the parcel.
        new: False where the same visit was there already.
        distance_m: from the parcel's outline; None without position or outline.
        far: whether that is more than FAR_M beyond the error of the position.
        photo_m: metres between the position and the one in the photo, which is not kept; None where one is missing.
    """

    number: int
    parcel_id: str
    new: bool
    distance_m: float | None
    far: bool
    photo_m: float | None


def record_visit(connection: Connection, seen: Seen, photo: Photo | None, now: datetime) -> Recorded:
    """Write a visit, what it makes of its alert, and which task of a list it did. No loan changes.

    Args:
        connection: transaction that writes.
        seen: what the officers say.
        photo: one that app.alerts.visits.photos.keep keeps; None without one.
        now: when the bank comes to know it.

    Raises:
        InputError: something does not fit; the message names it.
    """
    officers = _officers(connection, seen)
    alert = None if seen.alert_id is None else alerts_of(connection, [seen.alert_id])[0]
    parcel = _parcel(connection, seen, alert)
    for officer in officers:
        require_reach(connection, officer, [parcel])
    _check(seen, alert, now)
    row = _row(connection, seen, parcel, officers, photo)
    far = is_far(row["distance_m"], row["accuracy_m"])
    photo_m = _photo_m(seen, photo)
    known = _same(connection, row)
    if known is not None:
        return Recorded(known, parcel, False, row["distance_m"], far, photo_m)
    task = _task(connection, parcel, seen)
    full = row | {"task_id": task, "recorded_at": now}
    number = connection.scalars(insert(Visit).returning(Visit.id), full).one()
    if alert is not None:
        facts = {"visit": number, "outcome": str(seen.outcome), "photo_m": None if photo_m is None else round(photo_m)}
        _tell(connection, alert, seen, Act(officers[0], now), facts)
    return Recorded(number, parcel, True, row["distance_m"], far, photo_m)


def is_far(distance: float | None, accuracy: float | None) -> bool:
    """Whether a distance from the outline is far, the error of the position taken off."""
    return distance is not None and distance - (accuracy or 0.0) > FAR_M


def _officers(connection: Connection, seen: Seen) -> tuple[Person, Person]:
    first, second = (find_user(connection, login) for login in seen.officers)
    for each in (first, second):
        require_role(each, WORKING, "visits parcels")
    if first.id == second.id:
        raise InputError("VISIT_OFFICERS", f"{first.login} cannot be both officers.", "Name who went along.")
    return first, second


def _parcel(connection: Connection, seen: Seen, alert: RowMapping | None) -> str:
    if alert is not None:
        parcel = str(alert["parcel_id"])
        if seen.parcel_id not in (None, parcel):
            raise InputError(
                "VISIT_PARCEL",
                f"Alert {alert['id']} is about the parcel {parcel!r}, not {seen.parcel_id!r}.",
                "Name one.",
            )
        return parcel
    if seen.parcel_id is None:
        raise InputError("VISIT_PARCEL", "A visit is to an alert or to a parcel.", "Name a number, or --parcel ID.")
    if connection.scalar(select(Parcel.parcel_id).where(Parcel.parcel_id == seen.parcel_id)) is None:
        raise InputError("PARCEL_UNKNOWN", f"There is no parcel {seen.parcel_id!r}.", "Check the number.")
    return seen.parcel_id


def _check(seen: Seen, alert: RowMapping | None, now: datetime) -> None:
    _check_time(seen.captured_at, alert, now)
    _check_position(seen)
    _check_numbers(seen)
    cause_needed = seen.outcome is VisitOutcome.OTHER_CAUSE or (
        alert is None and seen.outcome in (VisitOutcome.CONFIRMED, VisitOutcome.PARTLY)
    )
    if cause_needed and not seen.cause_found:
        raise InputError("VISIT_CAUSE", f"The outcome {seen.outcome} says not what was found.", "Add --cause-found.")


def _check_time(at: datetime, alert: RowMapping | None, now: datetime) -> None:
    if at > now + _CLOCKS:
        raise InputError("VISIT_TIME", f"The visit at {_said(at)} has not happened yet.", "Check --at and its zone.")
    if alert is not None:
        opened = datetime.combine(alert["opened_on"], datetime.min.time(), UTC)
        if at < opened - MOST_BEFORE:
            raise InputError(
                "VISIT_TIME",
                f"The visit at {_said(at)} is more than {MOST_BEFORE.days} days before alert {alert['id']}"
                f" ({alert['opened_on']}).",
                "Record it with --parcel, without the alert.",
            )


def _check_position(seen: Seen) -> None:
    if (seen.longitude is None) != (seen.latitude is None):
        raise InputError("VISIT_POSITION", "A position has a longitude and a latitude.", "Give both, or none.")
    if seen.longitude is None or seen.latitude is None:
        return
    if not (abs(seen.longitude) <= 180 and abs(seen.latitude) <= 90):  # noqa: PLR2004 - degrees
        raise InputError(
            "VISIT_POSITION", f"There is no position {seen.longitude}, {seen.latitude}.", "Longitude first, in degrees."
        )


def _check_numbers(seen: Seen) -> None:
    accuracy, loss = seen.accuracy_m, seen.loss_share
    if accuracy is not None and not (isfinite(accuracy) and accuracy >= 0):
        raise InputError("VISIT_POSITION", f"An error of {accuracy} m cannot be.", "Give metres.")
    if loss is not None and not 0 <= loss <= 1:
        raise InputError("VISIT_LOSS", f"A share of {loss} cannot be lost.", "Give 0 to 1: 0.4 is 40 %.")
    cause = seen.cause_found
    if cause is not None and not (cause.isascii() and cause.isidentifier() and len(cause) <= _CAUSE_LENGTH):
        raise InputError(
            "VISIT_CAUSE", f"{cause!r} is no key of a cause.", "Write it like not_sown; a note holds the words."
        )


def _row(connection: Connection, seen: Seen, parcel: str, officers: tuple[Person, Person], photo: Photo | None) -> Row:
    at = seen.captured_at.astimezone(UTC)
    return {
        "parcel_id": parcel,
        "alert_id": seen.alert_id,
        "officer_id": officers[0].id,
        "second_officer_id": officers[1].id,
        "captured_at": at,
        "longitude": seen.longitude,
        "latitude": seen.latitude,
        "accuracy_m": seen.accuracy_m,
        "distance_m": _distance(connection, seen, parcel, at),
        "outcome": seen.outcome,
        "cause_found": seen.cause_found,
        "loss_share": seen.loss_share,
        "note": checked_note(connection, seen.note, [parcel]),
        "photo_hash": None if photo is None else photo.digest,
    }


def _distance(connection: Connection, seen: Seen, parcel: str, at: datetime) -> float | None:
    if seen.longitude is None or seen.latitude is None:
        return None
    outline = outline_at(connection, parcel, at)
    return None if outline is None else round(distance_m(seen.longitude, seen.latitude, outline), 1)


def _photo_m(seen: Seen, photo: Photo | None) -> float | None:
    if photo is None or photo.position is None or seen.longitude is None or seen.latitude is None:
        return None
    return between_m((seen.longitude, seen.latitude), photo.position)


def _same(connection: Connection, row: Row) -> int | None:
    """Number of a visit that says the same in every word; its distance may rest on an outline that came later."""
    about = select(Visit.__table__).where(
        Visit.parcel_id == row["parcel_id"],
        Visit.captured_at == row["captured_at"],
        Visit.officer_id == row["officer_id"],
    )
    for known in connection.execute(about).mappings():
        if all(known[name] == value for name, value in row.items() if name != "distance_m"):
            return int(known["id"])
    return None


def _task(connection: Connection, parcel: str, seen: Seen) -> int | None:
    """Task of the latest list that the visit can have done; one about another alert is not it."""
    day = seen.captured_at.astimezone(UTC).date()
    done = select(Visit.task_id).where(Visit.task_id.is_not(None), Visit.outcome != VisitOutcome.NOT_REACHED)
    rows = connection.execute(
        select(VisitTask.id, VisitTask.alert_id)
        .join(VisitList, VisitList.id == VisitTask.list_id)
        .where(
            VisitTask.parcel_id == parcel,
            VisitList.week <= day,
            VisitList.week > day - _TASK_DAYS,
            VisitTask.id.not_in(done),
        )
        .order_by(VisitList.week.desc(), VisitTask.id)
    )
    return next((number for number, alert in rows if alert is None or alert == seen.alert_id), None)


def _tell(connection: Connection, alert: RowMapping, seen: Seen, act: Act, facts: dict[str, Any]) -> None:
    """A line of the alert's history; an alert that people have not closed is visited then, if they got there."""
    reached = seen.outcome is not VisitOutcome.NOT_REACHED
    write_events(connection, [alert], AlertEventKind.VISITED if reached else AlertEventKind.NOTED, act, "", facts)
    if reached and alert["status"] in LIVE:
        connection.execute(update(Alert).where(Alert.id == alert["id"]).values(status=AlertStatus.VISITED))


def _said(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
