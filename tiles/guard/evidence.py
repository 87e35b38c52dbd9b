"""What the pixels of one scene say about the offset: targets whose reflectance physics bounds, found without it.

An offset moves all bands of all pixels alike, so differences between bands do not know of it. Targets are found by
such differences alone, and only then is their level looked at:

- dense green vegetation: near infrared at least 0.25 above red. Chlorophyll leaves 0.01 to 0.05 in blue and red.
- water and deep shadow: near and shortwave infrared alike and below green. Clear water leaves 0.00 to 0.03 there.

Haze, dry leaves and mixed pixels raise the level of a target and nothing lowers it below zero, so low quantiles are
taken. Of clear pixels hardly any may come out below -0.02.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.bands import band_index

#: Reflectance by which near infrared exceeds red over dense green vegetation; bare soil stays below 0.1.
GREENNESS: Final = 0.25
#: A reflectance below this is impossible; Sen2Cor's over-correction stays above it.
IMPOSSIBLE: Final = -0.02
#: What the offset would take off.
STEP: Final = 0.1
#: Pixels of a target that a scene needs for its level to count.
TARGET_PX: Final = 30

_FLAT_SWIR, _FLAT_NIR, _GREEN_ABOVE = 0.01, 0.02, 0.005
_LOW_PERCENT, _MIDDLE, _HIGH_PERCENT = 10, 50, 95
_TOO_BRIGHT: Final = 1.5  # clear ground, fresh snow included, stays below 1.2
_LIT: Final = 0.15

#: Scene classification: vegetation, bare ground and water are ground; of those and of dark areas, what may be dark.
_GROUND_CLASSES: Final = (4, 5, 6)
_DARK_CLASSES: Final = (2, 6)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Some pixels of one scene.

    Attributes:
        scene: item id.
        day: UTC date of acquisition.
        place: name of the points sampled; samples with the same place hold the same points in the same order.
        numbers: (band, pixel) float32 digital numbers in the order of `geo.bands.BANDS`; NaN no data, or no such band.
        ground: (pixel,) nothing hides the ground.
        dark: (pixel,) water or deep shadow may be looked for here.
    """

    scene: str
    day: date
    place: str
    numbers: NDArray[np.float32]
    ground: NDArray[np.bool_]
    dark: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one sample shows, as reflectance without any offset (digital number x scale).

    Attributes:
        scene: item id.
        clear: clear pixels.
        vegetation: pixels of dense green vegetation.
        red: low level of red over that vegetation; NaN where there are fewer than `TARGET_PX`.
        blue: the same for blue; NaN also where the band is missing.
        tilt: median of blue minus red over that vegetation: about -0.01 at the surface, +0.03 at the top of atmosphere.
        shape: median of each band minus the one before it over that vegetation, in their order; NaN as above.
        water: pixels of water or deep shadow.
        swir: low level of shortwave infrared over them; NaN where there are too few.
        negative: share of clear pixels that would be impossible with an offset of -0.1; NaN without clear pixels.
        lost: share of lit clear pixels without a number in a visible band; NaN without lit pixels.
        top: level of the brightest band over the brightest clear pixels; NaN where there are too few.
        bright: share of clear pixels brighter than any ground; NaN without clear pixels.
    """

    scene: str
    clear: int
    vegetation: int
    red: float
    blue: float
    tilt: float
    shape: tuple[float, ...]
    water: int
    swir: float
    negative: float
    lost: float
    top: float
    bright: float


def classified(scene: str, day: date, place: str, numbers: NDArray[np.floating[Any]], scl: NDArray[np.uint8]) -> Sample:
    """Sample of a scene with a scene classification.

    Args:
        scene: item id.
        day: UTC date of acquisition.
        place: name of the points.
        numbers: (band, pixel) digital numbers, NaN or 0 for no data.
        scl: (pixel,) Sen2Cor classes.
    """
    known = np.where(numbers > 0, numbers, np.nan).astype(np.float32)
    return Sample(scene, day, place, known, np.isin(scl, _GROUND_CLASSES), np.isin(scl, _DARK_CLASSES))


def measure(sample: Sample, scale: float) -> Evidence:
    """Evidence in one sample at a scale (reflectance per digital number)."""
    seen = sample.numbers[:, sample.ground | sample.dark].astype(np.float64) * scale
    ground = sample.ground[sample.ground | sample.dark] & np.isfinite(_band(seen, "B08"))
    clear = seen[:, ground]
    green = clear[:, _greenness(clear) >= GREENNESS]
    water = seen[:, _is_flat(seen) & sample.dark[sample.ground | sample.dark]]
    brightest = np.nanmax(clear, axis=0) if clear.size else np.empty(0)
    return Evidence(
        scene=sample.scene,
        clear=clear.shape[1],
        vegetation=green.shape[1],
        red=_quantile(_band(green, "B04"), _LOW_PERCENT),
        blue=_quantile(_band(green, "B02"), _LOW_PERCENT),
        tilt=_quantile(_band(green, "B02") - _band(green, "B04"), _MIDDLE),
        shape=tuple(_quantile(difference, _MIDDLE) for difference in np.diff(green, axis=0)),
        water=water.shape[1],
        swir=_quantile(np.maximum(_band(water, "B11"), _band(water, "B12")), _LOW_PERCENT),
        negative=_share(np.nanmin(clear, axis=0) < STEP + IMPOSSIBLE) if clear.size else np.nan,
        lost=_lost(clear),
        top=_quantile(brightest, _HIGH_PERCENT),
        bright=_share(brightest > _TOO_BRIGHT),
    )


def _greenness(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    return _band(pixels, "B08") - _band(pixels, "B04")


def _is_flat(pixels: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where near and shortwave infrared are alike and below green: water, deep shadow; NaN is not."""
    nir, first, second = (_band(pixels, name) for name in ("B8A", "B11", "B12"))
    alike = (np.abs(first - second) <= _FLAT_SWIR) & (np.abs(nir - first) <= _FLAT_NIR)
    flat: NDArray[np.bool_] = alike & (_band(pixels, "B03") - first >= _GREEN_ABOVE)
    return flat


def _lost(clear: NDArray[np.float64]) -> float:
    """Share of lit pixels whose visible bands came out as no data: what an offset taken off twice leaves behind."""
    visible = np.stack([_band(clear, name) for name in ("B02", "B03", "B04")])
    held = np.isfinite(visible).any(axis=1)
    lit = _band(clear, "B08") >= _LIT
    return _share(np.isnan(visible[held][:, lit]).any(axis=0)) if held.any() else np.nan


def _band(pixels: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    band: NDArray[np.float64] = pixels[band_index(name)]
    return band


def _quantile(values: NDArray[np.float64], percent: float) -> float:
    """Quantile of the numbers among values; NaN where they are fewer than a target needs."""
    known = values[np.isfinite(values)]
    return float(np.percentile(known, percent)) if known.size >= TARGET_PX else np.nan


def _share(flags: Any) -> float:
    """Share of True in an array of flags; NaN for none."""
    return float(flags.mean()) if flags.size else np.nan
