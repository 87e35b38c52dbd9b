"""Building of a season's cube: planned, written block by block, committed.

A block is a window of whole chunks with all its dates and is the work of one task: it reads, calibrates, merges, masks
and writes by itself. How large it is follows from the memory it may take; what is written does not depend on it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import dask.array
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.errors import InputError
from tiles import store
from tiles.cube import NODATA, SQUARE_PX, STEPS_PER_UNIT, Block, read_block
from tiles.plan import CubePlan, attributes, coordinates
from tiles.reader import Window

#: Runs a function for every tuple of arguments, anywhere and in any order.
Each: TypeAlias = Callable[[Callable[..., None], Iterable[tuple[Any, ...]]], None]

#: Memory of a worker by default, bytes.
MEMORY_BYTES: Final = 2 * 1024**3

#: Longest side of a block, chunks: larger ones gain nothing and leave workers idle.
_MOST_CHUNKS: Final = 4
#: Memory that a worker takes before it reads anything: the interpreter and its libraries.
_BASE_BYTES: Final = 400 * 1024**2
#: Part of the rest that blocks may fill; what is left is for decoding, encoding and fragments.
_SHARE: Final = 0.5


def blocks_of(plan: CubePlan, memory_bytes: int = MEMORY_BYTES, *, beside: int = 0) -> tuple[Window, ...]:
    """Windows of whole chunks that cover a planned cube's grid, as large as a worker's memory allows.

    Args:
        plan: from `plan_cube`.
        memory_bytes: what a worker may take in all.
        beside: bytes that each pixel takes for what is made of the cube in the same task.

    Raises:
        InputError: not even one chunk fits (MEMORY_TOO_SMALL).
    """
    pixel_bytes = _pixel_bytes(plan) + beside
    return windows_of(plan.geobox.shape.yx, pixel_bytes, memory_bytes, extra_bytes=_square_bytes(plan))


def windows_of(
    shape: tuple[int, int], pixel_bytes: int, memory_bytes: int, *, extra_bytes: int = 0
) -> tuple[Window, ...]:
    """Windows of whole chunks that cover a grid, as large as a worker's memory allows.

    Args:
        shape: rows and columns of the grid.
        pixel_bytes: what one pixel takes with all its dates.
        memory_bytes: what a worker may take in all.
        extra_bytes: what a block takes whatever its size.

    Raises:
        InputError: not even one chunk fits (MEMORY_TOO_SMALL).
    """
    height, width = shape
    tall, wide = store.chunk_length("y", height), store.chunk_length("x", width)
    budget = (memory_bytes - _BASE_BYTES) * _SHARE - extra_bytes
    chunks = int(budget // (pixel_bytes * tall * wide))
    if chunks < 1:
        need = (pixel_bytes * tall * wide + extra_bytes) / _SHARE + _BASE_BYTES
        raise InputError(
            "MEMORY_TOO_SMALL",
            f"A block of all dates takes {need / 1024**2:.0f} MiB; a worker may take {memory_bytes / 1024**2:.0f} MiB.",
            "Raise ACRELINE_WORKER_MEMORY_MIB, or shorten the season.",
        )
    rows = min(_MOST_CHUNKS, int(chunks**0.5))
    columns = min(_MOST_CHUNKS, chunks // rows)
    return tuple(
        Window(top, min(top + rows * tall, height), left, min(left + columns * wide, width))
        for top in range(0, height, rows * tall)
        for left in range(0, width, columns * wide)
    )


def begin(plan: CubePlan, place: str | Path) -> bool:
    """Prepare a place for a planned cube; see `tiles.store.begin`.

    Returns:
        Whether there is anything left to write.
    """
    return store.begin(place, template(plan))


def build_block(plan: CubePlan, window: Window, place: str | Path, *, threads: int = 1) -> None:
    """Read a window of a planned cube and write it; does nothing where that was done before.

    Args:
        plan: from `plan_cube`.
        window: one of `blocks_of`.
        place: where the cube was begun.
        threads: files read at the same time.

    Raises:
        DataError: a file cannot be read, named, or the place cannot be written.
        TransientError: a source or the store does not answer.
    """
    if store.has_block(place, block_name(window)):
        return
    write_window(place, window, variables_of(read_block(plan, window, threads=threads)))


def variables_of(block: Block) -> dict[str, NDArray[Any]]:
    """A block as its cube stores it."""
    return {"reflectance": block.reflectance, "scl": block.scl, "mask": block.mask}


def write_window(place: str | Path, window: Window, variables: Mapping[str, NDArray[Any]]) -> None:
    """Write what a window of the grid holds, over all other dimensions; errors as `tiles.store.write_block`."""
    rows, columns = window.slices
    store.write_block(place, block_name(window), variables, {"y": rows, "x": columns})


def build_cube(
    plan: CubePlan, place: str | Path, *, memory_bytes: int = MEMORY_BYTES, each: Each | None = None
) -> None:
    """Build and commit a planned cube; goes on where an earlier call was killed, does nothing where it is committed.

    Args:
        plan: from `plan_cube`.
        place: a local folder, or an address such as s3://bucket/prefix.
        memory_bytes: what a worker may take.
        each: runs `build_block(plan, window, place)` for all windows; by default one after the other in this process,
            with a thread for every processor.

    Raises:
        InputError: the memory does not hold one chunk.
        DataError: a file cannot be read, named, or the place cannot be written.
        TransientError: a source or the store does not answer.
    """
    if not begin(plan, place):
        return
    jobs = [(plan, window, place) for window in blocks_of(plan, memory_bytes)]
    run_blocks(build_block, jobs, each)
    store.commit(place)


def run_blocks(work: Callable[..., None], jobs: Iterable[tuple[Any, ...]], each: Each | None) -> None:
    """Run `work(*job)` for all jobs by `each`, else one after the other here with a thread for every processor."""
    if each is not None:
        each(work, jobs)
        return
    for job in jobs:
        work(*job, threads=os.cpu_count() or 1)


def block_name(window: Window) -> str:
    """Name of a block in the store."""
    return f"{window.top:06d}-{window.bottom:06d}-{window.left:06d}-{window.right:06d}"


def template(plan: CubePlan) -> xr.Dataset:
    """The planned cube as it is stored, without pixels."""
    times, count, height, width = plan.shape
    packed = {"units": "1", "long_name": "surface reflectance", "scale_factor": 1 / STEPS_PER_UNIT}
    plane = dask.array.zeros((times, height, width), dtype=np.uint8, chunks=-1)
    numbers = dask.array.zeros((times, count, height, width), dtype=np.int16, chunks=-1)
    variables = {
        "reflectance": (("time", "band", "y", "x"), numbers, {**packed, "_FillValue": NODATA}),
        "scl": (("time", "y", "x"), plane, {"long_name": "scene classification"}),
        "mask": (("time", "y", "x"), plane, {"long_name": "why a pixel is used or not"}),
    }
    return xr.Dataset(variables, coordinates(plan), attributes(plan))


def _pixel_bytes(plan: CubePlan) -> int:
    """What one pixel of a block takes: numbers with their halo, classes, mask."""
    times, count, *_ = plan.shape
    halo = ((SQUARE_PX + 2 * plan.masking.bands_halo_px) / SQUARE_PX) ** 2
    return times * (math.ceil(2 * count * halo) + 2)


def _square_bytes(plan: CubePlan) -> int:
    """What masking one square takes: floating point of all bands and dates, and about as much again."""
    times, count, *_ = plan.shape
    halo = 2 * plan.masking.bands_halo_px
    return 2 * times * count * 4 * (SQUARE_PX + halo) ** 2
