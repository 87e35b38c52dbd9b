"""Real land to build simulated works on: flanders-2019, 64 x 64 pixels from 2018-08 to 2019-11, as it was seen.

What is laid is mixed into the real images where these show the ground; clouds, haze, classes and noise stay as they
were.
Each case turns or mirrors the land and draws a start of works, since there is one square of it only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from pyproj import Transformer
from sites_real import flanders

from models.sites.ground import shows_ground
from models.sites.solar import SolarImages
from tiles.simulation.sensor import coarsen
from tiles.simulation.sites.frame import Ground
from tiles.simulation.sites.solar import SolarWorks, build_solar, draw_solar
from tiles.simulation.spectra import load_spectra
from tiles.simulation.weather import sun_angles

Floats = npt.NDArray[np.float32]

#: Works begin in these days: three clear looks lie before them, and most end before the last look.
_STARTS = np.datetime64("2018-11-15"), 100
_UTC_HOUR = 10.9
_GREEN = 0.5
_RED, _NIR = 2, 6


@dataclass(frozen=True, slots=True)
class Real:
    """Land as it was seen.

    Attributes:
        days: (t,) datetime64[D], rising.
        images: (t, b, y, x) reflectance, 1 = 100 %, NaN no data.
        classes: (t, y, x) scene classification.
        seen: (t, y, x) which pixels show the ground.
        sun: (t, 2) elevation and azimuth in degrees.
        grass: (t, b) mean of what was green; typical grass where nothing was.
    """

    days: npt.NDArray[np.datetime64]
    images: Floats
    classes: npt.NDArray[np.uint8]
    seen: npt.NDArray[np.bool_]
    sun: npt.NDArray[np.float64]
    grass: Floats


def read_real(data: Path) -> Real:
    """flanders-2019 of the folder of data."""
    days, images, classes = flanders(data)
    seen = shows_ground(images, classes)
    first = next((data / "flanders-2019" / "sentinel-2-l2a").glob("S2_*/B02.tif"))
    with rasterio.open(first) as file:
        east, north = file.transform @ (file.width / 2, file.height / 2)
        lon, lat = Transformer.from_crs(file.crs, 4326, always_xy=True).transform(east, north)
    sun = np.array([sun_angles(lon, lat, day.item(), _UTC_HOUR) for day in days])
    return Real(days, images, classes, seen, sun, _grass(images, seen))


def _grass(images: Floats, seen: npt.NDArray[np.bool_]) -> Floats:
    grass = np.tile(load_spectra().canopy["grass"], (len(images), 1))
    for time, image in enumerate(images):
        ndvi = (image[_NIR] - image[_RED]) / np.maximum(image[_NIR] + image[_RED], 1e-4)
        green = seen[time] & (ndvi >= _GREEN)
        if green.any():
            grass[time] = image[:, green].mean(axis=1)
    return grass


def build_on(rng: np.random.Generator, real: Real, laid: str) -> tuple[SolarWorks, SolarImages]:
    """Works on the land, turned and mirrored at random."""
    start = _STARTS[0] + int(rng.integers(0, _STARTS[1]))
    turns = _draw_turns(rng)
    images, classes, seen = (_turned(part, turns) for part in (real.images, real.classes, real.seen))
    moisture = rng.uniform(0.1, 0.6, len(real.days)).astype(np.float32)
    ground = Ground(real.days, images, real.sun, moisture, np.zeros(len(real.days), np.float32), real.grass)
    works = draw_solar(rng, images.shape[-1], start, laid)
    built = coarsen(build_solar(rng, ground, works))
    mixed = np.where(seen[:, None], built, images).astype(np.float32)
    return works, SolarImages(real.days, mixed, classes, works.inside, start)


def _draw_turns(rng: np.random.Generator) -> tuple[int, bool]:
    return int(rng.integers(0, 4)), bool(rng.random() < 0.5)  # noqa: PLR2004


def _turned(values: npt.NDArray[Any], turns: tuple[int, bool]) -> npt.NDArray[Any]:
    turned = np.rot90(values, turns[0], axes=(-2, -1))
    return np.ascontiguousarray(turned[..., ::-1] if turns[1] else turned)
