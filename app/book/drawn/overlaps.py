"""What lies under an outline already: parcels that the person sees, and ground that backs a loan anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Connection, select

from app.book.ground import plots_as_of
from app.db.listed import listed, listed_numbers
from app.db.tables import ContractPlot, Facility, Parcel, ParcelGeometry, ParcelPeriod, Party, Role
from app.db.tables.kinds import RoleKind
from geo.area import geodesic_area_ha
from geo.utm import utm_epsg
from scoring.lending.ground import Tolerance, drawn_in

#: Inner parts that meet in less only touch.
_LEAST_M2: Final = 1.0
#: Less of the smaller of the two is a matter of digitising.
_LEAST_SHARE: Final = 0.01
#: Shares of other branches' ground are told in whole percents: more would let their borders be felt out.
_TOLD_DECIMALS: Final = 2


class Over(StrEnum):
    """What an outline overlaps."""

    PARCEL = "parcel"
    PLEDGED = "pledged"
    PLEDGED_ELSEWHERE = "pledged_elsewhere"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person sees of the book: conditions on Parcel and on Party."""

    parcels: ColumnElement[bool]
    parties: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Ground that is there already under an outline, beyond the tolerance of digitising.

    Attributes:
        kind: what it is; of other branches' pledged ground nothing but its share is known here.
        share: part of the outline that lies under it, 0 to 1.
        area_ha: geodesic area of that part.
        share_of_other: part of the other that lies under the outline.
        parcel_id: the other parcel.
        facility_number: of the loan that it backs.
    """

    kind: Over
    share: float
    area_ha: float
    share_of_other: float | None = None
    parcel_id: str | None = None
    facility_number: str | None = None


@dataclass(frozen=True, slots=True)
class _Pledge:
    """A plot that backs a loan: whether the person may know whose, and the loan's number."""

    parcel_id: str
    facility_number: str
    known: bool


def overlaps_of(
    connection: Connection, shape: BaseGeometry, seen: Seen, today: date, besides: Sequence[str] = ()
) -> list[Overlap]:
    """What an outline overlaps, the largest share first.

    Shares are measured in the UTM zone of the outline's centre. A border that neighbours share is no overlap: both are
    drawn in first (scoring.lending.ground.Tolerance).

    Args:
        connection: the database.
        shape: valid outline in EPSG:4326.
        seen: what the person may know of.
        today: contracts that run on this day or later count.
        besides: parcels that do not count: the one whose new outline it is.
    """
    met = _met(shape, _near(connection, shape, besides))
    if not met:
        return []
    mine = set(_visible(connection, seen, list(met)))
    pledges = _pledges(connection, list(met), seen, mine, today)
    backed = {pledge.parcel_id for pledge in pledges if pledge.known}
    found = [_of(met[pledge.parcel_id], pledge) for pledge in pledges if pledge.known]
    found += [_of(met[name], _Pledge(name, "", known=True)) for name in met if name in mine and name not in backed]
    elsewhere = {pledge.parcel_id for pledge in pledges if not pledge.known}
    if elsewhere:
        found.append(_elsewhere(shape, [met[name].common for name in sorted(elsewhere)]))
    return sorted(found, key=lambda each: (-each.share, each.parcel_id or "", each.facility_number or ""))


@dataclass(frozen=True, slots=True)
class _Met:
    """Ground under both: the common part in degrees and in hectares, and its share of each."""

    common: BaseGeometry
    area_ha: float
    share: float
    share_of_other: float


def _of(met: _Met, pledge: _Pledge) -> Overlap:
    kind = Over.PLEDGED if pledge.facility_number else Over.PARCEL
    return Overlap(kind, met.share, met.area_ha, met.share_of_other, pledge.parcel_id, pledge.facility_number or None)


def _elsewhere(shape: BaseGeometry, parts: Sequence[BaseGeometry]) -> Overlap:
    common = shapely.union_all(parts)
    area, whole = geodesic_area_ha(gpd.GeoSeries([common, shape], crs=4326)).tolist()
    share = round(min(area / whole, 1.0), _TOLD_DECIMALS)
    return Overlap(Over.PLEDGED_ELSEWHERE, share, round(share * whole, _TOLD_DECIMALS))


def _near(connection: Connection, shape: BaseGeometry, besides: Sequence[str]) -> Mapping[str, bytes]:
    """Outlines that hold now and whose boxes meet that of the shape, by parcel."""
    west, south, east, north = shape.bounds
    box = ParcelGeometry
    wanted = (
        select(box.parcel_id, box.wkb)
        .join(
            ParcelPeriod,
            (ParcelPeriod.parcel_id == box.parcel_id) & (ParcelPeriod.geometry_version == box.geometry_version),
        )
        .where(
            ParcelPeriod.valid_to.is_(None),
            box.minx <= east,
            box.maxx >= west,
            box.miny <= north,
            box.maxy >= south,
            box.wkb.is_not(None),
        )
    )
    rows: Any = connection.execute(wanted)
    return {name: bytes(wkb) for name, wkb in rows if name not in besides}


def _met(shape: BaseGeometry, others: Mapping[str, bytes]) -> dict[str, _Met]:
    names = sorted(others)
    if not names:
        return {}
    west, south, east, north = shape.bounds
    epsg = utm_epsg((west + east) / 2, (south + north) / 2)
    degrees = gpd.GeoSeries([shape, *shapely.from_wkb([others[name] for name in names])], crs=4326)
    metres = np.asarray(degrees.to_crs(epsg).array, dtype=object)
    inner = drawn_in(metres, Tolerance().inward_m)
    inside = shapely.area(shapely.intersection(inner[0], inner[1:]))
    common = shapely.intersection(metres[0], metres[1:])
    areas, shared = shapely.area(metres), shapely.area(common)
    beyond = (inside >= _LEAST_M2) & (shared >= _LEAST_SHARE * np.minimum(areas[0], areas[1:]))
    rows = np.flatnonzero(beyond).tolist()
    back = gpd.GeoSeries(common[rows], crs=epsg).to_crs(4326)
    return {
        names[row]: _Met(part, float(ha), min(shared[row] / areas[0], 1.0), min(shared[row] / areas[row + 1], 1.0))
        for row, part, ha in zip(rows, back, geodesic_area_ha(back), strict=True)
    }


def _visible(connection: Connection, seen: Seen, names: Sequence[str]) -> list[str]:
    among = Parcel.parcel_id.in_(listed(connection, names))
    return list(connection.scalars(select(Parcel.parcel_id).where(among, seen.parcels)))


def _pledges(connection: Connection, names: Sequence[str], seen: Seen, mine: set[str], today: date) -> list[_Pledge]:
    plots = plots_as_of(connection, today, among=names)
    numbers = plots.plot_id[plots.facility_id.notna()].tolist()
    wanted = (
        select(ContractPlot.parcel_id, Facility.id, Facility.number)
        .join(Facility, Facility.id == ContractPlot.facility_id)
        .where(ContractPlot.id.in_(listed_numbers(connection, numbers)))
        .distinct()
    )
    rows = connection.execute(wanted.order_by(ContractPlot.parcel_id, Facility.number)).all()
    known = _known_lines(connection, seen, [line for _, line, _ in rows])
    return [_Pledge(name, number, known=name in mine and line in known) for name, line, number in rows]


def _known_lines(connection: Connection, seen: Seen, lines: Sequence[int]) -> set[int]:
    """Facilities whose borrower the person sees."""
    wanted = (
        select(Role.facility_id)
        .join(Party, Party.id == Role.party_id)
        .where(
            Role.facility_id.in_(listed_numbers(connection, lines)),
            Role.kind == RoleKind.BORROWER,
            Role.valid_to.is_(None),
            seen.parties,
        )
    )
    return {line for line in connection.scalars(wanted) if line is not None}
