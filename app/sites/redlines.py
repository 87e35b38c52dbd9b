"""Ground that nothing may be built on, as its keeper drew it: taken in, taken back, and what lies where at an instant.

A line is known by its source and that source's own id. Of several days on which the source stated it the latest holds,
whatever order they came in. Nothing is overwritten, so that what held at an earlier instant can be read back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Connection, and_, or_, select
from sqlalchemy.orm import aliased

from app.db.tables import RedLine
from app.db.tables.site_kinds import RedLineKind
from geo.area import geodesic_area_ha

_M2_PER_HA: Final = 10_000.0
#: Outlines that meet in less only touch.
_LEAST_M2: Final = 1.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A red line that holds.

    Attributes:
        external_id: the source's own id.
        kind: what it protects.
        name: for people; None: it has none.
        source: who drew it.
        as_of: day on which the source stated it.
        shape: valid Polygon or MultiPolygon, EPSG:4326.
    """

    external_id: str
    kind: RedLineKind
    name: str | None
    source: str
    as_of: date
    shape: BaseGeometry

    @property
    def layer(self) -> str:
        """The map that it is part of: one keeper's ground of one kind, in however many plots it is drawn."""
        return f"{self.source}: {self.kind}"

    @property
    def area_ha(self) -> float:
        """Geodesic area."""
        return float(geodesic_area_ha(gpd.GeoSeries([self.shape], crs=4326))[0])


@dataclass(frozen=True, slots=True)
class Touch:
    """A red line on some ground.

    Attributes:
        line: the line.
        common: what both have in common, EPSG:4326.
        common_m2: geodesic area of it.
    """

    line: HeldLine
    common: BaseGeometry
    common_m2: float


def red_lines_at(
    connection: Connection, at: datetime, *, box: Box | None = None, kind: RedLineKind | None = None
) -> list[HeldLine]:
    """Red lines that held at an instant, by source and id.

    Args:
        connection: reads.
        at: instant; lines that came to be known later do not count.
        box: west, south, east, north in degrees: only lines whose boxes meet it; None: all.
        kind: only of a kind; None: all.
    """
    conditions = [_newest(at), _stands(at)]
    if box is not None:
        west, south, east, north = box
        meets = and_(RedLine.minx <= east, RedLine.maxx >= west, RedLine.miny <= north, RedLine.maxy >= south)
        conditions.append(meets)
    if kind is not None:
        conditions.append(RedLine.kind == kind)
    columns = (RedLine.external_id, RedLine.kind, RedLine.name, RedLine.source, RedLine.as_of, RedLine.wkb)
    rows = connection.execute(select(*columns).where(*conditions).order_by(RedLine.source, RedLine.external_id))
    return [HeldLine(*row[:5], shapely.from_wkb(bytes(row.wkb))) for row in rows]


def touching(connection: Connection, shape: BaseGeometry, at: datetime) -> list[Touch]:
    """Red lines on some ground at an instant, the largest common area first.

    Args:
        connection: reads.
        shape: valid polygons, EPSG:4326.
        at: instant.
    """
    return touches(shape, red_lines_at(connection, at, box=shape.bounds))


def touches(shape: BaseGeometry, lines: Sequence[HeldLine]) -> list[Touch]:
    """Those of some lines that have ground in common with a shape (valid polygons, EPSG:4326), the largest first."""
    if not lines:
        return []
    common = shapely.intersection(shape, np.array([line.shape for line in lines], dtype=object))
    areas = areas_m2(common)
    found = [Touch(*each) for each in zip(lines, common, areas, strict=True) if each[2] >= _LEAST_M2]
    return sorted(found, key=lambda each: (-each.common_m2, each.line.source, each.line.external_id))


def areas_m2(shapes: Sequence[Any] | np.ndarray) -> list[float]:
    """Geodesic areas in m2 of the polygonal parts of geometry in EPSG:4326."""
    parts = [shapely.union_all([one for one in shapely.get_parts(shape) if one.area > 0]) for shape in shapes]
    areas: list[float] = (geodesic_area_ha(gpd.GeoSeries(parts, crs=4326)) * _M2_PER_HA).tolist()
    return areas


def layers_known(connection: Connection, at: datetime) -> set[str]:
    """Names of the layers (HeldLine.layer) of which a line was known at an instant, whether it held or not."""
    wanted = select(RedLine.source, RedLine.kind).where(RedLine.recorded_at <= at).distinct()
    return {f"{source}: {kind}" for source, kind in connection.execute(wanted)}


def _newest(at: datetime) -> ColumnElement[bool]:
    """Of the days on which a source stated a line, and that were known at an instant, it is the latest."""
    later = aliased(RedLine)
    stated = (
        select(later.id)
        .where(
            later.source == RedLine.source,
            later.external_id == RedLine.external_id,
            later.as_of > RedLine.as_of,
            later.recorded_at <= at,
        )
        .exists()
    )
    return and_(RedLine.recorded_at <= at, ~stated)


def _stands(at: datetime) -> ColumnElement[bool]:
    return and_(
        or_(RedLine.withdrawn_at.is_(None), RedLine.withdrawn_at > at),
        or_(RedLine.expires_on.is_(None), RedLine.expires_on >= at.date()),
    )
