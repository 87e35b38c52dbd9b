"""What one Dask worker does: some dates of a tile, or a square block of it. Each part is a file, whole or absent."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import dask
import numpy as np
import numpy.typing as npt
import torch

from app.jobs.plan import HALO_PX
from geo.bands import BANDS, band_index
from geo.coverage import Coverage
from geo.errors import DataError
from geo.files import whole_file
from geo.legend import load_legend
from geo.season import Season
from geo.zonal import zonal_sums
from models.predict import Prediction, predict
from models.release import Release, load_release
from tiles.clear import Mask
from tiles.cube import days_of
from tiles.mosaic import true_colour
from tiles.reader import Window
from tiles.steps import ten_day_steps
from tiles.store import open_cube

#: Longest side of a block of the crop map, a multiple of ALIGN_PX, and dates in one part of the series: memory stays
#: below 1 GB a worker.
BLOCK_PX: Final = 288
DATES: Final = 6

#: Layers of the series, on the band axis: the ten bands, then NDVI and NDWI.
LAYERS: Final = (*BANDS, "ndvi", "ndwi")

CROP_NODATA: Final = 0
SHARE_NODATA: Final = 255


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


def map_block(
    cube: Path, core: Window, block: Window, coverage: Coverage, season: Season, model_hash: str, out: Path
) -> Path:
    """Crop, probability and vigour of one block, and its parcels' sums, saved as `out` (.npz).

    Args:
        cube: the tile's store.
        core: the tile's core on the cube's grid.
        block: the block on the core's grid.
        coverage: weights of the parcels' inner part on the core's grid.
        season: gives the ten-day steps.
        model_hash: the network that the run was planned with.
        out: file to write: crop, prob, vigour (y,x) uint8; weight (n,), crop_sum (n,c), vigour_sum (n,).
    """
    if out.exists():
        return out
    whole = open_cube(cube, verify=False)
    shape = (whole.sizes["y"], whole.sizes["x"])
    wanted = block.shifted(core.top, core.left)
    read = wanted.grown(HALO_PX, shape)
    inner = wanted.shifted(-read.top, -read.left)
    release = _release(model_hash)
    prediction = _cut(_predict(release, cube, read, season), inner)
    _save(out, **_pictures(release, prediction), **_parcel_sums(prediction, coverage, block))
    return out


@cache
def _release(model_hash: str) -> Release:
    """The network, loaded once in each worker; DataError where it is not the one that the run was planned with."""
    torch.set_num_threads(1)
    release = load_release()
    if release.hash != model_hash:
        raise DataError("MODEL_CHANGED", "A worker holds another network than the run.", "Run again.")
    return release


def _predict(release: Release, cube: Path, window: Window, season: Season) -> Prediction:
    reflectance, clear = _read(cube, window, slice(None))
    steps = ten_day_steps(reflectance, clear, days_of(open_cube(cube, verify=False)), season)
    return predict(release, steps.values, steps.dates)


def _cut(prediction: Prediction, window: Window) -> Prediction:
    rows, columns = slice(window.top, window.bottom), slice(window.left, window.right)
    return Prediction(prediction.probabilities[:, rows, columns], prediction.vigour[rows, columns])


def _pictures(release: Release, prediction: Prediction) -> dict[str, npt.NDArray[np.uint8]]:
    seen = np.isfinite(prediction.vigour)
    probabilities = np.nan_to_num(prediction.probabilities, nan=0.0)
    legend = load_legend()
    values = np.array([legend[key].value for key in release.card.classes], dtype=np.uint8)
    return {
        "crop": np.where(seen, values[probabilities.argmax(axis=0)], CROP_NODATA).astype(np.uint8),
        "prob": np.where(seen, np.rint(probabilities.max(axis=0) * 100), SHARE_NODATA).astype(np.uint8),
        "vigour": np.where(seen, np.rint(np.nan_to_num(prediction.vigour)), SHARE_NODATA).astype(np.uint8),
    }


def _parcel_sums(prediction: Prediction, coverage: Coverage, block: Window) -> dict[str, npt.NDArray[np.float64]]:
    cells = np.arange(coverage.shape[0] * coverage.shape[1]).reshape(coverage.shape)
    here = cells[block.top : block.bottom, block.left : block.right].ravel()
    weights = coverage.matrix[:, here]
    seen = np.isfinite(prediction.vigour).ravel()
    classes = prediction.probabilities.reshape(len(prediction.probabilities), -1)
    return {
        "weight": weights @ seen.astype(np.float64),
        "crop_sum": weights @ np.where(seen, classes, 0.0).T.astype(np.float64),
        "vigour_sum": weights @ np.where(seen, prediction.vigour.ravel(), 0.0).astype(np.float64),
    }


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
