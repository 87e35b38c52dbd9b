"""Blocks of all tiles become one cloud-optimised GeoTIFF for each picture and zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from odc.geo.geobox import GeoBox

from app.jobs.maps import CROP_NODATA, SHARE_NODATA
from app.jobs.measure import TileWork, block_name
from app.jobs.plan import ZonePlan
from app.jobs.stages import Stage
from geo.bands import RESOLUTION_M
from geo.grid import snapped_geobox
from geo.legend import load_legend
from geo.raster import Block, Rgba, write_cog_blocks


@dataclass(frozen=True, slots=True)
class _Picture:
    """One raster of a run: its file, the stage and array it comes from, its bands and its no-data value."""

    name: str
    stage: str
    array: str
    bands: int
    nodata: int


_PICTURES: Final = (
    _Picture("crop", "map", "crop", 1, CROP_NODATA),
    _Picture("crop_prob", "map", "prob", 1, SHARE_NODATA),
    _Picture("vigour", "map", "vigour", 1, SHARE_NODATA),
    _Picture("mosaic", "picture", "rgb", 3, 0),
)


def raster_name(picture: str, epsg: int, main: int) -> str:
    """File of a raster: "crop.tif" in the zone with most parcels, "crop_32632.tif" in another."""
    return f"{picture}.tif" if epsg == main else f"{picture}_{epsg}.tif"


def main_zone(zones: Sequence[ZonePlan]) -> int:
    """The zone with most parcels; the lower code among equals."""
    return max(zones, key=lambda zone: (len(zone.rows) if zone.tiles else 0, -zone.epsg)).epsg


def write_rasters(
    folder: Path,
    zones: Sequence[ZonePlan],
    works: Sequence[TileWork],
    stages: dict[str, dict[str, Stage]],
    tags: dict[str, str],
    done: Callable[[], None],
) -> None:
    """Write the pictures of the given stages as COGs into a folder, block by block."""
    main = main_zone(zones)
    for zone in zones:
        mine = [work for work in works if work.plan.key.epsg == zone.epsg]
        for picture in (one for one in _PICTURES if mine and one.stage in stages):
            grid = _union(zone.epsg, mine)
            write_cog_blocks(
                folder / raster_name(picture.name, zone.epsg, main),
                _blocks(picture, grid, mine, stages[picture.stage]),
                grid,
                count=picture.bands,
                dtype=np.uint8,
                nodata=picture.nodata,
                tags=tags,
                colormap=_colours(picture),
            )
            done()


def picture_count(zones: Sequence[ZonePlan]) -> int:
    """Pictures that write_rasters makes."""
    return len(_PICTURES) * sum(bool(zone.tiles) for zone in zones)


def _union(epsg: int, works: Sequence[TileWork]) -> GeoBox:
    boxes = np.array([work.plan.core.boundingbox.bbox for work in works])
    return snapped_geobox((*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()), epsg)


def _blocks(picture: _Picture, grid: GeoBox, works: Sequence[TileWork], stages: dict[str, Stage]) -> Iterator[Block]:
    """Blocks of one picture on a zone's grid, read one at a time."""
    for work in works:
        row = round((grid.affine.f - work.plan.core.affine.f) / RESOLUTION_M)
        column = round((work.plan.core.affine.c - grid.affine.c) / RESOLUTION_M)
        folder = stages[work.plan.key.name].folder
        for block in work.blocks():
            at = block.shifted(row, column)
            array: npt.NDArray[np.uint8] = np.load(folder / block_name(block))[picture.array]
            yield at.top, at.left, array.reshape(picture.bands, *array.shape[-2:])


def _colours(picture: _Picture) -> dict[int, Rgba] | None:
    if picture.name != "crop":
        return None
    return {crop.value: _rgba(crop.colour) for crop in load_legend()}


def _rgba(colour: str) -> Rgba:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue, 255
