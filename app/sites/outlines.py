"""The parcel that a site is: its border, or a circle around each planned turbine where no border is given."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import shapely

from app.book.drawn.outlines import Outline
from geo.area import geodesic_area_ha
from geo.errors import InputError
from geo.repair import repair_outlines
from geo.sites import SiteGround
from geo.utm import utm_epsg

#: Pad, crane and shadow of a turbine lie within so much of its planned place, m.
AROUND_M: Final = 150.0
#: 2,500 km2: larger than any plant, and a sign of a wrong corner.
_MOST_HA: Final = 250_000.0


def outline_of_site(ground: SiteGround) -> Outline:
    """Outline as it is registered. What is crooked was mended, and told, where the plan was read.

    Raises:
        InputError: the border is no valid polygon on the map, or it is too large.
    """
    raw = ground.border if ground.border is not None else _around(ground.points)
    checked = repair_outlines(gpd.GeoSeries([raw], crs=4326))
    for note in checked.notes.values():
        raise _unusable(ground.site_id, note.split(":")[0])
    shape = checked.shapes.iloc[0]
    area_ha = float(geodesic_area_ha(gpd.GeoSeries([shape], crs=4326))[0])
    if area_ha > _MOST_HA:
        raise _unusable(ground.site_id, f"{area_ha:,.0f} ha, more than {_MOST_HA:,.0f} ha")
    return Outline(shape, checked.versions[0], area_ha, ())


def _around(points: tuple[tuple[float, float], ...]) -> shapely.Geometry:
    """Circles around points, drawn in the UTM zone of the first."""
    series = gpd.GeoSeries(gpd.points_from_xy(*zip(*points, strict=True)), crs=4326)
    circles = series.to_crs(utm_epsg(*points[0])).buffer(AROUND_M)
    joined: shapely.Geometry = circles.to_crs(4326).union_all()
    return joined


def _unusable(site_id: str, why: str) -> InputError:
    return InputError("SITES_OUTLINE", f"Site {site_id!r} has no usable outline: {why}.", "Draw its border again.")
