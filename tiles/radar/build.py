"""Stores of a season's radar: passes, and ten-day steps of each track, written block by block from one reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import dask.array
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.season import Season
from tiles import store
from tiles.build import MEMORY_BYTES, block_name, windows_of, write_window
from tiles.radar.cube import radar_block, track_steps
from tiles.radar.plan import RadarPlan, coordinates
from tiles.radar.scenes import POLARISATIONS
from tiles.reader import Window
from tiles.steps import step_dates

#: float32 of a polarisation, once as read and once in steps.
_PIXEL_BYTES: Final = 2 * 4 * len(POLARISATIONS)


@dataclass(frozen=True, slots=True)
class RadarBuild:
    """One radar cube and where it goes.

    Attributes:
        plan: the cube.
        place: a local folder, or an address such as s3://bucket/prefix.
        season: gives ten-day steps; None where none are wanted.
        steps: place of the steps, where they are wanted.
    """

    plan: RadarPlan
    place: str
    season: Season | None = None
    steps: str | None = None

    def begin(self) -> bool:
        """Prepare the places; whether there is anything left to write. Errors as `tiles.store.begin`."""
        left = store.begin(self.place, passes_template(self.plan))
        if self.season is not None and self.steps is not None:
            left = store.begin(self.steps, steps_template(self.plan, self.season)) or left
        return left

    def windows(self, memory_bytes: int = MEMORY_BYTES) -> tuple[Window, ...]:
        """Windows of whole chunks that cover the grid; InputError where the memory does not hold one chunk."""
        return windows_of(self.plan.geobox.shape.yx, len(self.plan.passes) * _PIXEL_BYTES, memory_bytes)

    def write(self, window: Window) -> None:
        """Read a window's passes once and write them and their steps; what is there is kept.

        Raises:
            DataError: a file cannot be read, named, or a place cannot be written.
            TransientError: a source or the store does not answer.
        """
        name = block_name(window)
        places = [place for place in (self.place, self.steps) if place is not None]
        missing = [place for place in places if not store.has_block(place, name)]
        if not missing:
            return
        power = radar_block(self.plan, window)
        for place in missing:
            variables = {"backscatter": power} if place == self.place else _steps(self, power)
            write_window(place, window, variables)

    def commit(self) -> None:
        """Make readable what was built. Errors as `tiles.store.commit`."""
        for place in filter(None, (self.place, self.steps)):
            store.commit(place)


def build_radar(build: RadarBuild, *, memory_bytes: int = MEMORY_BYTES) -> None:
    """Build and commit a radar cube in this process; goes on where an earlier call was killed.

    Raises:
        InputError: the memory does not hold one chunk.
        DataError: a file cannot be read, named, or a place cannot be written.
        TransientError: a source or the store does not answer.
    """
    if build.begin():
        for window in build.windows(memory_bytes):
            build.write(window)
        build.commit()


def passes_template(plan: RadarPlan) -> xr.Dataset:
    """The planned cube as it is stored, without pixels.

    Returns:
        Dataset with backscatter (time, polarisation, y, x) float32, linear power, speckle filtered, NaN no data;
        coordinates as `tiles.radar.plan.coordinates`.
    """
    shape = (len(plan.passes), len(POLARISATIONS), *plan.geobox.shape.yx)
    variables = {"backscatter": (("time", "polarisation", "y", "x"), _empty(shape, np.float32), _said(plan))}
    return xr.Dataset(variables, coordinates(plan), _attributes(plan))


def steps_template(plan: RadarPlan, season: Season) -> xr.Dataset:
    """The planned steps as they are stored, without pixels.

    Returns:
        Dataset with backscatter (step, track, polarisation, y, x) float32, mean linear power of the track's passes,
        NaN where it has none; pass_count (step, track, y, x) uint8. Coordinates: step (its sixth day), track,
        polarisation, y, x and spatial_ref.
    """
    height, width = plan.geobox.shape.yx
    shape = (len(step_dates(season)), len(plan.tracks))
    variables = {
        "backscatter": (
            ("step", "track", "polarisation", "y", "x"),
            _empty((*shape, len(POLARISATIONS), height, width), np.float32),
            _said(plan),
        ),
        "pass_count": (("step", "track", "y", "x"), _empty((*shape, height, width), np.uint8), {}),
    }
    own = {name: axis for name, axis in coordinates(plan).items() if name in ("y", "x", "spatial_ref", "polarisation")}
    steps = {
        "step": ("step", np.array(step_dates(season), dtype="datetime64[ns]")),
        "track": ("track", np.array(plan.tracks, dtype=object)),
    }
    return xr.Dataset(variables, own | steps, _attributes(plan) | {"season": season.id, "statistic": "mean"})


def _steps(build: RadarBuild, power: NDArray[np.float32]) -> Mapping[str, NDArray[Any]]:
    if build.season is None:
        raise ValueError("steps need a season")
    plan = build.plan
    made = track_steps(power, [each.track for each in plan.passes], plan.days, build.season)
    return {
        "backscatter": np.stack([made[track].values for track in plan.tracks], axis=1),
        "pass_count": np.stack([made[track].counts for track in plan.tracks], axis=1),
    }


def _empty(shape: tuple[int, ...], kind: type[np.generic]) -> Any:
    return dask.array.zeros(shape, dtype=kind, chunks=-1)


def _said(plan: RadarPlan) -> dict[str, str]:
    return {"units": "1", "long_name": f"{plan.kind} backscatter, linear power, speckle filtered"}


def _attributes(plan: RadarPlan) -> dict[str, Any]:
    return {"crs": str(plan.geobox.crs), "transform": list(plan.geobox.transform)[:6], "kind": plan.kind}
