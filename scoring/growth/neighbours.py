"""Where a parcel stands against the nearest parcels of its crop, in the same ten days, and against its own past.

Medians and median absolute deviations, so that a few failed neighbours do not move the measure (1.4826 MAD estimates a
standard deviation; Rousseeuw and Croux 1993, 10.1080/01621459.1993.10476408). VCI: Kogan 1995,
10.1016/0273-1177(95)00079-T.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geo.errors import DataError
from geo.observations import CLEAR_SHARE
from geo.season import dekad_of, dekads

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Neighbours seen in the ten days from which a z-score is given.
LEAST_NEIGHBOURS: Final = 8

#: Years of own past, seen at that time of year, from which a VCI is given.
LEAST_YEARS: Final = 3

#: Smallest spread of neighbours (NDVI): what one look is uncertain by; even fields do not make every parcel odd.
LEAST_SPREAD: Final = 0.03

_MAD_TO_SD: Final = 1.4826
_BLOCK_ROWS: Final = 10_000
_SORTED_ROWS: Final = 2_000
_DEKADS_OF_YEAR: Final = 36


@dataclass(frozen=True, slots=True)
class Standing:
    """Parcels against their neighbours; (n, s) each, s ten-day steps.

    Attributes:
        z: (value - median) / spread; NaN where the parcel or too few neighbours were seen.
        median: of the neighbours; NaN where too few were seen.
        spread: 1.4826 MAD of the neighbours, at least LEAST_SPREAD; NaN where too few were seen.
        seen: int64, neighbours seen.
    """

    z: Floats
    median: Floats
    spread: Floats
    seen: Ints


def ten_day_means(
    ndvi: npt.NDArray[np.floating], clear: npt.NDArray[np.floating], days: Sequence[date]
) -> tuple[Floats, tuple[date, ...]]:
    """Means of clear looks by ten-day step (1st, 11th, 21st), and the first days of the steps.

    Args:
        ndvi: (n, t), NaN where nothing was seen.
        clear: (n, t), 0..1; a look counts from CLEAR_SHARE on.
        days: t ascending dates.

    Returns:
        (n, s) float64, NaN in a step without a clear look.
    """
    steps = dekads(days[0], days[-1]) if days else ()
    where = {step: number for number, step in enumerate(steps)}
    total = np.zeros((len(ndvi), len(steps)))
    count = np.zeros_like(total)
    for column, day in enumerate(days):
        look = np.isfinite(ndvi[:, column]) & (clear[:, column] >= CLEAR_SHARE)
        step = where[dekad_of(day)]
        total[:, step] += np.where(look, ndvi[:, column], 0.0)
        count[:, step] += look
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0), steps


def ten_day_best(ndvi: npt.NDArray[np.floating], clear: npt.NDArray[np.floating], days: Sequence[date]) -> Floats:
    """(n, s) highest clear look of each ten-day step: shadow and haze only pull down; arguments as ten_day_means."""
    steps = dekads(days[0], days[-1]) if days else ()
    where = {step: number for number, step in enumerate(steps)}
    best = np.full((len(ndvi), len(steps)), np.nan)
    for column, day in enumerate(days):
        look = np.where(clear[:, column] >= CLEAR_SHARE, ndvi[:, column], np.nan)
        step = where[dekad_of(day)]
        best[:, step] = np.fmax(best[:, step], look)
    return best


def nearest_of_crop(
    points: npt.NDArray[np.floating], crop: npt.NDArray[np.integer], *, most: int = 30, within_m: float = 10_000.0
) -> Ints:
    """The nearest parcels of the same crop; some thousand are asked for at a time, to bound memory.

    Args:
        points: (n, 2) metres, east and north in one projection.
        crop: (n,) from 0; -1 is nobody's neighbour and has none.
        most: how many at most.
        within_m: farther ones are no neighbours.

    Returns:
        (n, most) positions, nearest first, -1 where there are fewer. A parcel is not its own neighbour. A parcel
        without a place (NaN) has none and is nobody's.
    """
    found = np.full((len(points), most), -1, dtype=np.int64)
    placed = (crop >= 0) & np.isfinite(points).all(axis=1)
    for one in np.unique(crop[placed]):
        rows = np.flatnonzero(placed & (crop == one))
        tree = cKDTree(points[rows])
        for start in range(0, len(rows), _BLOCK_ROWS):
            asked = np.arange(start, min(start + _BLOCK_ROWS, len(rows)))
            _, at = tree.query(points[rows[asked]], k=np.arange(1, most + 2), distance_upper_bound=within_m)
            found[rows[asked]] = _others(np.asarray(at), asked, rows, most)
    return found


def _others(at: npt.NDArray[np.integer], asked: Ints, rows: Ints, most: int) -> Ints:
    """Positions among all parcels, without the parcel itself (with twins it need not come first)."""
    own = at == asked[:, None]
    named = np.append(rows, -1)[at]
    order = np.argsort(own, axis=1, kind="stable")
    others: Ints = np.take_along_axis(named, order, axis=1)[:, :most]
    return others


def against_neighbours(
    values: Floats, neighbours: Ints, *, least: int = LEAST_NEIGHBOURS, least_spread: float = LEAST_SPREAD
) -> Standing:
    """Robust z-scores against neighbours of the same step.

    Args:
        values: (n, s) NDVI by step, NaN where not seen.
        neighbours: (n, k) positions, -1 for none (`nearest_of_crop`).
        least: neighbours that must be seen in the step.
        least_spread: smallest spread, in the unit of the values.

    Raises:
        DataError: the shapes do not fit together.
    """
    if values.ndim != 2 or neighbours.ndim != 2 or len(values) != len(neighbours):  # noqa: PLR2004 - (n, s), (n, k)
        raise DataError("NEIGHBOURS_SHAPE", f"Values {values.shape} and neighbours {neighbours.shape} do not fit.")
    median, spread, seen = spread_of_neighbours(values, neighbours, least=least)
    spread = np.where(seen >= least, np.maximum(spread, least_spread), np.nan)
    return Standing((values - median) / spread, median, spread, seen)


def spread_of_neighbours(values: Floats, neighbours: Ints, *, least: int) -> tuple[Floats, Floats, Ints]:
    """Median and 1.4826 MAD of neighbours, and how many have a value, (n, s) each; NaN where fewer than `least` have.

    Args:
        values: (n, s), NaN where unknown.
        neighbours: (n, k) positions, -1 for none.
        least: neighbours that must have a value.
    """
    shape = (len(neighbours), values.shape[1])
    median, spread, seen = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
    for part, around, count in _around(values, neighbours):
        median[part], seen[part] = _median(around, count), count
        away = np.abs(around - median[part][..., None])
        spread[part] = _MAD_TO_SD * _median(away, count)
    enough = seen >= least
    return np.where(enough, median, np.nan), np.where(enough, spread, np.nan), seen


def median_of_neighbours(values: Floats, neighbours: Ints, *, least: int) -> tuple[Floats, Ints]:
    """Median of neighbours and how many have a value; arguments as of `spread_of_neighbours`."""
    shape = (len(neighbours), values.shape[1])
    median, seen = np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
    for part, around, count in _around(values, neighbours):
        median[part], seen[part] = _median(around, count), count
    return np.where(seen >= least, median, np.nan), seen


def _around(values: Floats, neighbours: Ints) -> Iterator[tuple[slice, Floats, Ints]]:
    """Parts of the parcels with the values of their neighbours, (m, s, k), and how many are known, (m, s)."""
    padded = np.vstack([values, np.full((1, values.shape[1]), np.nan)])
    for start in range(0, len(neighbours), _SORTED_ROWS):
        part = slice(start, start + _SORTED_ROWS)
        around = np.ascontiguousarray(padded.take(neighbours[part], axis=0, mode="wrap").transpose(0, 2, 1))
        yield part, around, np.count_nonzero(around == around, axis=2)  # noqa: PLR0124 - False for NaN alone


def _median(values: Floats, count: Ints) -> Floats:
    """Medians along the last axis, which is sorted: NaN come last, and counts find the middle; NaN of nothing."""
    values.sort(axis=-1)
    ordered, most = values.ravel(), values.shape[-1]
    first = most * np.arange(count.size).reshape(count.shape)
    lower = ordered[first + np.minimum(np.maximum(count - 1, 0) // 2, most - 1)]
    median: Floats = (lower + ordered[first + np.minimum(count // 2, most - 1)]) / 2
    return median


def vegetation_condition(
    values: Floats, steps: Sequence[date], since: date, *, least_years: int = LEAST_YEARS
) -> Floats:
    """VCI of a season against the parcel's own earlier years: 100 (NDVI - min) / (max - min) for that time of year.

    The past of a step is the same step of every earlier year and the two beside it, so that a year sown a little later
    is not taken for a poor one.

    Args:
        values: (n, s) NDVI by ten-day step, NaN where not seen; the past and the season.
        steps: s first days of ten-day steps, ascending.
        since: first day of the season; steps before it are the past.
        least_years: years in which the step, or one beside it, was seen.

    Returns:
        (n, steps from `since`) float64; below 0 and above 100 outside the past's range; NaN where the step was not
        seen, the past is too short, or it never varied.
    """
    number = np.array([_dekad_of_year(step) for step in steps])
    year = np.array([step.year for step in steps])
    now = np.flatnonzero([step >= since for step in steps])
    past = np.array([step < since for step in steps])
    condition = np.full((len(values), len(now)), np.nan)
    for column, at in enumerate(now):
        apart = np.abs(number - number[at])
        near = past & (np.minimum(apart, _DEKADS_OF_YEAR - apart) <= 1)
        condition[:, column] = _condition(values[:, at], values[:, near], year[near], least_years)
    return condition


def _dekad_of_year(step: date) -> int:
    return 3 * (step.month - 1) + (dekad_of(step).day - 1) // 10


def _condition(value: Floats, past: Floats, year: npt.NDArray[np.integer], least_years: int) -> Floats:
    if not past.shape[1]:
        return np.full(len(value), np.nan)
    seen = np.isfinite(past)
    years = sum((seen[:, year == one].any(axis=1).astype(np.int64) for one in np.unique(year)), np.int64(0))
    lowest = np.where(seen, past, np.inf).min(axis=1)
    highest = np.where(seen, past, -np.inf).max(axis=1)
    told = (years >= least_years) & (highest > lowest)
    span = np.where(told, highest - lowest, 1.0)
    condition: Floats = np.where(told, 100.0 * (value - np.where(told, lowest, 0.0)) / span, np.nan)
    return condition
