"""The stack of scenes that benchmarks/cube.py reads: simulated, and mirrored to cover a larger area."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pystac
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox
from rasterio.warp import transform_bounds

from geo.bands import SCL
from geo.season import Season
from tiles.simulation.county import CountyPlan
from tiles.simulation.season import write_season
from tiles.sources.local import LocalCatalog

BANDS: Final = ("B02", "B03", "B04", "B08", "B11")
_FIRST_DAY: Final = date(2024, 4, 1)
_REPEAT_DAYS: Final = 5


@dataclass(frozen=True, slots=True)
class Stack:
    """Scenes that fill a grid.

    Attributes:
        items: in order of time.
        geobox: 10 m grid.
        season: from the first to the last day.
    """

    items: tuple[pystac.Item, ...]
    geobox: GeoBox
    season: Season


def make_stack(folder: Path, size_px: int, dates: int, seed: int) -> Stack:
    """Simulated stack; one that lies in the folder is used again."""
    days = tuple(_FIRST_DAY + timedelta(days=_REPEAT_DAYS * number) for number in range(dates))
    season = Season(days[0], days[-1])
    plan = CountyPlan(seed=seed, size_px=size_px, days=days, season=season, parcels=20)
    written = write_season(folder, plan=plan)
    items = LocalCatalog(written.catalog).search((-180.0, -90.0, 180.0, 90.0), season)
    affine = Affine(10, 0, plan.left_m, 0, -10, plan.top_m)
    return Stack(tuple(items), GeoBox((size_px, size_px), affine, f"EPSG:{plan.epsg}"), season)


def mirrored(stack: Stack, folder: Path) -> Stack:
    """Stack of twice the side: the same scenes and their mirror images, in files of their own."""
    height, width = stack.geobox.shape.yx
    geobox = GeoBox((2 * height, 2 * width), stack.geobox.affine, stack.geobox.crs)
    box = transform_bounds(str(geobox.crs), "EPSG:4326", *geobox.boundingbox)
    return replace(
        stack, items=tuple(_mirror(item, folder / item.id, list(box)) for item in stack.items), geobox=geobox
    )


def _mirror(item: pystac.Item, folder: Path, box: list[float]) -> pystac.Item:
    folder.mkdir(parents=True, exist_ok=True)
    larger = item.clone()
    larger.bbox = box
    larger.assets = {name: asset for name, asset in larger.assets.items() if name in (*BANDS, SCL)}
    for name, asset in larger.assets.items():
        source, asset.href = asset.href, str(folder / f"{name}.tif")
        asset.extra_fields = {key: said for key, said in asset.extra_fields.items() if key == "raster:bands"}
        if not Path(asset.href).exists():
            _mirror_file(source, asset.href)
    return larger


def _mirror_file(source: str, target: str) -> None:
    with rasterio.open(source) as file:
        pixels, placed, nodata = file.read(1), {"crs": file.crs, "transform": file.transform}, file.nodata
    pixels = np.block([[pixels, pixels[:, ::-1]], [pixels[::-1], pixels[::-1, ::-1]]])
    shape = {"height": pixels.shape[0], "width": pixels.shape[1], "count": 1, "dtype": pixels.dtype}
    options = {"driver": "COG", "nodata": nodata, "compress": "deflate", "level": 1, "predictor": "yes"}
    part = f"{target}.part"
    with rasterio.open(part, "w", **shape, **placed, **options) as file:
        file.write(pixels, 1)
    Path(part).rename(target)
