"""Season cubes on disk: Zarr under a folder whose manifest, written last, is the commit.

Reflectance is kept as whole numbers of 1/10000 (int16), the step in which Sentinel-2 is delivered, so it comes back
exactly. Layout of a folder: cube.zarr (Zarr version 3) and manifest.json.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from geo.errors import DataError
from geo.manifest import MANIFEST_NAME, is_whole, verify_manifest, write_manifest

STEPS_PER_UNIT: Final = 10_000
NODATA: Final = -32_768

_ZARR = "cube.zarr"
_MOST = 32_767
_CHUNKS = {"time": 4, "band": -1, "y": 512, "x": 512}


def write_cube(cube: xr.Dataset, folder: Path) -> None:
    """Compute a cube and commit it under a folder, chunk by chunk.

    The cube is computed by the Dask scheduler in force (a `Client`'s, if there is one); at most a few chunks of
    4 dates x 10 bands x 512 x 512 px are in memory at a time. It is written beside the folder first and renamed when
    its manifest stands, so a killed write leaves nothing that could be read; the next call starts afresh. What the
    folder held before is replaced.

    Args:
        cube: from `tiles.cube.season_cube`. Reflectance is rounded to 1/10000 and held within -3.2767 to 3.2767
            (brighter values, which only glint and saturated cloud reach, are cut).
        folder: place of the cube; its parent is made if need be.

    Raises:
        DataError: a source file cannot be read, or the disk refuses.
    """
    partial = folder.with_name(f".{folder.name}.partial")
    try:
        _remove(partial)
        partial.mkdir(parents=True)
        _packed(cube).to_zarr(partial / _ZARR, mode="w", zarr_format=3, consolidated=False)
        write_manifest(partial, sorted(path for path in partial.rglob("*") if path.is_file()))
        _remove(folder)
        partial.rename(folder)
    except OSError as error:
        raise DataError(
            "STORE_WRITE", f"The cube {folder} cannot be written: {error}.", "Free some space or check the permissions."
        ) from error


def is_complete(folder: Path) -> bool:
    """Whether a cube was committed under a folder and its files still have their sizes (`open_cube` hashes them)."""
    return is_whole(folder)


def open_cube(folder: Path, *, verify: bool = True) -> xr.Dataset:
    """A committed cube, lazy in Dask.

    Args:
        folder: where `write_cube` put it.
        verify: compare every file with the manifest's hash first, not only its size.

    Returns:
        Dataset as `tiles.cube.season_cube` describes it, reflectance rounded to 1/10000; coordinates are in memory.

    Raises:
        DataError: there is no committed cube, or a file of it is damaged.
    """
    verify_manifest(folder, content=verify)
    stored: xr.Dataset = xr.open_zarr(folder / _ZARR, consolidated=False, mask_and_scale=False)
    numbers = stored.reflectance
    scaled = numbers.astype(np.float32) / np.float32(STEPS_PER_UNIT)
    reflectance = scaled.where(numbers != NODATA).assign_attrs(_plain(numbers.attrs))
    coordinates = {name: _in_memory(coordinate) for name, coordinate in stored.coords.items()}
    return stored.assign(reflectance=reflectance).assign_coords(coordinates)


def _packed(cube: xr.Dataset) -> xr.Dataset:
    """Cube as it is stored: reflectance int16, chunks of the store, scale for other readers of the file."""
    reflectance = cube.reflectance
    numbers = (reflectance * np.float32(STEPS_PER_UNIT)).round().clip(-_MOST, _MOST)
    packed = numbers.where(reflectance.notnull(), NODATA).astype(np.int16)
    packed.attrs = {**reflectance.attrs, "scale_factor": 1 / STEPS_PER_UNIT, "_FillValue": NODATA}
    return cube.assign(reflectance=_chunked(packed), scl=_chunked(cube.scl)).drop_encoding()


def _chunked(array: xr.DataArray) -> xr.DataArray:
    return array.chunk({name: size for name, size in _CHUNKS.items() if name in array.dims})


def _in_memory(coordinate: xr.DataArray) -> xr.DataArray:
    """A coordinate read, texts as Python strings (Zarr gives numpy's new string type, which tables do not know)."""
    return coordinate.astype(object) if coordinate.dtype.kind == "T" else coordinate.load()


def _plain(attrs: dict[Any, Any]) -> dict[Any, Any]:
    return {name: value for name, value in attrs.items() if name not in ("scale_factor", "_FillValue")}


def _remove(folder: Path) -> None:
    """Delete a folder, its manifest first: whatever interrupts this, no half-deleted folder looks complete."""
    if folder.exists():
        (folder / MANIFEST_NAME).unlink(missing_ok=True)
        shutil.rmtree(folder)
