"""Which pixels of a look show a site's ground."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter

from models.sites.looks import Flags, Reflectance
from tiles.clear import DILATE_PX, SPREADING_CLASSES

#: Classes of the scene classification that may show a site: "dark area" too, for panels are as dark as shadow.
SITE_CLASSES: Final = (2, 4, 5, 6)


def shows_ground(reflectance: Reflectance, scl: npt.NDArray[np.uint8], margin_px: int = DILATE_PX) -> Flags:
    """(t, y, x) whether a pixel shows the ground: a class that may, none of cloud or shadow near, all bands there.

    Args:
        reflectance: (t, b, y, x), NaN no data.
        scl: (t, y, x) scene classification.
        margin_px: around cloud and shadow.
    """
    cloudy = np.isin(scl, SPREADING_CLASSES)
    size = 2 * margin_px + 1
    near = maximum_filter(cloudy.view(np.uint8), size=(1, size, size)).view(np.bool_)
    seen: Flags = np.isin(scl, SITE_CLASSES) & ~near & np.isfinite(reflectance).all(axis=1)
    return seen
