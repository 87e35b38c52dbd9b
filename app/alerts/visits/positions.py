"""How far from a parcel somebody stood."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import shapely
from pyproj import Geod, Transformer
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, select

from app.db.tables import ParcelGeometry, ParcelPeriod


def outline_at(connection: Connection, parcel_id: str, instant: datetime) -> BaseGeometry | None:
    """Outline that a parcel had at an instant (EPSG:4326): the first one before any is known, None without one."""
    rows = connection.execute(
        select(ParcelGeometry.wkb, ParcelPeriod.valid_from)
        .join(
            ParcelPeriod,
            (ParcelPeriod.parcel_id == ParcelGeometry.parcel_id)
            & (ParcelPeriod.geometry_version == ParcelGeometry.geometry_version),
        )
        .where(ParcelPeriod.parcel_id == parcel_id)
        .order_by(ParcelPeriod.valid_from)
    ).all()
    held = [wkb for wkb, start in rows if start <= instant] or [wkb for wkb, _ in rows[:1]]
    return None if not held or held[-1] is None else shapely.from_wkb(bytes(held[-1]))


def distance_m(longitude: float, latitude: float, outline: BaseGeometry) -> float:
    """Metres from a position (degrees, WGS 84) to an outline in EPSG:4326; 0 inside it.

    The outline is drawn around the position in the azimuthal equidistant projection, in which distances from the centre
    are geodesic; only the course of an edge between two corners is drawn straight.
    """
    around = f"+proj=aeqd +lat_0={latitude} +lon_0={longitude} +ellps=WGS84 +units=m"
    to_metres = Transformer.from_crs("EPSG:4326", around, always_xy=True)
    drawn = shapely.transform(outline, lambda corners: np.column_stack(to_metres.transform(*corners.T)))
    return float(shapely.distance(drawn, shapely.Point(0.0, 0.0)))


def between_m(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Geodesic metres between two positions (longitude and latitude in degrees, WGS 84)."""
    return float(Geod(ellps="WGS84").inv(*first, *second)[2])
