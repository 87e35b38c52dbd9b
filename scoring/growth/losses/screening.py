"""Looks that are odd by their light, whatever a cloud mask said: haze, cloud and snow by the blue, deep shadow by all.

A canopy that is lost shows soil: red and shortwave infrared rise. Haze, cloud and snow raise blue far more than the
soils of fields do (the haze-optimised transform of Zhang, Guindon and Cihlar 2002, 10.1016/S0034-4257(02)00034-2, with
one slope for all land); a cloud's shadow takes near and shortwave infrared away together.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

#: Blue of land by its red, and how far above it light is odd (surface reflectance).
_BLUE_BY_RED: Final = 0.5
_HAZE: Final = 0.04
#: Near and shortwave infrared (1.6 um) below which land lies in deep shadow, or under water.
_DARK_NIR: Final = 0.20
_DARK_SWIR: Final = 0.05


def odd_light(blue: Floats, red: Floats, nir: Floats, swir: Floats) -> Flags:
    """Whether looks show haze, cloud, snow or deep shadow; not so where the bands that would tell are unknown.

    Args:
        blue: surface reflectance 0..1, any shape, NaN where unknown; the others of the same shape.
        red: about 0.66 um.
        nir: about 0.84 um.
        swir: about 1.6 um.
    """
    hazy = blue - _BLUE_BY_RED * red > _HAZE
    dark = (nir < _DARK_NIR) & (swir < _DARK_SWIR)
    odd: Flags = hazy | dark
    return odd
