"""What one Dask worker does: some dates of a tile, or a square block of it. Each part is a file, whole or absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import dask
import numpy as np
import numpy.typing as npt

from geo.bands import BANDS, band_index
from geo.coverage import Coverage
from geo.files import whole_file
from geo.zonal import zonal_sums
from tiles.clear import Mask
from tiles.mosaic import true_colour
from tiles.reader import Window
from tiles.store import open_cube

#: Longest side of a block of the crop map, a multiple of ALIGN_PX, and dates in one part of the series: memory stays
#: below 1 GB a worker.
BLOCK_PX: Final = 288
DATES: Final = 6

#: Layers of the series, on the band axis: the ten bands, then NDVI and NDWI.
LAYERS: Final = (*BANDS, "ndvi", "ndwi")


def series_part(cube: Path, core: Window, times: slice, coverage: Coverage, out: Path) -> Path:
    """Zonal sums of a span of dates, saved as `out` (.npz).

    area (n,) is that of the parcels on the grid, valid (t,n) the part that holds data, clear (t,n) the part that is
    clear, in pixels; total and squares (t,l,n) are sums over clear pixels of LAYERS.
    """
    if out.exists():
        return out
    reflectance, clear = _read(cube, core, times)
    layers = with_indices(reflectance)
    sums = zonal_sums(coverage, layers, clear)
    valid = _area_with_data(coverage, layers)
    _save(out, area=sums.area, clear=sums.clear, total=sums.total, squares=sums.squares, valid=valid)
    return out


def with_indices(reflectance: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Bands (t,b,y,x) with NDVI and NDWI appended on the band axis; NaN where a sum of bands is not positive.

    NDVI = (B08 - B04) / (B08 + B04) (Tucker 1979); NDWI = (B03 - B08) / (B03 + B08) (McFeeters 1996).
    """
    nir = reflectance[:, band_index("B08")]
    ndvi = _normalised(nir, reflectance[:, band_index("B04")])
    ndwi = _normalised(reflectance[:, band_index("B03")], nir)
    return np.concatenate([reflectance, ndvi[:, None], ndwi[:, None]], axis=1)


def _normalised(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    total = a + b
    with np.errstate(invalid="ignore", divide="ignore"):
        index: npt.NDArray[np.float32] = np.where(total > 0, (a - b) / total, np.nan).astype(np.float32)
    return index


def _area_with_data(coverage: Coverage, layers: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    flat = np.isfinite(layers).all(axis=1).reshape(len(layers), -1).astype(np.float64)
    area: npt.NDArray[np.float64] = np.asarray((coverage.matrix @ flat.T).T, dtype=np.float64)
    return area


def picture_block(cube: Path, core: Window, block: Window, out: Path) -> Path:
    """True-colour picture of one block, saved as `out` (.npz): rgb (3,y,x) uint8, 0 without data."""
    if not out.exists():
        reflectance, clear = _read(cube, block.shifted(core.top, core.left), slice(None))
        _save(out, rgb=true_colour(reflectance, clear))
    return out


def _read(cube: Path, window: Window, times: slice) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Reflectance (t,b,y,x), NaN without data, and clear pixels (t,y,x) of a window; the worker reads it by itself.

    The stage's manifest vouches for the store: hashing all of it for each block would read it over and over.
    """
    part = open_cube(cube, verify=False).isel(
        time=times, y=slice(window.top, window.bottom), x=slice(window.left, window.right)
    )
    with dask.config.set(scheduler="synchronous"):
        reflectance = part.reflectance.transpose("time", "band", "y", "x").to_numpy()
        clear: npt.NDArray[np.bool_] = part.mask.transpose("time", "y", "x").to_numpy() == Mask.CLEAR
    return reflectance, clear


def _save(path: Path, **arrays: npt.NDArray[Any]) -> None:
    with whole_file(path) as part, part.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
