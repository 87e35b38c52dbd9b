"""Markers of what grows: another crop than declared, and how many crops in the season."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.growth.calendars.windows import CropWindows, Expected
from scoring.growth.looks import Growth, Looks, days_outside
from scoring.growth.markers.marker import Marker, settle

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

#: Days by which peak, start and end together may miss the declared crop's windows; and within which another fits.
MOST_MISFIT: Final = 30.0
FITS: Final = 5.0
_SOFT_DAYS: Final = 15
_MISFIT_SD: Final = 10.0
_LEAST_LOOKS: Final = 6
_LEAST_SEASON_LOOKS: Final = 12
_LONGEST_GAP: Final = 60


def crop_marker(
    looks: Looks, expected: Expected, cycles: pd.DataFrame, crops: Sequence[tuple[str, CropWindows]]
) -> Marker:
    """Another crop than declared: no cycle fits the declared crop's calendar, and one fits another crop's.

    Args:
        looks: what was known.
        expected: windows of the declared crops.
        cycles: of `Looks.cycles`.
        crops: key and windows of every crop of the region; permanent crops fit any peak and count for none.
    """
    n = len(looks.ndvi)
    judged = looks.between(expected.emergence_from, np.full(n, looks.today))
    own = _least(cycles, _misfit(cycles, expected), n)
    names, others = _of_others(cycles, crops, n)
    fits = others <= FITS
    due_from = expected.peak_to + _SOFT_DAYS
    due = looks.today >= due_from
    other = (own > MOST_MISFIT) & fits.any(axis=1)
    last = looks.last_seen()
    seen = np.isfinite(own) & (judged.sum(axis=1) >= _LEAST_LOOKS) & (last >= due_from)
    seen &= looks.longest_gap(expected.peak_from - _SOFT_DAYS, last) <= _LONGEST_GAP
    return settle(
        "crop",
        executed=expected.annual & bool(crops),
        valid=due & seen,
        outcome=np.where(other, "other", "as_declared"),
        raised=other,
        score=np.where(other | (own <= MOST_MISFIT), (own - MOST_MISFIT) / _MISFIT_SD, 0.0),
        why_not=("no annual crop with a calendar", np.where(due, "no growth seen or too few clear looks", "not due")),
        judged=judged,
        window=(expected.peak_from, expected.peak_to),
        value=own,
        band=(np.nan, MOST_MISFIT),
        note=_named(names, fits, other),
    )


def cycles_marker(looks: Looks, growth: Growth) -> Marker:
    """How many crops: cycles up to the day; not told across a gap in which one could hide."""
    count = growth.count
    return settle(
        "cycles",
        executed=np.ones(len(count), dtype=np.bool_),
        valid=(looks.seen.sum(axis=1) >= _LEAST_SEASON_LOOKS) & (_gap(looks) <= _LONGEST_GAP),
        outcome=np.where(count > 1, "several", np.where(count == 1, "one", "none")),
        raised=np.zeros(len(count), dtype=np.bool_),
        score=np.zeros(len(count)),
        why_not=("", "too few clear looks"),
        judged=looks.seen,
        event=np.where(count > 1, growth.second, growth.peak),
        value=count.astype(np.float64),
    )


def _misfit(cycles: pd.DataFrame, expected: Expected) -> Floats:
    """(k,) days by which start, peak and end of each cycle miss the windows of its parcel's crop, added up."""
    of = expected.at(cycles["index"].to_numpy(dtype=np.int64))
    start, peak, end = (cycles[name].to_numpy().astype("datetime64[D]") for name in ("sos", "pos", "eos"))
    started = np.where(of.rests, 0.0, days_outside(start, of.sowing_from, of.emergence_to + _SOFT_DAYS))
    ended = days_outside(end, of.harvest_from - _SOFT_DAYS, of.harvest_to + _SOFT_DAYS)
    peaked = days_outside(peak, of.peak_from, of.peak_to)
    misfit: Floats = peaked + np.nan_to_num(started) + np.nan_to_num(ended)
    return misfit


def _least(cycles: pd.DataFrame, misfit: Floats, n: int) -> Floats:
    """(n,) least misfit of a parcel's cycles; NaN without a cycle or a calendar."""
    least = np.full(n, np.inf)
    np.fmin.at(least, cycles["index"].to_numpy(dtype=np.int64), misfit)
    return np.where(np.isfinite(least), least, np.nan)


def _of_others(
    cycles: pd.DataFrame, crops: Sequence[tuple[str, CropWindows]], n: int
) -> tuple[tuple[str, ...], Floats]:
    """Names of the annual crops, and (n, c) least misfit to each; infinite without a cycle."""
    annual = [(name, windows) for name, windows in crops if not windows.permanent]
    found = np.full((n, len(annual)), np.inf)
    for column, (_, windows) in enumerate(annual):
        kind = np.zeros(n, dtype=np.int64)
        found[:, column] = np.nan_to_num(_least(cycles, _misfit(cycles, Expected.of([windows], kind)), n), nan=np.inf)
    return tuple(name for name, _ in annual), found


def _named(names: tuple[str, ...], fits: Flags, other: Flags) -> npt.NDArray[np.str_]:
    """(n,) names of the crops that fit a stand of another crop, "" for the rest."""
    texts = _joined(names, fits[other])
    named = np.full(len(fits), "", dtype=texts.dtype)
    named[other] = texts
    return named


def _joined(names: tuple[str, ...], fits: Flags) -> npt.NDArray[np.str_]:
    """(n,) names of the crops that fit, joined; few patterns occur, each is worded once."""
    if not len(fits) or not names:
        return np.full(len(fits), "")
    patterns, which = np.unique(fits, axis=0, return_inverse=True)
    texts = [",".join(dict.fromkeys(name for name, fit in zip(names, row, strict=True) if fit)) for row in patterns]
    return np.array(texts)[which.reshape(-1)]


def _gap(looks: Looks) -> Floats:
    n = len(looks.ndvi)
    if not len(looks.days):
        return np.full(n, np.inf)
    return looks.longest_gap(np.full(n, looks.days[0]), np.full(n, looks.today))
