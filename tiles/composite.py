"""Ten-day steps of a planned cube as a store of their own, built block by block as the cube is.

A block's scenes are read once: for its steps alone, or for the cube and its steps together.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask.array
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.season import Season
from tiles.build import MEMORY_BYTES, Each, block_name, blocks_of, run_blocks, template, variables_of, write_window
from tiles.clear import Mask
from tiles.cube import Block, read_block
from tiles.facts import joint_hash
from tiles.plan import CubePlan, coordinates
from tiles.reader import Window
from tiles.steps import Statistic, step_dates, step_members, ten_day_steps
from tiles.store import begin, commit, has_block


@dataclass(frozen=True, slots=True)
class StepsPlan:
    """Everything that a season's ten-day steps depend on; small, and the same for every block.

    Attributes:
        cube: the acquisitions that the steps are made of.
        season: gives the steps; acquisitions outside it are left out.
        statistic: of the clear acquisitions of a step.
    """

    cube: CubePlan
    season: Season
    statistic: Statistic = "median"


def begin_steps(plan: StepsPlan, place: str | Path) -> bool:
    """Prepare a place for planned steps; see `tiles.store.begin`.

    Returns:
        Whether there is anything left to write.
    """
    return begin(place, steps_template(plan))


def build_steps_block(plan: StepsPlan, window: Window, place: str | Path, *, threads: int = 1) -> None:
    """Read a window's scenes and write their steps; does nothing where that was done before.

    Args:
        plan: what to build.
        window: one of `steps_blocks`.
        place: where the steps were begun.
        threads: files read at the same time.

    Raises:
        DataError: a file cannot be read, named, or the place cannot be written.
        TransientError: a source or the store does not answer.
    """
    if not has_block(place, block_name(window)):
        write_window(place, window, steps_of(plan, read_block(plan.cube, window, threads=threads)))


def build_cube_and_steps_block(
    plan: StepsPlan, window: Window, cube: str | Path, steps: str | Path, *, threads: int = 1
) -> None:
    """Read a window's scenes once and write them to a cube and their steps to another place; what is there is kept.

    Args:
        plan: what to build.
        window: one of `steps_blocks`.
        cube: where the cube was begun (`tiles.build.begin`).
        steps: where the steps were begun.
        threads: files read at the same time.

    Raises:
        DataError: a file cannot be read, named, or a place cannot be written.
        TransientError: a source or the store does not answer.
    """
    name = block_name(window)
    cube_done, steps_done = has_block(cube, name), has_block(steps, name)
    if cube_done and steps_done:
        return
    block = read_block(plan.cube, window, threads=threads)
    if not cube_done:
        write_window(cube, window, variables_of(block))
    if not steps_done:
        write_window(steps, window, steps_of(plan, block))


def steps_blocks(plan: StepsPlan, memory_bytes: int = MEMORY_BYTES) -> tuple[Window, ...]:
    """Windows of a cube whose steps are made in the same task; see `tiles.build.blocks_of`."""
    of_step = 2 * len(plan.cube.bands) + 1  # numbers and count
    return blocks_of(plan.cube, memory_bytes, beside=of_step * len(step_dates(plan.season)))


def build_steps(
    plan: StepsPlan, place: str | Path, *, memory_bytes: int = MEMORY_BYTES, each: Each | None = None
) -> None:
    """Build and commit planned steps; goes on where an earlier call was killed, does nothing where they are committed.

    Args:
        plan: what to build.
        place: a local folder, or an address such as s3://bucket/prefix.
        memory_bytes: what a worker may take.
        each: runs `build_steps_block(plan, window, place)` for all windows; by default one after the other in this
            process, with a thread for every processor.

    Raises:
        InputError: the memory does not hold one chunk.
        DataError: a file cannot be read, named, or the place cannot be written.
        TransientError: a source or the store does not answer.
    """
    if not begin_steps(plan, place):
        return
    jobs = [(plan, window, place) for window in steps_blocks(plan, memory_bytes)]
    run_blocks(build_steps_block, jobs, each)
    commit(place)


def steps_of(plan: StepsPlan, block: Block) -> dict[str, NDArray[Any]]:
    """Steps of a block as they are stored.

    Returns:
        reflectance (step, band, y, x) int16 in 1/10000, -32768 where nothing was clear; clear_count (step, y, x)
        uint8, clear acquisitions.
    """
    clear = block.mask == Mask.CLEAR
    steps = ten_day_steps(block.reflectance, clear, plan.cube.days, plan.season, plan.statistic)
    return {"reflectance": steps.values, "clear_count": steps.counts}


def steps_template(plan: StepsPlan) -> xr.Dataset:
    """The planned steps as they are stored, without pixels.

    Returns:
        Dataset with reflectance (step, band, y, x) int16 and clear_count (step, y, x) uint8. Coordinates along step:
        step (its sixth day), days (ISO dates of its acquisitions) and items (ids of their scenes), both joined by a
        space and empty where there are none, source_hash, known_at (NaT where there is no acquisition) and verified.
        Besides band, y, x and spatial_ref. Attributes as the cube's, and statistic and season.
    """
    cube = template(plan.cube)
    _, count, height, width = plan.cube.shape
    steps = len(step_dates(plan.season))
    numbers = dask.array.zeros((steps, count, height, width), dtype=np.int16, chunks=-1)
    plane = dask.array.zeros((steps, height, width), dtype=np.uint8, chunks=-1)
    variables = {
        "reflectance": (("step", "band", "y", "x"), numbers, cube.reflectance.attrs),
        "clear_count": (("step", "y", "x"), plane, {"long_name": "clear acquisitions"}),
    }
    attrs = {**cube.attrs, "statistic": plan.statistic, "season": plan.season.id}
    return xr.Dataset(variables, _coordinates(plan), attrs)


def _coordinates(plan: StepsPlan) -> dict[str, Any]:
    along_time = coordinates(plan.cube)
    members = step_members(plan.cube.days, plan.season)
    kept = {name: said for name, said in along_time.items() if not _is_along_time(said)}
    items, hashes = along_time["items"][1], along_time["source_hash"][1]
    known_at, verified = along_time["known_at"][1], along_time["verified"][1]
    texts = {
        "days": [" ".join(plan.cube.days[index].isoformat() for index in step) for step in members],
        "items": [" ".join(items[index] for index in step) for step in members],
        "source_hash": [joint_hash(hashes[index] for index in step) for step in members],
    }
    latest = [known_at[list(step)].max() if step else np.datetime64("NaT", "ns") for step in members]
    return {
        **kept,
        "step": ("step", np.array(step_dates(plan.season), dtype="datetime64[ns]")),
        **{name: ("step", np.array(values, dtype=object)) for name, values in texts.items()},
        "known_at": ("step", np.array(latest, dtype="datetime64[ns]")),
        "verified": ("step", np.array([bool(verified[list(step)].all()) for step in members])),
    }


def _is_along_time(said: Any) -> bool:
    return isinstance(said, tuple) and said[0] == "time"
