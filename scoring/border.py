"""How far off an area may be: the error of a border, along the border that the coverage fractions show."""

from __future__ import annotations

from typing import Final

import pandas as pd

#: A straight border of one pixel's length gives coverage fractions whose w(1 - w) add up to 1/6 on average, nearly
#: whatever its direction (1/6 along the grid, 7 / (30 sqrt(2)) = 0.165 along the diagonal): half the share of pairs
#: of points of one pixel that the border parts.
_LENGTH_PER_MIX: Final = 6.0
_HECTARE_M2: Final = 10_000.0


def area_errors_ha(pixels: pd.DataFrame, border_error_m: float, resolution_m: float = 10.0) -> pd.Series[float]:
    """Half-width of each parcel's area interval: length of its border x error of the border.

    Args:
        pixels: geo.observations.PIXELS: parcel_id and weight (coverage, 0 to 1).
        border_error_m: how far the border may lie to either side, the same way all around.
        resolution_m: side of a pixel.

    Returns:
        Hectares by parcel_id, named area_error_ha. A parcel without pixels is not in it.
    """
    mixed = (pixels.weight * (1.0 - pixels.weight)).groupby(pixels.parcel_id).sum()
    border_m = mixed.astype("float64") * _LENGTH_PER_MIX * resolution_m
    return (border_m * border_error_m / _HECTARE_M2).rename("area_error_ha")
