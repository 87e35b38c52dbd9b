"""Start, peak and end of growth cycles as of a day, each with the days between which it lies.

Marks are those of scoring.phenology on what was known by the day. Around each the interval reaches as far as the curve
stays within REACH standard errors (scoring.growth.smooth) of its height at the mark, and further with the gap between
the looks around it. A mark that lies ahead is not told: only the earliest day on which it can lie is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.growth.looks import Looks
from scoring.growth.smooth import hindsight_curves, measured_noise
from scoring.phenology import MARK_SHARE, STEP_DAYS, smoothed_ndvi

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

MARKS: Final = ("sos", "pos", "eos")

#: Standard errors of the curve to either side of each mark: so many hold nine in ten final marks on one half of the
#: parcels of benchmarks/growth_marks.py. A flat top holds its peak with few.
REACH: Final[Mapping[str, float]] = MappingProxyType({"sos": 1.75, "pos": 0.25, "eos": 1.5})

#: Share of the gap between the looks around a mark that is added to either side, for each standard error.
GAP_SHARE: Final = 0.1

#: NDVI of a closed canopy, which a stand that still rises may reach.
_CLOSED: Final = 0.9
#: A fall that goes on, and reached its mark in the last days seen, has not shown its base yet.
_FALLING_DAYS: Final = 10
_ROWS: Final = 5_000

COLUMNS: Final = (
    "index", "cycle", *(f"{mark}{side}" for mark in MARKS for side in ("", "_low", "_high")), "ndvi_peak",
    "length_days", "integral", "main",
)  # fmt: skip


def cycle_estimates(looks: Looks, reach: Mapping[str, float] = REACH) -> pd.DataFrame:
    """Cycles of n parcels as of a day.

    Args:
        looks: known by then.
        reach: standard errors to either side, by mark.

    Returns:
        One row per cycle, parcels in order: index (row of the looks), cycle (1, 2, ... in time), sos, pos, eos and of
        each _low and _high (datetime64[s]): with some nine in ten it lies between them. NaT: sos, where the first look
        hides it; pos, where the stand still rises; eos, where it still stands; a _high that nothing seen bounds.
        ndvi_peak, length_days (sos to eos, NaN where one is not told), integral (NDVI days above base, so far), main.
    """
    cycles = looks.cycles()
    if cycles.empty:
        unseen = {f"{mark}{side}": cycles[mark] for mark in MARKS for side in ("_low", "_high")}
        return cycles.assign(**unseen, length_days=cycles.integral)[list(COLUMNS)]
    walk = _Walk.of(looks, cycles, reach)
    found = {"sos": walk.start(), "pos": walk.peak(), "eos": walk.end()}
    out = cycles.drop(columns=list(MARKS))
    for mark, days in found.items():
        for side, values in zip(("", "_low", "_high"), days, strict=True):
            out[f"{mark}{side}"] = walk.dates(values)
    out["length_days"] = (out.eos - out.sos).dt.days.astype(np.float64)
    return out[list(COLUMNS)]


def present_cycle(estimates: pd.DataFrame) -> pd.DataFrame:
    """Of each parcel the cycle that still stands, else the main one; the rows of `cycle_estimates`, one a parcel."""
    standing = estimates.eos.isna() & (estimates.cycle == estimates.groupby("index").cycle.transform("max"))
    order = estimates.assign(standing=standing).sort_values(["index", "standing", "main"], kind="stable")
    return order.drop_duplicates("index", keep="last").drop(columns="standing").reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Curves of k cycles on the grid of s steps, and where their marks lie; days as steps (fractions), NaN for none.

    Attributes:
        first: day of the first step.
        curve: (k, s) NDVI, NaN outside what was seen.
        band: (k, s) what the curve may be off by, by mark.
        marks: steps of sos, pos, eos by name, (k,).
        last: (k,) last step seen.
        gap: steps by which an interval is widened, by mark.
    """

    first: np.datetime64
    curve: Floats
    band: dict[str, Floats]
    marks: dict[str, Floats]
    last: Floats
    gap: dict[str, Floats]

    @classmethod
    def of(cls, looks: Looks, cycles: pd.DataFrame, reach: Mapping[str, float]) -> _Walk:
        row = cycles["index"].to_numpy(dtype=np.int64)
        curves, at = smoothed_ndvi(looks.ndvi, looks.weights, [day.item() for day in looks.days])
        errors = hindsight_curves(looks.ndvi, looks.days, measured_noise(looks.ndvi, looks.days)).error
        column = np.searchsorted(looks.days, at, side="right") - 1
        curve, error = curves[row], errors[row][:, column]
        band = {mark: reach[mark] * error for mark in MARKS}
        marks = {mark: _steps(cycles[mark], at[0]) for mark in MARKS}
        gap = {mark: _gaps(looks, row, cycles[mark]) * reach[mark] * GAP_SHARE / STEP_DAYS for mark in MARKS}
        last = curve.shape[1] - 1.0 - np.isfinite(curve)[:, ::-1].argmax(axis=1)
        return cls(at[0], curve, band, marks, last, gap)

    def start(self) -> tuple[Floats, Floats, Floats]:
        """Start with its bounds; a stand that still rises may have its mark higher up its curve."""
        mark, peak = self.marks["sos"], self.marks["pos"]
        level = _at(self.curve, mark)
        base = (level - MARK_SHARE * _at(self.curve, peak)) / (1 - MARK_SHARE)
        highest = np.where(peak >= self.last, np.maximum(level, base + MARK_SHARE * (_CLOSED - base)), level)
        low = _back(self.curve + self.band["sos"] - level[:, None], mark)
        high = _on(highest[:, None] - self.curve + self.band["sos"], mark)
        high = np.where(np.isnan(high) & (peak < self.last), peak, np.minimum(high, peak))
        return self._widened("sos", mark, low, high)

    def peak(self) -> tuple[Floats, Floats, Floats]:
        """Peak with its bounds: nothing but the last look bounds that of a stand that still rises."""
        mark = self.marks["pos"]
        ahead = mark >= self.last
        band = np.where(ahead[:, None], self.band["sos"], self.band["pos"])
        below = self.curve + band - _at(self.curve, mark)[:, None]
        told, low, high = self._widened("pos", mark, _back(below, mark), _on(below, mark))
        return np.where(ahead, np.nan, told), low, np.where(ahead, np.nan, high)

    def end(self) -> tuple[Floats, Floats, Floats]:
        """End with its bounds: of a stand that still stands, the last look is the earliest."""
        mark = self.marks["eos"]
        lowest = np.nanmin(np.where(np.arange(self.curve.shape[1]) >= mark[:, None], self.curve, np.inf), axis=1)
        falling = (_at(self.curve, self.last) <= lowest) & (self.last - mark < _FALLING_DAYS / STEP_DAYS)
        level = _at(self.curve, mark)[:, None]
        low = np.fmax(_back(level - self.curve + self.band["eos"], mark), self.marks["pos"])
        told, low, high = self._widened("eos", mark, low, _on(self.curve + self.band["eos"] - level, mark))
        unseen = np.isnan(mark)
        return (
            np.where(falling, np.nan, told), np.where(unseen, self.last, low), np.where(falling, np.nan, high),
        )  # fmt: skip

    def dates(self, steps: Floats) -> Days:
        """Days of steps, NaT for NaN."""
        offset = np.where(np.isnan(steps), 0, np.rint(steps * STEP_DAYS)).astype("timedelta64[D]")
        return np.where(np.isnan(steps), np.datetime64("NaT", "s"), (self.first + offset).astype("datetime64[s]"))

    def _widened(self, name: str, mark: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats, Floats]:
        more = self.gap[name]
        return mark, np.where(np.isnan(mark), np.nan, low - more), np.where(np.isnan(mark), np.nan, high + more)


def _steps(days: pd.Series, first: np.datetime64) -> Floats:
    number = (days.to_numpy().astype("datetime64[D]") - first) / np.timedelta64(STEP_DAYS, "D")
    return np.asarray(number, dtype=np.float64)


def _gaps(looks: Looks, row: Ints, days: pd.Series) -> Floats:
    """(k,) days between the looks around a mark; 0 at an end of what was seen."""
    gap = np.zeros(len(row))
    for start in range(0, len(row), _ROWS):
        part = slice(start, start + _ROWS)
        number = (looks.days - days.to_numpy()[part].astype("datetime64[D]")[:, None]) / np.timedelta64(1, "D")
        seen = looks.seen[row[part]]
        before = np.where(seen & (number <= 0), number, -np.inf).max(axis=1)
        after = np.where(seen & (number > 0), number, np.inf).min(axis=1)
        gap[part] = np.where(np.isfinite(after - before), after - before, 0.0)
    return gap


def _at(curve: Floats, step: Floats) -> Floats:
    """(k,) height of each curve at a step, straight between steps; NaN at none."""
    there = np.nan_to_num(step, nan=0.0)
    low = np.minimum(np.floor(there), curve.shape[1] - 1).astype(np.int64)
    high = np.minimum(low + 1, curve.shape[1] - 1)
    rows, share = np.arange(len(curve)), there - low
    upper = np.where(share > 0, curve[rows, high], curve[rows, low])
    height: Floats = np.where(np.isnan(step), np.nan, curve[rows, low] * (1 - share) + upper * share)
    return height


def _on(values: Floats, start: Floats) -> Floats:
    """(k,) first step after a start at which values have come down to zero; NaN where they do not, or without start."""
    at = np.arange(values.shape[1])[None]
    down = (at > start[:, None]) & (values <= 0)
    first, rows = down.argmax(axis=1), np.arange(len(values))
    high, low = values[rows, np.maximum(first - 1, 0)], values[rows, first]
    with np.errstate(invalid="ignore", divide="ignore"):
        back = np.where(high > low, np.clip(low / (low - high), 0.0, 1.0), 0.0)
    crossed: Floats = np.where(down.any(axis=1), np.maximum(first - back, start), np.nan)
    return crossed


def _back(values: Floats, start: Floats) -> Floats:
    """The same towards earlier steps; the first step seen where values do not come down."""
    last = values.shape[1] - 1.0
    crossed = last - _on(values[:, ::-1], last - start)
    earliest = np.isfinite(values).argmax(axis=1).astype(np.float64)
    return np.where(np.isnan(start), np.nan, np.where(np.isnan(crossed), earliest, crossed))
