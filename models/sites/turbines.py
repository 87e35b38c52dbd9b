"""Towers of a wind farm by date, as far as ten metres allow: the shadow that moves with the sun, and the radar's echo.

A tower of four metres is no pixel. What shows is its shadow, a line whose direction is known for every look (away from
the sun), darker than the land on both sides and than the same line was before; and a point in Sentinel-1 that is
several decibels brighter than the place was before. Neither tells a tower from a mast, a crane or a pylon, and a tower
without blades shows like a finished one: so no chance is stated above the limits of trust below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from geo.bands import RESOLUTION_M, band_index
from models.sites.looks import Days, Flags, Floats, Looks, Reflectance

_HALF: Final = 0.5
#: Looks that the least noise of a kind counts for, and doubt that no chance holds, in towers for each place.
_PRIOR_LOOKS: Final = 4.0
_DOUBT: Final = 0.15
_FINE_BANDS: Final = tuple(band_index(name) for name in ("B03", "B04", "B08"))

#: Greatest chance that is ever stated, by what was looked at: a judgement, no measurement.
TRUST_SHADOW: Final = 0.9
TRUST_RADAR: Final = 0.97


@dataclass(frozen=True, slots=True)
class TowerRule:
    """What counts as a tower.

    Attributes:
        reach_px: a tower stands within so many pixels of its planned place, along rows and columns.
        from_m: the shadow counts from so far on: nearer lies the pad.
        to_m: up to so far; low hubs and high suns throw less.
        hub_m: least height of a hub, which tells how long a shadow is at least.
        beside_m: distance of the land beside that the line is compared with.
        darkening: what a shadow adds to the logarithm of the line over the land beside; noise of one look at least.
        noise: see there.
        echo_db: what a tower adds to the brightest pixel, its spread, and the noise of a place without one at least.
        echo_sd: see there.
        echo_noise: see there.
        hazard: chance that a tower is raised between two looks.
        least_past: looks before a tower is believed.
        shadow_most: greatest weight of evidence of one shadow, natural logarithm; clouds throw shadows too.
        echo_most: of one pass.
    """

    reach_px: int = 3
    from_m: float = 35.0
    to_m: float = 110.0
    hub_m: float = 80.0
    beside_m: float = 25.0
    darkening: float = -0.16
    noise: float = 0.08
    echo_db: float = 7.0
    echo_sd: float = 4.0
    echo_noise: float = 1.3
    hazard: float = 0.004
    least_past: int = 4
    shadow_most: float = 1.5
    echo_most: float = 6.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence for towers at k places in looks of one kind.

    Attributes:
        days: (t,) datetime64[D].
        values: (t, k, m) statistic at m candidate pixels of each place, NaN where the look does not show it.
        change: what a tower adds to the statistic.
        spread: standard deviation of that.
        noise: least standard deviation without a tower.
        trust: greatest chance that it may bring.
        most: greatest weight of evidence of a look, natural logarithm.
    """

    days: Days
    values: Floats
    change: float
    spread: float
    noise: float
    trust: float
    most: float


@dataclass(frozen=True, slots=True)
class TowerLooks:
    """Towers of one wind farm.

    Attributes:
        days: (t,) datetime64[D] of all looks, optical and radar.
        chances: (t, k) chance that each stands; NaN where nothing was known of the place yet.
        towers: how many stand.
    """

    days: Days
    chances: Floats
    towers: Looks


def shadow_evidence(
    reflectance: Reflectance, clear: Flags, days: Days, sun: Floats, places: Floats, rule: TowerRule | None = None
) -> Evidence:
    """Darkness of the lines on which shadows would fall.

    Args:
        reflectance: (t, b, y, x) in the order of geo.bands.BANDS; 200 m or more around the places.
        clear: (t, y, x) pixels that show the ground.
        days: (t,) datetime64[D], rising.
        sun: (t, 2) elevation and azimuth (clockwise from north) of the sun in degrees.
        places: (k, 2) planned places, row and column on the grid in pixels.
        rule: what counts as a tower.
    """
    rule = rule or TowerRule()
    bases = _candidates(places, rule.reach_px)
    values = np.full((len(days), *bases.shape[:2]), np.nan)
    for time in range(len(days)):
        if clear[time].any():
            image = np.where(clear[time], reflectance[time, list(_FINE_BANDS)], np.nan)
            values[time] = _line(image, bases, float(sun[time, 0]), float(sun[time, 1]), rule)
    return Evidence(days, values, rule.darkening, abs(rule.darkening) / 2, rule.noise, TRUST_SHADOW, rule.shadow_most)


def radar_evidence(power: Reflectance, days: Days, places: Floats, rule: TowerRule | None = None) -> Evidence:
    """Brightest echo near each place.

    Args:
        power: (t, 2, y, x) linear power of VV and VH of one relative orbit, speckle filtered, NaN no data.
        days: (t,) datetime64[D], rising.
        places: (k, 2) planned places, row and column on the grid in pixels.
        rule: what counts as a tower.
    """
    rule = rule or TowerRule()
    at = _candidates(places, rule.reach_px).astype(np.int64)
    rows, columns = (np.clip(at[..., axis], 0, power.shape[2 + axis] - 1) for axis in (0, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        level = (10.0 * np.log10(power)).mean(axis=1, dtype=np.float64)
    brightest = level[:, rows, columns].max(axis=2, keepdims=True)
    return Evidence(days, brightest, rule.echo_db, rule.echo_sd, rule.echo_noise, TRUST_RADAR, rule.echo_most)


def _candidates(places: Floats, reach_px: int) -> Floats:
    """(k, m, 2) pixels around each place."""
    steps = np.arange(-reach_px, reach_px + 1, dtype=np.float64)
    around = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(1, -1, 2)
    found: Floats = places[:, None] + around
    return found


def _line(image: Reflectance, bases: Floats, elevation: float, azimuth: float, rule: TowerRule) -> Floats:
    """(k, m) logarithm of the line away from the sun over the land on both sides; NaN where half of it is hidden."""
    long = min(rule.hub_m / float(np.tan(np.radians(max(elevation, 8.0)))), rule.to_m)
    if long < rule.from_m + 2 * RESOLUTION_M:
        return np.full(bases.shape[:2], np.nan)
    away = np.array([np.cos(np.radians(azimuth)), -np.sin(np.radians(azimuth))]) / RESOLUTION_M
    across = np.array([away[1], -away[0]])
    steps = np.arange(rule.from_m, long, RESOLUTION_M / 2.0)[:, None]
    along = bases[:, :, None] + steps * away
    middle = _sample(image, along)
    sides = (_sample(image, along + rule.beside_m * across) + _sample(image, along - rule.beside_m * across)) / 2.0
    with np.errstate(invalid="ignore", divide="ignore"):
        darker = np.log(middle / sides).mean(axis=0)
    seen = np.isfinite(darker)
    count = seen.sum(axis=-1)
    mean = np.where(seen, darker, 0.0).sum(axis=-1) / np.maximum(count, 1)
    return np.where(count * 2 >= len(steps), mean, np.nan)


def _sample(image: Reflectance, at: Floats) -> Floats:
    """(b, k, m, s) values of an image (b, y, x) at rows and columns (k, m, s, 2), linear between pixel centres."""
    coordinates = np.moveaxis(at, -1, 0) - 0.5
    return np.stack(
        [ndimage.map_coordinates(band, coordinates, order=1, cval=np.nan, output=np.float64) for band in image]
    )


def tower_looks(evidence: Sequence[Evidence], rule: TowerRule | None = None) -> TowerLooks:
    """Towers by date from all evidence up to it, kinds together.

    Each candidate pixel of a place is a state of its own beside "no tower yet", entered with a small chance between two
    looks and not left; what a candidate usually shows is learned while it bears none.

    Args:
        evidence: of the same places: shadow, radar (one for each relative orbit) or both.
        rule: what counts as a tower.
    """
    rule = rule or TowerRule()
    places, states = evidence[0].values.shape[1], max(one.values.shape[2] for one in evidence)
    odds = np.zeros((places, states))
    pasts = [_Past(one, rule) for one in evidence]
    order = sorted((day, kind, time) for kind, one in enumerate(evidence) for time, day in enumerate(one.days))
    chances, shown = [], []
    for _, kind, time in order:
        chance = odds.sum(axis=1) / (1.0 + odds.sum(axis=1))
        weight, believed = pasts[kind].take(evidence[kind].values[time], chance)
        entered = (odds + rule.hazard / states) / (1.0 - rule.hazard) * np.exp(weight)
        odds = np.where(believed[:, None], np.clip(entered, 0.0, 1e6), odds)
        chances.append(odds.sum(axis=1) / (1.0 + odds.sum(axis=1)))
        shown.append(believed)
    days = np.array([day for day, _, _ in order], dtype="datetime64[D]")
    trust = np.maximum.accumulate([evidence[kind].trust for _, kind, _ in order])
    return _looks(days, np.minimum(np.stack(chances), trust[:, None]), np.stack(shown), trust)


class _Past:
    """What candidates show without a tower; learned look by look, the only thing here that changes."""

    def __init__(self, evidence: Evidence, rule: TowerRule) -> None:
        self.evidence, self.rule = evidence, rule
        shape = evidence.values.shape[1:]
        self.count, self.total = np.zeros(shape), np.zeros(shape)
        self.squares = np.full(shape, _PRIOR_LOOKS * evidence.noise**2)
        self.looks = np.zeros(shape[0], dtype=np.int64)

    def take(self, values: Floats, chance: Floats) -> tuple[Floats, Flags]:
        """Weight of evidence (k, m) of one look at the chance (k,) so far, and the places that may be judged by it."""
        seen = np.isfinite(values)
        shown = np.where(seen, values, 0.0)
        mean = self.total / np.maximum(self.count, 1e-9)
        noise = self.squares / (self.count + _PRIOR_LOOKS) * (1.0 + 1.0 / np.maximum(self.count, 1.0))
        wide = noise + self.evidence.spread**2
        off = shown - mean
        ratio = off**2 / noise - (off - self.evidence.change) ** 2 / wide + np.log(noise / wide)
        weight = np.where(seen, np.clip(ratio / 2.0, -self.evidence.most, self.evidence.most), 0.0)
        believed = (self.looks >= self.rule.least_past) & seen.any(axis=1)
        learned = np.where(seen, 1.0 - chance[:, None], 0.0)
        first = self.count == 0
        self.squares += np.where(first, 0.0, learned * np.minimum(off**2, 9.0 * noise))
        self.count += learned
        self.total += learned * shown
        self.looks += seen.any(axis=1)
        return weight, believed


def _looks(days: Days, chances: Floats, shown: Flags, trust: Floats) -> TowerLooks:
    """Counts of the looks that judge half of the places or more; one a day, the last."""
    known = np.logical_or.accumulate(shown, axis=0)
    last = np.append(days[1:] != days[:-1], True)
    told = (shown.mean(axis=1) >= _HALF) & known.all(axis=1)
    usable = np.where(last & told, 1.0, np.nan)
    doubt = np.sqrt((chances * (1.0 - chances)).sum(axis=1) + chances.shape[1] * _DOUBT**2)
    # A chance is held down by the limit of trust; the count is not, or no farm would ever be complete.
    count = (chances / trust[:, None]).sum(axis=1)
    clear = shown.mean(axis=1)
    looks = Looks(days, usable * count, usable * doubt, clear)
    kept = last
    held = Looks(looks.days[kept], looks.values[kept], looks.errors[kept], looks.clear[kept])
    return TowerLooks(days[kept], np.where(known, chances, np.nan)[kept], held)
