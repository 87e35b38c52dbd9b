"""Growth cycles of parcels: start, peak and end of each, from clear observations of a season."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.signal import find_peaks

from geo.errors import DataError
from scoring.smoothing import upper_envelope

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Days of one step of the grid on which curves are fitted.
STEP_DAYS: Final = 5

#: Share of the amplitude at which a season starts and ends (design of the tables; FAO's rule for the end).
MARK_SHARE: Final = 0.25

#: A side of a cycle that the season cuts counts as seen only with this share of the other side's amplitude.
_CUT_SHARE: Final = 0.5

#: Halves waves of about 46 days where every step is observed. On simulated double cropping with half the dates gone and
#: a fifth in shadow, marks come back within 3 to 4 days; stiffer curves miss the bare soil between two crops.
_STIFFNESS: Final = 5.0
#: A crop that still rises on the last day is the next season's, where it follows another and is younger than this.
_STANDING_DAYS: Final = 60
_LEAST_STEPS: Final = 5
_BLOCK_ROWS: Final = 20_000

#: Lower than any NDVI: parts one series from the next and lets a peak stand beside the season's edge.
_FLOOR: Final = -2.0

_COLUMNS: Final = ("index", "cycle", "sos", "pos", "eos", "ndvi_peak", "integral", "main")


@dataclass(frozen=True, slots=True)
class Cycles:
    """Cycles of a block of series; k in all.

    Attributes:
        row: series, shape (k,).
        peak: step of the peak.
        rise: step (fraction) where the season starts; NaN where the season's edge hides it.
        fall: step (fraction) where it ends; NaN where hidden.
        ndvi_peak: fitted NDVI at the peak.
        integral: NDVI days above the lower base, between start and end (or as far as seen).
    """

    row: Ints
    peak: Ints
    rise: Floats
    fall: Floats
    ndvi_peak: Floats
    integral: Floats


def find_cycles(
    ndvi: npt.NDArray[np.floating],
    weights: npt.NDArray[np.floating],
    days: Sequence[date],
    *,
    least_amplitude: float = 0.18,
    least_days_between: int = 45,
) -> pd.DataFrame:
    """Growth cycles of many parcels.

    A cycle is a peak of the smoothed NDVI that stands out by `least_amplitude`; start and end lie where the curve has
    risen by, or is back at, base + 25 % of the amplitude of that side.

    Args:
        ndvi: shape (n, t), NaN where nothing was seen.
        weights: shape (n, t), 0..1, share of the parcel that was clear.
        days: t ascending dates.
        least_amplitude: NDVI by which a peak must stand out on at least one seen side, and above its neighbours.
        least_days_between: closer peaks are one cycle.

    Returns:
        One row per cycle, parcels in order: index (row of `ndvi`), cycle (1, 2, ... in time), sos, pos, eos
        (datetime64, NaT where the season's edge hides the side; a crop still rising on the last day peaks there),
        ndvi_peak, integral (NDVI days above base), main (the largest integral; one per parcel that has any). A parcel
        without a cycle has no row.

    Raises:
        DataError: shapes and days do not fit together.
    """
    if ndvi.shape != weights.shape or ndvi.ndim != 2 or ndvi.shape[1] != len(days):  # noqa: PLR2004 - (n, t)
        raise DataError("CYCLES_SHAPE", f"NDVI {ndvi.shape}, weights {weights.shape} and {len(days)} days do not fit.")
    if not days or not len(ndvi):
        return _frame([], date(1970, 1, 1))
    blocks = []
    for start in range(0, len(ndvi), _BLOCK_ROWS):
        part = slice(start, start + _BLOCK_ROWS)
        values, weight = _on_grid(ndvi[part], weights[part], days)
        blocks.append((start, _block_cycles(values, weight, least_amplitude, least_days_between)))
    return _frame(blocks, days[0])


def smoothed_ndvi(
    ndvi: npt.NDArray[np.floating], weights: npt.NDArray[np.floating], days: Sequence[date]
) -> tuple[Floats, npt.NDArray[np.datetime64]]:
    """The curves that cycles are read from: (n, s) NDVI every 5 days, NaN outside what was seen, and the s days."""
    values, weight = _on_grid(ndvi, weights, days)
    at = np.datetime64(days[0], "D") + np.arange(values.shape[1]) * STEP_DAYS
    return _curves(values, weight), at


def _on_grid(
    ndvi: npt.NDArray[np.floating], weights: npt.NDArray[np.floating], days: Sequence[date]
) -> tuple[Floats, Floats]:
    """Weighted means and summed weights on the grid, each of shape (n, s)."""
    offsets = np.array([(day - days[0]).days for day in days])
    step = (offsets + STEP_DAYS // 2) // STEP_DAYS
    seen = np.isfinite(ndvi) & (weights > 0)
    weight = np.where(seen, weights, 0.0).astype(np.float64)
    total = np.zeros((len(ndvi), int(step.max()) + 1))
    mass = np.zeros_like(total)
    for column, where in enumerate(step):
        mass[:, where] += weight[:, column]
        total[:, where] += weight[:, column] * np.where(seen[:, column], ndvi[:, column], 0.0)
    return np.divide(total, mass, out=np.full_like(total, np.nan), where=mass > 0), np.minimum(mass, 1.0)


def _curves(values: Floats, weight: Floats) -> Floats:
    """Smoothed curves, NaN before the first and after the last observation and where too little was seen."""
    if values.shape[1] < _LEAST_STEPS:
        return np.full_like(values, np.nan)
    seen = weight > 0
    count = seen.sum(axis=1)
    between = (np.cumsum(seen, axis=1) > 0) & (np.cumsum(seen[:, ::-1], axis=1)[:, ::-1] > 0)
    between &= (count >= _LEAST_STEPS)[:, None]
    return np.where(between, upper_envelope(values, weight, stiffness=_STIFFNESS), np.nan)


def _block_cycles(values: Floats, weight: Floats, least_amplitude: float, least_days: int) -> Cycles:
    curves = _curves(values, weight)
    row, peak = _peaks(curves, least_amplitude, max(1, least_days // STEP_DAYS))
    left, right = _sides(row, peak, curves.shape[1])
    rise, left_base, left_cut = _crossing(curves[row][:, ::-1], curves.shape[1] - 1 - peak, curves.shape[1] - 1 - left)
    fall, right_base, right_cut = _crossing(curves[row], peak, right)
    top = curves[row, peak]
    up, down = top - left_base, top - right_base
    kept = np.maximum(up, down) >= least_amplitude
    young = (down <= 0) & ((peak - curves.shape[1] + 1 + rise) * STEP_DAYS < _STANDING_DAYS)
    kept &= ~(young & (np.bincount(row, weights=kept, minlength=len(curves))[row] > 1))
    rise = np.where(_hidden(up, down, left_cut, least_amplitude), np.nan, curves.shape[1] - 1 - rise)
    fall = np.where(_hidden(down, up, right_cut, least_amplitude), np.nan, fall)
    first = np.where(np.isnan(rise), left, rise)
    last = np.where(np.isnan(fall), right, fall)
    integral = _integral(curves[row], np.minimum(left_base, right_base), first, last)
    return Cycles(row[kept], peak[kept], rise[kept], fall[kept], top[kept], integral[kept])


def _peaks(curves: Floats, least_amplitude: float, least_steps: int) -> tuple[Ints, Ints]:
    """Rows and steps of peaks of all curves in one pass, in order.

    A curve may be highest where it ends: a crop that still stands. One that is highest where it begins was last
    season's.
    """
    steps = curves.shape[1]
    padded = np.full((len(curves), steps + 1), _FLOOR)
    padded[:, :-1] = np.where(np.isnan(curves), _FLOOR, curves)
    flat = np.append(_FLOOR, padded.ravel())
    found, _ = find_peaks(flat, prominence=least_amplitude, distance=least_steps, wlen=2 * steps + 1)
    row, step = np.divmod(found - 1, steps + 1)
    risen = (step > 0) & np.isfinite(curves[row, step - 1])
    return row[risen], step[risen]


def _sides(row: Ints, peak: Ints, steps: int) -> tuple[Ints, Ints]:
    """Steps to which the sides of each peak may reach: the neighbouring peaks, or the ends of the series."""
    same = row[1:] == row[:-1]
    left = np.zeros_like(peak)
    right = np.full_like(peak, steps - 1)
    left[1:][same] = peak[:-1][same]
    right[:-1][same] = peak[1:][same]
    return left, right


def _crossing(curves: Floats, peak: Ints, end: Ints) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Walk from the peak to higher steps: (step of the 25 % mark, base, whether the base lies at the edge seen)."""
    at = np.arange(curves.shape[1])[None]
    side = np.where((at >= peak[:, None]) & (at <= end[:, None]), curves, np.nan)
    base_at = np.nanargmin(side, axis=1) if len(side) else np.zeros(0, dtype=np.int64)
    last_seen = curves.shape[1] - 1 - np.isfinite(curves)[:, ::-1].argmax(axis=1)
    rows = np.arange(len(curves))
    base, top = curves[rows, base_at], curves[rows, peak]
    mark = base + MARK_SHARE * (top - base)
    below = (at > peak[:, None]) & (side <= mark[:, None])
    after = np.maximum(below.argmax(axis=1), 1)
    high, low = curves[rows, after - 1], curves[rows, after]
    back = np.divide(mark - low, high - low, out=np.zeros(len(rows)), where=high > low)
    return after - back, base, base_at >= last_seen


def _hidden(own: Floats, other: Floats, cut: npt.NDArray[np.bool_], least: float) -> npt.NDArray[np.bool_]:
    hidden: npt.NDArray[np.bool_] = (own < least) | (cut & (own < _CUT_SHARE * other))
    return hidden


def _integral(curves: Floats, base: Floats, first: Floats, last: Floats) -> Floats:
    at = np.arange(curves.shape[1])[None]
    inside = (at >= first[:, None]) & (at <= last[:, None])
    above = np.where(inside & np.isfinite(curves), curves - base[:, None], 0.0)
    days: Floats = np.clip(above, 0.0, None).sum(axis=1) * STEP_DAYS
    return days


def _frame(blocks: list[tuple[int, Cycles]], first_day: date) -> pd.DataFrame:
    origin = np.datetime64(first_day, "s")
    frame = pd.DataFrame(
        {
            "index": _joined([start + cycles.row for start, cycles in blocks], np.int64),
            "sos": _dates(origin, _joined([cycles.rise for _, cycles in blocks], np.float64)),
            "pos": _dates(origin, _joined([cycles.peak for _, cycles in blocks], np.float64)),
            "eos": _dates(origin, _joined([cycles.fall for _, cycles in blocks], np.float64)),
            "ndvi_peak": _joined([cycles.ndvi_peak for _, cycles in blocks], np.float64),
            "integral": _joined([cycles.integral for _, cycles in blocks], np.float64),
        }
    )
    frame["cycle"] = frame.groupby("index").cumcount().astype(np.int64) + 1
    frame["main"] = False
    frame.loc[frame.groupby("index").integral.idxmax(), "main"] = True
    return frame[list(_COLUMNS)]


def _joined(parts: list[npt.NDArray[np.generic]], kind: type[np.generic]) -> npt.NDArray[np.generic]:
    return np.concatenate([part.astype(kind) for part in parts]) if parts else np.zeros(0, dtype=kind)


def _dates(origin: np.datetime64, step: npt.NDArray[np.generic]) -> npt.NDArray[np.datetime64]:
    steps = np.asarray(step, dtype=np.float64)
    offset = np.where(np.isnan(steps), 0, np.rint(steps * STEP_DAYS)).astype("timedelta64[D]")
    return np.where(np.isnan(steps), np.datetime64("NaT", "s"), origin + offset.astype("timedelta64[s]"))
