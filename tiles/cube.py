"""A season of scenes on a processing grid, read block by block with all its dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import product
from typing import Any, Final, TypeVar

import dask.array
import numpy as np
import pystac
import xarray as xr
from affine import Affine
from dask.delayed import Delayed, delayed
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from geo.bands import BANDS, SCL
from tiles.clear import Masking, mask_block
from tiles.facts import content_hashes, solar_day
from tiles.guard import ReflectanceRule
from tiles.plan import CubePlan, attributes, coordinates, plan_cube, touching
from tiles.reader import Part, Window, quieten_placeless, read_nearest

__all__ = [
    "Block",
    "CubePlan",
    "Window",
    "as_reflectance",
    "content_hashes",
    "days_of",
    "geobox_of",
    "plan_cube",
    "read_block",
    "season_cube",
    "solar_day",
    "touching",
]

#: Whole numbers of stored reflectance per 1 = 100 %, and the number of no data.
STEPS_PER_UNIT: Final = 10_000
NODATA: Final = -32_768

#: Side of the squares that masks are made in and that a lazy cube is cut into, pixels.
SQUARE_PX: Final = 256

_MOST = 32_767
_MOST_MASKERS = 4  # threads: narrower pieces would cost more in halos than they save

_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Block:
    """A window of a cube with all its dates.

    Attributes:
        reflectance: (time, band, y, x) int16, 1/10000, held within -3.2767 to 3.2767; -32768 no data.
        scl: (time, y, x) uint8 scene classification, 0 no data.
        mask: (time, y, x) uint8, codes of `tiles.clear.Mask`.
    """

    reflectance: NDArray[np.int16]
    scl: NDArray[np.uint8]
    mask: NDArray[np.uint8]


def read_block(plan: CubePlan, window: Window, *, threads: int = 1) -> Block:
    """Read a window of a cube with all its dates; a pixel's values do not depend on the window.

    Args:
        plan: from `plan_cube`.
        window: part of the plan's grid.
        threads: files read, and squares masked, at the same time.

    Raises:
        DataError: a file that cannot be read, named.
    """
    quieten_placeless()
    times, count, *_ = plan.shape
    wide = _Wide(
        np.full((times, count, *_padded(window, plan.masking.bands_halo_px)), NODATA, dtype=np.int16),
        np.zeros((times, *_padded(window, plan.masking.scl_halo_px)), dtype=np.uint8),
    )
    layers = list(product(range(times), (*plan.bands, SCL)))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda layer: _read_layer(plan, window, layer, wide), layers))
    mask = _masks(plan, window, wide, min(threads, _MOST_MASKERS))
    return Block(
        _inside(wide.reflectance, plan.masking.bands_halo_px), _inside(wide.scl, plan.masking.scl_halo_px), mask
    )


def season_cube(
    items: Sequence[pystac.Item],
    geobox: GeoBox,
    *,
    bands: Sequence[str] = BANDS,
    hashes: Mapping[str, str] | None = None,
    rules: Mapping[str, ReflectanceRule] | None = None,
    masking: Masking | None = None,
) -> xr.Dataset:
    """The cube that `plan_cube` plans, as a lazy Dask-backed Dataset; see there for the arguments.

    Returns:
        Dataset with reflectance (time, band, y, x) float32, 1 = 100 %, in steps of 1/10000, NaN no data; scl and mask
        (time, y, x) uint8. time is the solar day at midnight (UTC, naive), sorted and unique. For the coordinates along
        time see `tiles.plan.coordinates`. The grid comes back with `geobox_of`.

    Raises:
        InputError: no item touches the grid.
        DataError: on computing, a file that cannot be read, named.
    """
    plan = plan_cube(items, geobox, bands=bands, hashes=hashes, rules=rules, masking=masking)
    _, _, height, width = plan.shape
    shared = delayed(plan)
    rows: dict[int, list[xr.Dataset]] = {}
    for window in squares_of(height, width):
        rows.setdefault(window.top, []).append(_lazy(shared, window, plan.shape[:2]))
    cube = xr.concat([xr.concat(row, "x") for row in rows.values()], "y")
    cube.reflectance.attrs = {"units": "1", "long_name": "surface reflectance"}
    return cube.assign_coords(coordinates(plan)).assign_attrs(attributes(plan))


def as_reflectance(numbers: NDArray[np.int16]) -> NDArray[np.float32]:
    """Stored whole numbers as reflectance, float32, 1 = 100 %, NaN no data."""
    values = np.divide(numbers, np.float32(STEPS_PER_UNIT), dtype=np.float32)
    np.copyto(values, np.float32(np.nan), where=numbers == NODATA)
    return values


def geobox_of(cube: xr.Dataset) -> GeoBox:
    """Grid of a cube or of a rectangular part of one.

    Args:
        cube: from `season_cube` or `tiles.store.open_cube`, sliced along y and x or not.
    """
    step_x, _, _, _, step_y, _ = cube.attrs["transform"]
    left, top = float(cube.x[0]) - step_x / 2, float(cube.y[0]) - step_y / 2
    return GeoBox((cube.sizes["y"], cube.sizes["x"]), Affine(step_x, 0, left, 0, step_y, top), cube.attrs["crs"])


def days_of(cube: xr.Dataset) -> tuple[date, ...]:
    """Solar days of a cube's layers, in their order."""
    return tuple(cube.time.values.astype("datetime64[D]").tolist())


def squares_of(height: int, width: int, columns: int = SQUARE_PX) -> Iterator[Window]:
    """Squares, or narrower pieces, that cover a grid, row by row; those at its lower and right edge are cut."""
    for top in range(0, height, SQUARE_PX):
        for left in range(0, width, columns):
            yield Window(top, min(top + SQUARE_PX, height), left, min(left + columns, width))


@dataclass(frozen=True, slots=True)
class _Wide:
    """A block with the halos that masking needs; past the edge of the grid there is no data."""

    reflectance: NDArray[np.int16]
    scl: NDArray[np.uint8]


def _padded(window: Window, halo: int) -> tuple[int, int]:
    return window.shape[0] + 2 * halo, window.shape[1] + 2 * halo


def _inside(layers: NDArray[_T], halo: int) -> NDArray[_T]:
    return layers[..., halo : layers.shape[-2] - halo, halo : layers.shape[-1] - halo]


def _read_layer(plan: CubePlan, window: Window, layer: tuple[int, str], wide: _Wide) -> None:
    """Fill one band of one day: earlier scenes of the day win where they have data."""
    time, band = layer
    if band == SCL:
        halo, out, empty = plan.masking.scl_halo_px, wide.scl[time], 0
    else:
        halo, out, empty = plan.masking.bands_halo_px, wide.reflectance[time, plan.bands.index(band)], NODATA
    read = window.grown(halo, plan.geobox.shape.yx)
    top, left = read.top - window.top + halo, read.left - window.left + halo
    target = out[top : top + read.shape[0], left : left + read.shape[1]]
    for scene in plan.scenes[time]:
        table = None if band == SCL else _table(scene.rule.scale, scene.rule.offset)
        part = read_nearest(scene.hrefs[band], plan.geobox, read, "uint8" if band == SCL else "uint16", table)
        if part is not None:
            _lay_under(target, part, empty)


def _lay_under(target: NDArray[Any], part: Part, empty: int) -> None:
    there = target[part.rows, part.columns]
    np.copyto(there, part.values, where=there == empty)


@lru_cache(maxsize=32)
def _table(scale: float, offset: float) -> NDArray[np.int16]:
    """Stored number of every digital number: computed in float64, kept in float32, rounded to 1/10000."""
    numbers = np.arange(2**16)
    reflectance = (numbers * scale + offset).astype(np.float32)
    table = (reflectance * np.float32(STEPS_PER_UNIT)).round().clip(-_MOST, _MOST).astype(np.int16)
    table[0] = NODATA
    table.flags.writeable = False
    return table


def _masks(plan: CubePlan, window: Window, wide: _Wide, threads: int) -> NDArray[np.uint8]:
    """Mask of a block, made piece by piece: only a square's area is held as floating point, by all threads together."""
    mask = np.empty((len(plan.days), *window.shape), dtype=np.uint8)

    def fill(piece: Window) -> None:
        mask[:, *piece.slices] = _mask(plan, window, piece, wide)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, squares_of(*window.shape, SQUARE_PX // threads)))
    return mask


def _mask(plan: CubePlan, window: Window, piece: Window, wide: _Wide) -> NDArray[np.uint8]:
    bands, classes = plan.masking.bands_halo_px, plan.masking.scl_halo_px
    values = as_reflectance(wide.reflectance[:, :, *_with_halo(piece, bands)])
    scl = wide.scl[:, *_with_halo(piece, classes)]
    origin = window.top + piece.top, window.left + piece.left
    return mask_block(values, scl, plan.days, plan.masking, bands=plan.bands, origin=origin)


def _with_halo(square: Window, halo: int) -> tuple[slice, slice]:
    return slice(square.top, square.bottom + 2 * halo), slice(square.left, square.right + 2 * halo)


def _lazy(plan: Delayed, window: Window, sizes: tuple[int, int]) -> xr.Dataset:
    times, count = sizes
    block = delayed(_as_arrays)(plan, window)
    planes = ("time", "y", "x"), (times, *window.shape), np.uint8
    kinds: dict[str, tuple[tuple[str, ...], tuple[int, ...], type[np.generic]]] = {
        "reflectance": (("time", "band", "y", "x"), (times, count, *window.shape), np.float32),
        "scl": planes,
        "mask": planes,
    }
    lazy = {name: (dims, _array(block[name], size, kind)) for name, (dims, size, kind) in kinds.items()}
    return xr.Dataset(lazy)


def _array(value: Delayed, shape: tuple[int, ...], kind: type[np.generic]) -> dask.array.Array:
    made: dask.array.Array = dask.array.from_delayed(value, shape, kind)  # type: ignore[no-untyped-call] # untyped
    return made


def _as_arrays(plan: CubePlan, window: Window) -> dict[str, NDArray[Any]]:
    block = read_block(plan, window)
    return {"reflectance": as_reflectance(block.reflectance), "scl": block.scl, "mask": block.mask}
