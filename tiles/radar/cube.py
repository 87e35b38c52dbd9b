"""A season of radar passes on the grid of an optical cube, read window by window, and its ten-day steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from geo.season import Season
from tiles.radar.plan import Pass, RadarPlan
from tiles.radar.scenes import POLARISATIONS, Calibration
from tiles.radar.speckle import HALO_PX, lee_filter, to_power
from tiles.reader import Window, quieten_placeless, read_nearest
from tiles.steps import Steps, ten_day_steps


def radar_block(plan: RadarPlan, window: Window) -> NDArray[np.float32]:
    """Filtered backscatter of a window with all its passes; a pixel's values do not depend on the window.

    Args:
        plan: from `plan_radar`.
        window: part of the plan's grid.

    Returns:
        (time, polarisation, y, x) float32, linear power (gamma0 or sigma0, as the plan says), NaN no data.

    Raises:
        DataError: a file cannot be read, named.
    """
    quieten_placeless()
    out = np.empty((len(plan.passes), len(POLARISATIONS), *window.shape), dtype=np.float32)
    read = window.grown(HALO_PX, plan.geobox.shape.yx)
    top, left = window.top - read.top, window.left - read.left
    for time, each in enumerate(plan.passes):
        power = np.stack([_power(plan, each, name, read) for name in POLARISATIONS])
        out[time] = lee_filter(power)[:, top : top + window.shape[0], left : left + window.shape[1]]
    return out


def track_steps(
    power: NDArray[np.float32], tracks: Sequence[str], days: Sequence[date], season: Season
) -> dict[str, Steps]:
    """Ten-day means of each track, in linear power, on the step axis of the optical steps: what stands in their gaps.

    Args:
        power: (time, polarisation, y, x) linear power, NaN no data.
        tracks: track of each pass.
        days: solar day of each pass.
        season: gives the steps.

    Returns:
        Steps by track, values (step, polarisation, y, x) float32, NaN where the track has no pass.
    """
    made = {}
    for track in sorted(set(tracks)):
        own = [index for index, name in enumerate(tracks) if name == track]
        part = power[own]
        seen: NDArray[np.bool_] = np.asarray(np.isfinite(part).all(axis=1))
        made[track] = ten_day_steps(part, seen, [days[index] for index in own], season)
    return made


def joint_decibels(power: NDArray[np.float32], days: Sequence[date], season: Season) -> NDArray[np.float32]:
    """Ten-day means over all passes, whatever their track, in decibels: what the network reads.

    Means are of linear power. A pass counts for a pixel only where all its polarisations are known.

    Args:
        power: (time, polarisation, y, x) linear power, NaN no data.
        days: solar day of each pass; those outside the season are left out.
        season: gives the steps, those of `tiles.steps.step_dates`.

    Returns:
        (step, polarisation, y, x) float32 dB, NaN where there is no pass.
    """
    seen: NDArray[np.bool_] = np.asarray(np.isfinite(power).all(axis=1))
    means = ten_day_steps(power, seen, days, season).values
    decibels: NDArray[np.float32] = np.float32(10) * np.log10(means)
    return decibels


def _power(plan: RadarPlan, each: Pass, name: str, window: Window) -> NDArray[np.float32]:
    """Linear power of one polarisation of a pass, (y, x), NaN no data: earlier scenes win where they have data."""
    power = np.full(window.shape, np.nan, dtype=np.float32)
    for scene in each.scenes:
        part = read_nearest(scene.hrefs[name], plan.geobox, window, "float32")
        if part is not None:
            target = power[part.rows, part.columns]
            np.copyto(target, _calibrated(part.values, scene.calibrations[name]), where=np.isnan(target))
    return power


def _calibrated(numbers: NDArray[np.float32], by: Calibration) -> NDArray[np.float32]:
    known = numbers if by.nodata is None else np.where(numbers == by.nodata, np.nan, numbers)
    values = (known * by.scale + by.offset).astype(np.float32)
    return to_power(values, decibels=by.unit == "dB")
