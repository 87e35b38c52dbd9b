"""A plain with fields on which several sites are built: the whole on one day, or a part of it through all days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from tiles.simulation.calendars import Region, load_region
from tiles.simulation.catalogue import pass_time
from tiles.simulation.chips import WITHIN_PLOT, draw_rotations, draw_texture
from tiles.simulation.growth import draw_effects
from tiles.simulation.mosaic import Mosaic, cut_mosaic
from tiles.simulation.plots import VIGOUR_STEP, Plots, plots_reflectance
from tiles.simulation.sites.frame import Ground, grass_of
from tiles.simulation.spectra import Floats
from tiles.simulation.weather import cloud_shares, soil_moisture, sun_angles

Slices: TypeAlias = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class Window:
    """A square part of a grid: first row and column, rows and columns."""

    row: int
    column: int
    size_px: int

    @property
    def slices(self) -> Slices:
        """Of the last two axes of an image of the whole grid."""
        return slice(self.row, self.row + self.size_px), slice(self.column, self.column + self.size_px)


@dataclass(frozen=True, slots=True)
class Land:
    """Land without any site, on a square grid of 10 m pixels, under a clear sky.

    Attributes:
        days: t days of acquisition.
        mosaic: n plots.
        series: (n + 1, t, b) float32 reflectance of the plots; the last is what no plot covers.
        slope: (n + 1, t, b) float32, what a better stand adds.
        texture: (y, x) float32, where stands are better.
        sun: (t, 2) elevation and azimuth (clockwise from north) in degrees.
        moisture: (t,) of the soil surface, 0 to 1.
        cloud: (t,) share of the sky that clouds cover.
        grass: (t, b) float32 reflectance of grass that grows up by itself.
    """

    days: tuple[date, ...]
    mosaic: Mosaic
    series: Floats
    slope: Floats
    texture: Floats
    sun: npt.NDArray[np.float64]
    moisture: Floats
    cloud: Floats
    grass: Floats

    def on(self, time: int) -> Floats:
        """(b, y, x) float32 the whole land on one day; a copy."""
        return _painted(self.mosaic, self.series[:, time], self.slope[:, time], self.texture)

    def part(self, window: Window) -> Ground:
        """A part of it through all days."""
        rows, columns = window.slices
        whole = self.mosaic
        pixels = np.arange(whole.index.size).reshape(whole.index.shape)[rows, columns].ravel()
        part = Mosaic(
            whole.shapes, whole.blocks, whole.weights[pixels], whole.index[rows, columns], whole.share[rows, columns]
        )
        return Ground(
            np.array(self.days, dtype="datetime64[D]"),
            _painted(part, self.series, self.slope, self.texture[rows, columns]),
            self.sun,
            self.moisture,
            self.cloud,
            self.grass,
        )


def draw_land(rng: np.random.Generator, size_px: int, days: Sequence[date], region: str) -> Land:
    """Fields, houses and ponds of a region, and the weather over them.

    Args:
        rng: source of randomness.
        size_px: rows and columns, even.
        days: of acquisition, at the time of `pass_time`.
        region: "huanghuai", "europe" or "north_india".
    """
    place = load_region(region)
    mosaic = cut_mosaic(rng, size_px)
    rotations = (*draw_rotations(rng, place, len(mosaic.shapes)), grass_of(place))
    plots = Plots(rotations, draw_effects(len(rotations), rng), place)
    moisture = soil_moisture(place, days, rng)
    series, slope = plots_reflectance(plots, days, moisture, rng)
    return Land(
        days=tuple(days),
        mosaic=mosaic,
        series=series[:-1],
        slope=slope[:-1],
        texture=draw_texture(rng, size_px) * np.float32(WITHIN_PLOT / VIGOUR_STEP),
        sun=_sun(place, days),
        moisture=moisture,
        cloud=cloud_shares(place, days, rng),
        grass=series[-1],
    )


def _painted(mosaic: Mosaic, series: Floats, slope: Floats, texture: Floats) -> Floats:
    clear: Floats = np.clip(mosaic.paint(series) + texture * mosaic.paint(slope), 0.001, 1.0)
    return clear


def _sun(place: Region, days: Sequence[date]) -> npt.NDArray[np.float64]:
    times = [pass_time(day) for day in days]
    return np.array([sun_angles(place.lon, place.lat, when.date(), when.hour + when.minute / 60.0) for when in times])
