"""The simulated season of benchmarks/growth.py: parcels of Bavarian crops under clouds, a few of them with a fault.

Simulated, and said so wherever a figure is printed: NDVI of a parcel is soil, a rise and a fall drawn around its crop's
calendar, with noise of a look, cloud shadow that no mask found, and clouds that lie over an area. Faults: a field that
was not sown, one that lost most of its stand in a day, one that declines over forty days, one cut twenty days early.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from geo.season import Season
from scoring.growth.calendars.regional import load_calendar
from scoring.growth.watching.fields import Fields, SeasonLooks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SEASON: Final = Season(date(2018, 1, 1), date(2018, 12, 31))
DATES: Final = 70

#: Crop, form, share of the parcels, and days of the year on which a stand is half green and half gone (None: stands).
_CROPS: Final = (
    ("wheat", "winter", 0.28, 65, 190),
    ("barley", "winter", 0.13, 60, 168),
    ("rapeseed", "winter", 0.09, 55, 185),
    ("maize", "", 0.26, 160, 260),
    ("sugar_beet", "", 0.06, 150, 300),
    ("potato", "", 0.05, 150, 240),
    ("soybean", "", 0.03, 165, 260),
    ("grass", "", 0.10, 70, 320),
)
#: What may be wrong with a parcel.
FAULTS: Final = ("none", "not sown", "abrupt loss", "slow decline", "early harvest")
_FAULT_SHARES: Final = (0.95, 0.01, 0.02, 0.01, 0.01)
_PARCELS_PER_KM2: Final = 40.0
_CLOUDY: Final = 0.45
_SHADOW: Final = 0.02
#: Looks that are missing for another reason than clouds.
_LOST: Final = 0.03
_NOISE: Final = 0.02
_SOIL: Final = 0.18
_CELLS: Final = 64


@dataclass(frozen=True, slots=True)
class MadeSeason:
    """A simulated season.

    Attributes:
        looks: clear looks at n parcels on DATES days.
        fields: the parcels.
        fault: (n,) position in FAULTS.
    """

    looks: SeasonLooks
    fields: Fields
    fault: Ints


def made_season(count: int, seed: int) -> MadeSeason:
    """Draw a season of `count` parcels."""
    rng = np.random.default_rng(seed)
    side = 1000.0 * np.sqrt(count / _PARCELS_PER_KM2)
    points = rng.uniform(0.0, side, (count, 2))
    kind = rng.choice(len(_CROPS), count, p=[share for _, _, share, _, _ in _CROPS])
    crops, forms = (np.array([crop[part] for crop in _CROPS])[kind] for part in (0, 1))
    ids = np.char.add("p", np.char.zfill(np.arange(count).astype(np.str_), 8))
    fields = Fields.of(
        ids, crops, points, np.full(count, "bavaria"), [load_calendar("de-bavaria")], SEASON, forms=forms
    )
    fault = rng.choice(len(FAULTS), count, p=_FAULT_SHARES)
    days = np.datetime64(SEASON.start, "D") + 4 + 5 * np.arange(DATES)
    looks = SeasonLooks.empty(count, days)
    stand = _Stand.drawn(kind, fault, rng)
    cell = np.minimum((points / side * _CELLS).astype(np.int64), _CELLS - 1)
    for column, day in enumerate(days):
        number = float((day - days[0]).astype(np.int64) + 5)
        ndvi = stand.ndvi(number) + rng.normal(0.0, _NOISE, count)
        shadow = rng.uniform(size=count) < _SHADOW
        ndvi = np.where(shadow, ndvi * rng.uniform(0.5, 0.9, count), ndvi)
        seen = ~_clouds(rng)[cell[:, 0], cell[:, 1]] & (rng.uniform(size=count) > _LOST)
        looks.ndvi[:, column] = np.where(seen, ndvi, np.nan)
        looks.percent[:, column] = np.where(seen, rng.integers(60, 101, count), 0)
        looks.known_on[:, column] = int(day.astype(np.int64)) + 1
    return MadeSeason(looks, fields, fault)


def _clouds(rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Clouds of one date over the area: on average _CLOUDY of it, on one day little and on another nearly all."""
    cover = float(rng.beta(0.9, 0.9 * (1 - _CLOUDY) / _CLOUDY))
    field = gaussian_filter(rng.normal(size=(_CELLS, _CELLS)), 3.0, mode="wrap")
    clouds: npt.NDArray[np.bool_] = field < np.quantile(field, cover)
    return clouds


@dataclass(frozen=True, slots=True)
class _Stand:
    """What n stands do; (n,) each, days of the year."""

    rise: Floats
    fall: Floats
    green: Floats
    fault: Ints
    hit: Floats
    left: Floats

    @classmethod
    def drawn(cls, kind: Ints, fault: Ints, rng: np.random.Generator) -> _Stand:
        n = len(kind)
        rise, fall = (np.array([crop[part] for crop in _CROPS], dtype=float)[kind] for part in (3, 4))
        fall = fall + rng.normal(0.0, 5.0, n) - np.where(fault == 4, 20.0, 0.0)  # noqa: PLR2004 - cut early
        rise = rise + rng.normal(0.0, 5.0, n)
        green = rng.normal(0.66, 0.04, n) * np.where(fault == 1, 0.1, 1.0)
        hit = rise + 20 + rng.uniform(size=n) * np.maximum(fall - rise - 55, 5)
        left = np.where(fault == 2, rng.uniform(0.1, 0.5, n), 0.4)  # noqa: PLR2004 - abrupt loss
        return cls(rise, fall, green, fault, hit, left)

    def ndvi(self, day: float) -> Floats:
        """(n,) NDVI on a day without noise."""
        up, down = 1 / (1 + np.exp(-(day - self.rise) / 7)), 1 / (1 + np.exp(-(day - self.fall) / 4))
        abrupt = np.where((self.fault == 2) & (day >= self.hit), self.left, 1.0)  # noqa: PLR2004
        gone = np.clip((day - self.hit) / 40.0, 0.0, 1.0) * (1.0 - self.left)
        slow = np.where(self.fault == 3, 1.0 - gone, 1.0)  # noqa: PLR2004
        ndvi: Floats = _SOIL + self.green * up * (1 - down) * abrupt * slow
        return ndvi
