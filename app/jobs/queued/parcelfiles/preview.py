"""What an import would do, row by row and in sum, as app.api.drawing.schemas.ImportPreview shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.book.drawn.overlaps import Overlap
from geo.area import convert_area

_MOST_SHOWN: Final = 200
#: Corners of one outline that are shown at most, and of all.
_CORNERS_EACH: Final = 60
_CORNERS_ALL: Final = 6_000
_DECIMALS: Final = 4
_DEGREE_DECIMALS: Final = 7

OverlapsOf = Callable[[int], Sequence[Overlap]]


def preview_of(
    rows: gpd.GeoDataFrame, told: Mapping[str, Any], overlaps: Mapping[int, Sequence[Overlap]], known: set[str]
) -> dict[str, Any]:
    """The preview.

    Args:
        rows: as reading.read_upload leaves them.
        told: what it told.
        overlaps: of rows, by number from 0; rows without are left out.
        known: numbers of the file that are parcels of the book.
    """
    kept = registered(rows)
    stated = kept.stated_ha.notna()
    box = kept.total_bounds if len(kept) else None
    return {
        "rows": len(rows),
        "usable": len(kept),
        "without_outline": int((~rows.usable).sum()),
        "twins": int((rows.twin_of >= 0).sum()),
        "overlapping": len(overlaps),
        "known": int(kept.parcel_id.isin(known).sum()),
        "area": _area(float(kept.area_ha.sum())),
        "stated_ha": round(float(kept.stated_ha[stated].sum()), _DECIMALS) if stated.any() else None,
        "measured_of_stated_ha": round(float(kept.area_ha[stated].sum()), _DECIMALS) if stated.any() else None,
        "datum": told["datum"],
        "reference_system": told["reference_system"],
        "bounds": None if box is None else [float(each) for each in box],
        "repairs": _counted(rows),
        "shown": _shown(rows, overlaps, known),
    }


def registered(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows that an import registers: with a usable outline, and the first of those with the same."""
    return rows[rows.usable & (rows.twin_of < 0)]


def _counted(rows: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    kinds = Counter(what.split(":")[0].split(" (")[0] for said in rows.repairs for what in said)
    return [{"what": what, "rows": count} for what, count in kinds.most_common()]


def _shown(rows: gpd.GeoDataFrame, overlaps: Mapping[int, Sequence[Overlap]], known: set[str]) -> list[dict[str, Any]]:
    notable = [
        len(said) > 0 or twin >= 0 or row in overlaps
        for row, (said, twin) in enumerate(zip(rows.repairs, rows.twin_of, strict=True))
    ]
    order = np.argsort(~np.array(notable), kind="stable")[:_MOST_SHOWN].tolist()
    left = [_CORNERS_ALL]
    return [_row(rows.iloc[row], row, overlaps.get(row, ()), known, left) for row in order]


def _row(row: Any, number: int, overlaps: Sequence[Overlap], known: set[str], left: list[int]) -> dict[str, Any]:
    before = None if row.before is None else shapely.from_wkb(row.before)
    return {
        "row": number + 1,
        "parcel_id": row.parcel_id,
        "known": row.parcel_id in known,
        "area": _area(float(row.area_ha)) if row.area_ha > 0 else None,
        "stated_ha": None if np.isnan(row.stated_ha) else round(float(row.stated_ha), _DECIMALS),
        "repairs": list(row.repairs),
        "twin_of": int(row.twin_of) + 1 if row.twin_of >= 0 else None,
        "overlaps": [asdict(each) for each in overlaps],
        "before": _simplified(before, left),
        "after": _simplified(row.geometry, left),
    }


def _simplified(shape: BaseGeometry | None, left: list[int]) -> dict[str, Any] | None:
    """A polygon or several as GeoJSON with few corners; None once all that may be shown are."""
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    wide, thin = max(shape.bounds[2] - shape.bounds[0], shape.bounds[3] - shape.bounds[1]), shape
    for part in (1000, 200, 50, 20):
        if shapely.get_num_coordinates(thin) <= _CORNERS_EACH:
            break
        thin = shapely.simplify(shape, wide / part, preserve_topology=shape.is_valid)
    corners = int(shapely.get_num_coordinates(thin))
    if corners > min(left[0], 4 * _CORNERS_EACH) or thin.is_empty:
        return None
    left[0] -= corners
    rounded = shapely.transform(thin, lambda xy: np.round(xy, _DEGREE_DECIMALS))
    said: dict[str, Any] = shapely.geometry.mapping(rounded)
    return said


def _area(area_ha: float) -> dict[str, float]:
    ha = Decimal(repr(area_ha))
    return {unit: float(round(convert_area(ha, "ha", unit), _DECIMALS)) for unit in ("ha", "mu", "acre")}
