"""A cloud-free picture of the season, to lay under the map."""

from __future__ import annotations

from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.bands import band_index
from tiles.clear import clear_mask

_COLOURS: Final = ("B04", "B03", "B02")
_BRIGHT = 0.2  # reflectance that is shown as white
_GAMMA = 1.5
_STRIP_PX = 128


def true_colour(reflectance: NDArray[np.float32], clear: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Median colour of each pixel over its clear acquisitions, for looking at, not for measuring.

    Each pixel is taken by itself, which gives no seams between windows or tiles; the median leaves out haze that the
    mask overlooked.

    Args:
        reflectance: (time, band, y, x) float32, NaN no data, bands in the order of geo.bands.BANDS.
        clear: (time, y, x), True where the ground shows.

    Returns:
        (3, y, x) uint8: red, green, blue from 1 to 255 (reflectance 0 to 0.2, gamma 1.5); 0 where nothing was clear.
    """
    bands = [band_index(name) for name in _COLOURS]
    rows = [slice(y, y + _STRIP_PX) for y in range(0, reflectance.shape[2], _STRIP_PX)]
    return np.concatenate([_strip(reflectance[:, :, part][:, bands], clear[:, part]) for part in rows], axis=1)


def cube_mosaic(cube: xr.Dataset) -> NDArray[np.uint8]:
    """`true_colour` of a lazy cube, read strip by strip: 128 rows of the season are in memory at a time.

    Args:
        cube: from `tiles.store.open_cube`.

    Returns:
        (3, y, x) uint8, 0 no data.
    """
    colours = cube.reflectance.sel(band=list(_COLOURS))
    strips = []
    for y in range(0, cube.sizes["y"], _STRIP_PX):
        rows = slice(y, y + _STRIP_PX)
        strips.append(_strip(colours.isel(y=rows).to_numpy(), clear_mask(cube.scl.isel(y=rows).to_numpy())))
    return np.concatenate(strips, axis=1)


def _strip(values: NDArray[np.float32], clear: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Colours of a strip from red, green and blue (time, 3, y, x)."""
    usable = clear & np.isfinite(values).all(axis=1)
    ordered = np.sort(np.where(usable[:, None], values, np.inf), axis=0)
    count = usable.sum(axis=0)
    middle = np.maximum(count - 1, 0) // 2  # the lower one of two, a value that was really seen
    return _shown(np.take_along_axis(ordered, middle[None, None], axis=0)[0], count > 0)


def _shown(colour: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Reflectance (3, y, x) as 1 to 255, brightened for the eye; 0 where nothing was seen."""
    share = np.clip(np.where(seen, colour, 0.0) / _BRIGHT, 0.0, 1.0) ** (1 / _GAMMA)
    return np.where(seen, np.rint(1 + 254 * share), 0).astype(np.uint8)
