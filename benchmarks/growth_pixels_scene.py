"""The real scene of `flanders-2019`, optical and radar, on one grid, with its parcels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import dask
import geopandas as gpd
import numpy as np
import numpy.typing as npt
from odc.geo.geobox import GeoBox

from app.jobs.area import lonlat_bounds
from geo.coverage import Coverage, coverage_of
from geo.grid import snapped_geobox
from geo.parcels import read_parcels
from geo.season import Season
from scoring.growth.pixels.curves import Pixels
from tiles.clear import Mask
from tiles.cube import days_of, season_cube
from tiles.radar.cube import radar_block
from tiles.radar.plan import plan_radar
from tiles.reader import Window
from tiles.sources.opening import Access, name_of, open_source, radar_source, usual_cache

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

_SEASON: Final = Season(date(2018, 8, 1), date(2019, 11, 30))
_WHOLE: Final = 1.0 - 1e-5


@dataclass(frozen=True, slots=True)
class SceneData:
    """What is read of the scene.

    Attributes:
        crops: (n,) crop of each parcel.
        coverage: weights of the parcels.
        inner: (n, y * x) coverage of the parcels drawn inwards by 10 m is whole: interior pixels.
        bands: (t, b, y, x) reflectance of B02, B04, B08, B11, NaN where not clear.
        days: (t,).
        power: (a, 2, y, x) VV, VH, linear.
        passes: (a,) days.
        orbits: (a,) text.
    """

    crops: list[str]
    coverage: Coverage
    inner: npt.NDArray[np.bool_]
    bands: Floats
    days: Days
    power: npt.NDArray[np.float32]
    passes: Days
    orbits: npt.NDArray[np.str_]

    def pixels(self, groups: list[Ints]) -> Pixels:
        """Pixels of some groups of flat places."""
        parcel = np.concatenate([np.full(len(group), number) for number, group in enumerate(groups)])
        row, column = np.divmod(np.concatenate(groups), self.coverage.shape[1])
        return Pixels.of(parcel.astype(np.int64), row.astype(np.int64), column.astype(np.int64), len(groups))

    def values(self, pixels: Pixels) -> Floats:
        """(p, b, t) of the pixels."""
        taken: Floats = self.bands[:, :, pixels.row, pixels.column].transpose(2, 1, 0)
        return taken

    def interior(self, parcel: int) -> Ints:
        """Flat places of a parcel's interior pixels."""
        return np.flatnonzero(self.inner[parcel]).astype(np.int64)


def read_scene(folder: Path) -> SceneData:
    """Read all of it into memory: 64 x 64 pixels."""
    catalog = str(folder / "catalog.json")
    book = read_parcels(folder / "parcels.gpkg")
    source, area = open_source(catalog, Access(usual_cache())), lonlat_bounds(book.frame)
    shapes = book.frame.geometry.to_crs(32631).reset_index(drop=True)
    items = source.search(area, _SEASON)
    grid = _grid(shapes)
    with dask.config.set(scheduler="synchronous"):
        cube = season_cube(items, grid, bands=("B02", "B04", "B08", "B11", "B03")).compute()
    clear = (cube["mask"].to_numpy() == Mask.CLEAR)[:, None]
    plan = plan_radar(radar_source(source, name_of(catalog)).search_radar(area, _SEASON, "sigma0"), grid)
    whole = coverage_of(shapes.buffer(-10.0), grid).matrix.toarray() >= _WHOLE
    return SceneData(
        crops=gpd.read_file(folder / "parcels.gpkg").crop.tolist(),
        coverage=coverage_of(shapes, grid),
        inner=whole,
        bands=np.where(clear, cube.reflectance.to_numpy(), np.nan),
        days=np.array(days_of(cube), dtype="datetime64[D]"),
        power=radar_block(plan, Window(0, grid.shape[0], 0, grid.shape[1])),
        passes=np.array(plan.days, dtype="datetime64[D]"),
        orbits=np.array([each.track for each in plan.passes]),
    )


def _grid(shapes: gpd.GeoSeries) -> GeoBox:
    left, bottom, right, top = shapes.total_bounds
    return snapped_geobox((left, bottom, right, top), 32631)
