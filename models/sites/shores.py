"""How much of a pixel on a shore is water: mixed of the water, the green land and the bare ground beside it that day.

A drawn-down or cleared rim is bare and dark, and lies between the water and green land: mixed of water and land alone,
in one band, it would be half water. The four bands of 10 m tell the three apart. How bright the rim's soil is stays
open (it may be wet), so only its colour counts.
"""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np
from scipy import ndimage

from geo.bands import band_index
from models.sites.looks import Flags, Floats, Reflectance

#: Bands of 10 m.
_FINE: Final = tuple(band_index(name) for name in ("B02", "B03", "B04", "B08"))
_RED, _NIR = 2, 3
#: Weight of each in the fit: haze and the sky on the water move B02 most.
_WEIGHTS: Final = np.array([0.5, 1.0, 1.0, 1.0])
#: Side of the window in which water and land beside a shore are measured, pixels.
_BESIDE_PX: Final = 15
#: NDVI of green land at least, and of bare ground at most.
_GREEN: Final = 0.4
_BARE: Final = 0.3
#: Pixels of bare ground in an image from which its colour is taken.
_LEAST_PX: Final = 30
#: Where an image shows none: typical green land and soil (sources: tiles/simulation/data/spectra.toml).
_TYPICAL_GREEN: Final = np.array([0.032, 0.068, 0.042, 0.384])
_TYPICAL_SOIL: Final = np.array([0.095, 0.125, 0.158, 0.228])
#: Reflectance by which one more member must bring a mixture nearer: a little water would explain any noise.
_PLAIN: Final = 0.014
_HALF: Final = 0.5


def shore_shares(reflectance: Reflectance, shore: Flags, inner: Flags, outer: Flags) -> Floats:
    """(n,) share of water, 0 to 1, of the n pixels of a shore in the order of np.nonzero; NaN where no water is inner.

    Args:
        reflectance: (b, y, x) of one look in the order of geo.bands.BANDS, reflectance with 1 = 100 %.
        shore: (y, x) pixels to mix.
        inner: (y, x) clear pixels that are surely water.
        outer: (y, x) clear pixels that are surely land.
    """
    if not shore.any() or not inner.any():
        return np.full(int(shore.sum()), np.nan)
    image = reflectance[list(_FINE)].astype(np.float64)
    ndvi = (image[_NIR] - image[_RED]) / np.maximum(image[_NIR] + image[_RED], 1e-4)
    water = _beside(image, inner, shore, image[:, inner].mean(axis=1))
    lush = outer & (ndvi >= _GREEN)
    green = _beside(image, lush, shore, image[:, lush].mean(axis=1) if lush.any() else _TYPICAL_GREEN)
    bare = outer & (ndvi <= _BARE)
    soil = image[:, bare].mean(axis=1) if bare.sum() >= _LEAST_PX else _TYPICAL_SOIL
    members = np.stack([water, green, np.broadcast_to(soil[:, None], water.shape)], axis=-1)
    parts = _mixed(image[:, shore].T, members.transpose(1, 0, 2))
    return np.asarray(np.clip(parts[:, 0], 0.0, 1.0), dtype=np.float64)


def _beside(image: Floats, taken: Flags, asked: Flags, otherwise: Floats) -> Floats:
    """(b, n) mean of the taken pixels around each asked one; where none is near, what is given instead."""
    count = ndimage.uniform_filter(taken.astype(np.float64), _BESIDE_PX, mode="constant")[asked]
    near = count * _BESIDE_PX**2 > _HALF
    found = np.broadcast_to(otherwise[:, None], (len(image), len(count))).copy()
    for band, values in enumerate(image):
        total = ndimage.uniform_filter(np.where(taken, values, 0.0), _BESIDE_PX, mode="constant")[asked]
        found[band, near] = total[near] / count[near]
    return found


def _mixed(values: Floats, members: Floats) -> Floats:
    """(n, m) parts, none below 0, whose mixture of members (n, b, m) is nearest to values (n, b) by least squares."""
    count, _, kinds = members.shape
    wanted, offered = values * _WEIGHTS, members * _WEIGHTS[:, None]
    best, parts = np.full(count, np.inf), np.zeros((count, kinds))
    for size in range(1, kinds + 1):
        for chosen in combinations(range(kinds), size):
            some = offered[:, :, chosen]
            square = some.transpose(0, 2, 1) @ some + 1e-9 * np.eye(size)
            found = np.linalg.solve(square, some.transpose(0, 2, 1) @ wanted[:, :, None])[:, :, 0]
            off = ((wanted - (some @ found[:, :, None])[:, :, 0]) ** 2).sum(axis=1)
            off += size * _PLAIN**2
            better = (found >= 0).all(axis=1) & (off < best)
            best[better] = off[better]
            parts[better] = 0.0
            parts[np.ix_(np.flatnonzero(better), np.array(chosen))] = found[better]
    return parts
