"""Real land to train on: simulated plots that carry real series of points, so that works can be laid into them.

What real pixels show through a year (composites of ten days or a month, gaps filled along the year) is laid on the
plots of a simulated landscape; from September on a plot carries another point of its region, as rotations do. Sky,
sensor and works come from the simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.bands import BANDS, band_index
from geo.errors import InputError
from models.series.sample import SeriesSet, grid_days
from models.series.worldcereal import POINT_SOURCES, read_point_series
from tiles.simulation.calendars import load_region
from tiles.simulation.chips import WITHIN_PLOT, draw_texture
from tiles.simulation.mosaic import cut_mosaic
from tiles.simulation.sites.frame import OVERCAST, Ground
from tiles.simulation.spectra import Floats, load_spectra
from tiles.simulation.weather import cloud_shares, soil_moisture, sun_angles

#: Sources of models.series.worldcereal; Flanders is left out, since flanders-2019 is what the network is tested on.
_WORLDCEREAL: Final = ("france-2023", "corsica-2022", "canada-2017")
_STATES: Final = ("arkansas", "california")
#: Region whose clouds and rain each source gets.
_SKIES: Final = {
    "france-2023": "europe",
    "corsica-2022": "europe",
    "canada-2017": "europe",
    "arkansas": "huanghuai",
    "california": "north_india",
}
#: Steps of a year; the longest gap that is filled, in steps; composites brighter in the blue are cloud or snow.
_STEPS: Final = 36
_YEAR: Final = 365.25
_LONGEST_GAP: Final = 11
_BRIGHT_BLUE: Final = 0.15
_SCALE: Final = 1e-4
#: Day of the year from which a plot carries another point.
_TURN: Final = 250
_SAME_POINT: Final = 0.3
_PASS_HOUR_LOCAL: Final = 10.8
_GREEN: Final = 0.5
_BARE: Final = 0.25


@dataclass(frozen=True, slots=True)
class RealPoints:
    """Points of one source through a year.

    Attributes:
        source: its name.
        years: (n, 36, b) float32 reflectance in the middle of 36 equal steps of the year, 1 = 100 %; no NaN.
        lon: degrees east, of their middle.
        lat: degrees north.
    """

    source: str
    years: Floats
    lon: float
    lat: float

    def __len__(self) -> int:
        return len(self.years)

    def take(self, rows: npt.NDArray[np.bool_]) -> RealPoints:
        """Some of the points."""
        return RealPoints(self.source, self.years[rows], self.lon, self.lat)


def read_land(data: Path) -> tuple[RealPoints, ...]:
    """Points of worldcereal-series (France, Corsica, Canada) and benchmark-usa-2021 that are seen all the year.

    Args:
        data: folder that holds both.

    Raises:
        InputError: a file is missing.
    """
    named = {source.name: source for source in POINT_SOURCES}
    series = [(name, read_point_series(data, named[name])) for name in _WORLDCEREAL]
    return (*(_of_series(name, each) for name, each in series), *(_of_state(data, name) for name in _STATES))


def _of_series(name: str, series: SeriesSet) -> RealPoints:
    step = np.floor((grid_days() % _YEAR) * _STEPS / _YEAR).astype(np.int64)
    sums = np.zeros((len(series), _STEPS, len(BANDS)))
    counts = np.zeros((len(series), _STEPS, 1))
    clear: npt.NDArray[np.bool_] = np.asarray(np.isfinite(series.values).all(axis=2))
    for slot, place in enumerate(step):
        sums[:, place] += np.where(clear[:, slot, None], series.values[:, slot], 0.0)
        counts[:, place, 0] += clear[:, slot]
    years = np.where(counts > 0, sums / np.maximum(counts, 1.0), np.nan)
    return _filled(name, years, series.lonlat)


def _of_state(data: Path, name: str) -> RealPoints:
    path = data / "benchmark-usa-2021" / f"{name}.npz"
    if not path.is_file():
        raise InputError("NO_TRAINING_DATA", f"{path} is missing.", "Name the folder that holds benchmark-usa-2021.")
    with np.load(path) as held:
        digital, lonlat = held["X"].astype(np.float64), held["lonlat"]
    years = np.where((digital > 0).all(axis=2, keepdims=True), digital * _SCALE, np.nan)
    bright = years[..., band_index("B02")] > _BRIGHT_BLUE
    return _filled(name, np.where(bright[..., None], np.nan, years), lonlat)


def _filled(name: str, years: npt.NDArray[np.float64], lonlat: npt.NDArray[np.float64]) -> RealPoints:
    """Gaps filled along the year, which is taken as a circle; points with a long gap are left out."""
    clear: npt.NDArray[np.bool_] = np.asarray(np.isfinite(years).all(axis=2))
    kept = [row for row in np.flatnonzero(clear.any(axis=1)) if _widest_gap(clear[row]) <= _LONGEST_GAP]
    steps = np.arange(_STEPS)
    filled = np.empty((len(kept), _STEPS, len(BANDS)), dtype=np.float32)
    for at, row in enumerate(kept):
        known = np.flatnonzero(clear[row])
        for band in range(len(BANDS)):
            filled[at, :, band] = np.interp(steps, known, years[row, known, band], period=_STEPS)
    lon, lat = np.median(lonlat, axis=0)
    return RealPoints(name, filled, float(lon), float(lat))


def _widest_gap(clear: npt.NDArray[np.bool_]) -> int:
    known = np.flatnonzero(clear)
    return int(np.diff(np.append(known, known[0] + _STEPS)).max())


def draw_real_ground(rng: np.random.Generator, size_px: int, days: Sequence[date], points: RealPoints) -> Ground:
    """Plots with real series, on the days that are not overcast.

    Args:
        rng: source of randomness.
        size_px: rows and columns, even.
        days: acquisition days.
        points: of one source.
    """
    place = load_region(_SKIES[points.source])
    cloud = cloud_shares(place, days, rng)
    kept = tuple(day for day, share in zip(days, cloud, strict=True) if share <= OVERCAST)
    moisture = soil_moisture(place, kept, rng)
    mosaic = cut_mosaic(rng, size_px)
    series = _draw_series(rng, points, kept, len(mosaic.shapes) + 1)
    better = WITHIN_PLOT * (1.2 * (series - _bare(series)) + 0.4 * series)
    clear = np.clip(mosaic.paint(series) + draw_texture(rng, size_px) * mosaic.paint(better), 0.001, 1.0)
    hour = _PASS_HOUR_LOCAL - points.lon / 15.0
    sun = np.array([sun_angles(points.lon, points.lat, day, hour) for day in kept])
    return Ground(np.array(kept, dtype="datetime64[D]"), clear, sun, moisture, cloud[cloud <= OVERCAST], _grass(series))


def _draw_series(rng: np.random.Generator, points: RealPoints, days: Sequence[date], count: int) -> Floats:
    """(count, t, b) series of plots: each year from September on another point, a little early or late."""
    since = np.array([(day - date(days[0].year, 1, 1)).days for day in days], dtype=np.float64)
    year = np.floor((since - _TURN) / _YEAR).astype(np.int64) + 1
    chosen = rng.integers(0, len(points), (count, int(year.max()) + 1))
    stays = rng.random(chosen.shape) < _SAME_POINT
    for number in range(1, chosen.shape[1]):
        chosen[:, number] = np.where(stays[:, number], chosen[:, number - 1], chosen[:, number])
    shift = rng.normal(0.0, 7.0, chosen.shape)
    level = np.exp(rng.normal(0.0, 0.05, chosen.shape))
    step = ((since[None] - shift[:, year]) * _STEPS / _YEAR - 0.5) % _STEPS
    before = np.floor(step).astype(np.int64) % _STEPS
    part = (step - np.floor(step))[..., None]
    which = chosen[:, year]
    between = (1.0 - part) * points.years[which, before] + part * points.years[which, (before + 1) % _STEPS]
    return np.asarray(between * level[:, year, None], dtype=np.float32)


def _bare(series: Floats) -> Floats:
    """(n, 1, b) what each plot shows when it is least green."""
    ndvi = _ndvi(series)
    least = ndvi <= np.quantile(ndvi, _BARE, axis=1, keepdims=True)
    means = (series * least[..., None]).sum(axis=1, keepdims=True) / least.sum(axis=1)[:, None, None]
    return np.asarray(means, dtype=np.float32)


def _grass(series: Floats) -> Floats:
    """(t, b) mean of what is green; typical grass on days on which nothing is."""
    green = (_ndvi(series) >= _GREEN)[..., None]
    count = green.sum(axis=0)
    mean = (series * green).sum(axis=0) / np.maximum(count, 1)
    return np.asarray(np.where(count > 0, mean, load_spectra().canopy["grass"]), dtype=np.float32)


def _ndvi(series: Floats) -> Floats:
    red, near = series[..., band_index("B04")], series[..., band_index("B08")]
    return np.asarray((near - red) / np.maximum(near + red, 1e-4))
