"""Speckle of a radar image, filtered in linear power."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Side of the filter's window, pixels; odd.
WINDOW_PX: Final = 7
#: Pixels that the filter looks beyond a pixel.
HALO_PX: Final = WINDOW_PX // 2
#: Looks of the usual Sentinel-1 IW ground-range product (Sentinel-1 product definition: 4.4).
LOOKS: Final = 4.4


def to_power(values: NDArray[np.float32], *, decibels: bool) -> NDArray[np.float32]:
    """Linear power of backscatter that is given in decibels or already linear; any shape.

    Power that is not positive (beyond the swath, thermal noise taken out) becomes NaN: its logarithm means nothing.
    """
    power = np.power(np.float32(10), values / np.float32(10)) if decibels else values
    positive: NDArray[np.float32] = np.where(power > 0, power, np.nan).astype(np.float32)
    return positive


def lee_filter(power: NDArray[np.float32], looks: float = LOOKS) -> NDArray[np.float32]:
    """Lee's filter (1980) for multiplicative noise: the local mean where a window is even, the pixel where it is not.

    A pixel becomes m + k (x - m), with m and v the mean and variance of its window's valid pixels, noise variance
    1/looks relative to the squared mean, and k = (v - m^2/looks) / (v (1 + 1/looks)) held within 0 and 1.

    Args:
        power: (..., y, x) linear power, NaN no data. A pixel within `HALO_PX` of the edge sees a smaller window.
        looks: equivalent number of looks.

    Returns:
        Same shape, float32, NaN where the pixel itself has no data. A pixel depends on its window only, summed in a
        fixed order, so it does not matter how an image is cut.
    """
    valid = np.isfinite(power)
    values = np.where(valid, power, 0.0).astype(np.float64)
    count = _window_sum(valid.astype(np.float64))
    mean = _window_sum(values) / np.maximum(count, 1.0)
    variance = np.maximum(_window_sum(values * values) / np.maximum(count, 1.0) - mean * mean, 0.0)
    signal = variance - mean * mean / looks
    with np.errstate(invalid="ignore", divide="ignore"):
        gain = np.where(signal > 0, signal / (variance * (1.0 + 1.0 / looks)), 0.0)
    filtered = mean + np.clip(gain, 0.0, 1.0) * (values - mean)
    result: NDArray[np.float32] = np.where(valid, filtered, np.nan).astype(np.float32)
    return result


def _window_sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over a square window, zeros beyond the edge; shifted adds, since a running sum would depend on its start."""
    for axis in (-1, -2):
        values = _shifted_sum(values, axis)
    return values


def _shifted_sum(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    pad = [(0, 0)] * values.ndim
    pad[axis] = (HALO_PX, HALO_PX)
    padded = np.moveaxis(np.pad(values, pad), axis, -1)
    length = values.shape[axis]
    total = padded[..., :length].copy()
    for shift in range(1, WINDOW_PX):
        total += padded[..., shift : shift + length]
    return np.moveaxis(total, -1, axis)
