"""Outlines into valid polygons on WGS 84, with a word on everything that was done to them. No row is ever dropped."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geo.area import geodesic_area_ha

_POLYGONAL: Final = (int(shapely.GeometryType.POLYGON), int(shapely.GeometryType.MULTIPOLYGON))
_COLLECTION: Final = int(shapely.GeometryType.GEOMETRYCOLLECTION)
_MAX_LON: Final = 180.0
_LAT_RANGE: Final = (-80.0, 84.0)  # where UTM is defined
_DECIMALS: Final = 8  # about a millimetre: the same outline in another format keeps its version
_VERSION_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Outlines:
    """Outlines after repair, one per input row.

    Attributes:
        shapes: (n,) valid Polygon or MultiPolygon in EPSG:4326, longitude first; None where there is none.
        notes: what was done to a row, or is wrong with it, by row number.
        versions: (n,) texts of 12 hex digits: hash of the outline, whatever its format, start point or direction.
    """

    shapes: gpd.GeoSeries
    notes: dict[int, str]
    versions: tuple[str, ...]


def repair_outlines(shapes: gpd.GeoSeries) -> Outlines:
    """Drop heights, mend self-crossings, bring to EPSG:4326, and set aside what cannot be used.

    Self-crossing outlines keep their polygonal parts (shapely's make_valid, "structure" method: overlapping parts
    merge). Rows without a usable polygon become None with a note.

    Args:
        shapes: (n,) geometry of any kind, with a CRS.
    """
    flat = gpd.GeoSeries(shapely.force_2d(np.asarray(shapes.array, dtype=object)), crs=shapes.crs)
    notes = _unusable_kinds(flat)
    flat[list(notes)] = None
    mended = _mended(flat, notes)
    degrees = mended.to_crs(4326)
    _set_aside_far(degrees, notes)
    raw = np.asarray(shapes.array, dtype=object)
    final = np.asarray(degrees.array, dtype=object)
    versions = outline_hashes(np.where(shapely.is_missing(final), raw, final))
    return Outlines(degrees, notes, versions)


def outline_hashes(shapes: npt.NDArray[Any]) -> tuple[str, ...]:
    """Hash (12 hex digits) per outline, blind to start point, direction and differences below about 1 mm.

    Args:
        shapes: (n,) geometry in degrees; None gives twelve zeros.
    """
    with np.errstate(over="ignore"):  # coordinates beyond all maps are set aside too
        rounded = shapely.transform(shapes, lambda xy: np.round(xy, _DECIMALS) + 0.0)  # + 0.0 turns -0.0 into 0.0
    single = [_unwrapped(shape) for shape in rounded]
    with np.errstate(invalid="ignore"):  # an outline with NaN coordinates is set aside, but still has a version
        texts = shapely.to_wkb(shapely.normalize(np.asarray(single, dtype=object)), byte_order=1)
    return tuple(
        "0" * _VERSION_DIGITS if text is None else sha256(text).hexdigest()[:_VERSION_DIGITS] for text in texts
    )


def _unwrapped(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    return shape.geoms[0] if isinstance(shape, shapely.MultiPolygon) and len(shape.geoms) == 1 else shape


def _unusable_kinds(shapes: gpd.GeoSeries) -> dict[int, str]:
    geometries = np.asarray(shapes.array, dtype=object)
    notes = {}
    for row, (shape, kind) in enumerate(zip(geometries, shapely.get_type_id(geometries), strict=True)):
        if shape is None or shape.is_empty:
            notes[row] = "no outline: the row is kept without one"
        elif kind not in (*_POLYGONAL, _COLLECTION):
            notes[row] = f"not a polygon but a {shape.geom_type}: the row is kept without an outline"
        elif not np.isfinite(shapely.get_coordinates(shape)).all():
            notes[row] = "the outline has coordinates that are no numbers: the row is kept without one"
    return notes


def _mended(shapes: gpd.GeoSeries, notes: dict[int, str]) -> gpd.GeoSeries:
    geometries = np.asarray(shapes.array, dtype=object)
    collection = shapely.get_type_id(geometries) == _COLLECTION
    rows = np.flatnonzero((~shapely.is_valid(geometries) | collection) & ~shapely.is_missing(geometries))
    if not len(rows):
        return shapes
    before = shapes.iloc[rows]
    reasons = shapely.is_valid_reason(np.asarray(before.array, dtype=object))
    mended = shapes.copy()
    mended.iloc[rows] = [_polygonal(shape) for shape in before]
    after = mended.iloc[rows]
    for row, reason, old_ha, new_ha in zip(
        rows.tolist(), reasons, geodesic_area_ha(before), geodesic_area_ha(after), strict=True
    ):
        notes[row] = _verdict(str(reason), float(old_ha), float(new_ha), lost=mended.iloc[row] is None)
    return mended


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry | None:
    valid = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    parts = [part for part in shapely.get_parts(shapely.get_parts(valid)) if isinstance(part, shapely.Polygon)]
    whole = shapely.union_all(parts)
    return None if whole.is_empty else whole


def _verdict(reason: str, old_ha: float, new_ha: float, *, lost: bool) -> str:
    what = reason.split("[", maxsplit=1)[0].strip().lower()
    if lost:
        return f"the outline encloses nothing ({what}): the row is kept without one"
    return f"outline mended ({what}): area {old_ha:.4f} -> {new_ha:.4f} ha"


def _set_aside_far(degrees: gpd.GeoSeries, notes: dict[int, str]) -> None:
    bounds = shapely.bounds(np.asarray(degrees.array, dtype=object))
    inside = (
        (np.abs(bounds[:, [0, 2]]) <= _MAX_LON).all(axis=1)
        & (bounds[:, 1] >= _LAT_RANGE[0])
        & (bounds[:, 3] <= _LAT_RANGE[1])
    )
    for row in np.flatnonzero(~inside & ~shapely.is_missing(np.asarray(degrees.array, dtype=object))).tolist():
        notes[row] = "the outline lies off the map (is its reference system right?): the row is kept without one"
        degrees.iloc[row] = None
