"""Red lines that touch a site's border, as far as its map shows them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from app.api.sites.page_schemas import SiteRedLine
from app.sites.redlines import touching

#: So far around a site its red lines are drawn, degrees: about a kilometre. Some cover a whole county.
_AROUND: Final = 0.01


def red_lines_of(connection: Connection, border: BaseGeometry, at: datetime) -> list[SiteRedLine]:
    """Red lines with ground inside a border (polygons, EPSG:4326) at an instant, the largest common ground first."""
    west, south, east, north = border.bounds
    window = shapely.box(west - _AROUND, south - _AROUND, east + _AROUND, north + _AROUND)
    return [
        SiteRedLine(
            external_id=touch.line.external_id,
            kind=touch.line.kind,
            name=touch.line.name,
            source=touch.line.source,
            area_m2=round(touch.common_m2, 1),
            geometry=json.loads(shapely.to_geojson(shapely.intersection(touch.line.shape, window))),
        )
        for touch in touching(connection, border, at)
    ]
