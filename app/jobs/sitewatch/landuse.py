"""The crop map of the season before works began, as a run wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import rasterio
from odc.geo.geobox import GeoBox
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.windows import Window, from_bounds
from shapely.geometry.base import BaseGeometry

from geo.coverage import coverage_of
from geo.errors import InputError
from geo.legend import NODATA, load_legend
from geo.runrecord import RunRecord
from geo.season import parse_season

_REMEDY: Final = "Name crop.tif of a run of the season before works began."


@dataclass(frozen=True, slots=True)
class CropMap:
    """What grew where in one season (app.sites.landrules.LandUse).

    Attributes:
        files: rasters of the legend's values, one by UTM zone.
        season_end: last day of the season.
    """

    files: tuple[Path, ...]
    season_end: date

    def shares(self, shape: BaseGeometry) -> Mapping[str, float]:
        """Share of a shape (polygons, EPSG:4326) under each legend key, pixels by their exact part in it.

        Ground off the map, and ground of which no crop is decided, is in no share. Of the maps of two zones that one
        counts which knows more of the shape.

        Raises:
            InputError: a map cannot be read, or holds what the legend does not know.
        """
        found = [_shares(file, shape) for file in self.files]
        return max(found, key=lambda one: sum(one.values()))


def open_crop_map(path: Path) -> CropMap:
    """The crop map of a run: crop.tif, with those of other zones that lie beside it.

    Raises:
        InputError: there is no such map, or no record of the run (run.json, which names the season) beside it.
    """
    if not path.is_file():
        raise InputError("SITES_LAND_USE", f"There is no crop map {path}.", _REMEDY)
    record = path.with_name("run.json")
    if not record.is_file():
        raise InputError("SITES_LAND_USE", f"No run.json says of which season {path} is.", _REMEDY)
    season = RunRecord.from_json(record.read_bytes()).parameters.get("season")
    if not isinstance(season, str):
        raise InputError("SITES_LAND_USE", f"The run of {path} states no season.", _REMEDY)
    others = sorted(set(path.parent.glob(f"{path.stem}_[0-9]*{path.suffix}")) - {path})
    return CropMap((path, *others), parse_season(season).end)


def _shares(file: Path, shape: BaseGeometry) -> dict[str, float]:
    try:
        with rasterio.open(file) as raster:
            if raster.crs is None or not raster.crs.is_projected or raster.count != 1:
                raise InputError("SITES_LAND_USE", f"{file} is no crop map on a grid in metres.", _REMEDY)
            moved = gpd.GeoSeries([shape], crs=4326).to_crs(CRS.from_wkt(raster.crs.to_wkt()))
            window = _window(raster, moved.total_bounds)
            if window is None:
                return {}
            values = raster.read(1, window=window)
            grid = GeoBox(values.shape, raster.window_transform(window), raster.crs.to_wkt())
    except RasterioError as error:
        raise InputError("SITES_LAND_USE", f"The crop map {file} cannot be read.", _REMEDY) from error
    weights = coverage_of(moved, grid).matrix.toarray()[0]
    whole = float(moved.area.iloc[0]) / abs(grid.affine.determinant)
    return _by_key(file, values.ravel(), weights / whole)


def _window(raster: rasterio.DatasetReader, bounds: np.ndarray) -> Window | None:
    """Pixels of a raster that a box meets; None where it meets none."""
    asked = from_bounds(*bounds, transform=raster.transform)
    top, left = max(int(np.floor(asked.row_off)), 0), max(int(np.floor(asked.col_off)), 0)
    bottom = min(int(np.ceil(asked.row_off + asked.height)), raster.height)
    right = min(int(np.ceil(asked.col_off + asked.width)), raster.width)
    return Window(left, top, right - left, bottom - top) if bottom > top and right > left else None


def _by_key(file: Path, values: np.ndarray, shares: np.ndarray) -> dict[str, float]:
    legend = load_legend()
    if int(values.max(initial=NODATA)) > len(legend):
        raise InputError("SITES_LAND_USE", f"{file} holds values that the legend does not know.", _REMEDY)
    sums = np.bincount(values, weights=shares, minlength=len(legend) + 1)
    return {legend.at(value).key: float(sums[value]) for value in np.flatnonzero(sums).tolist() if value != NODATA}
