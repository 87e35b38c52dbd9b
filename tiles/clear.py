"""Which pixels show the ground, by the scene classification."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Classes of the Sen2Cor scene classification that show the ground: vegetation, not vegetated, water.
CLEAR_CLASSES: Final = (4, 5, 6)


def clear_mask(scl: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """True where a pixel shows the ground; no data (0), shadow, cloud, cirrus and snow are False.

    Args:
        scl: scene classification, any shape, uint8.

    Returns:
        Array of the same shape.
    """
    return np.isin(scl, CLEAR_CLASSES)
