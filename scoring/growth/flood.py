"""Floods of parcels, from Sentinel-1: open water on land that was dry on the same relative orbit shortly before.

Calm water throws the radar's beam away: backscatter falls in both polarisations to levels that few fields reach (Twele
et al. 2016, 10.1080/01431161.2016.1192304, thresholds of open water; Clement et al. 2018, 10.1111/jfr3.12303, change
against dry images). A parcel is flooded where pixels at that level newly cover part of it and its mean has fallen in
both polarisations. Frost and drought lower the mean of a whole region by as much, but not to the level of water; a
cereal canopy comes close to it in one polarisation and slowly. What the next clear optical look shows to be dry is
taken back. Water under a stand that rises above it is not seen, nor is water that wind roughens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from scoring.alerts.findings import Findings
from scoring.growth.calendars.windows import Expected
from scoring.growth.neighbours import LEAST_NEIGHBOURS

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]
Texts = npt.NDArray[np.str_]

CAUSE: Final = "flood"
#: Name and version of the rule, in every finding.
RULE: Final = "flood-1"
NEVER: Final = np.datetime64("NaT", "D")

#: Backscatter (sigma0, dB) up to which a pixel is at the level of open water, VV and VH both: cereals in May reach the
#: one or the other. Terrain-corrected sigma0 with its speckle filtered.
WATER_VV_DB: Final = -17.0
WATER_VH_DB: Final = -24.0

#: Days after the last emergence in which water still stands between transplanted rice that has not closed.
_PADDY_DAYS: Final = 30
_SHARE_SD: Final = 0.1
_DROP_SD: Final = 1.0


@dataclass(frozen=True, slots=True)
class FloodRule:
    """When a parcel is flooded.

    Attributes:
        least_share: share of the parcel that water newly covers.
        least_drop: dB by which its mean has fallen in both polarisations.
        dark: dB above the level of water below which a stand's own past is dark (cereals while they shoot and head).
        dark_drop: least fall of such a stand.
        staying: share of both limits that keeps a flood going.
        past_looks: acquisitions of the same relative orbit that make its past, those without water.
        past_days: older ones tell nothing of the field as it was.
        harm_days: from so many days under water on the stand counts as lost where it stood under water; before, half.
        dry_days: an optical look counts for a radar look up to so many days before it.
        dry_share: from this share on an optical look of the whole parcel would show the water.
        dry_rise: MNDWI that it would then have gained.
    """

    least_share: float = 0.2
    least_drop: float = 0.5
    dark: float = 4.0
    dark_drop: float = 3.0
    staying: float = 0.5
    past_looks: int = 3
    past_days: int = 45
    harm_days: int = 7
    dry_days: int = 4
    dry_share: float = 0.5
    dry_rise: float = 0.15


@dataclass(frozen=True, slots=True)
class RadarSeries:
    """Acquisitions of n parcels, ascending by day; (n, a) each unless said.

    Attributes:
        vv_db: mean backscatter, dB (of the mean linear power), NaN where there is none.
        vh_db: the same of VH.
        water: 0..1, share of the parcel at the level of open water.
        known: datetime64[D], day (UTC) on which each became known, NaT where there is none.
        days: (a,) datetime64[D].
        orbits: (a,) text, relative orbit.
    """

    vv_db: Floats
    vh_db: Floats
    water: Floats
    known: Days
    days: Days
    orbits: Texts


@dataclass(frozen=True, slots=True)
class OpticalWater:
    """MNDWI of n parcels in clear optical looks: (B03 - B11) / (B03 + B11), Xu 2006, 10.1080/01431160600589179.

    Attributes:
        mndwi: (n, t), NaN without a clear look.
        known: (n, t) datetime64[D], day (UTC) on which each became known.
        days: (t,) datetime64[D], ascending.
    """

    mndwi: Floats
    known: Days
    days: Days


def is_water(vv: npt.NDArray[np.floating], vh: npt.NDArray[np.floating]) -> Flags:
    """Whether pixels are at the level of open water; linear power of any shape, never where it is NaN."""
    at_level: Flags = (vv <= 10 ** (WATER_VV_DB / 10)) & (vh <= 10 ** (WATER_VH_DB / 10))
    return at_level


def flood_findings(
    radar: RadarSeries,
    *,
    until: date,
    optical: OpticalWater | None = None,
    paddy: tuple[Days, Days] | None = None,
    neighbours: Ints | None = None,
    rule: FloodRule | None = None,
) -> Iterator[Findings]:
    """Findings of floods by the day on which they were known; one a day, each from what was known by its end alone.

    Args:
        radar: of n parcels. A look that became known after a later one of its parcel is left out.
        until: the last day; nothing later is looked at.
        optical: clear looks that may show that there is no water; without them radar decides alone.
        paddy: (n,) first and last day on which water is meant to stand on a parcel, NaT for never (`paddy_days`).
        neighbours: (n, k) positions of parcels around each, -1 for none; without them no shock is told as regional.
        rule: limits.
    """
    watch = _Watch(len(radar.vv_db), rule or FloodRule(), paddy)
    taken = _in_order(radar.known, np.isfinite(radar.vv_db) & np.isfinite(radar.vh_db))
    shown = None if optical is None else _in_order(optical.known, np.isfinite(optical.mndwi))
    known = [radar.known[taken], *([] if optical is None or shown is None else [optical.known[shown]])]
    for day in np.unique(np.concatenate(known)):
        if day > np.datetime64(until, "D"):
            return
        watch.open_day()
        for column in np.flatnonzero((taken & (radar.known == day)).any(axis=0)):
            watch.radar_look(radar, int(column), taken[:, column] & (radar.known[:, column] == day))
        if optical is not None and shown is not None:
            for column in np.flatnonzero((shown & (optical.known == day)).any(axis=0)):
                watch.optical_look(optical, int(column), shown[:, column] & (optical.known[:, column] == day))
        if watch.judged.any():
            yield watch.findings(day.item(), neighbours)


def paddy_days(rice: Flags, expected: Expected) -> tuple[Days, Days]:
    """(n,) first and last day on which water is meant to stand on rice: from sowing until its canopy closes over it."""
    never = np.full(len(rice), NEVER)
    return np.where(rice, expected.sowing_from, never), np.where(rice, expected.emergence_to + _PADDY_DAYS, never)


def _in_order(known: Days, there: Flags) -> Flags:
    """(n, a) looks that did not become known after a later one."""
    number = np.where(there & ~np.isnat(known), known.astype(np.int64), np.iinfo(np.int64).max)
    soonest = np.minimum.accumulate(number[:, ::-1], axis=1)[:, ::-1]
    return there & ~np.isnat(known) & (number <= soonest)


class _Watch:
    """State of n parcels from look to look; the only thing that changes here."""

    def __init__(self, n: int, rule: FloodRule, paddy: tuple[Days, Days] | None) -> None:
        self.n, self.rule, self.paddy = n, rule, paddy
        self.past: dict[str, npt.NDArray[np.float64]] = {}
        self.optics = np.full((rule.past_looks, n), np.nan)
        self.since, self.dry, self.last = (np.full(n, NEVER) for _ in range(3))
        self.share, self.confidence = np.full(n, np.nan), np.full(n, np.nan)
        self.under, self.refuted = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
        self.open_day()

    def open_day(self) -> None:
        """Nothing is judged yet on a new day."""
        self.judged = np.zeros(self.n, dtype=np.bool_)
        self.why = np.full(self.n, "", dtype="<U12")

    def radar_look(self, radar: RadarSeries, column: int, seen: Flags) -> None:
        """Take one acquisition of the parcels seen."""
        day, rule = radar.days[column], self.rule
        empty = np.full((4, rule.past_looks, self.n), np.nan)
        past = self.past.setdefault(str(radar.orbits[column]), empty)
        vv, vh, water, dry = self._reference(past, day)
        share = radar.water[:, column] - water
        drop = np.minimum(vv - radar.vv_db[:, column], vh - radar.vh_db[:, column])
        able = seen & (np.isfinite(water) | (radar.water[:, column] < rule.least_share))
        dark = (vv < WATER_VV_DB + rule.dark) | (vh < WATER_VH_DB + rule.dark)
        least = np.where(dark, rule.dark_drop, rule.least_drop)
        part = np.where(self.under, rule.staying, 1.0)
        wet = able & (share >= part * rule.least_share) & (drop >= part * least)
        meant = wet & self._meant(day)
        self.refuted &= ~(able & ~wet)
        begun = wet & ~meant & ~self.refuted & ~self.under
        self.since[begun], self.dry[begun] = day, dry[begun]
        self.under = np.where(able, wet & ~meant & ~self.refuted, self.under)
        sure = ndtr(np.minimum((share - rule.least_share) / _SHARE_SD, (drop - least) / _DROP_SD))
        self.confidence = np.where(able, np.where(wet, sure, np.nan), self.confidence)
        self.share = np.where(able, np.clip(np.where(wet, share, radar.water[:, column]), 0, 1), self.share)
        self.last[able] = day
        self.why[able] = np.where(meant, "paddy", np.where(wet & self.refuted, "optical_dry", ""))[able]
        self.judged |= able
        _accept(past, able & ~wet, (radar.vv_db, radar.vh_db, radar.water), column, day)

    def optical_look(self, optical: OpticalWater, column: int, seen: Flags) -> None:
        """Take one clear optical look: what stands dry in it was no water."""
        day, value, rule = optical.days[column], optical.mndwi[:, column], self.rule
        before = _median(self.optics)
        asked = seen & self.under & (day >= self.last) & (day - self.last <= rule.dry_days)
        asked &= np.isfinite(before) & (self.share >= rule.dry_share)
        dry = asked & (value - before < rule.dry_rise)
        self.refuted |= dry
        self.under &= ~dry
        self.judged |= asked
        self.why[asked] = np.where(dry, "optical_dry", "optical_water")[asked]
        self.last[asked] = day
        kept = seen & ~self.under
        self.optics[:-1, kept], self.optics[-1, kept] = self.optics[1:, kept], value[kept]

    def findings(self, day: date, neighbours: Ints | None) -> Findings:
        """What is to be said at the end of a day."""
        raised, judged, rule = self.under & self.judged, self.judged, self.rule
        lasted = (self.last - self.since) / np.timedelta64(1, "D")
        harm = 0.5 + 0.5 * np.clip(np.where(raised, lasted, 0.0) / rule.harm_days, 0.0, 1.0)
        severity = np.where(raised, np.nan_to_num(self.share) * harm, 0.0)
        return Findings(
            cause=CAUSE,
            day=day,
            judged=judged,
            raised=raised,
            severity=np.where(judged, severity, np.nan),
            confidence=np.where(raised, self.confidence, np.nan),
            fallen=self._fallen(neighbours),
            event_from=np.where(raised, self.dry, NEVER),
            event_on=np.where(raised, self.since, NEVER),
            look_day=np.where(judged, self.last, NEVER),
            value=np.where(judged, self.share, np.nan),
            expected_low=np.full(self.n, np.nan),
            expected_high=np.where(judged, rule.least_share, np.nan),
            why=np.where(judged, self.why, ""),
            evidence=None,
            rule=RULE,
        )

    def _reference(self, past: Floats, day: np.datetime64) -> tuple[Floats, Floats, Floats, Days]:
        """Medians of the dry past of one orbit (VV, VH), its greatest share of water, and its last day."""
        recent = past[3] >= day.astype(np.int64) - self.rule.past_days
        vv, vh = (_median(np.where(recent, past[layer], np.nan)) for layer in (0, 1))
        water = np.where(recent, past[2], -np.inf).max(axis=0)
        last = np.where(recent, past[3], -1).max(axis=0).astype(np.int64)
        when = np.where(last >= 0, last.astype("datetime64[D]"), NEVER)
        return vv, vh, np.where(np.isfinite(water), water, np.nan), when

    def _meant(self, day: np.datetime64) -> Flags:
        if self.paddy is None:
            return np.zeros(self.n, dtype=np.bool_)
        meant: Flags = (day >= self.paddy[0]) & (day <= self.paddy[1])
        return meant

    def _fallen(self, neighbours: Ints | None) -> Floats:
        """(n,) share of the neighbours looked at so far that stand under water; NaN where too few were."""
        if neighbours is None:
            return np.full(self.n, np.nan)
        seen = np.append(~np.isnat(self.last), False)[neighbours].sum(axis=1)
        wet = np.append(self.under, False)[neighbours].sum(axis=1)
        share: Floats = np.divide(wet, seen, out=np.full(self.n, np.nan), where=seen >= LEAST_NEIGHBOURS)
        return share


def _accept(past: Floats, kept: Flags, layers: tuple[Floats, Floats, Floats], column: int, day: np.datetime64) -> None:
    """Let a dry acquisition into the past of its orbit."""
    past[:, :-1, kept] = past[:, 1:, kept]
    for layer, values in enumerate(layers):
        past[layer, -1, kept] = values[kept, column]
    past[3, -1, kept] = float(day.astype(np.int64))


def _median(values: Floats) -> Floats:
    """(n,) medians along the first axis, without the NaN; NaN where all are."""
    ordered = np.sort(values, axis=0)
    count = np.isfinite(values).sum(axis=0)
    low, high = (np.maximum(at, 0)[None] for at in ((count - 1) // 2, count // 2))
    low, high = np.minimum(low, len(values) - 1), np.minimum(high, len(values) - 1)
    middle: Floats = (np.take_along_axis(ordered, low, 0)[0] + np.take_along_axis(ordered, high, 0)[0]) / 2
    return middle
