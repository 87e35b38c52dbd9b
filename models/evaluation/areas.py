"""Accuracy and area of a map from a probability sample, weighted by what the map shows (Olofsson et al. 2014)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError

Floats = NDArray[np.float64]

_LEAST_OF_STRATUM = 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """Figures with their standard errors; classes in the order of the counts. NaN where a class never occurs.

    Attributes:
        overall, overall_error: share of the map's area that is right.
        users, users_error: (classes,) share of each mapped class that is right.
        producers, producers_error: (classes,) share of each class on the ground that the map shows.
        area, area_error: (classes,) area of each class on the ground, in the unit of the mapped areas.
    """

    overall: float
    overall_error: float
    users: Floats
    users_error: Floats
    producers: Floats
    producers_error: Floats
    area: Floats
    area_error: Floats


def area_weighted(counts: NDArray[np.integer], mapped: Floats) -> Estimate:
    """Estimate accuracy and areas from a sample drawn at random within each mapped class.

    Good practice of Olofsson et al. (2014, Remote Sensing of Environment 148, 42-57), equations 1 to 11. It holds for
    stratified random samples whose strata are the mapped classes, and for simple random and systematic samples, which
    it treats as stratified afterwards. It holds for no sample that was picked by hand.

    Args:
        counts: (classes, classes) sample units, rows by the map, columns by the reference.
        mapped: (classes,) area that the map gives each class, any unit.

    Raises:
        InputError: the shapes differ, a figure is negative, or a mapped class has fewer than two sample units.
    """
    _check(counts, mapped)
    drawn = counts.sum(axis=1)
    weight = mapped / mapped.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        within = np.where(drawn[:, None] > 0, counts / drawn[:, None], 0.0)
        share = weight[:, None] * within
        users = np.diag(within).copy()
        users[drawn == 0] = np.nan
        users_variance = users * (1 - users) / (drawn - 1)
        ground = share.sum(axis=0)
        producers = np.where(ground > 0, np.diag(share) / ground, np.nan)
    known = weight > 0
    overall_variance = float((weight[known] ** 2 * users_variance[known]).sum())
    spread = np.where(known[:, None], within * (1 - within) / np.maximum(drawn - 1, 1)[:, None], 0.0)
    area_error = np.sqrt((weight[:, None] ** 2 * spread).sum(axis=0))
    return Estimate(
        overall=float(np.diag(share).sum()),
        overall_error=overall_variance**0.5,
        users=users,
        users_error=np.sqrt(users_variance),
        producers=producers,
        producers_error=_producers_error(mapped, spread, users_variance, producers, within),
        area=ground * mapped.sum(),
        area_error=area_error * mapped.sum(),
    )


def _producers_error(
    mapped: Floats, spread: Floats, users_variance: Floats, producers: Floats, within: Floats
) -> Floats:
    """Standard error of the producer's accuracy: equation 7."""
    ground = (mapped[:, None] * within).sum(axis=0)
    elsewhere = (mapped[:, None] ** 2 * spread).sum(axis=0) - mapped**2 * np.diag(spread)
    own = mapped**2 * (1 - producers) ** 2 * np.nan_to_num(users_variance)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt((own + producers**2 * elsewhere) / ground**2))


def _check(counts: NDArray[np.integer], mapped: Floats) -> None:
    classes = len(mapped)
    if counts.shape != (classes, classes) or (counts < 0).any() or (mapped < 0).any() or not mapped.sum() > 0:
        raise InputError(
            "SAMPLE_COUNTS",
            f"Counts of shape {counts.shape} do not fit {classes} mapped areas.",
            "Give a square table of counts, mapped classes in rows, and an area for each.",
        )
    few = np.flatnonzero((mapped > 0) & (counts.sum(axis=1) < _LEAST_OF_STRATUM))
    if few.size:
        raise InputError(
            "SAMPLE_STRATUM",
            f"Mapped class {int(few[0])} has fewer than {_LEAST_OF_STRATUM} sample units.",
            "Draw more units there, or merge it with another class.",
        )
