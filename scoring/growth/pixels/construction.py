"""Construction on farmland: pixels that were green, and then for months show no vegetation but a built spectrum.

A pixel is built where it bore vegetation before, has shown none for a time and over several clear looks, and most of
these show the spectrum of concrete, gravel or roofs. NDBI (Zha et al. 2003, 10.1080/01431160304987) does not tell
these from bare soil, which is as high; what does is that soil is red and built land is grey: blue over red. Water and
snow are told by the short-wave infrared, which they swallow. All pixels at once, look by look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from scoring.growth.pixels.curves import Pixels

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]
Reflectances = npt.NDArray[np.floating]

CAUSE: Final = "construction"
#: Name and version of the rule, in every finding.
RULE: Final = "construction-1"
NEVER: Final = np.datetime64("NaT", "D")

_SHARE_SD: Final = 0.05
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class ConstructionRule:
    """When part of a parcel is being built on.

    Attributes:
        least_pixels: interior pixels from which on a parcel is judged.
        green: NDVI of vegetation; a pixel must have shown it on `green_looks` looks.
        green_looks: see there.
        bare: NDVI below which a look shows no vegetation.
        grey: blue over red (B02 / B04) from which on such a look shows no soil: soils here lie from 0.40 to 0.63.
        least_swir: B11 below which it shows water, snow or deep shadow.
        least_days: days without vegetation.
        least_looks: looks in that time.
        grey_share: share of them that are grey.
        least_share: share of the parcel that is built.
        least_built: pixels that are built.
        least_compact: share of the built pixels' neighbours in the parcel that are built.
    """

    least_pixels: int = 12
    green: float = 0.5
    green_looks: int = 2
    bare: float = 0.3
    grey: float = 0.62
    least_swir: float = 0.1
    least_days: int = 60
    least_looks: int = 3
    grey_share: float = 0.6
    least_share: float = 0.1
    least_built: int = 6
    least_compact: float = 0.5


@dataclass(frozen=True, slots=True)
class Built:
    """What of n parcels is being built on; (n,) each.

    Attributes:
        share: of the interior pixels, 0 to 1.
        pixels: built ones.
        compact: see ConstructionRule; NaN without a built pixel.
        before: last look at which the first built pixel bore vegetation; NaT without one.
        since: first look at which it did not.
    """

    share: Floats
    pixels: Floats
    compact: Floats
    before: Days
    since: Days

    def raised(self, rule: ConstructionRule) -> Flags:
        """(n,) whether somebody builds."""
        built: Flags = (
            (self.share >= rule.least_share) & (self.pixels >= rule.least_built) & (self.compact >= rule.least_compact)
        )
        return built

    def confidence(self, rule: ConstructionRule) -> Floats:
        """(n,) probability that noise of the looks alone did not carry the share over its limit; not calibrated."""
        sure: Floats = ndtr((self.share - rule.least_share) / _SHARE_SD)
        return sure


class BuiltWatch:
    """What p pixels have shown so far; takes looks in the order of their days."""

    def __init__(self, pixels: Pixels, rule: ConstructionRule | None = None) -> None:
        self.pixels, self.rule = pixels, rule or ConstructionRule()
        count = len(pixels.parcel)
        self.greens, self.bares, self.greys = (np.zeros(count, dtype=np.int64) for _ in range(3))
        self.before, self.since = np.full(count, NEVER), np.full(count, NEVER)
        self.last = np.full(count, NEVER)

    def look(
        self, day: np.datetime64, blue: Reflectances, red: Reflectances, nir: Reflectances, swir: Reflectances
    ) -> None:
        """Take one look.

        Args:
            day: its day.
            blue: (p,) reflectance of B02, NaN where a pixel was not clear.
            red: of B04.
            nir: of B08.
            swir: of B11.
        """
        rule = self.rule
        with np.errstate(invalid="ignore", divide="ignore"):
            ndvi = np.where(nir + red > 0, (nir - red) / (nir + red), np.nan)
            grey = blue >= rule.grey * red
        seen = np.isfinite(ndvi) & np.isfinite(blue) & np.isfinite(swir)
        bare = seen & (ndvi < rule.bare) & (swir >= rule.least_swir)
        grown = seen & (ndvi >= rule.bare) & (swir >= rule.least_swir)
        self.greens += seen & (ndvi >= rule.green)
        begun = bare & np.isnat(self.since)
        self.since[begun] = day
        self.since[grown], self.before[grown] = NEVER, day
        self.bares = np.where(grown, 0, self.bares + bare)
        self.greys = np.where(grown, 0, self.greys + (bare & grey))
        self.last[bare] = day

    def built(self) -> Built:
        """What the looks so far come to."""
        rule, pixels = self.rule, self.pixels
        lasted = (self.last - self.since) / np.timedelta64(1, "D")
        stays = (lasted >= rule.least_days) & (self.bares >= rule.least_looks) & ~np.isnat(self.before)
        built = stays & (self.greens >= rule.green_looks) & (self.greys >= rule.grey_share * self.bares)
        size = pixels.total(built)
        one, other = built[pixels.pairs[0]], built[pixels.pairs[1]]
        touching = 2.0 * pixels.pairs_of(one & other) + pixels.pairs_of(one != other)
        inside = 2.0 * pixels.pairs_of(one & other)
        return Built(
            share=size / np.maximum(pixels.count, 1.0),
            pixels=size,
            compact=np.divide(inside, touching, out=np.full(len(size), np.nan), where=touching > 0),
            before=_first(self.before, built, pixels),
            since=_first(self.since, built, pixels),
        )


def _first(days: Days, among: Flags, pixels: Pixels) -> Days:
    """(n,) earliest day of the pixels that count; NaT where none does."""
    latest = np.iinfo(np.int64).max
    first = np.full(len(pixels.count), latest)
    np.minimum.at(first, pixels.parcel[among], days[among].astype(np.int64))
    return np.where(first < latest, np.where(first < latest, first, 0).astype("datetime64[D]"), NEVER)
