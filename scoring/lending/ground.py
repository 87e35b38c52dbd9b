"""The same ground under two contracts: what a person should look at, beyond the tolerance of digitising."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.area import geodesic_area_ha
from geo.errors import DataError
from geo.utm import utm_epsg

Ints: TypeAlias = npt.NDArray[np.int64]
Shapes: TypeAlias = npt.NDArray[np.object_]
Pairs: TypeAlias = tuple[Ints, Ints]

#: Rights by level: two of one level on the same ground at the same time cannot both be right, two of different levels
#: can (an owner and a household with a contract, a lessor and a lessee, a tenant and a sub-tenant).
LEVELS: Final[Mapping[str, int]] = {
    "ownership": 1,
    "customary": 1,
    "household_contract": 2,
    "management_right": 3,
    "tenancy": 3,
    "sublease": 4,
}
_COLUMNS: Final = ("plot_id", "facility_id", "party_id", "right", "starts_on", "ends_on")
_NOBODY: Final = -1
_FOR_EVER: Final = date.max.toordinal()
#: A plot narrower than four times the tolerance is drawn in by a quarter of its width: it must not vanish.
_WIDTH_SHARE: Final = 0.25
#: Inner parts that meet in less only touch.
_LEAST_M2: Final = 1.0


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Beyond what two outlines are the same ground.

    Attributes:
        inward_m: each plot is drawn in by so many metres first, so that a border shared by neighbours, and slivers of
            up to twice this width, are no overlap. 5 m is half a pixel of Sentinel-2; digitised maps are better.
        least_share: of the smaller plot that must lie under the other, 0 to 1.
        least_days: that both contracts must run together; a single shared day is a handover.
    """

    inward_m: float = 5.0
    least_share: float = 0.1
    least_days: int = 2

    def __post_init__(self) -> None:
        if self.inward_m < 0 or not 0 <= self.least_share <= 1 or self.least_days < 1:
            raise ValueError(f"no such tolerance: {self}")


@dataclass(frozen=True, slots=True, order=True)
class SharedGround:
    """Two plots on the same ground at the same time by the same kind of right.

    Attributes:
        first_plot_id: the lower number of the two.
        second_plot_id: the higher one.
        overlap_ha: geodesic area that lies under both outlines.
        share_of_smaller: that area by the smaller plot's, 0 to 1.
        starts_on: first day on which both contracts run.
        ends_on: last such day; None where both are open.
    """

    first_plot_id: int
    second_plot_id: int
    overlap_ha: float
    share_of_smaller: float
    starts_on: date
    ends_on: date | None


def shared_ground(plots: gpd.GeoDataFrame, tolerance: Tolerance = Tolerance()) -> list[SharedGround]:
    """Pairs of plots that a person should look at, in the order of their numbers.

    Two plots are one where they back different facilities or, where not both back one, are held by different parties;
    run together for some days; have rights of one level (see LEVELS; a right that is not stated may be any); and share
    ground beyond the tolerance. Distances and shares are measured in the UTM zone of the plot's centre.

    Args:
        plots: n rows in EPSG:4326 with valid polygons (rows without an outline lie nowhere) and the columns plot_id
            (int, unique), facility_id, party_id (int; missing: none), right (a key of LEVELS; missing: not stated),
            starts_on and ends_on (dates; ends_on missing: open).
        tolerance: beyond what outlines count.

    Raises:
        DataError: a column is missing, a right is unknown, a plot comes twice, or the CRS is another.
    """
    _check(plots)
    contracts = _Contracts.of(plots)
    found: list[SharedGround] = []
    for zone in _zones(plots.geometry):
        inner = drawn_in(zone.shapes, tolerance.inward_m)
        pairs = contracts.in_conflict(_met(inner, zone), tolerance.least_days)
        found += _measured(zone, pairs, contracts, tolerance)
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Contracts:
    """Columns of n plots as arrays of shape (n,): -1 for nobody, 0 for a right that is not stated."""

    plot: Ints
    facility: Ints
    party: Ints
    level: Ints
    start: Ints
    end: Ints

    @classmethod
    def of(cls, plots: gpd.GeoDataFrame) -> _Contracts:
        return cls(
            plot=plots["plot_id"].to_numpy(dtype=np.int64),
            facility=_numbers(plots["facility_id"]),
            party=_numbers(plots["party_id"]),
            level=np.array([0 if pd.isna(each) else LEVELS[each] for each in plots["right"]], dtype=np.int64),
            start=np.array([day.toordinal() for day in plots["starts_on"]], dtype=np.int64),
            end=np.array([_FOR_EVER if pd.isna(d) else d.toordinal() for d in plots["ends_on"]], dtype=np.int64),
        )

    def in_conflict(self, pairs: Pairs, least_days: int) -> Pairs:
        """Those of the pairs that cannot both be right, whatever their ground."""
        one, other = pairs
        both_back = (self.facility[one] != _NOBODY) & (self.facility[other] != _NOBODY)
        both_held = (self.party[one] != _NOBODY) & (self.party[other] != _NOBODY)
        apart = np.where(
            both_back, self.facility[one] != self.facility[other], both_held & (self.party[one] != self.party[other])
        )
        same_right = (self.level[one] == self.level[other]) | (self.level[one] == 0) | (self.level[other] == 0)
        days = np.minimum(self.end[one], self.end[other]) - np.maximum(self.start[one], self.start[other]) + 1
        kept = apart & same_right & (days >= least_days)
        return one[kept], other[kept]


@dataclass(frozen=True, slots=True)
class _Zone:
    """Plots of one UTM zone and those of later zones that may touch them.

    Attributes:
        epsg: the zone.
        rows: of the plots, shape (k,).
        shapes: their outlines in metres, shape (k,).
        own: whether the plot belongs to the zone, shape (k,).
    """

    epsg: int
    rows: Ints
    shapes: Shapes
    own: npt.NDArray[np.bool_]


def _zones(outlines: gpd.GeoSeries) -> Iterator[_Zone]:
    degrees = np.asarray(outlines.array, dtype=object)
    box = shapely.bounds(degrees)
    there = np.flatnonzero(np.isfinite(box[:, 0]))
    middle = (box[:, :2] + box[:, 2:]) / 2
    epsg = np.zeros(len(degrees), dtype=np.int64)
    epsg[there] = [utm_epsg(lon, lat) for lon, lat in middle[there]]
    for code in np.unique(epsg[there]).tolist():
        own = there[epsg[there] == code]
        west, south = box[own, :2].min(axis=0)
        east, north = box[own, 2:].max(axis=0)
        touches = (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
        rows = np.concatenate([own, np.flatnonzero(touches & (epsg > code))])
        metres = gpd.GeoSeries(degrees[rows], crs=4326).to_crs(code)
        yield _Zone(code, rows, np.asarray(metres.array, dtype=object), epsg[rows] == code)


def drawn_in(shapes: Shapes, inward_m: float) -> Shapes:
    """Outlines in metres, shape (k,), drawn in by the tolerance; narrow ones by less, so that none vanishes."""
    length = shapely.length(shapes)
    width = 2 * np.divide(shapely.area(shapes), length, out=np.zeros(len(shapes)), where=length > 0)
    return np.asarray(shapely.buffer(shapes, -np.minimum(inward_m, _WIDTH_SHARE * width), join_style="mitre"))


def _met(inner: Shapes, zone: _Zone) -> Pairs:
    """Rows of plots whose inner parts overlap, each pair once; one of the two at least belongs to the zone."""
    one, other = shapely.STRtree(inner).query(inner, predicate="intersects")
    kept = (one < other) & (zone.own[one] | zone.own[other])
    one, other = one[kept], other[kept]
    overlap = shapely.area(shapely.intersection(inner[one], inner[other])) >= _LEAST_M2
    return zone.rows[one[overlap]], zone.rows[other[overlap]]


def _measured(zone: _Zone, pairs: Pairs, contracts: _Contracts, tolerance: Tolerance) -> list[SharedGround]:
    place = np.zeros(len(contracts.plot), dtype=np.int64)
    place[zone.rows] = np.arange(len(zone.rows))
    shapes = zone.shapes
    one, other = (place[each] for each in pairs)
    common = shapely.intersection(shapes[one], shapes[other])
    smaller = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    share = np.minimum(shapely.area(common) / smaller, 1.0)
    kept = np.flatnonzero(share >= tolerance.least_share)
    overlap_ha = geodesic_area_ha(gpd.GeoSeries(common[kept], crs=zone.epsg))
    return [
        _finding(contracts, int(pairs[0][pair]), int(pairs[1][pair]), float(ha), float(share[pair]))
        for pair, ha in zip(kept.tolist(), overlap_ha, strict=True)
    ]


def _finding(contracts: _Contracts, one: int, other: int, overlap_ha: float, share: float) -> SharedGround:
    first, second = sorted((int(contracts.plot[one]), int(contracts.plot[other])))
    start, end = max(contracts.start[one], contracts.start[other]), min(contracts.end[one], contracts.end[other])
    ends_on = None if end == _FOR_EVER else date.fromordinal(int(end))
    return SharedGround(first, second, overlap_ha, share, date.fromordinal(int(start)), ends_on)


def _numbers(column: pd.Series[Any]) -> Ints:
    return np.array([_NOBODY if pd.isna(each) else int(each) for each in column], dtype=np.int64)


def _check(plots: gpd.GeoDataFrame) -> None:
    missing = [name for name in _COLUMNS if name not in plots.columns]
    if missing:
        raise DataError("GROUND_COLUMN", f"The plots lack the column {missing[0]!r}.")
    if plots.crs is None or plots.crs.to_epsg() != 4326:  # noqa: PLR2004 - WGS 84
        raise DataError("GROUND_CRS", f"The plots are in {plots.crs}, not in EPSG:4326.", "Reproject them first.")
    if plots["plot_id"].duplicated().any():
        raise DataError("GROUND_TWICE", f"The plot {plots.plot_id[plots.plot_id.duplicated()].iloc[0]} comes twice.")
    unknown = sorted({str(each) for each in plots["right"] if not pd.isna(each)} - LEVELS.keys())
    if unknown:
        raise DataError("GROUND_RIGHT", f"There is no right {unknown[0]!r}.", f"There are: {', '.join(LEVELS)}.")
