"""The peer of benchmarks/growth.py: the same three things with well-known libraries, one parcel after another.

Smoothing: scipy's smoothing spline with a fixed penalty (without errors, which would cost more). Phenology: peaks and
their widths by scipy.signal on the spline. Alerts: on each day on which markers are judged, plain rules over the rows
of a pandas table that were known then: nothing green two months into the season of the crop, a fall from one look to
the next, a low value against the neighbours' median of the ten days; raised twice in a row before it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.interpolate import make_smoothing_spline
from scipy.signal import find_peaks, peak_widths

Floats = npt.NDArray[np.float64]

#: Penalty of the spline; its curves follow those of scoring.growth.smooth most closely (looked for by tens).
_PENALTY: Final = 300.0
_STEP_DAYS: Final = 5
_LEAST_LOOKS: Final = 5
_AMPLITUDE: Final = 0.18
_GREEN: Final = 0.4
_CANOPY: Final = 0.6
_FALL: Final = 0.13
_LOW_Z: Final = -2.0


@dataclass(frozen=True, slots=True)
class PeerParcel:
    """One parcel: looks (date, known_on, ndvi), day by which it is green, first day of harvest, neighbours' median."""

    looks: pd.DataFrame
    due: date | None
    harvest: date | None
    neighbours: pd.DataFrame


def smoothed(day: Floats, ndvi: Floats, at: Floats) -> Floats:
    """The spline of one parcel's looks at some days; NaN with too few looks."""
    if len(day) < _LEAST_LOOKS:
        return np.full(len(at), np.nan)
    curve: Floats = make_smoothing_spline(day, ndvi, lam=_PENALTY)(at)
    return curve


def phenology(curve: Floats, first_day: float) -> tuple[float, float, float]:
    """Start, peak and end (days) of the highest peak of a curve every five days; NaN without one."""
    padded = np.concatenate([[-1.0], curve, [-1.0]])
    peaks, _ = find_peaks(padded, prominence=_AMPLITUDE, distance=9)
    if not len(peaks):
        return np.nan, np.nan, np.nan
    highest = peaks[np.argmax(padded[peaks])]
    base = float(np.quantile(curve, 0.1))
    lifted = np.maximum(padded, base)
    _, _, left, right = peak_widths(lifted, [highest], rel_height=0.75)
    days = first_day + _STEP_DAYS * (np.array([left[0], highest, right[0]]) - 1)
    return float(days[0]), float(days[1]), float(days[2])


def alerts(parcel: PeerParcel, days: Sequence[date]) -> dict[str, date]:
    """Day on which each cause was raised for the second time in a row."""
    raised: dict[str, date] = {}
    before: set[str] = set()
    for day in days:
        known = parcel.looks[(parcel.looks.known_on <= pd.Timestamp(day)) & parcel.looks.ndvi.notna()]
        causes = _causes(parcel, known, pd.Timestamp(day))
        for cause in causes & before:
            raised.setdefault(cause, day)
        before = causes
    return raised


def _causes(parcel: PeerParcel, known: pd.DataFrame, day: pd.Timestamp) -> set[str]:
    if parcel.due is None or parcel.harvest is None or len(known) < _LEAST_LOOKS:
        return set()
    causes = set()
    since = known[(known.date >= pd.Timestamp(parcel.due)) & (known.date <= pd.Timestamp(parcel.harvest))]
    if len(since) > 2 and since.ndvi.nlargest(2).iloc[-1] < _GREEN:  # noqa: PLR2004 - three looks
        causes.add("not_sown")
    green = known[known.date <= pd.Timestamp(parcel.harvest) - pd.Timedelta(days=15)]
    fall = green.ndvi.shift(1) - green.ndvi
    lost = green[(fall >= _FALL) & (green.ndvi.shift(1) >= _CANOPY)]
    if len(lost) and green.ndvi.iloc[-1] < _CANOPY:
        causes.add("abrupt_loss")
    last = known.iloc[-1]
    around = parcel.neighbours[(parcel.neighbours.date <= last.date)]
    if len(around) and (day - last.date).days <= 20:  # noqa: PLR2004 - a fresh look
        near = around.iloc[-1]
        if (last.ndvi - near["median"]) / max(near["spread"], 0.03) < _LOW_Z:
            causes.add("slow_decline")
    return causes
