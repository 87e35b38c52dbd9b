"""The ground that sites are built on, and the sky it is seen through: common to solar, wind and hydro.

`draw_ground` gives land as it would be without the site, under a clear sky; whoever builds changes that array, and
`see_ground` adds sky, sensor and scene classification. A `Ground` may also be made of real images: then what is built
is mixed into them, and they are not seen through a second sky.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from tiles.simulation.calendars import DEFAULT_REGION, Region, load_region
from tiles.simulation.chips import WITHIN_PLOT, draw_rotations, draw_texture
from tiles.simulation.clouds import apply_sky, classify_scene, draw_sky
from tiles.simulation.growth import draw_effects
from tiles.simulation.mosaic import cut_mosaic
from tiles.simulation.plots import VIGOUR_STEP, Plots, plots_reflectance
from tiles.simulation.sensor import add_noise, coarsen, disturb_days
from tiles.simulation.spectra import Floats
from tiles.simulation.weather import cloud_shares, soil_moisture, sun_angles

_PASS_HOUR_LOCAL: Final = 10.8
#: Scenes with more cloud than this are not ordered: they would show nothing.
OVERCAST: Final = 0.9


@dataclass(frozen=True, slots=True)
class Ground:
    """Land on a square grid of 10 m pixels, without the site.

    Attributes:
        days: (t,) datetime64[D], rising.
        clear: (t, b, y, x) float32 reflectance under a clear sky, 1 = 100 %; NaN only where real images show nothing.
        sun: (t, 2) elevation and azimuth (clockwise from north) in degrees.
        moisture: (t,) of the soil surface, 0 to 1.
        cloud: (t,) share of the sky that clouds cover.
        grass: (t, b) float32 reflectance of grass that grows up by itself.
    """

    days: npt.NDArray[np.datetime64]
    clear: Floats
    sun: npt.NDArray[np.float64]
    moisture: Floats
    cloud: Floats
    grass: Floats

    @property
    def size_px(self) -> int:
        """Rows, and columns."""
        return int(self.clear.shape[-1])


@dataclass(frozen=True, slots=True)
class Seen:
    """A site as Sentinel-2 shows it.

    Attributes:
        days: (t,) datetime64[D], rising.
        reflectance: (t, b, y, x) float32 with clouds, shadows, haze and noise; 20 m bands repeated to 10 m. No NaN.
        scl: (t, y, x) uint8 scene classification, as imperfect as the real one.
    """

    days: npt.NDArray[np.datetime64]
    reflectance: Floats
    scl: npt.NDArray[np.uint8]


def passes(first: date, last: date, revisit_days: int = 5) -> tuple[date, ...]:
    """Days of acquisition from the first to the last."""
    count = (last - first).days // revisit_days + 1
    return tuple(first + timedelta(days=revisit_days * number) for number in range(count))


def draw_ground(rng: np.random.Generator, size_px: int, days: tuple[date, ...], region: str = DEFAULT_REGION) -> Ground:
    """Fields, houses and ponds of a region through its calendars, on the days that are not overcast.

    Args:
        rng: source of randomness.
        size_px: rows and columns, even.
        days: acquisition days.
        region: "huanghuai", "europe" or "north_india".
    """
    place = load_region(region)
    cloud = cloud_shares(place, days, rng)
    kept = cloud <= OVERCAST
    days = tuple(day for day, keep in zip(days, kept, strict=True) if keep)
    mosaic = cut_mosaic(rng, size_px)
    rotations = (*draw_rotations(rng, place, len(mosaic.shapes)), grass_of(place))
    plots = Plots(rotations, draw_effects(len(rotations), rng), place)
    moisture = soil_moisture(place, days, rng)
    series, slope = plots_reflectance(plots, days, moisture, rng)
    texture = draw_texture(rng, size_px) * np.float32(WITHIN_PLOT / VIGOUR_STEP)
    clear = mosaic.paint(series[:-1]) + texture * mosaic.paint(slope[:-1])
    return Ground(
        np.array(days, dtype="datetime64[D]"),
        np.clip(clear, 0.001, 1.0),
        _sun(place, days),
        moisture,
        cloud[kept],
        series[-1],
    )


def see_ground(rng: np.random.Generator, ground: Ground, built: Floats | None = None) -> Seen:
    """Ground, with what was built on it, through sky and sensor.

    Args:
        rng: source of randomness.
        ground: simulated land; its sky is drawn here.
        built: (t, b, y, x) ground with the site; the land alone without it.
    """
    clear = _disturbed(ground.clear if built is None else built, rng)
    seen, scl = np.empty_like(clear), np.empty((len(clear), *clear.shape[2:]), dtype=np.uint8)
    for time, (elevation, azimuth) in enumerate(ground.sun):
        sky = draw_sky(rng, ground.size_px, float(ground.cloud[time]), float(elevation), float(azimuth))
        through = apply_sky(clear[time], sky)
        scl[time] = classify_scene(clear[time], through, sky, rng)
        seen[time] = add_noise(through, rng)
    return Seen(ground.days, coarsen(seen), scl)


def _disturbed(clear: Floats, rng: np.random.Generator) -> Floats:
    """What a whole acquisition shares (haze, calibration, angles), on the built ground as on the land."""
    shape = clear.shape
    pixels = clear.reshape(*shape[:2], -1).transpose(2, 0, 1)
    moved = disturb_days(pixels, rng).transpose(1, 2, 0)
    return np.ascontiguousarray(moved).reshape(shape)


def _sun(place: Region, days: tuple[date, ...]) -> npt.NDArray[np.float64]:
    hour = _PASS_HOUR_LOCAL - place.lon / 15.0
    return np.array([sun_angles(place.lon, place.lat, day, hour) for day in days])


def grass_of(place: Region) -> tuple[str, ...]:
    """What grows by itself in a region where nothing is sown."""
    return ("grass",) if "grass" in place.calendars else ("fallow",)
