"""Parcels: read from any common file, repaired with a report, on WGS 84, one row per input row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo.area import geodesic_area_ha
from geo.files import fingerprint
from geo.lonlat import around_points, middle_lon
from geo.parcel_columns import FACTS, Notes, as_text, attribute_columns, parcel_ids
from geo.parcel_file import hash_of_source, read_features
from geo.repair import Outlines, repair_outlines
from geo.utm import utm_epsg

#: Columns of a book, in order, before the geometry.
COLUMNS: Final = (
    "parcel_id",
    "geometry_version",
    "farmer_id",
    "declared_crop",
    "area_ha",
    "epsg",
    "valid",
    *FACTS,
)

_FINGERPRINTED: Final = ("parcel_id", "geometry_version", "farmer_id", "declared_crop", "valid", *FACTS)
#: Facts that count in a fingerprint only where a file states them: a file without has the one it had before they were
#: known.
_WHERE_STATED: Final = FACTS[FACTS.index("facility_year") :]

_HALF_GLOBE: Final = 180.0


@dataclass(frozen=True, slots=True)
class Repair:
    """Something done to a parcel, or found wrong with it.

    Attributes:
        parcel_id: the parcel.
        what: one line for people.
    """

    parcel_id: str
    what: str


@dataclass(frozen=True, slots=True)
class ParcelBook:
    """All parcels of a file.

    Attributes:
        frame: EPSG:4326, numbered from 0, one row per input row in input order. parcel_id; geometry_version (12 hex
            digits of the outline's hash); farmer_id and declared_crop (legend key) or None; area_ha, geodesic, 0
            without outline; epsg of the UTM zone of its centre, 0 without outline; valid; then the FACTS columns:
            land_right ("certificate", "lease" or None), certified_area_ha (NaN where unknown), district, village,
            other_debt_minor, household_capacity_minor, approved_minor, facility_year, crop_insurance_minor,
            personal_insurance_minor, asset_insurance_minor, term_loan_minor (Int64); geometry (None where not valid).
        datum: name of the file's geodetic datum, as its CRS states it.
        repairs: what was done, in row order.
        source_hash: hash of the file.
    """

    frame: gpd.GeoDataFrame
    datum: str
    repairs: tuple[Repair, ...]
    source_hash: str

    @property
    def fingerprint(self) -> str:
        """Hash of ids, outlines and facts: the same parcels in another format give the same."""
        silent = {name for name in _WHERE_STATED if self.frame[name].isna().all()}
        names = [name for name in _FINGERPRINTED if name not in silent]
        columns = {name: [as_text(cell) for cell in self.frame[name]] for name in names}
        return fingerprint(columns)


def read_parcels(path: Path, *, crs: str | None = None, id_column: str | None = None) -> ParcelBook:
    """Read, repair and reproject a parcel file.

    Args:
        path: GeoPackage, GeoJSON, Shapefile or GeoParquet.
        crs: reference system of a file that states none ("EPSG:4490").
        id_column: column that holds the ids; by default the first of parcel_id, pid, id, plot_id, fid, else ids are
            made from the outlines.

    Raises:
        InputError: the file is missing, unreadable, empty, without CRS (or `crs` contradicts it), or its ids are
            missing or not unique.
    """
    source = read_features(path, crs)
    outlines = repair_outlines(source.geometry)
    attributes = pd.DataFrame(source.drop(columns=source.geometry.name))
    ids = parcel_ids(attributes, id_column, outlines.versions)
    notes = Notes()
    facts = attribute_columns(attributes, notes)
    return ParcelBook(
        frame=_frame(ids, outlines, facts),
        datum=_datum_name(source.crs),
        repairs=tuple(_repairs(ids, outlines, notes)),
        source_hash=hash_of_source(path),
    )


def _frame(ids: tuple[str, ...], outlines: Outlines, facts: pd.DataFrame) -> gpd.GeoDataFrame:
    valid = outlines.shapes.notna().to_numpy()
    columns = {
        "parcel_id": list(ids),
        "geometry_version": list(outlines.versions),
        "area_ha": geodesic_area_ha(outlines.shapes),
        "epsg": _zones(outlines.shapes),
        "valid": valid,
    }
    frame = pd.concat([pd.DataFrame(columns), facts], axis=1)[list(COLUMNS)]
    return gpd.GeoDataFrame(frame, geometry=outlines.shapes.array, crs=4326)


def _zones(shapes: gpd.GeoSeries) -> list[int]:
    return [0 if shape is None else _zone(shape) for shape in shapes]


def _zone(shape: BaseGeometry) -> int:
    """UTM zone of an outline's centre, also where the outline is cut at 180 degrees."""
    west, south, east, north = shape.bounds
    if east - west <= _HALF_GLOBE:
        return utm_epsg((west + east) / 2, (south + north) / 2)
    corners = shapely.get_coordinates(shape)
    box = around_points(corners[:, 0], corners[:, 1])
    return utm_epsg(middle_lon(box), (south + north) / 2)


def _datum_name(crs: CRS) -> str:
    geodetic = crs.geodetic_crs
    return "unknown" if geodetic is None or geodetic.datum is None else str(geodetic.datum.name)


def _repairs(ids: tuple[str, ...], outlines: Outlines, notes: Notes) -> Iterator[Repair]:
    for row, parcel_id in enumerate(ids):
        if row in outlines.notes:
            yield Repair(parcel_id, outlines.notes[row])
        for what in notes.by_row.get(row, ()):
            yield Repair(parcel_id, what)
