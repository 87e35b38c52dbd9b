"""What a run will do: which tiles, which windows of them, which parcels in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pystac
from odc.geo.geobox import GeoBox
from shapely import box

from geo.bands import RESOLUTION_M
from geo.errors import InputError
from geo.grid import Bounds, TileKey, grow, intersect, snapped_geobox, tiles_over, union
from geo.lonlat import lonlat_of, metres_of
from tiles.sources.base import box_of, touching_box

#: Context that the network sees around what it decides: on every side of a tile and of a block, in pixels.
HALO_PX: Final = 48
#: The network halves its maps three times. Windows that start on multiples of 8 px from the zone's origin give a pixel
#: the same figures however the parcels lie.
ALIGN_PX: Final = 8
_HALO_M: Final = HALO_PX * RESOLUTION_M
_SLACK_M: Final = 2 * RESOLUTION_M


@dataclass(frozen=True, slots=True)
class TilePlan:
    """One processing tile of a run.

    Attributes:
        key: the tile.
        core: grid that this tile answers for: the tile, cut to its parcels and the imagery, with context.
        cube: grid that is read: the core with a halo.
        parcels: shape (n,), rows of the zone's parcels that touch the core.
    """

    key: TileKey
    core: GeoBox
    cube: GeoBox
    parcels: npt.NDArray[np.int64]

    @property
    def offset(self) -> tuple[int, int]:
        """Row and column of the core's first pixel on the cube's grid."""
        row = round((self.cube.affine.f - self.core.affine.f) / RESOLUTION_M)
        column = round((self.core.affine.c - self.cube.affine.c) / RESOLUTION_M)
        return row, column


@dataclass(frozen=True, slots=True)
class ZonePlan:
    """All tiles of one UTM zone.

    Attributes:
        epsg: the zone.
        rows: shape (n,), rows of the book whose centre lies in the zone.
        shapes: their outlines in the zone's CRS.
        tiles: the tiles they touch, where there is imagery.
    """

    epsg: int
    rows: npt.NDArray[np.int64]
    shapes: gpd.GeoSeries
    tiles: tuple[TilePlan, ...]


def plan_zones(frame: gpd.GeoDataFrame, items: Sequence[pystac.Item]) -> tuple[ZonePlan, ...]:
    """Cut a parcel book into zones and tiles.

    Args:
        frame: geo.parcels.ParcelBook.frame.
        items: scenes of the season, each with its bbox (lon/lat).

    Raises:
        InputError: no parcel touches any scene.
    """
    zones = tuple(_zone(frame, int(epsg), items) for epsg in sorted(set(frame.epsg[frame.valid])))
    if not any(zone.tiles for zone in zones):
        raise InputError(
            "PARCELS_OUTSIDE_IMAGERY",
            f"None of the {len(frame)} parcels touches a scene of the season.",
            "Check the parcels' CRS and the catalogue's extent.",
        )
    return zones


def _zone(frame: gpd.GeoDataFrame, epsg: int, items: Sequence[pystac.Item]) -> ZonePlan:
    rows = np.flatnonzero((frame.valid & (frame.epsg == epsg)).to_numpy())
    shapes = frame.geometry.iloc[rows].to_crs(epsg).reset_index(drop=True)
    imagery = _imagery_bounds(items, shapes, epsg)
    return ZonePlan(epsg, rows, shapes, () if imagery is None else tuple(_tiles(shapes, epsg, imagery)))


def _tiles(shapes: gpd.GeoSeries, epsg: int, imagery: Bounds) -> Iterator[TilePlan]:
    left, bottom, right, top = shapes.total_bounds
    for key in tiles_over((left, bottom, right, top), epsg):
        inside = shapes.sindex.query(box(*key.bounds), predicate="intersects")
        if inside.size:
            plan = _tile(key, shapes, np.sort(inside), imagery)
            if plan is not None:
                yield plan


def _tile(key: TileKey, shapes: gpd.GeoSeries, inside: npt.NDArray[np.int64], imagery: Bounds) -> TilePlan | None:
    left, bottom, right, top = shapes.iloc[inside].total_bounds
    wanted = intersect(grow((left, bottom, right, top), _HALO_M), key.bounds)
    core = None if wanted is None else intersect(wanted, imagery)
    if core is None:
        return None
    core_box = snapped_geobox(core, key.epsg, ALIGN_PX)
    cube = intersect(grow(_bounds(core_box), _HALO_M), imagery)
    return TilePlan(key, core_box, snapped_geobox(union(cube or core, _bounds(core_box)), key.epsg, ALIGN_PX), inside)


def _bounds(geobox: GeoBox) -> Bounds:
    edges = geobox.boundingbox
    return (edges.left, edges.bottom, edges.right, edges.top)


def _imagery_bounds(items: Sequence[pystac.Item], shapes: gpd.GeoSeries, epsg: int) -> Bounds | None:
    """Box around the scenes near a zone's parcels, in its metres, with the slack that boxes in degrees need.

    Scenes elsewhere are left out: another zone's would be thrown far off by this zone's projection.
    """
    left, bottom, right, top = shapes.total_bounds
    around = lonlat_of(grow((left, bottom, right, top), 2 * _HALO_M), epsg)
    near = [metres_of(box_of(item), epsg) for item in touching_box(items, around)]
    return grow(reduce(union, near), _SLACK_M) if near else None
