"""What is built on a site as of the latest look, as outlines."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from odc.geo.geobox import GeoBox
from rasterio.features import shapes
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from models.sites.looks import Flags, Floats

#: A crane pad of some 30 x 40 m covers as much ground as a circle of this radius.
PAD_RADIUS_M: Final = 20.0
_HALF: Final = 0.5


def outline_of(pixels: Flags, geobox: GeoBox) -> BaseGeometry | None:
    """Outline of some pixels of a grid in EPSG:4326; None where there is none."""
    if not pixels.any():
        return None
    found = [shape(outline) for outline, _ in shapes(pixels.astype(np.uint8), mask=pixels, transform=geobox.transform)]
    joined = gpd.GeoSeries(found, crs=str(geobox.crs)).union_all()
    return _lonlat(joined, geobox)


def pads_of(
    points: tuple[tuple[float, float], ...], chances: npt.NDArray[np.floating], geobox: GeoBox
) -> BaseGeometry | None:
    """Circles around the planned places whose pad is likelier laid than not, in EPSG:4326; None where none is.

    Args:
        points: planned places, longitude and latitude.
        chances: (k,) chance that the pad of each is laid, as it was known last; NaN: never seen.
        geobox: gives the zone.
    """
    laid = [point for point, chance in zip(points, chances, strict=True) if chance > _HALF]
    if not laid:
        return None
    places = gpd.GeoSeries(gpd.points_from_xy(*zip(*laid, strict=True)), crs=4326).to_crs(str(geobox.crs))
    return _lonlat(places.buffer(PAD_RADIUS_M).union_all(), geobox)


def latest_of(chances: Floats) -> Floats:
    """(k,) chance of each place on the latest day that tells it, from (t, k); NaN where none does."""
    latest = np.full(chances.shape[1], np.nan)
    for row in chances:
        latest = np.where(np.isfinite(row), row, latest)
    return latest


def _lonlat(outline: BaseGeometry, geobox: GeoBox) -> BaseGeometry:
    moved: BaseGeometry = gpd.GeoSeries([outline], crs=str(geobox.crs)).to_crs(4326).iloc[0]
    return moved
