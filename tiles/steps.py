"""Ten-day steps: the regular axis of time that the network reads, derived from stored acquisitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo.season import Season, dekad_of, dekads

#: How the clear acquisitions of a step become one value.
Statistic: TypeAlias = Literal["mean", "median"]

_TO_MIDDLE = timedelta(days=5)
_LOWEST: Final = np.iinfo(np.int16).min
_HIGHEST: Final = np.iinfo(np.int16).max
#: Pixels worked on together, so that a step's acquisitions of one band stay in the processor's cache.
_STRIP_PX: Final = 1 << 16
#: The same of stored means, which take all bands together.
_STRIP_NUMBERS: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class Steps:
    """A season in ten-day steps.

    Attributes:
        values: of the clear acquisitions of each step, NaN (or -32768 in int16) where there is none; step is axis 0 in
            `ten_day_steps` (step, band, y, x) and axis 1 in `series_steps` (series, step, band).
        dates: the sixth day of each step.
        counts: uint8, clear acquisitions of each step: (step, y, x) in `ten_day_steps`, (series, step) in
            `series_steps`.
        acquisitions: places along time of the acquisitions of each step, clear or not, in order of date.
    """

    values: NDArray[Any]
    dates: tuple[date, ...]
    counts: NDArray[np.uint8]
    acquisitions: tuple[tuple[int, ...], ...]


def ten_day_steps(
    reflectance: NDArray[Any],
    clear: NDArray[np.bool_],
    days: Sequence[date],
    season: Season,
    statistic: Statistic = "mean",
) -> Steps:
    """Mean or median of the clear acquisitions in every ten-day step of a season.

    Each band of each pixel is taken for itself, so the result does not depend on how an image is cut into windows.
    The median of an even number of values is the mean of the middle two. Whole numbers are rounded half to even.

    Args:
        reflectance: (time, band, y, x) float32, NaN no data, or int16 as cubes are stored, -32768 no data; further
            axes may replace y and x.
        clear: (time, y, x), True where the ground shows.
        days: day of each acquisition, in any order.
        season: first to last day; a step that the season cuts uses only days inside it. Acquisitions outside it are
            left out.
        statistic: of the values of a step.

    Returns:
        Steps with values (step, band, y, x) in the dtype of reflectance, one step for every ten-day step that overlaps
        the season.

    Raises:
        ValueError: the axes of time differ in length.
    """
    if not len(days) == len(reflectance) == len(clear):
        raise ValueError(f"{len(days)} days, {len(reflectance)} images and {len(clear)} masks do not match")
    members = step_members(days, season)
    values = np.full((len(members), *reflectance.shape[1:]), _missing(reflectance.dtype), dtype=reflectance.dtype)
    counts = np.zeros((len(members), *clear.shape[1:]), dtype=np.uint8)
    for step, indices in enumerate(members):
        for rows in _strips(clear.shape[1:]) if indices else ():
            seen = [clear[index][rows] for index in indices]
            np.sum(seen, axis=0, dtype=np.uint8, out=counts[step][rows])
            _reduce(statistic, values[step], reflectance, indices, seen, rows)
    return Steps(values, step_dates(season), counts, members)


def stored_means(
    numbers: NDArray[np.int16], clear: NDArray[np.bool_], days: Sequence[date], season: Season, units: int
) -> NDArray[np.float32]:
    """Means of the clear acquisitions in every ten-day step, straight from what a cube stores.

    As `ten_day_steps` of the unpacked cube, in a third of the time and half of the memory. An acquisition counts for a
    pixel only where all its bands are known.

    Args:
        numbers: (time, band, y, x) as stored, -32768 no data.
        clear: (time, y, x), True where the ground shows.
        days: day of each acquisition, in any order; those outside the season are left out.
        season: first to last day.
        units: whole numbers for each 1 of reflectance.

    Returns:
        (step, band, y, x) float32, NaN where nothing was clear; dates as `step_dates` gives them.
    """
    members = step_members(days, season)
    means = np.full((len(members), *numbers.shape[1:]), np.nan, dtype=np.float32)
    for rows in _strips(clear.shape[1:], _STRIP_NUMBERS // numbers.shape[1]):
        for step, indices in enumerate(members):
            if indices:
                _stored_mean(means[step][:, rows], [(numbers[i][:, rows], clear[i][rows]) for i in indices], units)
    return means


def _stored_mean(
    out: NDArray[np.float32], images: Sequence[tuple[NDArray[np.int16], NDArray[np.bool_]]], units: int
) -> None:
    """Mean of images (band, y, x) where each is clear and whole, written to out; untouched where none is clear at all.

    A mask of ones or zeros in all bits selects numbers sooner than any choice between two arrays.
    """
    seen = [clear & (image.min(axis=0) != _LOWEST) for image, clear in images]
    divisor = np.array([np.nan, *(1 / (units * count) for count in range(1, len(seen) + 1))], dtype=np.float32)
    chosen = [image & -mask.astype(np.int16) for (image, _), mask in zip(images, seen, strict=True)]
    total = chosen[0] if len(chosen) == 1 else np.add(chosen[0], chosen[1], dtype=np.int32)
    for image in chosen[2:]:
        total += image
    np.multiply(total, divisor[_count(seen)], out=out, casting="unsafe", dtype=np.float32)


def series_steps(
    values: NDArray[np.float32],
    clear: NDArray[np.bool_],
    days: Sequence[date],
    season: Season,
    statistic: Statistic = "mean",
) -> Steps:
    """Mean or median of the clear acquisitions in every ten-day step, for series instead of images.

    Args:
        values: (series, time, band) float32, NaN no data.
        clear: (series, time), True where the ground shows.
        days: day of each acquisition, in any order.
        season: first to last day.
        statistic: of the values of a step.

    Returns:
        Steps with values (series, step, band) float32, NaN where nothing was clear.

    Raises:
        ValueError: the axes of time differ in length.
    """
    steps = ten_day_steps(np.moveaxis(values, 0, -1), np.moveaxis(clear, 0, -1), days, season, statistic)
    return Steps(
        values=np.ascontiguousarray(np.moveaxis(steps.values, -1, 0)),
        dates=steps.dates,
        counts=np.ascontiguousarray(np.moveaxis(steps.counts, -1, 0)),
        acquisitions=steps.acquisitions,
    )


def step_members(days: Sequence[date], season: Season) -> tuple[tuple[int, ...], ...]:
    """Places of the acquisitions of each ten-day step of a season, in order of date; days outside it are left out."""
    found: dict[date, list[int]] = {start: [] for start in dekads(season.start, season.end)}
    for index in sorted(range(len(days)), key=days.__getitem__):
        if days[index] in season:
            found[dekad_of(days[index])].append(index)
    return tuple(tuple(indices) for indices in found.values())


def step_dates(season: Season) -> tuple[date, ...]:
    """The sixth day of each ten-day step of a season."""
    return tuple(start + _TO_MIDDLE for start in dekads(season.start, season.end))


def _strips(shape: tuple[int, ...], pixels: int = _STRIP_PX) -> Iterator[slice]:
    """Parts along the first axis of an image, of about as many pixels each."""
    rows = max(1, pixels * shape[0] // max(1, int(np.prod(shape))))
    return (slice(start, start + rows) for start in range(0, shape[0], rows))


def _reduce(
    statistic: Statistic,
    out: NDArray[Any],
    reflectance: NDArray[Any],
    indices: Sequence[int],
    clear: Sequence[NDArray[np.bool_]],
    rows: slice,
) -> None:
    """One step of some rows, band by band, written to out (band, y, x)."""
    into = _mean_into if statistic == "mean" else _median_into
    for band in range(len(out)):
        planes = [reflectance[index, band][rows] for index in indices]
        seen = [mask & _known(plane) for mask, plane in zip(clear, planes, strict=True)]
        into(out[band][rows], planes, seen)


def _mean_into(out: NDArray[Any], planes: Sequence[NDArray[Any]], seen: Sequence[NDArray[np.bool_]]) -> None:
    """Mean of the planes where each is seen; sums are kept in float64."""
    total = np.zeros(out.shape, dtype=np.float64)
    for plane, mask in zip(planes, seen, strict=True):
        total += np.where(mask, plane, plane.dtype.type(0))
    count = _count(seen)
    total /= np.maximum(count, 1)
    np.copyto(out, np.rint(total) if out.dtype.kind == "i" else total, where=count > 0, casting="unsafe")


def _median_into(out: NDArray[Any], planes: Sequence[NDArray[Any]], seen: Sequence[NDArray[np.bool_]]) -> None:
    """Median of the planes where each is seen.

    What is not seen counts as larger than anything. Exchanges between whole planes bring the smallest half to the
    front in order, which needs no sorting pixel by pixel.
    """
    top = out.dtype.type(_HIGHEST if out.dtype.kind == "i" else np.inf)
    keys = [np.where(mask, plane, top) for plane, mask in zip(planes, seen, strict=True)]
    count, half = _count(seen), len(keys) // 2
    lesser = np.empty_like(keys[0])
    for first in range(min(half + 1, len(keys) - 1)):
        for other in range(first + 1, len(keys)):
            np.minimum(keys[first], keys[other], out=lesser)
            np.maximum(keys[first], keys[other], out=keys[other])
            keys[first], lesser = lesser, keys[first]
    low, high = keys[0], keys[0].copy()
    for rank in range(1, half + 1):
        np.copyto(high, keys[rank], where=count >= 2 * rank)
    for rank in range(1, (len(keys) + 1) // 2):
        np.copyto(low, keys[rank], where=count > 2 * rank)
    np.copyto(out, _between(low, high), where=count > 0)


def _between(low: NDArray[Any], high: NDArray[Any]) -> NDArray[Any]:
    """Mean of two arrays in their own dtype; whole numbers rounded half to even, without overflow."""
    if low.dtype.kind == "f":
        middle: NDArray[Any] = (low + high) * low.dtype.type(0.5)
        return middle
    differing = low ^ high
    middle = (low & high) + (differing >> 1)
    middle += middle & differing & 1
    return middle


def _count(seen: Sequence[NDArray[np.bool_]]) -> NDArray[np.uint8]:
    count: NDArray[np.uint8] = np.sum(seen, axis=0, dtype=np.uint8)
    return count


def _known(plane: NDArray[Any]) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = plane != _LOWEST if plane.dtype.kind == "i" else np.isfinite(plane)
    return known


def _missing(dtype: np.dtype[Any]) -> Any:
    return _LOWEST if dtype.kind == "i" else np.nan
