"""Parcels and their outlines: each outline once, and which one held when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import pandas as pd
from sqlalchemy import Connection, Select, delete, insert, select

from app.db.rows import Row, chunked
from app.db.tables import Parcel, ParcelGeometry, ParcelObservation, ParcelOrigin, ParcelPeriod, Run


@dataclass(frozen=True, slots=True)
class Period:
    """A span in which a parcel had one outline.

    Attributes:
        geometry_version: the outline.
        valid_from: first instant.
        valid_to: first instant of the next outline; None while it holds.
    """

    geometry_version: str
    valid_from: datetime
    valid_to: datetime | None

    def covers(self, instant: datetime) -> bool:
        """Whether the span holds an instant."""
        return self.valid_from <= instant and (self.valid_to is None or instant < self.valid_to)


def periods_of(sightings: Iterable[tuple[datetime, str]]) -> list[Period]:
    """Spans from what runs saw, in time order: an outline holds until a run sees another one.

    Args:
        sightings: instant and outline, in time order; of several at one instant the last wins.
    """
    at = dict(sightings)
    starts = [
        (instant, version) for version, run in groupby(at.items(), key=itemgetter(1)) for instant, _ in [next(run)]
    ]
    ends: list[datetime | None] = [instant for instant, _ in starts[1:]]
    return [Period(version, start, end) for (start, version), end in zip(starts, [*ends, None], strict=False)]


def add_parcels(connection: Connection, outlines: pd.DataFrame, now: datetime) -> int:
    """Insert the parcels that are new; how many."""
    ids = outlines["parcel_id"].tolist()
    new = sorted(set(ids) - _known_parcels(connection, ids))
    for chunk in chunked(new):
        connection.execute(insert(Parcel), [{"parcel_id": parcel_id, "recorded_at": now} for parcel_id in chunk])
    return len(new)


def add_geometries(connection: Connection, outlines: pd.DataFrame, now: datetime) -> int:
    """Insert the outlines that are new; how many."""
    known = _known_geometries(connection, outlines["parcel_id"].tolist())
    rows = [row for row in _rows(outlines) if (row["parcel_id"], row["geometry_version"]) not in known]
    for chunk in chunked(rows):
        connection.execute(insert(ParcelGeometry), [{**row, "recorded_at": now} for row in chunk])
    return len(rows)


def update_periods(connection: Connection, outlines: pd.DataFrame, seen_at: datetime, now: datetime) -> int:
    """Fit the periods to what a run saw; how many parcels have a changed history.

    The run's own rows must be there already. Where its outline is not the one on record for its instant, the parcel's
    periods are told anew from all runs and from the outlines that people gave: thus runs may come in any order, and an
    outline may come back.
    """
    known = _known_periods(connection, outlines["parcel_id"].tolist())
    new: list[Row] = []
    changed: list[str] = []
    for parcel_id, version in zip(outlines["parcel_id"], outlines["geometry_version"], strict=True):
        periods = known.get(parcel_id)
        if periods is None:
            new.append(_period_row(parcel_id, Period(version, seen_at, None), now))
        elif not any(period.covers(seen_at) and period.geometry_version == version for period in periods):
            changed.append(parcel_id)
    _insert_periods(connection, new)
    _retell(connection, changed, now)
    return len(changed)


def _retell(connection: Connection, parcel_ids: list[str], now: datetime) -> None:
    for chunk in chunked(parcel_ids):
        seen = _sightings(connection, chunk)
        connection.execute(delete(ParcelPeriod).where(ParcelPeriod.parcel_id.in_(chunk)))
        _insert_periods(
            connection,
            [
                _period_row(parcel_id, period, now)
                for parcel_id, rows in groupby(seen, key=itemgetter(0))
                for period in periods_of((instant, version) for _, instant, version in rows)
            ],
        )


def _sightings(connection: Connection, ids: Sequence[str]) -> list[tuple[str, datetime, str]]:
    """Parcel, instant and outline as runs saw them and people gave them, by parcel and in time order."""
    runs = (
        select(ParcelObservation.parcel_id, Run.created_at, ParcelObservation.geometry_version)
        .join(Run, Run.run_id == ParcelObservation.run_id)
        .where(ParcelObservation.parcel_id.in_(ids))
        .order_by(Run.created_at, Run.recorded_at, Run.run_id)
    )
    people = (
        select(ParcelOrigin.parcel_id, ParcelOrigin.recorded_at, ParcelOrigin.geometry_version)
        .where(ParcelOrigin.parcel_id.in_(ids))
        .order_by(ParcelOrigin.id)
    )
    found = [(row[0], row[1], row[2]) for wanted in (runs, people) for row in connection.execute(wanted)]
    return sorted(found, key=itemgetter(0, 1))  # stable: of one instant the order above holds


def _insert_periods(connection: Connection, rows: list[Row]) -> None:
    for chunk in chunked(rows):
        connection.execute(insert(ParcelPeriod), chunk)


def _period_row(parcel_id: str, period: Period, now: datetime) -> Row:
    return {
        "parcel_id": parcel_id,
        "geometry_version": period.geometry_version,
        "valid_from": period.valid_from,
        "valid_to": period.valid_to,
        "recorded_at": now,
    }


def _known_parcels(connection: Connection, ids: list[str]) -> set[str]:
    chunks = (connection.scalars(select(Parcel.parcel_id).where(Parcel.parcel_id.in_(c))) for c in chunked(ids))
    return {parcel_id for chunk in chunks for parcel_id in chunk}


def _known_geometries(connection: Connection, ids: list[str]) -> set[tuple[str, str]]:
    wanted = select(ParcelGeometry.parcel_id, ParcelGeometry.geometry_version)
    chunks = (connection.execute(wanted.where(ParcelGeometry.parcel_id.in_(chunk))) for chunk in chunked(ids))
    return {(row.parcel_id, row.geometry_version) for chunk in chunks for row in chunk}


def _known_periods(connection: Connection, ids: list[str]) -> dict[str, list[Period]]:
    known: dict[str, list[Period]] = {}
    for chunk in chunked(ids):
        for parcel_id, version, start, end in connection.execute(_periods_among(chunk)):
            known.setdefault(parcel_id, []).append(Period(version, start, end))
    return known


def _periods_among(ids: Sequence[str]) -> Select[str, str, datetime, datetime | None]:
    wanted = select(
        ParcelPeriod.parcel_id, ParcelPeriod.geometry_version, ParcelPeriod.valid_from, ParcelPeriod.valid_to
    )
    return wanted.where(ParcelPeriod.parcel_id.in_(ids))


def _rows(outlines: pd.DataFrame) -> list[Row]:
    plain = outlines.astype(object)
    return [
        {str(name): value for name, value in row.items()} for row in plain.where(plain.notna(), None).to_dict("records")
    ]
