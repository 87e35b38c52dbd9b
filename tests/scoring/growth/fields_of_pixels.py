"""Made fields of pixels, 20 x 20, with NDVI curves of crops."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scoring.growth.pixels.curves import Pixels

Floats = npt.NDArray[np.float64]

SIDE = 20
DAYS = np.datetime64("2019-03-01") + 10 * np.arange(22)
_T = np.arange(22)


def green(rise: float, fall: float) -> Floats:
    """(22,) NDVI of a stand that is half green at two dates."""
    curve: Floats = 0.2 + 0.6 * (1 / (1 + np.exp(-(_T - rise))) - 1 / (1 + np.exp(-(_T - fall))))
    return curve


def square(n: int = 1) -> Pixels:
    """n square parcels beside each other."""
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    parcel = np.repeat(np.arange(n), SIDE * SIDE)
    return Pixels.of(parcel, np.tile(row, n), np.tile(column, n) + 100 * parcel, n)


def noisy(curves: Floats, sd: float = 0.03) -> Floats:
    """(p, 22) with noise."""
    return curves + np.random.default_rng(7).normal(0, sd, curves.shape)
