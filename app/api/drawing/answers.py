"""From outlines of the book to what the addresses say of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import shapely
from shapely.geometry.base import BaseGeometry

from app.api.drawing.schemas import Bounds, MultiPolygonShape, OutlineChecked, Overlap, OverlapKind, PolygonShape
from app.api.schemas import Area
from app.book.drawn import overlaps
from app.book.drawn.outlines import Outline
from geo.area import convert_area

_DECIMALS = 4


def checked(outline: Outline, over: Sequence[overlaps.Overlap]) -> OutlineChecked:
    """An outline and what it overlaps."""
    return OutlineChecked(
        outline=shape_answer(outline.shape),
        bounds=bounds_of(outline.shape),
        area=area_answer(outline.area_ha),
        repairs=list(outline.repairs),
        overlaps=[overlap_answer(each) for each in over],
    )


def shape_answer(shape: BaseGeometry) -> PolygonShape | MultiPolygonShape:
    """A polygon or several as GeoJSON."""
    said = shapely.geometry.mapping(shape)
    return (PolygonShape if said["type"] == "Polygon" else MultiPolygonShape).model_validate(said)


def bounds_of(shape: BaseGeometry) -> Bounds:
    """West, south, east, north."""
    west, south, east, north = shape.bounds
    return west, south, east, north


def area_answer(area_ha: float) -> Area:
    """An area in three units, to a square metre."""
    ha = Decimal(repr(area_ha))
    mu, acre = (float(round(convert_area(ha, "ha", unit), _DECIMALS)) for unit in ("mu", "acre"))
    return Area(ha=float(round(ha, _DECIMALS)), mu=mu, acre=acre)


def overlap_answer(each: overlaps.Overlap) -> Overlap:
    """What an outline overlaps."""
    return Overlap(
        kind=OverlapKind(each.kind.value),
        share=each.share,
        area_ha=each.area_ha,
        share_of_other=each.share_of_other,
        parcel_id=each.parcel_id,
        facility_number=each.facility_number,
    )
