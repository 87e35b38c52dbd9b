"""Where and since when a site is looked at: its grid of 10 m, its ground on it, its span of days."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from odc.geo.geobox import GeoBox
from rasterio.warp import transform_bounds
from shapely.geometry.base import BaseGeometry

from geo.bands import RESOLUTION_M
from geo.coverage import coverage_of
from geo.grid import Bounds, grow, snapped_geobox
from geo.sites import SiteGround
from geo.utm import utm_epsg
from scoring.sites.plan import SitePlan

Floats = npt.NDArray[np.float64]

#: Around the border and the places: what is built near, shadows, roads, and cloud beyond the edge.
MARGIN_M: Final = 500.0
#: Ground around a turbine or dam that has no border: pad, crane and shadow lie within, as in app.sites.outlines.
DISC_M: Final = 150.0
#: Works may begin so much before the first day of the plan.
EARLY_DAYS: Final = 180
#: Edges lie on multiples of so many pixels: 20 m bands fall on them, and chunks of the store are cut evenly.
_STEP_PX: Final = 8
_NAME_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class SitePlace:
    """A site on its grid.

    Attributes:
        ground: where it is, WGS 84.
        geobox: its grid, metres of the UTM zone of its middle.
        bounds: (west, south, east, north) of the grid, degrees.
        start: first day on which works may be.
    """

    ground: SiteGround
    geobox: GeoBox
    bounds: Bounds
    start: date

    @property
    def folder(self) -> str:
        """Name of its folders: ids of lenders hold anything."""
        return hashlib.sha256(self.ground.site_id.encode()).hexdigest()[:_NAME_DIGITS]

    def inside(self) -> Floats:
        """(y, x) share 0..1 of each pixel within the border; the disc of each point where there is none."""
        shape = self._in_zone(self.ground.border)
        weights = coverage_of(gpd.GeoSeries([shape], crs=str(self.geobox.crs)), self.geobox).matrix.toarray()
        return np.asarray(weights, dtype=np.float64).reshape(self.geobox.shape.yx)

    def points(self) -> Floats:
        """(k, 2) row and column of the planned points on the grid, in pixels; in the order of the plan."""
        if not self.ground.points:
            return np.zeros((0, 2))
        places = gpd.GeoSeries(gpd.points_from_xy(*zip(*self.ground.points, strict=True)), crs=4326)
        metres = places.to_crs(str(self.geobox.crs))
        box = self.geobox.boundingbox
        rows = (box.top - metres.y.to_numpy()) / RESOLUTION_M
        return np.stack([rows, (metres.x.to_numpy() - box.left) / RESOLUTION_M], axis=1)

    def _in_zone(self, border: BaseGeometry | None) -> BaseGeometry:
        crs = str(self.geobox.crs)
        if border is not None:
            shape: BaseGeometry = gpd.GeoSeries([border], crs=4326).to_crs(crs).iloc[0]
            return shape
        places = gpd.GeoSeries(gpd.points_from_xy(*zip(*self.ground.points, strict=True)), crs=4326)
        discs: BaseGeometry = places.to_crs(crs).buffer(DISC_M).union_all()
        return discs


def place_of(plan: SitePlan) -> SitePlace:
    """Grid and span of a planned site."""
    ground = plan.ground
    shapes = [shapely.MultiPoint(list(ground.points))] if ground.points else []
    whole = shapely.union_all([*shapes, *([ground.border] if ground.border is not None else [])])
    middle = whole.envelope.centroid
    epsg = utm_epsg(middle.x, middle.y)
    edges = gpd.GeoSeries([whole], crs=4326).to_crs(epsg).total_bounds
    box = snapped_geobox(grow(tuple(map(float, edges)), MARGIN_M), epsg, _STEP_PX)  # type: ignore[arg-type] # four
    west, south, east, north = transform_bounds(f"EPSG:{epsg}", "EPSG:4326", *box.boundingbox)
    return SitePlace(ground, box, (west, south, east, north), start_of(plan))


def start_of(plan: SitePlan) -> date:
    """First day on which works may be: well before the first day that the plan names."""
    named = [milestone.due for milestone in plan.milestones] + [day for day, _ in plan.curve[:1]]
    return min(named) - timedelta(days=EARLY_DAYS)
