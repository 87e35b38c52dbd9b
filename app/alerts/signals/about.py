"""Which signals from outside concern a parcel on a day: said of it, of its party, or of the ground it lies on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

import numpy as np
import shapely
from sqlalchemy import ColumnElement, Connection, and_, or_, select

from app.alerts.signals.taking_in import UNSEEN
from app.alerts.signals.whose import parties_of
from app.book.parties.consents import usable
from app.db.listed import listed, listed_numbers
from app.db.rows import chunked
from app.db.tables import OutsideSignal, Parcel, ParcelGeometry, ParcelPeriod
from app.db.tables.alert_kinds import AlertLevel, SignalKind
from geo.errors import InputError

#: Days after a signal's last day in which it still explains what is seen.
BACK_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal as it is shown.

    Attributes:
        id: its number.
        kind: what it is about.
        source: who says so.
        external_id: the source's own number.
        as_of: day on which the source said it.
        level: how grave the source calls it; None: it does not say. It raises no alert.
        said: what the source says.
        starts_on: first day that it speaks of.
        ends_on: last day; None: open.
        expires_on: last day on which its word is good; None: for ever.
        parcel_id: the parcel it is about, where it names one.
        party_id: the party it is about, where it names one.
        has_area: whether it is about ground.
    """

    id: int
    kind: SignalKind
    source: str
    external_id: str
    as_of: date
    level: AlertLevel | None
    said: str
    starts_on: date
    ends_on: date | None
    expires_on: date | None
    parcel_id: str | None
    party_id: int | None
    has_area: bool


_COLUMNS: Final = (
    OutsideSignal.id,
    OutsideSignal.kind,
    OutsideSignal.source,
    OutsideSignal.external_id,
    OutsideSignal.as_of,
    OutsideSignal.level,
    OutsideSignal.said,
    OutsideSignal.starts_on,
    OutsideSignal.ends_on,
    OutsideSignal.expires_on,
    OutsideSignal.parcel_id,
    OutsideSignal.party_id,
    OutsideSignal.area.is_not(None).label("has_area"),
)


def signals_about(connection: Connection, parcel_id: str, day: date, zone: tzinfo = UTC) -> tuple[Signal, ...]:
    """Signals that concern one parcel on a day, as signals_by_parcel; InputError where there is no such parcel."""
    if connection.scalar(select(Parcel.parcel_id).where(Parcel.parcel_id == parcel_id)) is None:
        raise InputError("PARCEL_UNKNOWN", f"There is no parcel {parcel_id!r}.", "Check the number.")
    return signals_by_parcel(connection, [parcel_id], day, zone)[parcel_id]


def signals_by_parcel(
    connection: Connection, parcel_ids: Sequence[str], day: date, zone: tzinfo = UTC
) -> dict[str, tuple[Signal, ...]]:
    """Signals that concern parcels on a day, for each parcel in the order of their first days.

    They were said by that day, their source stands by them, the person still agrees, and they ended at most 30 days
    ago. A signal about ground concerns the parcels whose centre lies in it, by the outline of the day.

    Args:
        connection: database.
        parcel_ids: which.
        day: local day.
        zone: of the day.
    """
    pairs: set[tuple[str, int]] = set()
    for chunk in chunked(list(dict.fromkeys(parcel_ids))):
        pairs.update(_of_parcels(connection, chunk, day, zone))
        pairs.update(_of_parties(connection, chunk, day, zone))
        pairs.update(_of_ground(connection, chunk, day, zone))
    signals = {each.id: each for each in list_signals(connection, day=day, numbers=sorted({n for _, n in pairs}))}
    found: dict[str, list[Signal]] = {parcel_id: [] for parcel_id in parcel_ids}
    for parcel_id, number in sorted(pairs, key=lambda pair: (signals[pair[1]].starts_on, pair[1])):
        found[parcel_id].append(signals[number])
    return {parcel_id: tuple(each) for parcel_id, each in found.items()}


def list_signals(
    connection: Connection,
    *,
    day: date | None = None,
    kind: SignalKind | None = None,
    numbers: Sequence[int] | None = None,
    limit: int | None = None,
    zone: tzinfo = UTC,
) -> tuple[Signal, ...]:
    """Signals, the latest first day first.

    Args:
        connection: database.
        day: only those that count on a local day; None: all whose persons still agree.
        kind: only of a kind.
        numbers: only these.
        limit: most to give.
        zone: of the day.
    """
    wanted = select(*_COLUMNS).order_by(OutsideSignal.starts_on.desc(), OutsideSignal.id.desc()).limit(limit)
    wanted = wanted.where(OutsideSignal.content_hash != UNSEEN)
    if day is not None:
        wanted = wanted.where(_counts(day, zone))
    if kind is not None:
        wanted = wanted.where(OutsideSignal.kind == kind)
    if numbers is not None:
        wanted = wanted.where(OutsideSignal.id.in_(listed_numbers(connection, numbers)))
    return tuple(Signal(**row) for row in connection.execute(wanted).mappings())


def _counts(day: date, zone: tzinfo) -> ColumnElement[bool]:
    return and_(
        OutsideSignal.as_of <= day,
        or_(OutsideSignal.expires_on.is_(None), OutsideSignal.expires_on >= day),
        or_(OutsideSignal.ends_on.is_(None), OutsideSignal.ends_on >= day - timedelta(days=BACK_DAYS)),
        usable(OutsideSignal.__table__.c.consent_id, day, zone),
    )


def _of_parcels(
    connection: Connection, parcel_ids: Sequence[str], day: date, zone: tzinfo
) -> Iterator[tuple[str, int]]:
    wanted = select(OutsideSignal.parcel_id, OutsideSignal.id).where(
        OutsideSignal.parcel_id.in_(listed(connection, parcel_ids)), _counts(day, zone)
    )
    for parcel_id, number in connection.execute(wanted):
        yield str(parcel_id), number


def _of_parties(
    connection: Connection, parcel_ids: Sequence[str], day: date, zone: tzinfo
) -> Iterator[tuple[str, int]]:
    parties = parties_of(connection, parcel_ids, day, zone)
    among = sorted({party for each in parties.values() for party in each})
    wanted = select(OutsideSignal.party_id, OutsideSignal.id).where(
        OutsideSignal.party_id.in_(listed_numbers(connection, among)), _counts(day, zone)
    )
    said: dict[int, list[int]] = {}
    for party_id, number in connection.execute(wanted):
        said.setdefault(int(party_id or 0), []).append(number)
    for parcel_id, its_parties in parties.items():
        yield from ((parcel_id, number) for party in its_parties for number in said.get(party, ()))


def _of_ground(connection: Connection, parcel_ids: Sequence[str], day: date, zone: tzinfo) -> Iterator[tuple[str, int]]:
    areas = connection.execute(
        select(OutsideSignal.id, OutsideSignal.area).where(OutsideSignal.area.is_not(None), _counts(day, zone))
    ).all()
    if not areas:
        return
    outlines = connection.execute(_outlines(connection, parcel_ids, day, zone)).all()
    centres = shapely.point_on_surface(shapely.from_wkb(np.array([row.wkb for row in outlines], dtype=object)))
    tree = shapely.STRtree(centres)
    inside = tree.query(shapely.from_wkb(np.array([row.area for row in areas], dtype=object)), predicate="intersects")
    for area, parcel in inside.T:
        yield str(outlines[parcel].parcel_id), areas[area].id


def _outlines(connection: Connection, parcel_ids: Sequence[str], day: date, zone: tzinfo):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a select
    ends = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    same = and_(
        ParcelGeometry.parcel_id == ParcelPeriod.parcel_id,
        ParcelGeometry.geometry_version == ParcelPeriod.geometry_version,
    )
    return (
        select(ParcelPeriod.parcel_id, ParcelGeometry.wkb)
        .join(ParcelGeometry, same)
        .where(ParcelPeriod.parcel_id.in_(listed(connection, parcel_ids)), ParcelGeometry.wkb.is_not(None))
        .where(ParcelPeriod.valid_from < ends, or_(ParcelPeriod.valid_to.is_(None), ParcelPeriod.valid_to >= ends))
    )
