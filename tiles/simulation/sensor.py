"""What the instrument and its processing add: coarse bands, haze, calibration and noise."""

from __future__ import annotations

from typing import Final, TypeVar, cast

import numpy as np
import numpy.typing as npt

from geo.bands import BANDS
from tiles.simulation.spectra import Floats

#: Bands that Sentinel-2 measures at 20 m.
COARSE: Final = ("B05", "B06", "B07", "B8A", "B11", "B12")
COARSE_AT: Final = tuple(BANDS.index(name) for name in COARSE)

_Any = TypeVar("_Any", bound=npt.NDArray[np.generic])

_HAZE: Final = np.array([1.0, 0.65, 0.45, 0.36, 0.25, 0.2, 0.15, 0.12, 0.03, 0.01], dtype=np.float32)
_NOISE: Final = np.array([1.6, 1.5, 1.5, 1.6, 2.0, 2.2, 2.6, 2.4, 2.2, 2.0], dtype=np.float32) * 1e-3


def disturb_days(reflectance: Floats, rng: np.random.Generator) -> Floats:
    """Errors that a whole acquisition shares: haze left by the correction, calibration, sun and view angle.

    Args:
        reflectance: (n, t, b) of plots.
        rng: source of randomness.

    Returns:
        (n, t, b) float32.
    """
    t = reflectance.shape[1]
    angle = rng.normal(0.0, 0.022, (t, 1))
    band = rng.normal(0.0, 0.012, (t, len(BANDS)))
    haze = np.abs(rng.normal(0.0, 0.006, (t, 1))) - 0.003
    return np.maximum(reflectance * (1.0 + angle + band) + haze * _HAZE, 0.0005).astype(np.float32)


def add_noise(reflectance: Floats, rng: np.random.Generator) -> Floats:
    """Noise of single pixels, of mean 0: (b, y, x), or any shape whose axis -3 is the band."""
    noise = rng.standard_normal(reflectance.shape, dtype=np.float32)
    noisy: Floats = np.maximum(reflectance * (1.0 + 0.008 * noise) + noise * _NOISE[:, None, None], 0.0005)
    return noisy


def coarsen(reflectance: Floats) -> Floats:
    """20 m bands averaged over 2 x 2 pixels and repeated to 10 m, as a nearest-neighbour reader sees them.

    Args:
        reflectance: (..., b, y, x) on the 10 m grid with even rows and columns; not changed.
    """
    result = reflectance.copy()
    for band in COARSE_AT:
        result[..., band, :, :] = repeat_20m(halve_20m(reflectance[..., band, :, :]))
    return result


def halve_20m(values: Floats) -> Floats:
    """(..., y, x) means of 2 x 2 pixels."""
    *head, rows, columns = values.shape
    means: Floats = values.reshape(*head, rows // 2, 2, columns // 2, 2).mean(axis=(-3, -1))
    return means


def repeat_20m(values: _Any) -> _Any:
    """(..., y, x) each pixel twice along rows and columns."""
    return cast("_Any", np.repeat(np.repeat(values, 2, axis=-2), 2, axis=-1))
