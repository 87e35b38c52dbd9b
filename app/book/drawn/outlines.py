"""An outline that somebody drew or walked: mended where that changes little, refused where it would be guessing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import shapely

from geo.area import geodesic_area_ha
from geo.errors import InputError
from geo.repair import outline_hashes, repair_outlines

Ring: TypeAlias = Sequence[tuple[float, float]]

#: One pixel of Sentinel-2: nothing smaller can be seen.
LEAST_HA: Final = 0.01
#: 100 km2: larger than any field, and a sign of a wrong corner.
MOST_HA: Final = 10_000.0
_MOST_DEGREES: Final = 1.0
#: A loop of a walk that crosses itself is left out where all such loops are this part of the whole at most.
_LOOPS: Final = 0.05
#: Around 0, 0 lie no fields, but what a device says that has no position.
_NOWHERE_DEGREES: Final = 0.1


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline as it would be registered.

    Attributes:
        shape: valid Polygon or MultiPolygon in EPSG:4326.
        version: its hash, as geo.repair makes it.
        area_ha: geodesic area.
        repairs: what was mended, one line each.
    """

    shape: shapely.Polygon | shapely.MultiPolygon
    version: str
    area_ha: float
    repairs: tuple[str, ...]


def outline_of(rings: Sequence[Ring]) -> Outline:
    """Outline of a border and its holes, in degrees, longitude first; a ring that is not closed is closed.

    Raises:
        InputError: it encloses nothing, crosses itself so that several parts are left, is too small or too large, or
            lies where no field can be.
    """
    raw = shapely.Polygon(rings[0], list(rings[1:]))
    mended = repair_outlines(gpd.GeoSeries([raw], crs=4326))
    shape, notes = mended.shapes.iloc[0], list(mended.notes.values())
    if shape is None:
        raise InputError("DRAWN_OUTLINE", f"This is no parcel: {notes[0].split(':')[0]}.", "Draw its border again.")
    outline = _in_one_piece(Outline(shape, mended.versions[0], _area_ha(shape), tuple(notes)))
    _check_place(outline)
    _check_size(outline)
    return outline


def _in_one_piece(outline: Outline) -> Outline:
    """The outline without the small loops that a walk makes where it crosses itself."""
    parts = sorted(shapely.get_parts(outline.shape), key=lambda part: -float(part.area))
    if len(parts) == 1:
        return replace(outline, shape=parts[0])
    left_out = sum(_area_ha(part) for part in parts[1:])
    if left_out > _LOOPS * outline.area_ha:
        raise InputError(
            "DRAWN_CROSSES",
            f"The border crosses itself and encloses {len(parts)} parts.",
            "Move the corners so that it does not, or draw each part as a parcel of its own.",
        )
    note = f"{len(parts) - 1} loops where the border crosses itself left out: {left_out:.4f} ha"
    version = outline_hashes(np.array([parts[0]], dtype=object))[0]
    return Outline(parts[0], version, _area_ha(parts[0]), (*outline.repairs, note))


def _check_place(outline: Outline) -> None:
    west, south, east, north = outline.shape.bounds
    if max(abs(west), abs(east), abs(south), abs(north)) < _NOWHERE_DEGREES:
        raise InputError("DRAWN_PLACE", "The outline lies at 0, 0.", "Wait until the phone knows where it is.")
    if east - west > _MOST_DEGREES or north - south > _MOST_DEGREES:
        raise InputError("DRAWN_SIZE", "The outline is more than a degree wide.", "Remove the corner that is far off.")


def _check_size(outline: Outline) -> None:
    if outline.area_ha < LEAST_HA:
        said = f"The outline encloses {outline.area_ha * 10_000:.0f} m2; {LEAST_HA * 10_000:.0f} m2 can be seen."
        raise InputError("DRAWN_SIZE", said, "Draw the whole parcel.")
    if outline.area_ha > MOST_HA:
        said = f"The outline encloses {outline.area_ha:,.0f} ha, more than {MOST_HA:,.0f} ha."
        raise InputError("DRAWN_SIZE", said, "Draw one parcel.")


def _area_ha(shape: Any) -> float:
    return float(geodesic_area_ha(gpd.GeoSeries([shape], crs=4326))[0])
