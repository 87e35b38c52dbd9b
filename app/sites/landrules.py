"""What lies under a site: its use in the season before works began, and the red lines that the bank was given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from app.sites.plans import PlannedSite
from app.sites.redlines import Touch, areas_m2, layers_known, red_lines_at, touches
from scoring.sites.operation import Footprint


class LandUse(Protocol):
    """What grew where in one season."""

    @property
    def season_end(self) -> date:
        """Last day of the season."""
        ...

    def shares(self, shape: BaseGeometry) -> Mapping[str, float]:
        """Share of a shape (polygons, EPSG:4326) under each legend key; they add up to what is known of it."""
        ...


def footprints_of(
    connection: Connection,
    sites: Sequence[PlannedSite],
    built: gpd.GeoDataFrame,
    at: datetime,
    land_use: LandUse | None,
) -> list[Footprint]:
    """What lies under sites, in their order.

    The footprint is what is built, inside its border or outside, where the latest look shows something; else the
    permitted border. `red_lines_m2` has an entry for each layer (source and kind) that the bank was ever given, 0 where
    nothing of it holds there: so a line that is taken back clears what it raised. Lines of one layer count together and
    common ground once, since protected farmland comes as thousands of plots.

    Args:
        connection: reads.
        sites: as planned at the instant.
        built: site_id and geometry (EPSG:4326) of what is built, in any number of rows; other columns do not count.
        at: instant; red lines that were not known, or held no more, do not count.
        land_use: what grew in the season before works began; None: not known. Then `season_end` is the day of the
            instant, and no share of the footprint is known.
    """
    layers = dict.fromkeys(sorted(layers_known(connection, at)), 0.0)
    shapes = [footprint_of(site, built) for site in sites]
    areas = areas_m2(shapes)
    found = []
    for shape, area in zip(shapes, areas, strict=True):
        uses = {} if land_use is None else {key: share * area for key, share in land_use.shares(shape).items()}
        known = min(sum(uses.values()) / area, 1.0) if area > 0 else 0.0
        lines = layers | _beyond(touches(shape, red_lines_at(connection, at, box=shape.bounds)))
        found.append(Footprint(area, uses, known, lines, at.date() if land_use is None else land_use.season_end))
    return found


def footprint_of(site: PlannedSite, built: gpd.GeoDataFrame) -> BaseGeometry:
    """What is built on a site, else its permitted border; valid polygons, EPSG:4326."""
    own = built.geometry[built["site_id"] == site.plan.site_id] if len(built) else built.geometry
    parts = [part for part in own if part is not None and part.area > 0]
    if not parts:
        return site.plan.outline
    return shapely.union_all(shapely.make_valid(np.array(parts, dtype=object)))


def _beyond(touched: Sequence[Touch]) -> dict[str, float]:
    """Area in m2 of the common ground with each layer."""
    by_layer: dict[str, list[BaseGeometry]] = defaultdict(list)
    for touch in touched:
        by_layer[touch.line.layer].append(touch.common)
    areas = areas_m2([shapely.union_all(parts) for parts in by_layer.values()])
    return dict(zip(by_layer, areas, strict=True))
