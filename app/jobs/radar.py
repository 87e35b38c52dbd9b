"""Radar beside the optical cubes of an area: the same tiles and grids, as work for a crew."""

from __future__ import annotations

from dataclasses import dataclass

import pystac
from odc.geo.geobox import GeoBox

from app.jobs.contents import Contents, require_usable
from geo.season import Season
from tiles.radar.build import RadarBuild
from tiles.radar.plan import plan_radar


@dataclass(frozen=True, slots=True)
class RadarWork:
    """One radar cube to be built.

    Attributes:
        name: of its tile.
        items: accepted radar scenes that touch it.
        geobox: its grid, that of the tile's optical cube.
        place: where it goes: a local folder, or an address such as s3://bucket/prefix.
        season: gives ten-day steps; None where none are wanted.
        steps: place of the steps, where they are wanted.
    """

    name: str
    items: tuple[pystac.Item, ...]
    geobox: GeoBox
    place: str
    season: Season | None = None
    steps: str | None = None

    def planned(self, contents: Contents) -> RadarBuild:
        """The build; an AcrelineError where one of its scenes cannot be used or two kinds are mixed."""
        require_usable(self.items, contents)
        plan = plan_radar(self.items, self.geobox, hashes=contents.hashes)
        return RadarBuild(plan, self.place, self.season, self.steps)
