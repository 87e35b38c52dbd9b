"""A wind farm in the making: roads and crane pads of gravel, then towers with the shadows they throw, and radar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio.features import rasterize
from scipy import ndimage
from shapely.affinity import rotate
from shapely.geometry import LineString, box
from shapely.geometry.base import BaseGeometry

from geo.bands import BANDS, RESOLUTION_M
from geo.errors import DataError
from tiles.radar.speckle import LOOKS, lee_filter
from tiles.simulation.clouds import smooth_field
from tiles.simulation.sites.frame import Ground
from tiles.simulation.spectra import Floats, load_spectra

Days: TypeAlias = npt.NDArray[np.datetime64]

#: Shapes are burnt on a grid this many times finer than a pixel.
_FINE: Final = 4
_APART_M: Final = 240.0
_MARGIN_M: Final = 190.0
_ROAD_M: Final = 2.5
#: NDVI of a grown crop; share of such pixels around a planned place.
_GREEN: Final = 0.6
_MOSTLY: Final = 0.85
_TOWER_M: Final = 1.8
#: Light left in a full shadow, in the order of geo.bands.BANDS; see tiles.simulation.clouds.
_SHADE: Final = np.array([0.62, 0.52, 0.46, 0.45, 0.42, 0.41, 0.40, 0.40, 0.34, 0.32], dtype=np.float32)
#: Part of a pixel that a white tower covers as seen from above, and its reflectance.
_TOWER_SHARE: Final = 0.12
_TOWER: Final = 0.45


@dataclass(frozen=True, slots=True)
class WindWorks:
    """k turbines in the making; metres east and south of the grid's north-west corner.

    Attributes:
        planned: (k, 2) planned places.
        bases: (k, 2) where they are built.
        pads: (k,) polygons of the crane pads.
        roads: (k,) polygons of the roads to them.
        begun: (k,) datetime64[D] on which a pad is begun.
        laid: (k,) datetime64[D] on which it is done.
        erected: (k,) datetime64[D] on which the tower stands; NaT for never.
        hub_m: height of the hubs.
        gravel: (b,) reflectance of pads and roads.
    """

    planned: npt.NDArray[np.float64]
    bases: npt.NDArray[np.float64]
    pads: npt.NDArray[np.object_]
    roads: npt.NDArray[np.object_]
    begun: Days
    laid: Days
    erected: Days
    hub_m: float
    gravel: Floats

    def pads_on(self, days: Days) -> npt.NDArray[np.int64]:
        """(t,) pads of which half or more is laid."""
        return np.asarray((_risen(self.begun, self.laid, days) >= 0.5).sum(axis=0), dtype=np.int64)  # noqa: PLR2004

    def turbines_on(self, days: Days) -> npt.NDArray[np.int64]:
        """(t,) towers that stand."""
        return np.asarray((self.erected[:, None] <= days[None]).sum(axis=0), dtype=np.int64)


def draw_works(rng: np.random.Generator, free: npt.NDArray[np.bool_], start: np.datetime64, count: int) -> WindWorks:
    """Works of up to count turbines that begin after a day; pads within two months or so, towers four months later.

    Args:
        rng: source of randomness.
        free: (y, x) pixels of the 10 m grid on which a turbine may be planned: nobody plans one in a village.
        start: first day of works.
        count: turbines; fewer where they would stand too near each other.

    Raises:
        DataError: none finds a place.
    """
    side_m = len(free) * RESOLUTION_M
    planned = _places(rng, free, count)
    if not len(planned):
        raise DataError("SITE_WITHOUT_BLOCKS", f"No turbine of a site fits a grid of {len(free)} pixels.")
    k = len(planned)
    bases = planned + rng.normal(0.0, 8.0, (k, 2))
    begun = start + np.sort(rng.integers(0, 60, k)).astype("timedelta64[D]")
    laid = begun + rng.integers(8, 25, k).astype("timedelta64[D]")
    erected = laid.max() + np.cumsum(rng.integers(4, 20, k)).astype("timedelta64[D]") + int(rng.integers(20, 80))
    spectra = load_spectra()
    soil = spectra.soil[str(rng.choice(["loam", "sand", "clay"]))]
    mixed = spectra.ground["built"] + rng.uniform(0.0, 0.3) * (soil - spectra.ground["built"])
    gravel = np.asarray(mixed * np.exp(rng.normal(0.05, 0.15)), dtype=np.float32)
    pads = [_pad(rng, base) for base in bases]
    roads = [_road(rng, base, side_m) for base in bases]
    hub_m = float(rng.uniform(80.0, 150.0))
    return WindWorks(planned, bases, _objects(pads), _objects(roads), begun, laid, erected, hub_m, gravel)


def build_wind(ground: Ground, works: WindWorks) -> Floats:
    """Ground under a clear sky with the works on it.

    Args:
        ground: the land.
        works: what is built.

    Returns:
        (t, b, y, x) float32.
    """
    days, size = ground.days, ground.size_px
    laid = _risen(works.begun, works.laid, days)
    shares = np.stack([_shares([pad, road], size) for pad, road in zip(works.pads, works.roads, strict=True)])
    built = ground.clear.astype(np.float32)
    for time in range(len(days)):
        cover = np.clip(np.tensordot(laid[:, time], shares, axes=1), 0.0, 1.0).astype(np.float32)
        built[time] += cover * (works.gravel[:, None, None] - built[time])
        standing = works.erected <= days[time]
        if standing.any():
            _raise_towers(built[time], works, standing, float(ground.sun[time, 0]), float(ground.sun[time, 1]))
    return built


def wind_radar(rng: np.random.Generator, size_px: int, days: Days, works: WindWorks) -> Floats:
    """(t, 2, y, x) linear power of VV and VH, filtered as real passes are: land, and towers that throw it back.

    A tower adds 6 to 16 dB over land of -10 dB in VV, 6 dB less in VH, by turbine, and varies by 2.5 dB from pass to
    pass with the rotor; levels are judgements, no measurements.
    """
    land = np.array([-10.0, -17.0])[:, None, None] + 1.2 * smooth_field(rng, size_px, 20.0)
    strength = draw_echoes(rng, works)
    power = np.empty((len(days), 2, size_px, size_px), dtype=np.float32)
    for time, day in enumerate(days):
        clean = 10 ** ((land + rng.normal(0.0, 0.7)) / 10.0)
        add_echoes(rng, clean, works, day, strength)
        speckled = clean * rng.gamma(LOOKS, 1.0 / LOOKS, clean.shape)
        power[time] = lee_filter(speckled.astype(np.float32))
    return power


def draw_echoes(rng: np.random.Generator, works: WindWorks) -> npt.NDArray[np.float64]:
    """(k,) dB that the towers throw back in VV in the mean of passes."""
    return rng.uniform(-4.0, 6.0, len(works.bases))


def add_echoes(
    rng: np.random.Generator,
    power: npt.NDArray[np.float64],
    works: WindWorks,
    day: np.datetime64,
    strength: npt.NDArray[np.float64],
) -> None:
    """Add the echoes of the towers that stand on a day to linear power (2, y, x), in place; see `wind_radar`."""
    rows, columns = _pixels(works.bases, power.shape[-1])
    for tower in np.flatnonzero(works.erected <= day):
        level = strength[tower] + rng.normal(0.0, 2.5)
        power[:, rows[tower], columns[tower]] += 10 ** (np.array([level, level - 6.0]) / 10.0)


def fields(ground: Ground) -> npt.NDArray[np.bool_]:
    """(y, x) pixels that bear a crop at some time, with little else within 80 m: where a turbine may be planned."""
    red, near = (ground.clear[:, BANDS.index(name)] for name in ("B04", "B08"))
    green = np.nanmax((near - red) / np.maximum(near + red, 1e-4), axis=0) >= _GREEN
    return np.asarray(ndimage.uniform_filter(green.astype(np.float64), 17, mode="nearest") >= _MOSTLY)


def _places(rng: np.random.Generator, free: npt.NDArray[np.bool_], count: int) -> npt.NDArray[np.float64]:
    kept: list[npt.NDArray[np.float64]] = []
    side_m = len(free) * RESOLUTION_M
    for place in rng.uniform(_MARGIN_M, side_m - _MARGIN_M, (400, 2)):
        column, row = (place // RESOLUTION_M).astype(np.int64)
        if free[row, column] and len(kept) < count and all(np.hypot(*(place - other)) >= _APART_M for other in kept):
            kept.append(place)
    return np.array(kept, dtype=np.float64).reshape(-1, 2)


def _pad(rng: np.random.Generator, base: npt.NDArray[np.float64]) -> BaseGeometry:
    wide, long = rng.uniform(28.0, 42.0), rng.uniform(38.0, 60.0)
    x, y = base
    lying = box(x - wide / 2, y - long * 0.3, x + wide / 2, y + long * 0.7)
    return rotate(lying, float(rng.uniform(0.0, 360.0)), origin=(float(x), float(y)))


def _road(rng: np.random.Generator, base: npt.NDArray[np.float64], side_m: float) -> BaseGeometry:
    edge = side_m if rng.random() < 0.5 else 0.0  # noqa: PLR2004
    bend = base + rng.normal(0.0, 60.0, 2)
    end = np.array([edge, bend[1] + rng.normal(0.0, 60.0)])
    return LineString(np.stack([base, bend, end])).buffer(_ROAD_M)


def _risen(begun: Days, done: Days, days: Days) -> npt.NDArray[np.float64]:
    """(k, t) part of each that is laid, 0 to 1, evenly from the first day to the last."""
    span = np.maximum((done - begun) / np.timedelta64(1, "D"), 1.0)
    since = (days[None] - begun[:, None]) / np.timedelta64(1, "D")
    return np.clip(since / span[:, None], 0.0, 1.0)


def _raise_towers(
    image: Floats, works: WindWorks, standing: npt.NDArray[np.bool_], elevation: float, azimuth: float
) -> None:
    """White towers and the shadows they throw, on one image (b, y, x), in place."""
    size = image.shape[-1]
    length = works.hub_m / np.tan(np.radians(max(elevation, 8.0)))
    away = np.array([-np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))]) * length
    lines = [LineString([base, base + away]).buffer(_TOWER_M, cap_style="flat") for base in works.bases[standing]]
    dark = _shares(lines, size)
    image *= 1.0 - dark * (1.0 - _SHADE[:, None, None])
    rows, columns = _pixels(works.bases[standing], size)
    image[:, rows, columns] += _TOWER_SHARE * (_TOWER - image[:, rows, columns])


def _shares(shapes: Sequence[BaseGeometry], size_px: int) -> Floats:
    """(y, x) share of each pixel that shapes cover."""
    step = RESOLUTION_M / _FINE
    fine = rasterize(
        [(shape, 1) for shape in shapes],
        out_shape=(size_px * _FINE, size_px * _FINE),
        transform=Affine(step, 0.0, 0.0, 0.0, step, 0.0),
        dtype="uint8",
    )
    return np.asarray(fine.reshape(size_px, _FINE, size_px, _FINE).mean(axis=(1, 3)), dtype=np.float32)


def _pixels(places: npt.NDArray[np.float64], size_px: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    at = np.clip((places // RESOLUTION_M).astype(np.int64), 0, size_px - 1)
    return at[:, 1], at[:, 0]


def _objects(shapes: Sequence[BaseGeometry]) -> npt.NDArray[np.object_]:
    held = np.empty(len(shapes), dtype=object)
    held[:] = shapes
    return np.asarray(shapely.make_valid(held))
