"""Abrupt losses of canopy: mowing, early harvest, hail, fire. All parcels at once, look by look through the season.

At each clear look the NDVI is set against the best of the parcel's last looks, less what a canopy loses in the days
between. A fall beyond a threshold, which rises with the parcel's own measured scatter and is taken after what all
parcels of that look lost together, is a first notice. The next clear look confirms it where the canopy stays low, or
withdraws it where it is back: that was shadow or haze. Days without a clear look change nothing, so that a cloudy gap
neither raises nor clears, and nothing is judged across a gap in which a fall cannot be called abrupt.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from scoring.growth.smooth import NOISE

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

NEVER: Final = np.datetime64("NaT", "D")
OPEN: Final = "open"
CONFIRMED: Final = "confirmed"
WITHDRAWN: Final = "withdrawn"

#: What a new difference weighs in a parcel's running scatter, and how far one may count.
_SCATTER_WEIGHT: Final = 0.2
_SCATTER_LIMIT: Final = 0.1
_SCATTER_DAYS: Final = 15
_SCATTER_CANOPY: Final = 0.5


@dataclass(frozen=True, slots=True)
class LossRule:
    """When a fall is an abrupt loss; NDVI and days. Set on two regions of mowings, see docs/growth.md.

    Attributes:
        least_fall: smallest fall.
        scatter_factor: the threshold is at least this many times the parcel's mean difference between looks.
        canopy: NDVI that the parcel must have had; bare ground has nothing to lose.
        floor: an NDVI below is snow or water, not stubble: no loss is read from it.
        memory_days: looks older than this tell nothing of an abrupt fall.
        memory_looks: how many looks back.
        fading: NDVI a day that a canopy may lose without a cause.
        quiet_days: after a loss no other is raised.
        staying: share of the fall that must still be there for confirmation.
        confirm_days: a later look no longer confirms.
        common_share: share of the parcels' common fall that is taken off.
        common_least: fewer parcels at a look say nothing of a common fall.
    """

    least_fall: float = 0.13
    scatter_factor: float = 1.5
    canopy: float = 0.6
    floor: float = 0.1
    memory_days: float = 50
    memory_looks: int = 2
    fading: float = 0.002
    quiet_days: float = 30
    staying: float = 0.2
    confirm_days: float = 60
    common_share: float = 1.0
    common_least: int = 3


@dataclass(frozen=True, slots=True)
class Losses:
    """k losses in the order of parcels and days; (k,) each.

    Attributes:
        row: parcel.
        day: first clear look that shows the loss, which is also the first notice.
        before: last clear look before; the loss lies between.
        size: NDVI lost, after fading and the common fall.
        common: fall that all parcels of that look share.
        confidence: 0..1, probability that scatter of the parcel's own size stays below the fall; not calibrated.
        status: open, confirmed or withdrawn.
        settled: look that confirmed or withdrew it; NaT while open.
    """

    row: Ints
    day: Days
    before: Days
    size: Floats
    common: Floats
    confidence: Floats
    status: npt.NDArray[np.str_]
    settled: Days

    def at(self, kept: Flags | Ints) -> Self:
        """Some of them."""
        return type(self)(**{field.name: getattr(self, field.name)[kept] for field in fields(self)})


def find_losses(ndvi: Floats, days: Days, rule: LossRule | None = None) -> Losses:
    """Losses as they would have been noticed look by look; each rests on its own and earlier looks alone.

    Args:
        ndvi: (n, t) of clear looks, NaN without one.
        days: (t,) datetime64[D], ascending.
        rule: thresholds.
    """
    watch = _Watch(len(ndvi), rule or LossRule())
    for column, day in enumerate(days.astype("datetime64[D]").astype(np.int64)):
        watch.look(ndvi[:, column], float(day))
    return watch.losses()


class _Watch:
    """State of n parcels between two looks; the only thing that changes here."""

    def __init__(self, count: int, rule: LossRule) -> None:
        self.rule = rule
        self.values = np.full((rule.memory_looks, count), np.nan)
        self.dates = np.full((rule.memory_looks, count), np.nan)
        self.scatter = np.full(count, NOISE)
        self.last_loss = np.full(count, -np.inf)
        self.open = np.full(count, -1, dtype=np.int64)
        self.low, self.expected, self.low_day = (np.full(count, np.nan) for _ in range(3))
        self.found: list[tuple[Ints, Floats, Floats, Floats, Floats, Floats]] = []
        self.settled: list[tuple[Ints, Floats, Flags]] = []
        self.number = 0

    def look(self, value: Floats, day: float) -> None:
        """Take one day's looks, NaN where there is none."""
        seen = np.isfinite(value)
        if not seen.any():
            return
        self._settle(value, seen, day)
        reference = self._reference(day)
        fall = reference - value
        rule = self.rule
        able = seen & (reference >= rule.canopy) & (value >= rule.floor) & (day - self.last_loss >= rule.quiet_days)
        common = self._common(fall, able)
        size = fall - common
        hit = able & (size >= np.maximum(rule.least_fall, rule.scatter_factor * self.scatter))
        self._notice(np.flatnonzero(hit), value, reference, size, common, day)
        self._accept(value, seen & ~hit, reference, day)

    def losses(self) -> Losses:
        """What was found so far."""
        row, day, before, size, common, confidence = (
            np.concatenate([np.asarray(part[k]) for part in self.found]) if self.found else np.zeros(0)
            for k in range(6)
        )
        status = np.full(self.number, OPEN, dtype="<U9")
        settled = np.full(self.number, NEVER)
        for which, on, stays in self.settled:
            status[which] = np.where(stays, CONFIRMED, WITHDRAWN)
            settled[which] = _dated(on)
        order = np.lexsort((day, row))
        return Losses(row.astype(np.int64), _dated(day), _dated(before), size, common, confidence, status, settled).at(
            order
        )

    def _settle(self, value: Floats, seen: Flags, day: float) -> None:
        """Confirm or withdraw the open notices of the parcels seen."""
        asked = np.flatnonzero(seen & (self.open >= 0))
        if not len(asked):
            return
        rule, low, expected = self.rule, self.low[asked], self.expected[asked]
        stays = value[asked] <= expected - rule.staying * (expected - low)
        stays &= day - self.low_day[asked] <= rule.confirm_days
        self.settled.append((self.open[asked], np.full(len(asked), day), stays))
        self.open[asked] = -1
        lost = asked[stays]
        self.last_loss[lost] = self.low_day[lost]
        self.values[:-1, lost] = np.nan
        self.values[-1, lost], self.dates[-1, lost] = low[stays], self.low_day[lost]

    def _reference(self, day: float) -> Floats:
        """The best of the last looks, each faded to the day; -inf where all are too old."""
        age = day - self.dates
        usable = np.isfinite(self.values) & (age <= self.rule.memory_days)
        best: Floats = np.where(usable, self.values - self.rule.fading * age, -np.inf).max(axis=0)
        return best

    def _common(self, fall: Floats, able: Flags) -> float:
        if able.sum() < self.rule.common_least:
            return 0.0
        return self.rule.common_share * max(float(np.median(fall[able])), 0.0)

    def _notice(self, hit: Ints, value: Floats, reference: Floats, size: Floats, common: float, day: float) -> None:
        if not len(hit):
            return
        on = np.full(len(hit), day)
        confidence = ndtr(size[hit] / (np.sqrt(2.0) * np.maximum(self.scatter[hit], NOISE)))
        self.found.append((hit, on, self.dates[-1, hit], size[hit], np.full(len(hit), common), confidence))
        self.open[hit] = self.number + np.arange(len(hit))
        self.number += len(hit)
        self.low[hit], self.expected[hit], self.low_day[hit] = value[hit], reference[hit], day

    def _accept(self, value: Floats, kept: Flags, reference: Floats, day: float) -> None:
        """Let looks into the memory; measure the scatter of closed canopies by them."""
        away = np.minimum(np.abs(value - self.values[-1]), _SCATTER_LIMIT)
        near = kept & np.isfinite(away) & (day - self.dates[-1] <= _SCATTER_DAYS) & (reference >= _SCATTER_CANOPY)
        self.scatter[near] += _SCATTER_WEIGHT * (away[near] - self.scatter[near])
        self.values[:-1, kept], self.dates[:-1, kept] = self.values[1:, kept], self.dates[1:, kept]
        self.values[-1, kept], self.dates[-1, kept] = value[kept], day


def _dated(day: Floats) -> Days:
    return day.astype(np.int64).astype("datetime64[D]")
