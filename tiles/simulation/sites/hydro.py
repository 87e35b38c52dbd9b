"""A reservoir in the making: the dam's site is stripped, the valley fills, and is drawn down again in some years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from geo.bands import RESOLUTION_M
from tiles.radar.speckle import LOOKS, lee_filter
from tiles.simulation.clouds import smooth_field
from tiles.simulation.sites.frame import Ground
from tiles.simulation.spectra import Floats, load_spectra, wet_soil

Days: TypeAlias = npt.NDArray[np.datetime64]

#: Heights are held on a grid this many times finer than a pixel.
_FINE: Final = 3
_PIXEL_M2: Final = float(RESOLUTION_M**2)
_DAM_M: Final = 60.0
#: Shares of works that hold water before the next winter and are drawn down later; and in which trees are felled first.
_DRAWN_DOWN: Final = 0.5
_FELLED: Final = 0.5


@dataclass(frozen=True, slots=True)
class HydroWorks:
    """A dam and its reservoir.

    Attributes:
        heights: (3 y, 3 x) height of the ground over the lowest point, metres.
        full_m: planned level over the lowest point.
        border: (y, x) share of each pixel inside the permitted border, 0 to 1.
        dam: (y, x) share of each pixel that the dam's site covers.
        dam_at: row and column of the dam in pixels.
        stripped: first and last datetime64[D] of the stripping of the dam's site.
        levels: (n,) datetime64[D] and level in metres at them, linear between; nothing is held before the first.
        levels_m: see there.
        felled: whether trees and crops are taken out of the valley before it fills.
    """

    heights: npt.NDArray[np.float64]
    full_m: float
    border: Floats
    dam: Floats
    dam_at: tuple[float, float]
    stripped: tuple[np.datetime64, np.datetime64]
    levels: Days
    levels_m: npt.NDArray[np.float64]
    felled: bool

    @property
    def planned_m2(self) -> float:
        """Area of the water at the planned level."""
        return float((self.heights < self.full_m).mean()) * self.border.size * _PIXEL_M2

    def level_on(self, days: Days) -> npt.NDArray[np.float64]:
        """(t,) level over the lowest point in metres; below 0 while nothing is held."""
        at = self.levels.astype(np.int64)
        return np.interp(days.astype(np.int64), at, self.levels_m, left=-1.0)

    def area_on(self, days: Days) -> npt.NDArray[np.float64]:
        """(t,) area of water in m2."""
        heights = np.sort(self.heights.ravel())
        return np.searchsorted(heights, self.level_on(days)) / heights.size * self.border.size * _PIXEL_M2

    def held_on(self, days: Days) -> npt.NDArray[np.float64]:
        """(t,) largest area held until each day as a share of the planned area."""
        every = np.arange(min(days.min(), self.levels[0]), days.max() + 1)
        most = np.maximum.accumulate(self.area_on(every)) / self.planned_m2
        return np.asarray(np.minimum(most[(days - every[0]).astype(np.int64)], 1.0), dtype=np.float64)

    def water_on(self, day: np.datetime64) -> Floats:
        """(y, x) share of each pixel that is water."""
        wet = self.heights < float(self.level_on(np.array([day]))[0])
        return _coarse(wet)


def draw_hydro(rng: np.random.Generator, size_px: int, start: np.datetime64) -> HydroWorks:
    """A valley with a dam across it; works begin after a day.

    Args:
        rng: source of randomness.
        size_px: rows and columns of the 10 m grid.
        start: first day of works.
    """
    heights = _valley(rng, size_px)
    full_m = float(np.quantile(heights, rng.uniform(0.2, 0.4)))
    border = _coarse(heights < full_m)
    wide = np.asarray(ndimage.binary_dilation(border > 0, iterations=2), dtype=np.float32)
    row, column = np.unravel_index(int(np.argmin(heights)), heights.shape)
    dam_at = (float(row) / _FINE, float(column) / _FINE)
    rows, columns = np.mgrid[:size_px, :size_px] + 0.5
    dam = np.asarray(np.hypot(rows - dam_at[0], columns - dam_at[1]) < _DAM_M / RESOLUTION_M, dtype=np.float32)
    stripped = start, start + int(rng.integers(10, 40))
    levels, levels_m = _rise(rng, stripped[1] + int(rng.integers(40, 120)), full_m)
    return HydroWorks(
        heights, full_m, wide, dam, dam_at, stripped, levels, levels_m, felled=bool(rng.random() < _FELLED)
    )


def build_hydro(rng: np.random.Generator, ground: Ground, works: HydroWorks) -> Floats:
    """(t, b, y, x) ground under a clear sky with the works on it.

    Args:
        rng: clearness of the water, which differs from day to day.
        ground: the land.
        works: what is built.
    """
    spectra = load_spectra()
    dry = spectra.soil[str(rng.choice(["loam", "sand", "clay"]))] * np.float32(np.exp(rng.normal(0.1, 0.1)))
    soil = wet_soil(dry[None], ground.moisture[None], spectra.wetness)[0]
    built = ground.clear.astype(np.float32)
    bare = np.zeros(works.border.shape, dtype=np.float32)
    first, last = works.stripped
    for time, day in enumerate(ground.days):
        part = float(
            np.clip((day - first) / max((last - first) / np.timedelta64(1, "D"), 1.0) / np.timedelta64(1, "D"), 0, 1)
        )
        water = works.water_on(day)
        felled = works.border * part if works.felled else np.zeros_like(bare)
        bare = np.maximum(np.maximum(bare, water), np.maximum(felled, works.dam * part))
        muddy = np.float32(np.clip(rng.beta(1.2, 3.0), 0.0, 1.0))
        open_water = spectra.ground["water"] + muddy * (spectra.ground["paddy"] - spectra.ground["water"])
        _mix(built[time], bare, soil[time])
        _mix(built[time], water, open_water * np.float32(np.exp(rng.normal(0.0, 0.15))))
    return built


def water_radar(rng: np.random.Generator, days: Days, works: HydroWorks) -> Floats:
    """(t, 2, y, x) linear power of VV and VH, filtered as real passes are; wind roughens the water on one in five.

    Land of -10 and -17 dB, calm water of -21 and -27, rough of -13 and -23: levels are judgements, no measurements.
    """
    size = works.border.shape[0]
    land = 10 ** ((np.array([-10.0, -17.0])[:, None, None] + 1.5 * smooth_field(rng, size, 20.0)) / 10.0)
    power = np.empty((len(days), 2, size, size), dtype=np.float32)
    for time, day in enumerate(days):
        level = draw_calm(rng)
        clean = flood(land, works.water_on(day), level) * 10 ** (rng.normal(0.0, 0.07))
        power[time] = lee_filter((clean * rng.gamma(LOOKS, 1.0 / LOOKS, clean.shape)).astype(np.float32))
    return power


def draw_calm(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """(2,) dB of water in VV and VH on one pass: wind roughens it on one in five."""
    return np.array([-13.0, -23.0] if rng.random() < 0.2 else [-21.0, -27.0])  # noqa: PLR2004


def flood(land: npt.NDArray[np.float64], water: Floats, level: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Linear power (2, y, x) of land of which shares (y, x) lie under water of a level (2,) in dB."""
    flooded: npt.NDArray[np.float64] = land * (1.0 - water) + 10 ** (level[:, None, None] / 10.0) * water
    return flooded


def _valley(rng: np.random.Generator, size_px: int) -> npt.NDArray[np.float64]:
    """(3 y, 3 x) heights: a winding valley with side arms that falls towards the dam, whole within the grid."""
    side = size_px * _FINE
    rows, columns = np.mgrid[:side, :side] / (side - 1.0) * 2.0 - 1.0
    angle = rng.uniform(0.0, 2.0 * np.pi)
    along = np.cos(angle) * columns + np.sin(angle) * rows
    across = np.cos(angle) * rows - np.sin(angle) * columns
    bent = across - 0.15 * np.sin(rng.uniform(2.0, 5.0) * along + rng.uniform(0.0, 6.0))
    rough = smooth_field(rng, side, side / 6.0, 6.0)
    heights = 60.0 * np.abs(bent) + 25.0 * np.abs(along + 0.4) + 8.0 * rough
    heights += 200.0 * np.clip(np.maximum(np.abs(rows), np.abs(columns)) - 0.8, 0.0, None)
    heights += 150.0 * np.clip(-0.45 - along, 0.0, None)
    raised: npt.NDArray[np.float64] = heights - heights.min()
    return raised


def _rise(rng: np.random.Generator, begun: np.datetime64, full_m: float) -> tuple[Days, npt.NDArray[np.float64]]:
    """Levels of the filling, which may pause, and of a later draw-down."""
    days, levels = [0], [0.0]
    while levels[-1] < full_m:
        days.append(days[-1] + int(rng.integers(10, 50)))
        step = 0.0 if rng.random() < 0.15 else rng.uniform(0.1, 0.4)  # noqa: PLR2004
        levels.append(min(levels[-1] + step * full_m, full_m * 1.001))
    if rng.random() < _DRAWN_DOWN:
        days += [days[-1] + int(rng.integers(20, 60)), days[-1] + int(rng.integers(90, 160))]
        levels += [levels[-1], full_m * rng.uniform(0.5, 0.9)]
    return begun + np.array(days).astype("timedelta64[D]"), np.array(levels)


def _coarse(fine: npt.NDArray[np.bool_]) -> Floats:
    size = fine.shape[0] // _FINE
    return np.asarray(fine.reshape(size, _FINE, size, _FINE).mean(axis=(1, 3)), dtype=np.float32)


def _mix(image: Floats, share: Floats, spectrum: Floats) -> None:
    image += share * (spectrum[:, None, None] - image)
